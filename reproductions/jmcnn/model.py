"""The network of each stage with its losses and its optimizer, ready to be fitted."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from common.training.optimizers import adam_cosine, muon
from common.training.weights import load_weights
from reproductions.jmcnn.age_groups import GROUPS
from reproductions.jmcnn.experiments import Experiment, Recipe, Stage
from reproductions.jmcnn.network import Heads, jmcnn

_SHARED = ("backbone", "F2", "F2_norm", "F4")
_ENDS = ("conv1_a_conv", "identity_logits", "age_group_logits")
_HEADS = ("F2", "F3", "F4", "F5")


def base_network(recipe: Recipe, people: int, steps: int, replicas: int = 1) -> keras.Model:
    """Build stage 1, "identity classification": the backbone with its identity head, from scratch.

    Args:
        recipe: of the profile.
        people: of the identity set.
        steps: optimizer steps of the whole training.
        replicas: with more than one, batch statistics are taken over all of them.
    """
    network = _network(_heads(recipe, people), recipe, recipe.base, replicas)
    return _compiled(network, recipe.base, steps, left_to_adam(tuned=False))


def tuned_network(
    experiment: Experiment,
    recipe: Recipe,
    people: int,
    steps: int,
    start: Path | None,
    start_people: int,
    replicas: int = 1,
    age_classes: int = len(GROUPS),
) -> keras.Model:
    """Build stage 2: the trained network with a new identity layer and, for JMCNN, the age head.

    Args:
        experiment: says lambda and the regulariser's form.
        recipe, people, steps, replicas: as of `base_network`.
        start: weights file of stage 1; None leaves the network as it is drawn, to try it.
        start_people: identities of stage 1.
        age_classes: G of Eq. 2.
    """
    weight = experiment.weight
    heads = Heads(
        people,
        0 if weight is None else age_classes,
        weight or 0.0,
        experiment.form,
        recipe.tuned_margin,
        recipe.scale,
        recipe.head_width,
    )
    network = _network(heads, recipe, recipe.tuned, replicas)
    if start is not None:
        before = _network(_heads(recipe, start_people), recipe, recipe.base, replicas)
        load_weights(before, start)
        for name in _SHARED:
            network.get_layer(name).set_weights(before.get_layer(name).get_weights())
    return _compiled(network, recipe.tuned, steps, left_to_adam(tuned=True))


def left_to_adam(tuned: bool) -> tuple[str, ...]:
    """Return what "muon" leaves to AdamW: layers that read pixels or give answers, in stage 2 the heads too.

    Orthogonal steps on the heads cost there as much as all the rest, and gained nothing in trials.
    """
    return (*_ENDS, *_HEADS) if tuned else _ENDS


def imprint(network: keras.Model, vectors: np.ndarray) -> keras.Model:
    """Set the first class vectors of a CosFace head and return its network.

    Args:
        network: of stage 2.
        vectors: (people, 768), at most as many as the head has room for; the other classes keep theirs.
    """
    kernel = network.get_layer("identity_logits").kernel
    value = np.array(keras.ops.convert_to_numpy(kernel))
    value[:, : len(vectors)] = vectors.T
    kernel.assign(value)
    return network


def _heads(recipe: Recipe, people: int) -> Heads:
    """Return what stage 1 has on its backbone."""
    return Heads(people, margin=recipe.margin, scale=recipe.scale, width=recipe.head_width)


def _network(heads: Heads, recipe: Recipe, stage: Stage, replicas: int) -> keras.Model:
    return jmcnn(heads, recipe.size, recipe.width, stage.dropout, replicas > 1, recipe.slope)


def _compiled(model: keras.Model, stage: Stage, steps: int, ends: tuple[str, ...]) -> keras.Model:
    match stage.optimizer:
        case "muon":
            optimizer = _muon(model, stage, steps, ends)
        case "adam-cosine":
            optimizer = adam_cosine(
                model, stage.learning_rate, steps, weight_decay=stage.weight_decay, average=stage.average
            )
        case _:
            optimizer = _adam_as_printed(stage)
    losses = {name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in model.output}
    # XLA makes these small networks slower on a CPU.
    model.compile(optimizer, losses, jit_compile=False)
    return model


def _muon(model: keras.Model, stage: Stage, steps: int, ends: tuple[str, ...]) -> keras.optimizers.Optimizer:
    return muon(
        model,
        stage.learning_rate,
        steps,
        weight_decay=stage.weight_decay,
        average=stage.average,
        ends=ends,
        # A step on F4 costs as much as a batch of faces through a narrow backbone.
        orthogonal_dtype="bfloat16" if keras.config.dtype_policy().compute_dtype == "bfloat16" else None,
    )


def _adam_as_printed(stage: Stage) -> keras.optimizers.Optimizer:
    """Adam as in 3.1: "the learning rate begins with 0.1 and adaptively updated by adam optimizer"."""
    return keras.optimizers.Adam(stage.learning_rate)
