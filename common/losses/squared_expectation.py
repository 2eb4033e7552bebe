"""The squared error of the expected age."""

from __future__ import annotations

import keras
from keras import ops

from common.losses.age_loss import AgeLoss


@keras.saving.register_keras_serializable(package="common")
class SquaredExpectationError(AgeLoss):
    """Squares the difference of the expected age and the true one.

    With y the softmax of the logits and t the true age:

        L = (sum_k k y_k - t)^2,    dL/dx_j = 2 (m - t) y_j (j - m),    m = sum_k k y_k.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: logits (B, K) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> logits = keras.ops.zeros((1, 3))
    >>> float(SquaredExpectationError(num_classes=3)(keras.ops.array([2]), logits))  # (1 - 2) ** 2
    1.0

    Reference: Huang, Zhang and Shan, "When Age-Invariant Face Recognition Meets Face Age Synthesis: A
    Multi-Task Learning Framework", CVPR 2021, the age estimation loss.
    """

    def __init__(
        self, num_classes=101, name="squared_expectation_error", reduction="sum_over_batch_size", dtype=None
    ):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)

    def example_losses(self, labels, outputs):
        ages = ops.arange(self.num_classes, dtype=self.dtype)
        return ops.square(ops.sum(ops.softmax(outputs, axis=1) * ages, axis=1) - labels)
