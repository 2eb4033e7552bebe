"""The cosine that ties two feature vectors of one image, its gradient, and the layer that penalises it."""

from __future__ import annotations

import math

import keras
from keras import ops

from common.number_formats import wide

FORMS = ("signed", "absolute", "squared")

# Vectors whose largest component is below this count as zero: the gradient grows as 1 / |f| and must stay
# finite in the number format it is returned in.
_SMALLEST = {"float16": 1e-4, "bfloat16": 1e-30, "float32": 1e-30, "float64": 1e-150}


def cosine_similarity(f, g):
    """Return f.g / (|f| |g|) of each row (Eq. 3), (B,) in [-1, 1]; 0 where a row is zero.

    Rows are scaled by their largest component before they are squared, so that no norm overflows, and half
    precision is computed in float32.

    Args:
        f, g: (B, D) features, of any floating type.
    """
    return ops.sum(_unit(f)[0] * _unit(g)[0], axis=-1)


def cosine_similarity_gradient(f, g):
    """Return the gradient of `cosine_similarity` with respect to `f`, (B, D) in the type of `f`.

    With the regulariser's part of Eq. 5,

        dL_R / df = g / (|f| |g|) - (f.g) f / (|f|^3 |g|) = (g/|g| - cos * f/|f|) / |f|,

    which is orthogonal to f: the regulariser turns features and never scales them. Eq. 6 is the same with f
    and g exchanged. A row of zeros, where the cosine has no derivative, gets 0.

    Args:
        f, g: (B, D) features, of any floating type.

    Reference: Yu and Jing, "A Joint Multi-Task CNN for Cross-Age Face Recognition", Eq. 5 and 6.
    """
    (unit, inverse_norm), (other, _) = _unit(f), _unit(g)
    cosine = ops.sum(unit * other, axis=-1, keepdims=True)
    return ops.cast((other - cosine * unit) * inverse_norm, keras.backend.standardize_dtype(f.dtype))


@keras.saving.register_keras_serializable(package="common")
class CosineRegularizer(keras.layers.Layer):
    """Adds `weight` times the mean over the batch of the cosine of two features (Eq. 3 and 4) to the loss.

    Minimised as it is printed, the cosine goes to -1: features "negatively correlated" (2.1), opposite
    rather than orthogonal. The other two forms have their minimum at orthogonal features.

    Args:
        weight: lambda of Eq. 4, 0 or more; 0 adds nothing.
        form: "signed", the cosine as printed; "absolute" or "squared", what the text's "insensitive" asks
            for.
        name, dtype: as of `keras.layers.Layer`. The cosine is computed in float32 at least.

    Call arguments:
        inputs: [identity features, age features], each (B, D) and of the same D.

    Returns:
        The two inputs unchanged.

    Raises:
        ValueError: a weight that is negative or not finite, an unknown form, or features that are not two
            matrices of the same width.

    Example:

    >>> identity, age = keras.Input((768,)), keras.Input((768,))
    >>> identity, age = CosineRegularizer(0.1)([identity, age])

    Reference: Yu and Jing, "A Joint Multi-Task CNN for Cross-Age Face Recognition", Eq. 3 and 4.
    """

    def __init__(self, weight: float = 0.1, form: str = "signed", **kwargs):
        # Without autocast: half precision would otherwise come out where float32 went in.
        super().__init__(**{"autocast": False, **kwargs})
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"weight is a finite number from 0 up, not {weight}")
        if form not in FORMS:
            raise ValueError(f"form is one of {', '.join(FORMS)}, not {form!r}")
        self.weight = float(weight)
        self.form = form

    def build(self, input_shape):
        if len(input_shape) != 2 or any(len(shape) != 2 for shape in input_shape):
            raise ValueError(f"the regulariser takes two features (B, D), not shapes {input_shape}")
        if input_shape[0][-1] != input_shape[1][-1]:
            raise ValueError(f"both features need the same width, not {input_shape[0]} and {input_shape[1]}")

    def call(self, inputs):
        identity, age = inputs
        if self.weight:
            cosine = cosine_similarity(identity, age)
            penalty = {"signed": lambda c: c, "absolute": ops.abs, "squared": ops.square}[self.form](cosine)
            self.add_loss(self.weight * ops.mean(penalty))
        return [identity, age]

    def compute_output_shape(self, input_shape):
        return [tuple(shape) for shape in input_shape]

    def get_config(self):
        return {**super().get_config(), "weight": self.weight, "form": self.form}


def _unit(x):
    """Return x / |x| row by row, (B, D), and 1 / |x|, (B, 1); both 0 for a row of zeros."""
    x = ops.convert_to_tensor(x)
    given = keras.backend.standardize_dtype(x.dtype)
    x = ops.cast(x, wide(given))
    largest = ops.stop_gradient(ops.max(ops.abs(x), axis=-1, keepdims=True))
    present = largest >= _SMALLEST[given]
    largest = ops.where(present, largest, ops.ones_like(largest))
    scaled = ops.where(present, x / largest, ops.zeros_like(x))
    squared = ops.sum(ops.square(scaled), axis=-1, keepdims=True)
    length = ops.sqrt(ops.where(present, squared, ops.ones_like(squared)))
    inverse = ops.where(present, 1 / largest / length, ops.zeros_like(length))
    return scaled / length, inverse
