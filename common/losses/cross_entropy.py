"""Cross entropy of whole ages: the loss of DEX."""

from __future__ import annotations

import keras
from keras import ops

from common.losses.age_loss import AgeLoss


def one_hot_targets(labels, num_classes: int):
    """Return 1 where the class is the label and 0 elsewhere, (B, num_classes), for float labels (B,)."""
    classes = ops.arange(num_classes, dtype=labels.dtype)
    return ops.cast(ops.equal(classes, labels[:, None]), labels.dtype)


@keras.saving.register_keras_serializable(package="common")
class AgeCrossEntropy(AgeLoss):
    """Softmax cross entropy against the one true age (Eq. 1-3 of the neighborhood loss's paper).

    With y the softmax of the logits x and t the true age:

        L = -log y_t,    dL/dx = y - onehot(t).

    Read by expectation (`decode`), this is DEX, the deep expectation of Rothe et al.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: logits (B, K) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> float(AgeCrossEntropy(num_classes=4)(keras.ops.array([2]), keras.ops.zeros((1, 4))))  # log 4
    1.386...

    Reference: Rothe, Timofte and Van Gool, "DEX: Deep EXpectation of apparent age from a single image",
    ICCV Workshops 2015.
    """

    def __init__(
        self, num_classes=100, name="age_cross_entropy", reduction="sum_over_batch_size", dtype=None
    ):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)

    def example_losses(self, labels, outputs):
        targets = one_hot_targets(labels, self.num_classes)
        return -ops.sum(targets * ops.log_softmax(outputs, axis=1), axis=1)
