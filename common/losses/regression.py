"""Age as one number: the mean absolute error."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from common.losses.age_loss import AgeLoss, Decoded


@keras.saving.register_keras_serializable(package="common")
class AgeL1(AgeLoss):
    """Absolute error in years of a network with one output.

    With z the output and t the true age:

        a = centre + scale * z,    L = |a - t|,    dL/dz = scale * sign(a - t).

    `centre` and `scale` let a fresh network, whose output is about a standard normal, start amid the ages.

    Args:
        num_classes: K; ages are 0 to K - 1, as for the classifiers it is compared with.
        centre: the age in years that an output of 0 stands for.
        scale: years per unit of output, above zero.
        name, reduction, dtype: as of `AgeLoss`.

    Call arguments:
        y_true: ages in whole years, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: outputs (B, 1) of any float type.
        sample_weight: optional factors (B,).

    Example:

    >>> float(AgeL1()(keras.ops.array([30, 40]), keras.ops.array([[33.0], [35.0]])))
    4.0
    """

    def __init__(
        self,
        num_classes=100,
        centre=0.0,
        scale=1.0,
        name="age_l1",
        reduction="sum_over_batch_size",
        dtype=None,
    ):
        super().__init__(num_classes, name=name, reduction=reduction, dtype=dtype)
        if not scale > 0:
            raise ValueError(f"scale is above zero, not {scale}")
        self.centre = float(centre)
        self.scale = float(scale)

    @property
    def outputs(self) -> int:
        """One: the age itself."""
        return 1

    def example_losses(self, labels, outputs):
        return ops.abs(self.centre + self.scale * outputs[:, 0] - labels)

    def decode(self, outputs: np.ndarray) -> Decoded:
        """Read raw outputs (N, 1) as ages in years, clipped to 0 and K - 1, which no classifier leaves."""
        ages = self.centre + self.scale * np.asarray(outputs, dtype=np.float64)[:, 0]
        return Decoded(None, np.clip(ages, 0, self.num_classes - 1))

    def get_config(self):
        return {**super().get_config(), "centre": self.centre, "scale": self.scale}
