"""The three networks of MTCNN (Zhang et al. 2016) in NumPy, with the weights that the `mtcnn` package ships.

They are so small that a matrix product a layer beats a deep learning framework's overhead many times over,
and worker processes need not load one. Images are (N, H, W, 3) float32, (x - 127.5) / 128.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import joblib
import numpy as np
from scipy.special import expit

from common.errors import UserError

# An im2col matrix is made about a megabyte at a time, to be still in the cache when it is multiplied.
_BLOCK_BYTES = 1 << 20

_SHAPES = {
    "pnet": ((3, 3, 3, 10), (3, 3, 10, 16), (3, 3, 16, 32), (1, 1, 32, 4), (1, 1, 32, 2)),
    "rnet": ((3, 3, 3, 28), (3, 3, 28, 48), (2, 2, 48, 64), (576, 128), (128, 4), (128, 2)),
    "onet": (
        (3, 3, 3, 32),
        (3, 3, 32, 64),
        (3, 3, 64, 64),
        (2, 2, 64, 128),
        (1152, 256),
        (256, 4),
        (256, 10),
        (256, 2),
    ),
}


class PNet:
    """The proposal network: a face or none in each 12 px window, every second pixel. See `__call__`."""

    def __init__(self, weights: Sequence[np.ndarray]) -> None:
        self.weights = weights

    def __call__(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return box offsets (N, H', W', 4), in window sides, and face probabilities (N, H', W')."""
        w = self.weights
        x = _pool(_prelu(_convolve(images, w[0], w[1]), w[2]), 2)
        x = _prelu(_convolve(x, w[3], w[4]), w[5])
        x = _prelu(_convolve(x, w[6], w[7]), w[8])
        return _convolve(x, w[9], w[10]), _face_probability(_convolve(x, w[11], w[12]))


class RNet:
    """The refinement network, on (N, 24, 24, 3) patches. See `__call__`."""

    def __init__(self, weights: Sequence[np.ndarray]) -> None:
        self.weights = weights

    def __call__(self, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return box offsets (N, 4), in patch sides, and face probabilities (N,)."""
        w = self.weights
        x = _pool(_prelu(_convolve(patches, w[0], w[1]), w[2]), 3)
        x = _pool(_prelu(_convolve(x, w[3], w[4]), w[5]), 3, partial=False)
        x = _prelu(_convolve(x, w[6], w[7]), w[8])
        x = _prelu(_columns_first(x) @ w[9] + w[10], w[11])
        return x @ w[12] + w[13], _face_probability(x @ w[14] + w[15])


class ONet:
    """The output network, on (N, 48, 48, 3) patches. See `__call__`."""

    def __init__(self, weights: Sequence[np.ndarray]) -> None:
        self.weights = weights

    def __call__(self, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return box offsets (N, 4), landmarks (N, 10: x then y), in patch sides, and probabilities (N,)."""
        w = self.weights
        x = _pool(_prelu(_convolve(patches, w[0], w[1]), w[2]), 3)
        x = _pool(_prelu(_convolve(x, w[3], w[4]), w[5]), 3, partial=False)
        x = _pool(_prelu(_convolve(x, w[6], w[7]), w[8]), 2)
        x = _prelu(_convolve(x, w[9], w[10]), w[11])
        x = _prelu(_columns_first(x) @ w[12] + w[13], w[14])
        return x @ w[15] + w[16], x @ w[17] + w[18], _face_probability(x @ w[19] + w[20])


def load_networks() -> tuple[PNet, RNet, ONet]:
    """Load the three networks with the weights in the installed `mtcnn` package, which is not imported.

    Raises:
        UserError: the package is missing, or its weights are not those of version 1.0.
    """
    package = importlib.util.find_spec("mtcnn")
    if package is None or package.origin is None:
        raise UserError(
            "the package mtcnn, whose weights the MTCNN detector uses, is not installed: run make setup."
        )
    folder = Path(package.origin).parent / "assets" / "weights"
    weights = {name: _load(folder / f"{name}.lz4", shapes) for name, shapes in _SHAPES.items()}
    return PNet(weights["pnet"]), RNet(weights["rnet"]), ONet(weights["onet"])


def _load(path: Path, shapes: tuple[tuple[int, ...], ...]) -> list[np.ndarray]:
    """Read one network's arrays in layer order: kernel, bias, and a slope where a PReLU follows."""
    if not path.is_file():
        raise UserError(f"{path} is missing: install the package mtcnn 1.0 again (make setup).")
    weights = [np.ascontiguousarray(array, np.float32) for array in joblib.load(path)]
    kernels = tuple(array.shape for array in weights if array.ndim in (2, 4))
    if kernels != shapes:
        raise UserError(
            f"{path} does not hold the network of mtcnn 1.0: install that version again (make setup)."
        )
    return weights


def _convolve(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolve (N, H, W, C) with (kh, kw, C, K) without padding, by a matrix product over blocks of rows."""
    count, height, width, channels = x.shape
    kh, kw, _, filters = kernel.shape
    rows, columns = height - kh + 1, width - kw + 1
    x = np.ascontiguousarray(x)
    windows = np.lib.stride_tricks.as_strided(
        x,
        (count, rows, columns, kh, kw * channels),
        (*x.strides[:3], x.strides[1], x.strides[3]),
        writeable=False,
    )
    matrix = kernel.reshape(-1, filters)
    out = np.empty((count, rows, columns, filters), np.float32)
    row_bytes = columns * matrix.shape[0] * 4
    images = max(1, _BLOCK_BYTES // (row_bytes * rows))
    step = rows if images > 1 else max(1, _BLOCK_BYTES // row_bytes)
    for first in range(0, count, images):
        for top in range(0, rows, step):
            block = windows[first : first + images, top : top + step]
            product = block.reshape(-1, matrix.shape[0]) @ matrix
            out[first : first + images, top : top + step] = product.reshape(*block.shape[:3], filters)
    out += bias
    return out


def _prelu(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    negative = np.minimum(x, 0)
    negative *= slope.reshape(-1)
    np.maximum(x, 0, out=x)
    x += negative
    return x


def _pool(x: np.ndarray, size: int, partial: bool = True) -> np.ndarray:
    """Take the maximum of `size` x `size` windows, two pixels apart; `partial` ones at the far edge too."""
    if partial and ((x.shape[1] - size) % 2 or (x.shape[2] - size) % 2):
        missing = [(0, (length - size) % 2) for length in x.shape[1:3]]
        x = np.pad(x, ((0, 0), *missing, (0, 0)), constant_values=-np.inf)
    for axis in (1, 2):
        last = x.shape[axis] - size + 1
        leading = (slice(None),) * axis
        x = reduce(np.maximum, (x[(*leading, slice(first, first + last, 2))] for first in range(size)))
    return x


def _columns_first(x: np.ndarray) -> np.ndarray:
    """Flatten (N, H, W, C) column by column, the order of the fully connected layers' weights."""
    return x.transpose(0, 2, 1, 3).reshape(len(x), math.prod(x.shape[1:]))


def _face_probability(logits: np.ndarray) -> np.ndarray:
    """Return the second value of the softmax over two logits, (..., 2) -> (...)."""
    return expit(logits[..., 1] - logits[..., 0])
