"""From linear light to the pixels of a photograph: lens, sensor, print."""

from __future__ import annotations

import cv2
import numpy as np

from data_prep.synthetic import noise
from data_prep.synthetic.latents import Nuisance

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_SEPIA = np.array([1.06, 0.96, 0.78], np.float32)


def develop(image: np.ndarray, n: Nuisance, size: int) -> np.ndarray:
    """Return the (size, size, 3) uint8 RGB photograph of a linear (S, S, 3) canvas."""
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    # A shoulder instead of a cut keeps highlights from turning into flat patches.
    small /= 1 + np.float32(0.22) * np.minimum(small * small, 16)
    photo = np.sqrt(np.minimum(np.maximum(small, 0), 1))
    if n.blur > 0:
        photo = cv2.GaussianBlur(photo, (0, 0), n.blur * size / 128)
    if n.tone != "colour":
        print_colour = _SEPIA if n.tone == "sepia" else np.ones(3, np.float32)
        photo = cv2.transform(photo, np.outer(print_colour, _LUMA))
    photo *= np.float32(255 * (1 - 0.38 * n.fading))
    photo += np.float32(58 * n.fading)
    if n.noise > 0:
        photo += np.float32(n.noise) * _grain(size, n)
    return cv2.convertScaleAbs(np.maximum(photo, 0))


def _grain(size: int, n: Nuisance) -> np.ndarray:
    """Return (size, size, 3) noise of unit variance, the same in all channels of a picture without colour."""
    seeds = [n.seed + k * (n.tone == "colour") for k in range(3)]
    return cv2.merge([noise.patch("white", (size, size), seed) for seed in seeds])
