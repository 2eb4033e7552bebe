"""The network of an experiment with its losses and its optimizer, ready to be fitted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras

from common.losses import SquaredExpectationError
from common.training.optimizers import muon
from common.training.schedules import SigmoidRamp, StepDecay
from common.training.sgd import decayed_sgd
from common.training.weights import load_weights
from data_prep.datasets.imfdb import BANDS
from reproductions.mtlface.age_groups import AGES
from reproductions.mtlface.experiments import AGE_WEIGHT, REVERSED_WEIGHT, Experiment, Recipe, Steps
from reproductions.mtlface.network import Parts, recogniser

WEIGHTS = {
    "identity": 1.0,
    "age": AGE_WEIGHT,
    "age_group": AGE_WEIGHT,
    "reversed_age": REVERSED_WEIGHT,
    "reversed_age_group": REVERSED_WEIGHT,
}
"""Weight of each output's loss: an age head's squared error and cross entropy count alike."""

LEFT_TO_ADAM = ("stem_conv", "identity_logits", "ages", "groups", "embedding_dense", "hidden")
"""Layers that "muon" leaves to AdamW: those that read pixels or give answers, and those that read a whole
map, to orthogonalise which would cost more than the network's own step."""


@dataclass(frozen=True)
class Start:
    """What a network was trained as before.

    Attributes:
        experiment: of that training.
        weights: the file of its weights.
        people: whom it learnt.
    """

    experiment: Experiment
    weights: Path
    people: int


def recognition_network(
    experiment: Experiment,
    recipe: Recipe,
    people: int,
    steps: int,
    replicas: int = 1,
    start: Start | None = None,
) -> keras.Model:
    """Build the compiled network of an experiment.

    Args:
        experiment: says which heads there are.
        recipe: of the profile, with the experiment's changes.
        people: of the identity set.
        steps: optimizer steps of the whole training.
        replicas: with more than one, batch statistics are taken over all of them.
        start: what it was trained as before; layers that both have, of one shape, begin as it ended. None
            begins at random.
    """
    model = untrained_network(experiment, recipe, people, steps, replicas)
    if start is not None:
        before = untrained_network(start.experiment, recipe, start.people, steps, replicas)
        load_weights(before, start.weights)
        _begin_as(model, before)
    optimizer = {"sgd": _sgd, "muon": _muon}[recipe.optimizer](model, recipe, steps)
    model.compile(
        optimizer,
        {name: _loss(name) for name in model.output},
        loss_weights={name: WEIGHTS[name] for name in model.output},
        # XLA makes these small networks slower on a CPU.
        jit_compile=False,
    )
    return model


def _begin_as(model: keras.Model, before: keras.Model) -> None:
    """Give each layer of `model` what the layer of its name and its shapes in `before` has learnt."""
    own = {layer.name: layer for layer in model.layers}
    for layer in before.layers:
        if layer.name not in own:
            continue
        if isinstance(layer, keras.Model):
            _begin_as(own[layer.name], layer)
        elif [one.shape for one in layer.weights] == [one.shape for one in own[layer.name].weights]:
            own[layer.name].set_weights(layer.get_weights())


def untrained_network(
    experiment: Experiment, recipe: Recipe, people: int, steps: int = 1, replicas: int = 1
) -> keras.Model:
    """Build the network of an experiment without its losses; arguments as of `recognition_network`."""
    parts = Parts(
        people,
        depth=recipe.depth,
        width=recipe.width,
        size=recipe.size,
        dropout=recipe.dropout,
        mask_momentum=recipe.mask_momentum,
        margin=recipe.margin,
        scale=recipe.scale,
        decomposed=experiment.decomposed,
        reads_age=experiment.reads_age,
        bands=len(BANDS) if experiment.films else None,
        reversal=experiment.reversal,
        ramp=SigmoidRamp(steps) if experiment.ramped else None,
    )
    return recogniser(parts, synchronized=replicas > 1)


def step_decay(learning_rate: float, steps: Steps, length: int) -> StepDecay:
    """Return the learning rate of a run of `length` steps in the shape of `steps`."""
    return StepDecay(
        learning_rate,
        length,
        [drop / steps.iterations for drop in steps.drops],
        factor=0.1,
        warmup=steps.warmup / steps.iterations,
        floor=steps.floor,
    )


def _loss(output: str) -> keras.losses.Loss:
    if output.endswith("age"):
        return SquaredExpectationError(AGES)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _muon(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    return muon(
        model,
        recipe.learning_rate,
        steps,
        weight_decay=recipe.weight_decay,
        average=recipe.average,
        ends=LEFT_TO_ADAM,
        epsilon=recipe.epsilon,
    )


def _sgd(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """SGD as in B. The authors' code spares biases, normalisations and the reversed head from decay."""
    names = {layer.name for layer in model.layers}
    spared = model.get_layer("reversed_head").trainable_variables if "reversed_head" in names else ()
    return decayed_sgd(
        model,
        step_decay(recipe.learning_rate, recipe.steps, steps),
        decay=recipe.weight_decay,
        decay_divisor=recipe.decay_divisor,
        average=recipe.average,
        decayed=("kernel", "alpha") if recipe.decay_slopes else ("kernel",),
        spared=spared,
    )
