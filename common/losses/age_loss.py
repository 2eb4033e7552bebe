"""What every age loss shares: checked labels, float32 arithmetic, outputs and how to read them."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from common.losses.labels import checked_labels
from common.number_formats import wide


class Decoded(NamedTuple):
    """What raw network outputs say about age.

    Attributes:
        probabilities: (N, K) float64, rows sum to one over the ages 0 to K - 1; None for a regression.
        ages: (N,) float64, the years predicted by the rule the loss was published with.
    """

    probabilities: np.ndarray | None
    ages: np.ndarray


class AgeLoss(keras.losses.Loss):
    """Base of the losses that compare ages in whole years with the outputs of an age network.

    A subclass gives `example_losses` and, where it is not a softmax classifier, `outputs` and `decode`.
    Arithmetic is float32 whatever the outputs' type, or float64 where `dtype="float64"`: a sum of a
    hundred terms, let alone one over a batch, does not survive float16.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        name, reduction, dtype: as of `keras.losses.Loss`; a half-precision `dtype` is widened to float32.
    """

    def __init__(self, num_classes=100, name=None, reduction="sum_over_batch_size", dtype=None):
        if num_classes < 2:
            raise ValueError(f"num_classes is at least 2, not {num_classes}")
        asked = keras.dtype_policies.get(dtype or keras.config.floatx()).compute_dtype
        super().__init__(name=name, reduction=reduction, dtype=wide(asked))
        self.num_classes = int(num_classes)

    @property
    def outputs(self) -> int:
        """How many numbers a network must give for each image."""
        return self.num_classes

    def call(self, y_true, y_pred):
        """Return the losses (B,) of outputs (B, `outputs`) against ages (B,) or (B, 1).

        Raises:
            ValueError: a shape is not as said, or (eagerly) a label is not one of the classes.
        """
        if len(y_pred.shape) != 2 or y_pred.shape[1] != self.outputs:
            raise ValueError(
                f"{type(self).__name__} compares ages with outputs of shape (B, {self.outputs}), "
                f"not of shape {tuple(y_pred.shape)}"
            )
        y_pred = ops.cast(y_pred, self.dtype)
        labels = checked_labels(y_true, self.num_classes, self.dtype)
        if None not in (labels.shape[0], y_pred.shape[0]) and labels.shape[0] != y_pred.shape[0]:
            raise ValueError(f"{labels.shape[0]} labels do not fit {y_pred.shape[0]} outputs")
        # An invalid label that no error stopped is NaN here and must spoil value and gradient. Both ends need
        # it: compilers turn products with a one-hot row, and the sign of a NaN, into plain selections.
        poison = ops.where(ops.isnan(labels), labels, 0.0)
        return self.example_losses(labels, y_pred + poison[:, None]) * (1.0 + poison)

    def example_losses(self, labels, outputs):
        """Return the losses (B,) of `outputs` (B, `outputs`) for `labels` (B,), both of `self.dtype`."""
        raise NotImplementedError

    def decode(self, outputs: np.ndarray) -> Decoded:
        """Read raw outputs (N, K) as softmax probabilities and their expectation."""
        return decode_softmax(outputs)

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes, "dtype": self.dtype}


def decode_softmax(logits: np.ndarray) -> Decoded:
    """Turn logits (N, K) into probabilities and the expected age `sum_i i * p_i`, in float64."""
    logits = np.asarray(logits, dtype=np.float64)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return expectation(exponentials / exponentials.sum(axis=1, keepdims=True))


def expectation(probabilities: np.ndarray) -> Decoded:
    """Add the expected age `sum_i i * p_i` to probabilities (N, K) of the ages 0 to K - 1."""
    return Decoded(probabilities, probabilities @ np.arange(probabilities.shape[1]))
