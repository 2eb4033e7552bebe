"""From linear light to the pixels of a photograph: lens, sensor, print."""

from __future__ import annotations

import cv2
import numpy as np

from data_prep.rendering.latents import Nuisance

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_SEPIA = np.array([1.06, 0.96, 0.78], np.float32)


def develop(image: np.ndarray, n: Nuisance, size: int) -> np.ndarray:
    """Return the (size, size, 3) uint8 RGB photograph of a linear (S, S, 3) canvas."""
    rng = np.random.default_rng([n.seed, 17])
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    # A shoulder instead of a cut keeps highlights from turning into flat patches.
    small = small / (1 + 0.22 * np.square(np.clip(small, 0, 4)))
    photo = np.sqrt(np.clip(small, 0, 1))
    if n.blur > 0:
        photo = cv2.GaussianBlur(photo, (0, 0), n.blur * size / 128)
    if n.tone != "colour":
        grey = photo @ _LUMA
        photo = grey[..., None] * (_SEPIA if n.tone == "sepia" else np.ones(3, np.float32))
    photo = photo * np.float32(255 * (1 - 0.38 * n.fading)) + np.float32(58 * n.fading)
    if n.noise > 0:
        grain = rng.standard_normal((size, size, 1 if n.tone != "colour" else 3), dtype=np.float32)
        photo += grain * np.float32(n.noise)
    return np.clip(np.rint(photo), 0, 255).astype(np.uint8)
