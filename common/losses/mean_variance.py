"""The mean-variance loss: cross entropy plus what the distribution's mean and spread should be."""

from __future__ import annotations

import keras
from keras import ops

from common.losses.age_loss import AgeLoss
from common.losses.cross_entropy import one_hot_targets


@keras.saving.register_keras_serializable(package="common")
class MeanVarianceLoss(AgeLoss):
    """Cross entropy plus penalties on the error of the expected age and on its variance.

    With y the softmax of the logits, t the true age, m = sum_k k y_k and v = sum_k y_k (k - m)^2:

        L = -log y_t + mean_weight * (m - t)^2 / 2 + variance_weight * v.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        mean_weight: factor of the mean's term, in 1 / years^2; the article's 0.2.
        variance_weight: factor of the variance's term, in 1 / years^2; the article's 0.05.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: logits (B, K) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> logits = keras.ops.zeros((1, 3))
    >>> float(MeanVarianceLoss(num_classes=3)(keras.ops.array([1]), logits))  # log 3 + 0.05 * 2 / 3
    1.131...

    Reference: Pan, Han, Shan and Chen, "Mean-Variance Loss for Deep Age Estimation from a Face", CVPR 2018.
    """

    def __init__(
        self,
        num_classes=100,
        mean_weight=0.2,
        variance_weight=0.05,
        name="mean_variance_loss",
        reduction="sum_over_batch_size",
        dtype=None,
    ):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)
        if mean_weight < 0 or variance_weight < 0:
            raise ValueError(f"the weights are not below zero, as {mean_weight} and {variance_weight}")
        self.mean_weight = float(mean_weight)
        self.variance_weight = float(variance_weight)

    def example_losses(self, labels, outputs):
        ages = ops.arange(self.num_classes, dtype=self.dtype)
        log_probabilities = ops.log_softmax(outputs, axis=1)
        probabilities = ops.exp(log_probabilities)
        mean = ops.sum(probabilities * ages, axis=1)
        # Centred on the mean: the difference of E[k^2] and m^2 would cancel in float32.
        variance = ops.sum(probabilities * ops.square(ages - mean[:, None]), axis=1)
        entropy = -ops.sum(one_hot_targets(labels, self.num_classes) * log_probabilities, axis=1)
        squared_error = ops.square(mean - labels) / 2
        return entropy + self.mean_weight * squared_error + self.variance_weight * variance

    def get_config(self):
        return {
            **super().get_config(),
            "mean_weight": self.mean_weight,
            "variance_weight": self.variance_weight,
        }
