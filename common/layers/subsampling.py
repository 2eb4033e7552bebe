"""Maps made smaller: every n-th pixel alone, and LeNet's pooling, which learns two numbers a map."""

from __future__ import annotations

import keras
from keras import ops


def every_nth(x, stride: int, name: str | None = None):
    """Keep every n-th row and column of a map, the first included.

    A 1x1 convolution of stride n reads these pixels alone, so that

        keras.layers.Conv2D(count, 1)(every_nth(x, n))

    has the values, gradients and weights of `keras.layers.Conv2D(count, 1, strides=n)(x)`, whatever its
    padding. Write it so: with fewer than 16 input channels (8 with AVX2) oneDNN's weight gradient of the
    strided convolution writes past its scratch memory on the CPU, which ends the process or makes gradients
    wrong (uxlfoundation/oneDNN issue 6035).

    Args:
        x: (B, H, W, C), symbolic or not, of a floating-point type.
        stride: n, 1 or more.
        name: of the layer.

    Returns:
        (B, ceil(H / n), ceil(W / n), C); `x` itself where n is 1.

    Raises:
        ValueError: a stride that is no whole number from 1 up.
    """
    if stride < 1 or int(stride) != stride:
        raise ValueError(f"stride is a whole number of pixels from 1 up, not {stride}")
    if stride == 1:
        return x
    # The largest of one pixel is it too, but max pooling on the CPU makes a finite number of NaN.
    return keras.layers.AveragePooling2D(1, int(stride), name=name)(x)


@keras.saving.register_keras_serializable(package="common")
class TrainableSubsampling(keras.layers.Layer):
    """Sums windows that do not overlap, weighs and shifts each map, and passes it through a sigmoid.

    With x_c the map c, w_c and b_c its weight and bias,

        y_c = sigmoid(w_c * sum of x_c over the window + b_c):

    "We compute the sum of the pixels in that area and multiplies a weight. The product is then added to a
    bias, and the sum is put into a sigmoid function" (Kang, Jiang and Li, III.B.2, who call it a max-pooling
    layer), two parameters a map. Rows and columns that fill no window are left out.

    Args:
        size: side of the windows, 1 or more.
        name, dtype: as of `keras.layers.Layer`.

    Input shape: (B, H, W, C). Output shape: (B, H // size, W // size, C).

    Raises:
        ValueError: a size below 1, or inputs that are not (B, H, W, C).

    Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
    Proceedings of the IEEE 1998, II.B.
    """

    def __init__(self, size: int = 2, **kwargs):
        super().__init__(**kwargs)
        if size < 1 or int(size) != size:
            raise ValueError(f"size is a whole number of pixels from 1 up, not {size}")
        self.size = int(size)

    def build(self, input_shape):
        if len(input_shape) != 4:
            raise ValueError(f"subsampling takes maps (B, H, W, C), not of shape {tuple(input_shape)}")
        maps = (input_shape[-1],)
        # The mean of a window to begin with: a sum of large activations saturates the sigmoid at once.
        start = keras.initializers.Constant(1 / self.size**2)
        self.weight = self.add_weight(shape=maps, initializer=start, name="weight")
        self.bias = self.add_weight(shape=maps, initializer="zeros", name="bias")

    def call(self, inputs):
        means = ops.average_pool(inputs, self.size, self.size, "valid", data_format="channels_last")
        return ops.sigmoid(means * self.size**2 * self.weight + self.bias)

    def compute_output_shape(self, input_shape):
        batch, height, width, maps = input_shape
        sides = (None if side is None else side // self.size for side in (height, width))
        return (batch, *sides, maps)

    def get_config(self):
        return {**super().get_config(), "size": self.size}
