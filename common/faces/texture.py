"""Grey values and local binary patterns: what faces were compared by before networks were."""

from __future__ import annotations

import cv2
import numpy as np

_PIXELS = 32
_CELLS = 8
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def grey_values(images: np.ndarray) -> np.ndarray:
    """Return each face as 32 x 32 grey values of mean 0 and deviation 1, (N, 1024) float32.

    Args:
        images: (N, S, S, 3) uint8 RGB.
    """
    values = np.empty((len(images), _PIXELS**2), np.float32)
    for row, image in enumerate(images):
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (_PIXELS, _PIXELS), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        values[row] = (small - small.mean()) / max(float(small.std()), 1e-6)
    return values


def local_binary_patterns(images: np.ndarray) -> np.ndarray:
    """Return histograms of uniform local binary patterns in 8 x 8 cells, (N, 8 * 8 * 59) float32.

    Each pixel is coded by which of its eight neighbours are at least as bright; the 58 codes with at most two
    changes around the circle have bins of their own, all others share one. Square roots of the shares are
    returned, whose cosine is the Bhattacharyya coefficient of two histograms.

    Args:
        images: (N, S, S, 3) uint8 RGB, S at least 16.

    Reference: Ahonen, Hadid and Pietikainen, "Face Description with Local Binary Patterns", PAMI 2006.
    """
    if len(images) and min(images.shape[1:3]) < 2 * _CELLS:
        raise ValueError(f"faces are at least {2 * _CELLS} pixels wide, not of shape {images.shape[1:3]}")
    bins = _uniform_bins()
    count = int(bins.max()) + 1
    histograms = np.empty((len(images), _CELLS * _CELLS * count), np.float32)
    for row, image in enumerate(images):
        codes = bins[_codes(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))]
        height, width = codes.shape
        cell = (np.arange(height) * _CELLS // height)[:, None] * _CELLS + np.arange(width) * _CELLS // width
        counts = np.bincount((cell * count + codes).ravel(), minlength=_CELLS * _CELLS * count)
        per_cell = counts.reshape(-1, count).astype(np.float32)
        histograms[row] = np.sqrt(per_cell / per_cell.sum(axis=1, keepdims=True)).ravel()
    return histograms


def _codes(grey: np.ndarray) -> np.ndarray:
    """Return the pattern of each pixel that has eight neighbours, (S - 2, S - 2) uint8."""
    inner = grey[1:-1, 1:-1]
    codes = np.zeros(inner.shape, np.uint8)
    height, width = grey.shape
    for bit, (down, right) in enumerate(_NEIGHBOURS):
        neighbour = grey[1 + down : height - 1 + down, 1 + right : width - 1 + right]
        codes |= (neighbour >= inner).astype(np.uint8) << np.uint8(bit)
    return codes


def _uniform_bins() -> np.ndarray:
    """Return the bin of each of the 256 codes: 0 to 57 in order for uniform ones, 58 for the others."""
    codes = np.arange(256)
    changes = np.bitwise_count(codes ^ ((codes >> 1) | ((codes & 1) << 7)))
    uniform = changes <= 2
    return np.where(uniform, np.cumsum(uniform) - 1, uniform.sum()).astype(int)
