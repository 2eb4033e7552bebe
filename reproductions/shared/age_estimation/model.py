"""The network of a row, Table 1's or another, with its loss and optimizer, ready to be fitted."""

from __future__ import annotations

import keras

from common.networks import decay_exclusions, residual_age_network, vgg_age_network
from common.training.optimizers import muon
from common.training.schedules import StepDecay, warmup_cosine
from reproductions.shared.age_estimation.experiments import AgeExperiment, Recipe

_WARMUP = 0.05
_DROPS = (0.25, 0.5, 0.75)


def build_network(experiment: AgeExperiment, recipe: Recipe, replicas: int = 1) -> keras.Model:
    """Build the network from (B, size, size, 3) uint8 faces to the outputs that its loss asks for.

    "Each pixel in RGB images is normalized by subtracting 127.5 then dividing by 128" (4.1) inside the
    network, so that the input pipeline moves a quarter of the bytes.

    Args:
        experiment: says network, depth and loss.
        recipe: of the profile, as `Experiment.recipe` returns it.
        replicas: with more than one, batch statistics are taken over all of them.
    """
    outputs = experiment.make_loss().outputs
    side = None if recipe.growth else recipe.size
    shape = (outputs, side, recipe.width, recipe.dropout)
    options = {"synchronized": replicas > 1, "slope": recipe.slope}
    if experiment.network == "vgg":
        network = vgg_age_network(*shape, **options)
    else:
        network = residual_age_network(experiment.depth, *shape, first_stride=recipe.first_stride, **options)
    faces = keras.Input((side, side, 3), dtype="uint8", name="faces")
    normalised = keras.layers.Rescaling(1 / 128, -127.5 / 128, name="normalise")(faces)
    return keras.Model(faces, network(normalised), name=experiment.name.replace("-", "_"))


def compiled(model: keras.Model, experiment: AgeExperiment, recipe: Recipe, steps: int) -> keras.Model:
    """Give `model` its loss and its optimizer, whose learning rate spans `steps` steps; return it."""
    make_optimizer = {"muon": _muon, "adamw": _adamw, "adam": _adam_as_printed}[recipe.optimizer]
    # XLA makes these small networks slower on a CPU.
    model.compile(make_optimizer(model, recipe, steps), experiment.make_loss(), jit_compile=False)
    return model


def _muon(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    return muon(
        model,
        recipe.learning_rate,
        steps,
        weight_decay=recipe.weight_decay,
        average=recipe.average,
        ends=("conv1", "conv1_1", "logits"),
    )


def _adamw(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Decoupled decay: through Adam's denominator an L2 term hardly shrinks what has large gradients."""
    optimizer = keras.optimizers.AdamW(
        warmup_cosine(recipe.learning_rate, steps, _WARMUP),
        weight_decay=recipe.weight_decay,
        use_ema=recipe.average is not None,
        ema_momentum=recipe.average or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_list=decay_exclusions(model))
    return optimizer


def _adam_as_printed(model: keras.Model, recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Adam as in 5.3: momentum 0.9, "learning rate is started from 0.1", divided by 10 three times.

    Its "weight decay at 5e-4" is an L2 term here; TensorFlow's recipes of the time take half the square.
    """
    excluded = {id(variable) for variable in decay_exclusions(model)}
    for variable in model.trainable_variables:
        if id(variable) not in excluded:
            variable.regularizer = keras.regularizers.L2(recipe.weight_decay / 2)
    return keras.optimizers.Adam(StepDecay(recipe.learning_rate, steps, _DROPS), beta_1=0.9)
