"""A label shown to a convolution: one plane a class beside the channels of a map."""

from __future__ import annotations

import keras
from keras import ops

from common.losses.labels import checked_one_hot


@keras.saving.register_keras_serializable(package="common")
class LabelPlanes(keras.layers.Layer):
    """Appends to each example a plane for every class: 1 in that of its label, `low` in the others.

    Args:
        classes: number of labels, from 1 up.
        low: value of the planes of the other classes; 0, or -1 for labels as of CAAE.
        name, dtype: as of `keras.layers.Layer`.

    Inputs: [x, label]: x (B, H, W, C) or (B, C), and label (B,) whole numbers from 0 to `classes` - 1.

    Returns:
        (B, H, W, C + classes), or (B, C + classes).

    Raises:
        ValueError: no class at all, or labels that are no whole numbers or outside the classes. In a
            TensorFlow graph the latter are an InvalidArgumentError; where neither can be raised (a JAX trace,
            XLA) all planes of such an example are NaN.

    Example:

    >>> tuple(LabelPlanes(7)([keras.ops.ones((2, 7, 7, 512)), keras.ops.array([0, 6])]).shape)
    (2, 7, 7, 519)
    """

    def __init__(self, classes: int, low: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        if classes < 1:
            raise ValueError(f"there is a class at least, not {classes}")
        self.classes = int(classes)
        self.low = float(low)

    def build(self, input_shape):
        self.places = len(input_shape[0]) - 2

    def call(self, inputs):
        x, label = inputs
        planes = self.low + (1 - self.low) * checked_one_hot(label, self.classes)
        planes = ops.cast(planes, x.dtype)
        planes = ops.reshape(planes, (-1, *[1] * self.places, self.classes))
        planes = ops.broadcast_to(planes, (*ops.shape(x)[:-1], self.classes))
        return ops.concatenate([x, planes], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[0][:-1], input_shape[0][-1] + self.classes)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes, "low": self.low}
