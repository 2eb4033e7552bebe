"""Learning rates that scale with the length of the run, linear warm-up included."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops


def warmup_cosine(
    peak: float, steps: int, warmup: float = 0.05, floor: float = 0.0
) -> keras.optimizers.schedules.CosineDecay:
    """Return the rate that rises linearly from 0 to `peak`, then falls as a half cosine to `floor * peak`.

    Args:
        peak: the highest learning rate.
        steps: optimizer steps of the whole run.
        warmup: fraction of `steps` spent rising, 0 to 1 (1 excluded).
        floor: final learning rate as a fraction of `peak`.
    """
    rising = round(warmup * steps)
    if not 0 <= rising < steps:
        raise ValueError(f"a warm-up of {warmup} leaves none of the {steps} steps to decay in")
    if rising == 0:
        return keras.optimizers.schedules.CosineDecay(peak, steps, alpha=floor)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - rising, alpha=floor, warmup_target=peak, warmup_steps=rising
    )


@keras.saving.register_keras_serializable("common.training")
class StepDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate multiplied by `factor` at each boundary, after a linear warm-up.

    Boundaries and warm-up are fractions of the run, so a recipe keeps its shape whatever its length: a
    paper's "divided by 10 at 50k and 100k of 150k steps" is `StepDecay(rate, 150_000, (1 / 3, 2 / 3), 0.1)`,
    and with fewer steps it is the same recipe, shorter.

    Args:
        learning_rate: the rate after the warm-up and before the first boundary.
        steps: optimizer steps of the whole run.
        boundaries: rising fractions of `steps` at which the rate drops, each between 0 and 1.
        factor: what the rate is multiplied by at each of them.
        warmup: fraction of `steps` over which the rate rises linearly from 0; none by default.
        floor: the rate is never lower.
    """

    def __init__(
        self,
        learning_rate: float,
        steps: int,
        boundaries: Sequence[float] = (),
        factor: float = 0.1,
        warmup: float = 0.0,
        floor: float = 0.0,
        name: str = "step_decay",
    ):
        if list(boundaries) != sorted(boundaries) or not all(0 <= b <= 1 for b in boundaries):
            raise ValueError(
                f"boundaries must be rising fractions of the run, 0 to 1, not {tuple(boundaries)}"
            )
        if not 0 <= warmup < 1:
            raise ValueError(f"warm-up must be a fraction of the run from 0 to below 1, not {warmup}")
        self.learning_rate = learning_rate
        self.steps = steps
        self.boundaries = tuple(boundaries)
        self.factor = factor
        self.warmup = warmup
        self.floor = floor
        self.name = name

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rate = ops.cast(self.learning_rate, "float32")
        for boundary in self.boundaries:
            rate = ops.where(step < round(boundary * self.steps), rate, rate * self.factor)
        rising = round(self.warmup * self.steps)
        if rising:
            rate = rate * ops.minimum(1.0, step / rising)
        return ops.maximum(rate, self.floor)

    def get_config(self):
        return {
            "learning_rate": self.learning_rate,
            "steps": self.steps,
            "boundaries": list(self.boundaries),
            "factor": self.factor,
            "warmup": self.warmup,
            "floor": self.floor,
            "name": self.name,
        }


@keras.saving.register_keras_serializable("common.training")
class SigmoidRamp(keras.optimizers.schedules.LearningRateSchedule):
    """A share that rises from 0 to 1 over the run: 2 / (1 + exp(-steepness p)) - 1 at the part p of it.

    Args:
        steps: optimizer steps of the whole run; after them the share is that of the last.
        steepness: 10 in the article.

    Reference: Ganin and Lempitsky, "Unsupervised Domain Adaptation by Backpropagation", ICML 2015, 4.
    """

    def __init__(self, steps: int, steepness: float = 10.0, name: str = "sigmoid_ramp"):
        if steps < 1:
            raise ValueError(f"a run has a step at least, not {steps}")
        self.steps = steps
        self.steepness = steepness
        self.name = name

    def __call__(self, step):
        part = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        return ops.tanh(self.steepness * part / 2)

    def get_config(self):
        return {"steps": self.steps, "steepness": self.steepness, "name": self.name}
