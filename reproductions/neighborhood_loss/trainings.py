"""The networks of both depths as they are trained, on noise: see `reproductions.shared.harness.trainings`."""

from __future__ import annotations

import keras
import numpy as np

from reproductions.neighborhood_loss.experiments import NEIGHBORHOOD_18, NEIGHBORHOOD_34, Experiment
from reproductions.shared.age_estimation.experiments import CLASSES
from reproductions.shared.age_estimation.model import build_network, compiled
from reproductions.shared.harness.trainings import STEPS, Training, drawn, noise


def trainings(profile: str) -> list[Training]:
    """Return the network with the neighborhood loss, 18 and 34 layers deep."""
    return [_training(experiment, profile) for experiment in (NEIGHBORHOOD_18, NEIGHBORHOOD_34)]


def _training(experiment: Experiment, profile: str) -> Training:
    recipe = experiment.recipe(profile)

    def build(replicas: int) -> keras.Model:
        return compiled(build_network(experiment, recipe, replicas), experiment, recipe, STEPS)

    def example(images: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        return noise(images, recipe.size, random), drawn(images, CLASSES, random)

    return Training(
        experiment.name,
        recipe.size,
        recipe.batch,
        recipe.precision,
        recipe.augmentation,
        build,
        example,
        {"logits": (CLASSES,)},
    )
