"""Attention that divides a face's map into what is the person's and what is the age's."""

from __future__ import annotations

import keras
from keras import layers, ops

from common.layers.adaptive_pooling import AdaptivePyramidPooling

PYRAMID = (1, 2, 3)
"""Sides of the grids that the channel mask reads."""


@keras.saving.register_keras_serializable(package="common")
class AttentionFeatureDecomposition(keras.layers.Layer):
    """Divides a map x into `x_id + x_age`, which is x again to the last bit.

    A channel mask c and a spatial mask s, both between 0 and 1, say how much of x is age:

        x_age = x (c + s) / 2,    x_id = x - x_age.

    c reads the averages and maxima of x over 1, 4 and 9 bins, added: dense to a 16th of them, ReLU, dense to
    the channels, batch normalisation, sigmoid. s reads the maximum and the mean over the channels at each
    place: a 7x7 convolution, batch normalisation, sigmoid. Neither has biases.

    Half of x at least is exact in `x - x_age`, and what rounding takes from x_id is given to x_age by taking
    it as `x - x_id`: nothing of x is lost between the two (but for the smallest numbers, where the processor
    flushes a difference to zero, and under XLA, which computes the two by other roundings than each other).

    Args:
        reduction: how many times smaller the hidden layer of the channel mask is than what it reads.
        kernel_size: of the spatial mask's convolution.
        momentum: of the moving statistics of both normalisations.
        synchronized: take batch statistics over all replicas.
        name, dtype: as of `keras.layers.Layer`.

    Input shape: (B, H, W, C) with H and W known.

    Returns:
        [x_id, x_age], each of the input's shape.

    Raises:
        ValueError: an argument that is no such number, or a map whose size is not known.

    Example:

    >>> x_id, x_age = AttentionFeatureDecomposition()(keras.ops.ones((2, 7, 7, 512)))

    Reference: Huang, Zhang and Shan, "When Age-Invariant Face Recognition Meets Face Age Synthesis: A
    Multi-Task Learning Framework", CVPR 2021; the masks, which the supplement does not draw, are those of the
    authors' published code.
    """

    def __init__(
        self,
        reduction: int = 16,
        kernel_size: int = 7,
        momentum: float = 0.9,
        synchronized: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if reduction < 1 or kernel_size < 1:
            raise ValueError(f"reduction {reduction} and kernel_size {kernel_size} are from 1 up")
        self.reduction = int(reduction)
        self.kernel_size = int(kernel_size)
        self.momentum = float(momentum)
        self.synchronized = bool(synchronized)

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(f"a map (B, H, W, C) of known size is divided, not {tuple(input_shape)}")
        batch, height, width, channels = input_shape
        read = channels * sum(count**2 for count in PYRAMID)
        hidden = max(1, read // self.reduction)
        self.average = AdaptivePyramidPooling(PYRAMID, "average", dtype=self.dtype_policy, name="average")
        self.largest = AdaptivePyramidPooling(PYRAMID, "max", dtype=self.dtype_policy, name="largest")
        self.squeeze = self._dense(hidden, "squeeze")
        self.excite = self._dense(channels, "excite")
        self.channel_norm = self._norm("channel_norm")
        self.look = layers.Conv2D(
            1, self.kernel_size, padding="same", use_bias=False, dtype=self.dtype_policy, name="look"
        )
        self.spatial_norm = self._norm("spatial_norm")
        for layer, shape in (
            (self.average, input_shape),
            (self.largest, input_shape),
            (self.squeeze, (batch, read)),
            (self.excite, (batch, hidden)),
            (self.channel_norm, (batch, channels)),
            (self.look, (batch, height, width, 2)),
            (self.spatial_norm, (batch, height, width, 1)),
        ):
            layer.build(shape)

    def call(self, inputs, training=None):
        mask = (self._channel_mask(inputs, training) + self._spatial_mask(inputs, training)) / 2
        x_id = inputs - inputs * mask
        return [x_id, inputs - x_id]

    def compute_output_shape(self, input_shape):
        return [tuple(input_shape), tuple(input_shape)]

    def get_config(self):
        own = {
            "reduction": self.reduction,
            "kernel_size": self.kernel_size,
            "momentum": self.momentum,
            "synchronized": self.synchronized,
        }
        return {**super().get_config(), **own}

    def _channel_mask(self, x, training):
        mask = self.excite(ops.relu(self.squeeze(self.average(x) + self.largest(x))))
        return ops.sigmoid(self.channel_norm(mask, training=training))[:, None, None]

    def _spatial_mask(self, x, training):
        seen = ops.stack([ops.max(x, axis=-1), ops.mean(x, axis=-1)], axis=-1)
        return ops.sigmoid(self.spatial_norm(self.look(seen), training=training))

    def _dense(self, units: int, name: str) -> layers.Dense:
        return layers.Dense(units, use_bias=False, dtype=self.dtype_policy, name=name)

    def _norm(self, name: str) -> layers.BatchNormalization:
        return layers.BatchNormalization(
            momentum=self.momentum,
            epsilon=1e-5,
            synchronized=self.synchronized,
            dtype=self.dtype_policy,
            name=name,
        )
