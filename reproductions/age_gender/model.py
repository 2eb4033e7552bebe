"""The network of an experiment with its losses and its optimizer, ready to be fitted."""

from __future__ import annotations

import keras

from common.losses import NegativeScore
from common.networks import decay_exclusions
from common.training.optimizers import muon
from reproductions.age_gender.experiments import Experiment, Recipe
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.networks import face_network, lenet, residual_network

DECAY_STEPS = 5000
"""Steps between two decays of the printed learning rate (III.B.1)."""

# Layers that read pixels or give answers, and FC6: Muon's step of so large a matrix costs more than the
# forward and backward pass of a batch.
_ENDS = ("conv1", "C1", "FC6", "age_FC6", "gender_FC6", "F6", "age_logits", "gender_logits")


def build_network(experiment: Experiment, recipe: Recipe, steps: int) -> keras.Model:
    """Build and compile an experiment's network.

    Args:
        experiment: says network, tasks and weighting.
        recipe: of the profile, as `Experiment.recipe` returns it.
        steps: optimizer steps of the whole training.
    """
    model = network(experiment, recipe)
    make_optimizer = {"muon": _muon, "sgd": _sgd_as_printed}[recipe.optimizer]
    losses = {task: NegativeScore(CLASSES[task]) for task in experiment.tasks}
    # Keras puts the name of an output before that of its metric only where there are several outputs.
    name = "accuracy" if len(experiment.tasks) > 1 else f"{experiment.tasks[0]}_accuracy"
    metrics = {task: [keras.metrics.SparseCategoricalAccuracy(name=name)] for task in experiment.tasks}
    # XLA makes these small networks slower on a CPU.
    model.compile(make_optimizer(model, recipe, steps), losses, metrics=metrics, jit_compile=False)
    return model


def network(experiment: Experiment, recipe: Recipe) -> keras.Model:
    """Build an experiment's network, not compiled."""
    if experiment.network.startswith("lenet"):
        return lenet(CLASSES["age"], recipe.size, shared=experiment.network == "lenet")
    tasks = {task: CLASSES[task] for task in experiment.tasks}
    if experiment.network == "residual":
        channels = 3 if experiment.colour else 1
        return residual_network(
            tasks, experiment.weighting, recipe.size, recipe.width, recipe.dropout, channels
        )
    return face_network(
        tasks,
        experiment.network,
        experiment.weighting,
        recipe.size,
        recipe.width,
        recipe.dropout,
        channels=3 if experiment.colour else 1,
    )


def _muon(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    return muon(
        model,
        recipe.learning_rate,
        steps,
        weight_decay=recipe.weight_decay,
        average=recipe.average,
        ends=_ENDS,
    )


def _sgd_as_printed(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Gradient descent as in III.B.1 and Eq. 10: "initial learning rate 0.01 and decay factor as 0.96".

    The "regularization term to avoid over fitting" is an L2 term of the kernels, half the square as
    TensorFlow's of the time.
    """
    excluded = {id(variable) for variable in decay_exclusions(model)}
    for variable in model.trainable_variables:
        if id(variable) not in excluded:
            variable.regularizer = keras.regularizers.L2(recipe.weight_decay / 2)
    rate = keras.optimizers.schedules.ExponentialDecay(
        recipe.learning_rate, DECAY_STEPS, recipe.decay, staircase=True
    )
    return keras.optimizers.SGD(rate, momentum=recipe.momentum)
