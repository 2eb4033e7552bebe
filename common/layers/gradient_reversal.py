"""The layer behind which a network learns the opposite of what it is asked."""

from __future__ import annotations

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="common")
class GradientReversal(keras.layers.Layer):
    """Gives its input back, and on the way back the gradient times `-coefficient`.

    What is trained behind the layer learns its task; what is trained before it unlearns whatever helps that
    task. With a schedule the factor is `-coefficient * schedule(step)`, where `step` counts the training
    steps so far; the count is a weight of the layer, so that a run that is taken up goes on where it was.

    Args:
        coefficient: from 0 up; 0 stops the gradient.
        schedule: a `keras.optimizers.schedules.LearningRateSchedule` that gives the factor's share at each
            step, as `common.training.schedules.SigmoidRamp`; None is 1 throughout.
        name, dtype: as of `keras.layers.Layer`.

    Input and output shape: any.

    Raises:
        ValueError: a coefficient that is negative or not finite.

    Example:

    >>> age_logits = age_head(GradientReversal(coefficient=1.0)(identity_features))

    Reference: Ganin and Lempitsky, "Unsupervised Domain Adaptation by Backpropagation", ICML 2015, 3.2.
    """

    def __init__(
        self,
        coefficient: float = 1.0,
        schedule: keras.optimizers.schedules.LearningRateSchedule | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not (math.isfinite(coefficient) and coefficient >= 0):
            raise ValueError(f"coefficient is a finite number from 0 up, not {coefficient}")
        self.coefficient = float(coefficient)
        if isinstance(schedule, dict):
            schedule = keras.optimizers.schedules.deserialize(schedule)
        self.schedule = schedule

    def build(self, input_shape):
        if self.schedule is not None:
            self.step = self.add_weight(
                shape=(),
                initializer="zeros",
                dtype="float32",
                trainable=False,
                autocast=False,
                aggregation="only_first_replica",
                name="step",
            )

    def call(self, inputs, training=None):
        factor = ops.convert_to_tensor(self.coefficient, "float32")
        if self.schedule is not None:
            factor = factor * ops.cast(self.schedule(self.step), "float32")
            if training:
                self.step.assign_add(1.0)
        return _reversed(inputs, factor)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        schedule = None
        if self.schedule is not None:
            schedule = keras.optimizers.schedules.serialize(self.schedule)
        return {**super().get_config(), "coefficient": self.coefficient, "schedule": schedule}


@ops.custom_gradient
def _reversed(x, factor):
    def gradient(*arguments, upstream=None):
        # PyTorch names the gradient of the output and gives its context besides, others give it alone.
        if upstream is None:
            (upstream,) = arguments
        return -upstream * ops.cast(factor, upstream.dtype), ops.zeros_like(factor)

    return x, gradient
