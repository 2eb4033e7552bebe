"""Pooling into a fixed number of bins, whatever the size of the map."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import ops

MODES = ("average", "max")


def adaptive_bins(size: int, count: int) -> list[tuple[int, int]]:
    """Return first and one past the last position of each of `count` bins over `size` positions.

    Bin i is from floor(i size / count) to ceil((i + 1) size / count), as PyTorch's adaptive pooling has it:
    every position is in a bin, neighbours overlap where the division leaves a rest, and no bin is empty.
    """
    return [(i * size // count, math.ceil((i + 1) * size / count)) for i in range(count)]


@keras.saving.register_keras_serializable(package="common")
class AdaptivePyramidPooling(keras.layers.Layer):
    """Averages, or maxima, of a map over grids of 1x1, 2x2, 3x3, ... bins, one after the other.

    Args:
        bins: sides of the grids.
        mode: "average" or "max".
        name, dtype: as of `keras.layers.Layer`.

    Input shape: (B, H, W, C) with H and W known.
    Output shape: (B, C * sum of bins ** 2): grid by grid, bin by bin in reading order, the channels of a bin
    side by side.

    Raises:
        ValueError: an argument outside what is said above, or a map whose size is not known.

    Example:

    >>> tuple(AdaptivePyramidPooling((1, 2, 3))(keras.ops.ones((2, 7, 7, 512))).shape)
    (2, 7168)

    Reference: He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition",
    IEEE TPAMI 2015; the bins are those of PyTorch's AdaptiveAvgPool2d and AdaptiveMaxPool2d.
    """

    def __init__(self, bins: Sequence[int] = (1, 2, 3), mode: str = "average", **kwargs):
        super().__init__(**kwargs)
        if not bins or any(count < 1 or int(count) != count for count in bins):
            raise ValueError(f"bins are whole numbers from 1 up, at least one, not {tuple(bins)}")
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
        self.bins = tuple(int(count) for count in bins)
        self.mode = mode

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(f"pyramids are of maps (B, H, W, C) of known size, not of {tuple(input_shape)}")

    def call(self, inputs):
        pool = {"average": ops.mean, "max": ops.max}[self.mode]
        height, width = inputs.shape[1:3]
        pooled = [
            pool(inputs[:, top:bottom, left:right], axis=(1, 2))
            for count in self.bins
            for top, bottom in adaptive_bins(height, count)
            for left, right in adaptive_bins(width, count)
        ]
        return ops.concatenate(pooled, axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1] * sum(count**2 for count in self.bins))

    def get_config(self):
        return {**super().get_config(), "bins": list(self.bins), "mode": self.mode}
