"""What a twin is built and trained with, read from the recipes of the studies, as plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from reproductions.jmcnn import age_groups as joint_groups
from reproductions.jmcnn import experiments as joint
from reproductions.jmcnn import model as joint_model
from reproductions.mtlface import age_groups, experiments, model
from reproductions.neighborhood_loss import experiments as neighborhood
from reproductions.shared.age_estimation.experiments import CLASSES
from reproductions.shared.harness.trainings import PEOPLE

Recipe = dict[str, Any]

PRECISIONS = ("float32", "bfloat16")
"""Number formats of twins."""

_EPSILON = 1e-7
"""Of Keras' optimizers where a recipe names none."""


def twin_recipe(name: str, profile: str, precision: str) -> Recipe | None:
    """Return what the twin of a network is made with; None where it has none, or not in that format.

    Args:
        name: of the network, "study/row".
        profile: of its recipe.
        precision: of `PRECISIONS`; with bfloat16, products of the optimizer may be in it too.

    Returns:
        network (a key of `benchmarks.speed.twin.NETWORKS`), arguments (its own), size, batch, augmentation
        (arguments of `common.faces.augmentation.Augmentation`) and optimizer (see
        `benchmarks.twins.optimizers.Optimizer`).
    """
    if name not in TWINS or precision not in PRECISIONS:
        return None
    return TWINS[name](profile, precision == "bfloat16")


def _age_network(experiment: neighborhood.Experiment) -> Callable[[str, bool], Recipe]:
    def recipe_of(profile: str, narrow: bool) -> Recipe:
        recipe = experiment.recipe(profile)
        arguments = {
            "depth": experiment.depth,
            "width": recipe.width,
            "classes": CLASSES,
            "sigma": experiment.options["sigma"],
            "dropout": recipe.dropout,
        }
        optimizer = _optimizer(recipe, ends=["conv1", "logits"], epsilon=_EPSILON)
        return _recipe("age", arguments, recipe, recipe.batch, optimizer)

    return recipe_of


def _joint_network(experiment: joint.Experiment, tuned: bool) -> Callable[[str, bool], Recipe]:
    def recipe_of(profile: str, narrow: bool) -> Recipe:
        recipe = experiment.recipe(profile)
        stage = recipe.tuned if tuned else recipe.base
        arguments = {
            "width": recipe.width,
            "head_width": recipe.head_width,
            "slope": recipe.slope,
            "people": PEOPLE,
            "age_groups": len(joint_groups.GROUPS) if tuned else 0,
            "weight": (experiment.weight or 0.0) if tuned else 0.0,
            "margin": recipe.tuned_margin if tuned else recipe.margin,
            "scale": recipe.scale,
            "dropout": stage.dropout,
        }
        ends = joint_model.left_to_adam(tuned)
        optimizer = _optimizer(stage, ends=list(ends), epsilon=_EPSILON, narrow=narrow)
        return _recipe("joint", arguments, recipe, stage.batch, optimizer)

    return recipe_of


def _recogniser(experiment: experiments.Experiment) -> Callable[[str, bool], Recipe]:
    def recipe_of(profile: str, narrow: bool) -> Recipe:
        recipe = experiment.recipe(profile)
        of_recipe = ("depth", "width", "size", "dropout", "mask_momentum", "margin", "scale")
        arguments = {name: getattr(recipe, name) for name in of_recipe}
        arguments |= {
            "people": PEOPLE,
            "ages": age_groups.AGES,
            "age_groups": age_groups.GROUPS,
            "decomposed": experiment.decomposed,
            "reversal": experiment.reversal,
            "weights": model.WEIGHTS,
        }
        optimizer = _optimizer(recipe, ends=list(model.LEFT_TO_ADAM), epsilon=recipe.epsilon)
        return _recipe("recognition", arguments, recipe, recipe.batch, optimizer)

    return recipe_of


def _recipe(network: str, arguments: Recipe, recipe: Any, batch: int, optimizer: Recipe) -> Recipe:
    return {
        "network": network,
        "arguments": arguments,
        "size": recipe.size,
        "batch": batch,
        "augmentation": dataclasses.asdict(recipe.augmentation),
        "optimizer": optimizer,
    }


def _optimizer(recipe: Any, *, ends: list[str], epsilon: float, narrow: bool = False) -> Recipe:
    return {
        "name": {"adam-cosine": "adamw"}.get(recipe.optimizer, recipe.optimizer),
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "average": recipe.average,
        "ends": ends,
        "epsilon": epsilon,
        "narrow": narrow,
    }


TWINS = {
    **{
        f"neighborhood/{one.name}": _age_network(one)
        for one in (neighborhood.NEIGHBORHOOD_18, neighborhood.NEIGHBORHOOD_34)
    },
    f"jmcnn/{joint.BASE.name}": _joint_network(joint.JMCNN, tuned=False),
    f"jmcnn/{joint.JMCNN.name}": _joint_network(joint.JMCNN, tuned=True),
    **{f"mtlface/{one.name}": _recogniser(one) for one in (experiments.COSFACE, experiments.MTLFACE)},
}
"""Network -> (profile, whether products of the optimizer may be in bfloat16) -> recipe of its twin."""
