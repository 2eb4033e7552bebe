"""The networks of all studies as they are trained, on noise in place of faces: to time and to check them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from common.errors import UserError
from common.faces.augmentation import Augmentation
from common.training.precision import precision_policy
from reproductions.shared.harness.registry import papers

TRAININGS = "trainings"
"""What a study offers: profile -> its `Training`s."""

STEPS = 1_000
"""Length of the schedules of learning rates."""

PEOPLE = 500
"""Identities of networks that tell people apart."""

Example = Callable[[int, np.random.Generator], tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Training:
    """One network as a study trains it under a profile.

    Attributes:
        name: of the row, with its stage where it has several: "neighborhood-18".
        size: side of the faces in pixels.
        batch: images in a global batch.
        precision: the number format of its recipe.
        augmentation: of its faces.
        build: replicas -> the compiled network.
        example: (images, generator) -> (x, y) or (x, y, weight) as Keras' `fit` takes them, NumPy arrays of
            noise.
        outputs: name -> shape of each output without the batch; None where the network is a game of two
            players, which makes faces of `size`.
    """

    name: str
    size: int
    batch: int
    precision: str
    augmentation: Augmentation
    build: Callable[[int], keras.Model]
    example: Example
    outputs: Mapping[str, tuple[int, ...]] | None

    def built(self, precision: str | None = None, replicas: int = 1) -> keras.Model:
        """Return the compiled network in a number format, None for its recipe's."""
        with precision_policy(precision or self.precision):
            return self.build(replicas)


def noise(images: int, size: int, random: np.random.Generator, channels: int = 3) -> np.ndarray:
    """Return (images, size, size, channels) uint8, even in [0, 255]."""
    return random.integers(0, 256, (images, size, size, channels), np.uint8)


def drawn(images: int, classes: int, random: np.random.Generator) -> np.ndarray:
    """Return (images,) int32 labels, even in [0, classes)."""
    return random.integers(0, classes, images).astype(np.int32)


def every_training(profile: str) -> dict[str, Training]:
    """Return the trainings of all studies under a profile by "study/row", in the order of the studies."""
    return {
        f"{paper.name}/{training.name}": training
        for paper in papers().values()
        if TRAININGS in paper.offers
        for training in paper.offers[TRAININGS](profile)
    }


def chosen(profile: str, names: str | None) -> dict[str, Training]:
    """Return the trainings whose name holds one of some texts; None is all.

    Args:
        profile: of the recipes.
        names: texts with commas between, as in "joint,fas-".

    Raises:
        UserError: a text is in no name.
    """
    every = every_training(profile)
    if names is None:
        return every
    texts = names.split(",")
    for text in texts:
        if not any(text in name for name in every):
            raise UserError(f"no network is called {text}: there are {', '.join(every)}.")
    return {name: training for name, training in every.items() if any(text in name for text in texts)}
