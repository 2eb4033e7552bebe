"""The layer behind which a network learns the opposite of what it is asked."""

from __future__ import annotations

import math

import keras
from keras import ops
from keras.src.backend.common.stateless_scope import get_stateless_scope


@keras.saving.register_keras_serializable(package="common")
class GradientReversal(keras.layers.Layer):
    """Gives its input back, and on the way back the gradient times `-coefficient`.

    What is trained behind the layer learns its task; what is trained before it unlearns whatever helps that
    task. With a schedule the factor is `-coefficient * schedule(step)`, where `step` counts the batches
    trained on before; it is a weight of the layer, so that a run that is taken up goes on where it was.
    However many heads of a model call the layer, a call of that model in training counts once, and one with
    `training=False` does not count. Where gradients are accumulated every batch counts, not every update.

    Args:
        coefficient: from 0 up; 0 stops the gradient.
        schedule: a `keras.optimizers.schedules.LearningRateSchedule` that gives the factor's share at each
            step, as `common.training.schedules.SigmoidRamp`; None is 1 throughout.
        name, dtype: as of `keras.layers.Layer`.

    Input and output shape: any.

    Raises:
        ValueError: a coefficient that is negative or not finite.

    Example:

    >>> identity_features = keras.Input((512,))
    >>> age_head = keras.layers.Dense(101)
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
            if training:
                self._count()
            # All heads of a batch have the same factor: what it counted itself is not before it.
            before = self.step - 1.0 if training else self.step
            factor = factor * ops.cast(self.schedule(before), "float32")
        return _reversed(inputs, factor)

    def _count(self) -> None:
        """Count this batch, unless another head of the model that is being called has counted it."""
        # Keras tells a model's call from the next by an object of each; a stateless call (JAX) has its own.
        context = self._get_call_context()
        if context.entry_layer is self:
            self._maybe_reset_call_context()
        one_call = get_stateless_scope() or context
        mark = f"counted_by_{id(self)}"
        if not hasattr(one_call, mark):
            setattr(one_call, mark, True)
            self.step.assign_add(1.0)

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
