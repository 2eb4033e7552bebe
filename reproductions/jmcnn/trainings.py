"""The network of each stage as it is trained, on noise: see `reproductions.shared.harness.trainings`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from reproductions.jmcnn.age_groups import GROUPS
from reproductions.jmcnn.experiments import BASE, JMCNN, Recipe
from reproductions.jmcnn.model import base_network, tuned_network
from reproductions.shared.harness.trainings import PEOPLE, STEPS, Training, drawn, noise


def trainings(profile: str) -> list[Training]:
    """Return the network of stage 1, and that of stage 2 with the age head and the regulariser."""
    recipe = JMCNN.recipe(profile)

    def base(replicas: int) -> keras.Model:
        return base_network(recipe, PEOPLE, STEPS, replicas)

    def tuned(replicas: int) -> keras.Model:
        return tuned_network(JMCNN, recipe, PEOPLE, STEPS, None, PEOPLE, replicas)

    def identities(images: int, random: np.random.Generator) -> tuple[Any, ...]:
        return _example(recipe, images, random)

    def ages_too(images: int, random: np.random.Generator) -> tuple[Any, ...]:
        inputs, targets = _example(recipe, images, random)
        return inputs, targets | {"age_group": drawn(images, len(GROUPS), random)}

    people = {"identity": (PEOPLE,)}
    return [
        Training(
            BASE.name,
            recipe.size,
            recipe.base.batch,
            recipe.precision,
            recipe.augmentation,
            base,
            identities,
            people,
        ),
        Training(
            JMCNN.name,
            recipe.size,
            recipe.tuned.batch,
            recipe.precision,
            recipe.augmentation,
            tuned,
            ages_too,
            people | {"age_group": (len(GROUPS),)},
        ),
    ]


def _example(recipe: Recipe, images: int, random: np.random.Generator) -> tuple[Any, ...]:
    faces, people = noise(images, recipe.size, random), drawn(images, PEOPLE, random)
    inputs = {"faces": faces} | ({} if recipe.margin is None else {"identity": people})
    return inputs, {"identity": people}
