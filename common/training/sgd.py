"""Stochastic gradient descent whose weight decay is part of the gradient, as most recipes mean it."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from common.networks import decay_exclusions


@keras.saving.register_keras_serializable("common.training")
class DecayedSGD(keras.optimizers.SGD):
    """`keras.optimizers.SGD` that adds `decay * weight` to the gradient before the momentum.

    Keras' own `weight_decay` is decoupled: it shrinks a weight by `rate * decay` a step, the decay of the
    gradient with momentum 0.9 in the long run by ten times as much.

    With the gradients of a scaled loss, as of float16, some code adds the decay to the scaled gradient and
    divides the sum by the scale: the decay is then divided too and all but vanishes. `decay_divisor`
    reproduces that.

    Args:
        learning_rate: or a schedule.
        momentum: as of `keras.optimizers.SGD`.
        decay: from 0 up. `exclude_from_weight_decay` says which variables are left alone.
        decay_divisor: what the decay is divided by; 1 for a decay that is meant.
        Others: as of `keras.optimizers.SGD`.

    Raises:
        ValueError: a negative decay, or a divisor that is not above 0.
    """

    def __init__(
        self,
        learning_rate=0.1,
        momentum: float = 0.9,
        decay: float = 5e-4,
        decay_divisor: float = 1.0,
        name: str = "decayed_sgd",
        **kwargs,
    ):
        super().__init__(learning_rate, momentum, name=name, **kwargs)
        if not (decay >= 0 and decay_divisor > 0):
            raise ValueError(f"decay {decay} is from 0 up and its divisor {decay_divisor} above 0")
        self.decay = float(decay)
        self.decay_divisor = float(decay_divisor)

    def update_step(self, gradient, variable, learning_rate):
        if self.decay and self._use_weight_decay(variable):
            factor = self.decay / self.decay_divisor
            gradient = ops.cast(gradient, variable.dtype) + factor * ops.cast(variable, variable.dtype)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "decay": self.decay, "decay_divisor": self.decay_divisor}


def decayed_sgd(
    model: keras.Model,
    schedule: keras.optimizers.schedules.LearningRateSchedule,
    *,
    decay: float,
    decay_divisor: float = 1.0,
    average: float | None = None,
    decayed: Sequence[str] = ("kernel",),
    spared: Sequence[keras.Variable] = (),
) -> DecayedSGD:
    """Return the optimizer for a model that is not yet compiled.

    Args:
        model: what is trained.
        schedule: of the learning rate.
        decay, decay_divisor: as of `DecayedSGD`.
        average: momentum of a moving average of the weights; None for none.
        decayed: names of the variables that decay ("alpha" are the slopes of a PReLU).
        spared: variables that do not decay, whatever their names.
    """
    optimizer = DecayedSGD(
        schedule,
        decay=decay,
        decay_divisor=decay_divisor,
        use_ema=average is not None,
        ema_momentum=average or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_list=[*decay_exclusions(model, decayed), *spared])
    return optimizer
