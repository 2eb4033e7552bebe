"""Competition between neighbouring channels, as AlexNet has it."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from common.number_formats import wide


@keras.saving.register_keras_serializable(package="common")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each activation by the energy of its neighbours in the channel direction.

    With a_i the activation of channel i of N at one place,

        b_i = a_i / (bias + alpha * sum of a_j ** 2 over |j - i| <= radius, 0 <= j < N) ** beta.

    Eq. 6 of Kang, Jiang and Li prints neither beta, which is then 1, nor the index j under its sum; their
    code has the formula above (Krizhevsky et al. 2012, 3.3) with TensorFlow's argument names. As in
    TensorFlow and unlike in Caffe, `alpha` is not divided by the number of channels in the window.

    The sums are taken in float32 at least: squares leave float16 at 256.

    Args:
        radius: channels on either side that count, 0 or more (n / 2 of Eq. 6).
        bias: k of Eq. 6, above 0.
        alpha: 0 or more.
        beta: exponent; 1 is Eq. 6 as printed.
        name, dtype: as of `keras.layers.Layer`.

    Input and output shape: (..., channels).

    Raises:
        ValueError: an argument outside what is said above.

    Example:

    >>> feature_maps = keras.Input((64, 64, 32))
    >>> LocalResponseNormalization(radius=5, alpha=1e-4)(feature_maps).shape
    (None, 64, 64, 32)
    """

    def __init__(self, radius: int = 5, bias: float = 1.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs):
        super().__init__(**kwargs)
        if radius < 0 or int(radius) != radius:
            raise ValueError(f"radius is a whole number of channels from 0 up, not {radius}")
        if not bias > 0:
            raise ValueError(f"bias is above 0, not {bias}")
        if not alpha >= 0:
            raise ValueError(f"alpha is 0 or more, not {alpha}")
        self.radius = int(radius)
        self.bias = float(bias)
        self.alpha = float(alpha)
        self.beta = float(beta)

    def call(self, inputs):
        x = ops.cast(inputs, wide(self.compute_dtype))
        # One product with a band of ones sums each window; the sums of shifted slices walk over all maps
        # 2 radius + 1 times.
        channels = np.arange(inputs.shape[-1])
        band = np.abs(channels[:, None] - channels) <= self.radius
        energy = ops.matmul(ops.square(x), ops.convert_to_tensor(band.astype(wide(self.compute_dtype))))
        return ops.cast(x * ops.power(self.bias + self.alpha * energy, -self.beta), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        own = {"radius": self.radius, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **own}
