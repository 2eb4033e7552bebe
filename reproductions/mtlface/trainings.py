"""The networks as they are trained, on noise: see `reproductions.shared.harness.trainings`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from reproductions.mtlface.age_groups import AGES, GROUPS, age_groups
from reproductions.mtlface.experiments import COSFACE, MTLFACE, Experiment
from reproductions.mtlface.model import recognition_network
from reproductions.mtlface.synthesis import experiments as synthesis
from reproductions.mtlface.synthesis.caae import CODE
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.train import synthesiser
from reproductions.shared.harness.trainings import PEOPLE, STEPS, Training, drawn, noise

_OUTPUTS = {"identity": PEOPLE, "age": AGES, "age_group": GROUPS}


def trainings(profile: str) -> list[Training]:
    """Return recognition without and with what reads ages, then every method of synthesis.

    The encoder that synthesis reads is as it was drawn.
    """
    recognition = [_recognition(experiment, profile) for experiment in (COSFACE, MTLFACE)]
    return [*recognition, *(_synthesis(experiment, profile) for experiment in synthesis.METHODS)]


def _recognition(experiment: Experiment, profile: str) -> Training:
    recipe = experiment.recipe(profile)
    outputs = {"identity": (PEOPLE,)}
    for head in experiment.heads:
        outputs |= {f"{head}age": (AGES,), f"{head}age_group": (GROUPS,)}

    def build(replicas: int) -> keras.Model:
        return recognition_network(experiment, recipe, PEOPLE, STEPS, replicas)

    def example(images: int, random: np.random.Generator) -> tuple[Any, ...]:
        years = drawn(images, AGES, random)
        labels = {"identity": drawn(images, PEOPLE, random), "age": years, "age_group": age_groups(years)}
        inputs = {"faces": noise(images, recipe.size, random), "identity": labels["identity"]}
        return inputs, {name: labels[name.removeprefix("reversed_")] for name in outputs}

    return Training(
        experiment.name,
        recipe.size,
        recipe.batch,
        recipe.precision,
        recipe.augmentation,
        build,
        example,
        outputs,
    )


def _synthesis(experiment: synthesis.Experiment, profile: str) -> Training:
    recipe = experiment.recipe(profile)

    def build(replicas: int) -> keras.Model:
        features = None
        if experiment.frozen:
            encoder = experiment.encoder(profile)
            features = frozen_features(
                recognition_network(encoder, encoder.recipe(profile), PEOPLE, STEPS, replicas)
            )
        return synthesiser(experiment, recipe, features, replicas)

    def example(images: int, random: np.random.Generator) -> tuple[Any, ...]:
        group = drawn(images, GROUPS, random)
        inputs = {
            "faces": noise(images, recipe.size, random),
            "group": group,
            "target": np.roll(group, 1),
            "prior": random.uniform(-1, 1, (images, CODE)).astype(np.float32),
        }
        return inputs, group

    return Training(
        experiment.name,
        recipe.size,
        recipe.batch,
        recipe.precision,
        recipe.augmentation,
        build,
        example,
        None,
    )
