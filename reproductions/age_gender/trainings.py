"""The networks as they are trained, on noise: see `reproductions.shared.harness.trainings`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from reproductions.age_gender.experiments import CODE_NETWORK, JOINT, LENET, Experiment
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.model import build_network
from reproductions.shared.harness.trainings import STEPS, Training, drawn, noise


def trainings(profile: str) -> list[Training]:
    """Return the joint network of the text, that of the code, and LeNet."""
    return [_training(experiment, profile) for experiment in (JOINT, CODE_NETWORK, LENET)]


def _training(experiment: Experiment, profile: str) -> Training:
    recipe = experiment.recipe(profile)

    def build(replicas: int) -> keras.Model:
        return build_network(experiment, recipe, STEPS)

    def example(images: int, random: np.random.Generator) -> tuple[Any, ...]:
        labels = {task: drawn(images, CLASSES[task], random) for task in experiment.tasks}
        return noise(images, recipe.size, random, 1), labels

    return Training(
        experiment.name,
        recipe.size,
        recipe.batch,
        recipe.precision,
        recipe.augmentation,
        build,
        example,
        {task: (CLASSES[task],) for task in experiment.tasks},
    )
