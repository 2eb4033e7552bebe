"""The large margin cosine head: logits that are cosines, the true one handicapped."""

from __future__ import annotations

import math

import keras
from keras import ops

from common.losses.labels import checked_one_hot
from common.number_formats import wide


@keras.saving.register_keras_serializable(package="common")
class CosFaceHead(keras.layers.Layer):
    """Scaled cosines between an embedding and a direction for each class, less a margin for the true one.

    With e the embedding and w_j the weights, both divided by their length, the logits are

        s (cos(e, w_j) - m [j = label]).

    A softmax cross entropy from these logits asks a face to be nearer to its own person's direction than to
    any other by the margin. Computed in float32 at least: 64 times a cosine in half precision is
    off by more than the margin is worth.

    Args:
        num_classes: number of people.
        scale: s, above 0.
        margin: m, from 0 up; 0 is the normalised softmax.
        name, dtype: as of `keras.layers.Layer`.

    Call arguments:
        inputs: [embedding (B, D), labels (B,) integers from 0 to num_classes - 1].

    Returns:
        Logits (B, num_classes), float32 (float64 under a float64 policy).

    Raises:
        ValueError: an argument outside what is said above, or labels that are no integers or outside the
            classes. In a TensorFlow graph the latter are an InvalidArgumentError; where neither can be
            raised (a JAX trace, XLA) all logits of such an example are NaN.

    Example:

    >>> embedding, labels = keras.Input((512,)), keras.Input((), dtype="int32")
    >>> CosFaceHead(num_classes=500)([embedding, labels]).shape
    (None, 500)

    Reference: Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", CVPR 2018, Eq. 4.
    """

    def __init__(self, num_classes: int, scale: float = 64.0, margin: float = 0.35, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})
        if num_classes < 2:
            raise ValueError(f"num_classes is at least 2, not {num_classes}")
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"scale is a finite number above 0, not {scale}")
        if not (math.isfinite(margin) and margin >= 0):
            raise ValueError(f"margin is a finite number from 0 up, not {margin}")
        self.num_classes = int(num_classes)
        self.scale = float(scale)
        self.margin = float(margin)

    def build(self, input_shape):
        if len(input_shape) != 2 or len(input_shape[0]) != 2 or len(input_shape[1]) != 1:
            raise ValueError(
                f"the head takes an embedding (B, D) and labels (B,), not shapes {tuple(input_shape)}"
            )
        self.kernel = self.add_weight(
            shape=(input_shape[0][-1], self.num_classes),
            initializer="glorot_normal",
            autocast=False,
            name="kernel",
        )

    def call(self, inputs):
        embedding, labels = inputs
        dtype = wide(self.compute_dtype)
        true = checked_one_hot(labels, self.num_classes, dtype)
        embedding = ops.normalize(ops.cast(embedding, dtype), axis=-1, epsilon=1e-12)
        directions = ops.normalize(ops.cast(self.kernel, dtype), axis=0, epsilon=1e-12)
        return self.scale * (ops.matmul(embedding, directions) - self.margin * true)

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], self.num_classes)

    def get_config(self):
        own = {"num_classes": self.num_classes, "scale": self.scale, "margin": self.margin}
        return {**super().get_config(), **own}
