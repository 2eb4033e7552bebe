"""Ordinal regression of age: one binary question a year, "older than k?"."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from common.losses.age_loss import AgeLoss, Decoded
from common.metrics.age import from_exceedance


@keras.saving.register_keras_serializable(package="common")
class OrdinalLoss(AgeLoss):
    """Sum of the binary cross entropies of the K - 1 questions "is the age above k?".

    With z the logits, s the logistic function and t the true age, over k = 0 to K - 2:

        L = -sum_k [t > k] log s(z_k) + [t <= k] log(1 - s(z_k)),    dL/dz_k = s(z_k) - [t > k].

    Every question has the same weight. The article has a softmax of two outputs for each, which is this
    logistic function of their difference.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: logits (B, K - 1) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> float(OrdinalLoss(num_classes=4)(keras.ops.array([2]), keras.ops.zeros((1, 3))))  # 3 log 2
    2.079...

    Reference: Niu, Zhou, Wang, Gao and Hua, "Ordinal Regression with Multiple Output CNN for Age
    Estimation" (OR-CNN), CVPR 2016.
    """

    def __init__(self, num_classes=100, name="ordinal_loss", reduction="sum_over_batch_size", dtype=None):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)

    @property
    def outputs(self) -> int:
        """K - 1, one a question."""
        return self.num_classes - 1

    def example_losses(self, labels, outputs):
        older = ops.cast(labels[:, None] > ops.arange(self.outputs, dtype=self.dtype), self.dtype)
        # log(1 + exp(z)) - [t > k] z is the cross entropy without a logarithm of zero.
        return ops.sum(ops.softplus(outputs) - older * outputs, axis=1)

    def decode(self, outputs: np.ndarray) -> Decoded:
        """Read raw outputs (N, K - 1), see `decode_ordinal`."""
        return decode_ordinal(outputs)


def decode_ordinal(logits: np.ndarray) -> Decoded:
    """Turn the logits (N, K - 1) of "older than k?" into probabilities (N, K) and ages (N,), in float64.

    The age is the article's: the number of questions answered with a probability above one half.

    The probabilities are the differences of P(age > k), sorted first, see `from_exceedance`: sorting keeps
    the expected age, and the number of questions above one half, hence the article's age, which is the
    median.
    """
    logits = np.asarray(logits, dtype=np.float64)
    above = 0.5 * (1.0 + np.tanh(logits / 2))  # tanh does not overflow
    return Decoded(from_exceedance(above), np.sum(logits > 0, axis=1).astype(np.float64))
