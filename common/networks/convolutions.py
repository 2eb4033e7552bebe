"""What networks that read faces are made of: convolution, normalisation, and the answer of an age."""

from __future__ import annotations

import keras
from keras import layers

from common.layers import FusedBatchNormalization, every_nth


def scaled_channels(count: int, width: float) -> int:
    """Return `count * width` rounded to the nearest multiple of 16, but 8 where that is below 12.

    The CPU's convolutions work on blocks of 16 channels (8 with AVX2): a channel more costs a block more.

    Raises:
        ValueError: `width` is not above zero.
    """
    if not width > 0:
        raise ValueError(f"width is above zero, not {width}")
    wanted = count * width
    return 8 if wanted < 12 else max(16, int(wanted / 16 + 0.5) * 16)


def logits_of(x, outputs: int, dropout: float):
    """Return the numbers (B, outputs) that a loss reads, of a network's last map: its mean, dropout, dense.

    Under a half-precision policy they are float32 all the same.
    """
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    # A softmax over half-precision logits loses the tails that the losses and Eq. 6 read.
    half = keras.config.dtype_policy().compute_dtype in ("float16", "bfloat16")
    dense = layers.Dense(
        outputs, kernel_initializer="he_normal", dtype="float32" if half else None, name="logits"
    )
    return dense(x)


class Convolutions:
    """The convolutions of one network, which share their options.

    Args:
        synchronized: take batch statistics over all replicas.
        slope: of the activations where what they take is negative; 0 is a ReLU.
    """

    def __init__(self, synchronized: bool, slope: float) -> None:
        self.synchronized = synchronized
        self.slope = slope

    def convolution(self, x, count: int, name: str, size: int | tuple[int, int] = 3, stride: int = 1):
        """Convolve without a bias, which the normalisation behind it has."""
        if size == 1:
            x, stride = every_nth(x, stride, f"{name}_every_nth"), 1
        return layers.Conv2D(
            count,
            size,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=name,
        )(x)

    def normalised(self, x, name: str):
        """Normalise over the batch."""
        # Keras' momentum of 0.99 needs hundreds of steps before the statistics are worth testing with.
        return FusedBatchNormalization(
            momentum=0.9, epsilon=1e-5, synchronized=self.synchronized, name=f"{name}_norm"
        )(x)

    def normalised_relu(self, x, name: str):
        """Normalise over the batch and take what is positive."""
        return layers.ReLU(negative_slope=self.slope, name=f"{name}_relu")(self.normalised(x, name))
