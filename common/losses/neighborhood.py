"""The neighborhood loss: cross entropy against a Gaussian around the true age."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from common.losses.age_loss import AgeLoss, Decoded, expectation
from common.losses.labels import checked_labels

PROBABILITY_FLOOR = 1e-7
"""Probabilities given as such are raised to this before their logarithm is taken."""


def gaussian_targets(labels, num_classes: int = 100, sigma: float = 5.0, normalize: bool = False):
    """Return the targets `d_k = exp(-(k - label)^2 / sigma^2)` (Eq. 4), (B, num_classes).

    There is no 2 in the denominator: a normal density of standard deviation s has `sigma = s * sqrt(2)`.
    As printed the targets do not sum to one but, for sigma 5, to 5 * sqrt(pi) = 8.86 away from the ends
    of the range and to 4.93 at an end, where half of the neighborhood is missing.

    Args:
        labels: ages (B,) in whole years from 0 to K - 1, see `checked_labels`; float64 is kept, all else
            gives float32.
        num_classes: K; k runs over the ages 0 to K - 1.
        sigma: the neighborhood margin in years, above zero.
        normalize: divide each row by its sum.

    Raises:
        ValueError: as `checked_labels`.
    """
    labels = ops.convert_to_tensor(labels)
    dtype = "float64" if keras.backend.standardize_dtype(labels.dtype) == "float64" else "float32"
    return _gaussian(checked_labels(labels, num_classes, dtype), num_classes, sigma, normalize)


def _gaussian(labels, num_classes: int, sigma: float, normalize: bool):
    distances = (ops.arange(num_classes, dtype=labels.dtype) - labels[:, None]) / sigma
    targets = ops.exp(-ops.square(distances))
    return targets / ops.sum(targets, axis=1, keepdims=True) if normalize else targets


@keras.saving.register_keras_serializable(package="common")
class NeighborhoodLoss(AgeLoss):
    """Cross entropy between softmax outputs and a Gaussian around the true age.

    With d the targets of Eq. 4 (`gaussian_targets`) and y the softmax of the logits x, Eq. 5 is

        L = -sum_k d_k log y_k,    dL/dx = sum(d) * y - d.

    The factor sum(d) is where implementations go wrong: a fused softmax cross entropy, as Keras uses from
    logits, returns y - d, which is the gradient only where the targets sum to one. Here the gradient is that
    of the value. `fused_gradient=True` reproduces the other one, beside the value of Eq. 5, for comparison.

    `normalize=True` makes the targets sum to one: label distribution learning (DLDL, Gao et al., IEEE TIP
    2017), whose Kullback-Leibler divergence differs from this cross entropy by a constant. It is also SORD
    (Diaz and Marathe, CVPR 2019) with the squared distance over sigma^2 as its metric.

    Args:
        num_classes: K; the classes are the ages 0 to K - 1.
        sigma: the neighborhood margin in years, above zero.
        normalize: divide the targets by their sum.
        from_logits: outputs are logits; if false, probabilities that sum to one. Those below 1e-7 count as
            1e-7 and get no gradient; they are not normalised again.
        fused_gradient: give dL/dx = y - d instead of the true gradient. Needs logits.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: logits (B, K) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> model = keras.Sequential([keras.Input((512,)), keras.layers.Dense(100)])
    >>> model.compile(optimizer="adam", loss=NeighborhoodLoss(num_classes=100, sigma=5.0))

    Reference: Kwak, Om, Han and Kim, "Neighborhood Loss for Age Estimation from Face Image using
    Convolutional Neural Network", Eq. 4 and 5.
    """

    def __init__(
        self,
        num_classes=100,
        sigma=5.0,
        normalize=False,
        from_logits=True,
        fused_gradient=False,
        name="neighborhood_loss",
        reduction="sum_over_batch_size",
        dtype=None,
    ):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)
        if not sigma > 0:
            raise ValueError(f"sigma is above zero, not {sigma}")
        if fused_gradient and not from_logits:
            raise ValueError("fused_gradient needs from_logits: there is no fused loss of probabilities")
        self.sigma = float(sigma)
        self.normalize = bool(normalize)
        self.from_logits = bool(from_logits)
        self.fused_gradient = bool(fused_gradient)

    def example_losses(self, labels, outputs):
        targets = _gaussian(labels, self.num_classes, self.sigma, self.normalize)
        if not self.from_logits:
            return -ops.sum(targets * ops.log(ops.maximum(outputs, PROBABILITY_FLOOR)), axis=1)
        losses = -ops.sum(targets * ops.log_softmax(outputs, axis=1), axis=1)
        if self.fused_gradient:
            # d logsumexp(x) / dx = y, so this adds (1 - sum(d)) * y to the gradient and nothing to the value.
            normalizer = ops.logsumexp(outputs, axis=1)
            losses += (1 - ops.sum(targets, axis=1)) * (normalizer - ops.stop_gradient(normalizer))
        return losses

    def decode(self, outputs: np.ndarray) -> Decoded:
        """Read outputs (N, K), logits or probabilities, as probabilities and their expectation (Eq. 6)."""
        return super().decode(outputs) if self.from_logits else expectation(np.asarray(outputs, np.float64))

    def get_config(self):
        return {
            **super().get_config(),
            "sigma": self.sigma,
            "normalize": self.normalize,
            "from_logits": self.from_logits,
            "fused_gradient": self.fused_gradient,
        }
