"""Seamless tiles of band-limited noise, made once a process and read at any offset."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter

SIZE = 512

# Standard deviations of the blur along rows and columns, in tile pixels: what is left is noise of about that
# scale.
_KINDS = {
    "white": (0.0, 0.0),
    "pores": (0.7, 0.7),
    "grain": (1.6, 1.6),
    "blotches": (5.0, 5.0),
    "clouds": (18.0, 18.0),
    "strands": (34.0, 0.8),
    "locks": (60.0, 4.0),
    "curls": (1.7, 1.7),
}


@cache
def tile(kind: str) -> np.ndarray:
    """Return the (512, 512) float32 tile of that kind: zero mean, unit variance, seamless at its edges."""
    rng = np.random.default_rng(sum(map(ord, kind)))
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), _KINDS[kind], mode="wrap")
    noise = ((noise - noise.mean()) / noise.std()).astype(np.float32)
    noise.flags.writeable = False
    return noise


def patch(kind: str, shape: tuple[int, int], seed: int, zoom: float = 1.0) -> np.ndarray:
    """Return a (height, width) float32 piece of a tile, placed by `seed` and magnified by `zoom`."""
    turn = (seed * 2654435761) & 0xFFFFFFFF
    top, left = (turn >> 4) % SIZE, (turn >> 17) % SIZE
    height, width = (min(int(np.ceil(length / zoom)), SIZE) for length in shape)
    piece = _doubled(kind)[top : top + height, left : left + width]
    return (
        piece if (height, width) == shape else cv2.resize(piece, shape[::-1], interpolation=cv2.INTER_LINEAR)
    )


@cache
def _doubled(kind: str) -> np.ndarray:
    """The tile four times, so that every piece of it is a view."""
    return np.tile(tile(kind), (2, 2))


def sample(kind: str, map_x: np.ndarray, map_y: np.ndarray) -> np.ndarray:
    """Read the tile at float32 coordinates in tile pixels, wrapping around: (H, W) maps to (H, W) values."""
    return cv2.remap(tile(kind), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
