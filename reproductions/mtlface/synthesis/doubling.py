"""Maps of twice the side, by bilinear interpolation."""

from __future__ import annotations

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="mtlface")
class BilinearDoubling(layers.Layer):
    """Doubles the side of maps by bilinear interpolation, in the format that they come in.

    TensorFlow's own operation answers in float32 whatever it is given: what is to be exact in float64 is
    rounded by it, and training in float64 is then no more exact than in float32. Pixels lie at the middle of
    their squares, so that each new one is three quarters the nearest and one quarter the next; beyond the
    edge the outermost goes on.

    Example:
        >>> import numpy as np
        >>> maps = np.array([0.0, 4.0]).reshape(1, 1, 2, 1)
        >>> np.asarray(BilinearDoubling(dtype="float64")(maps))[0, 0, :, 0].tolist()
        [0.0, 1.0, 3.0, 4.0]
    """

    def call(self, inputs):
        """Return (B, 2h, 2w, C) of maps (B, h, w, C)."""
        return _doubled(_doubled(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, 2 * height, 2 * width, channels


def _doubled(x, axis: int):
    """Return maps with twice as many places along an axis."""
    count = x.shape[axis]
    before = ops.take(x, [max(place - 1, 0) for place in range(count)], axis=axis)
    after = ops.take(x, [min(place + 1, count - 1) for place in range(count)], axis=axis)
    pairs = ops.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=axis + 1)
    shape = list(x.shape)
    shape[axis] = 2 * count
    return ops.reshape(pairs, [-1, *shape[1:]])
