"""The generated face on which every published network is tried."""

from __future__ import annotations

import numpy as np

from common.faces.alignment import align
from data_prep.synthetic import Latents, Nuisance, Picture, render, sample_identity

SEED = 7
_SIDE = 192


def example_picture(seed: int = SEED, age: float = 35, gender: str = "female") -> np.ndarray:
    """Return a portrait of a generated person, (192, 192, 3) uint8 RGB."""
    return _rendered(seed, age, gender).image


def example_face(size: int, template: str, seed: int = SEED) -> np.ndarray:
    """Return the face of `example_picture`, aligned: (size, size, 3) uint8 RGB."""
    picture = _rendered(seed, 35, "female")
    return align(picture.image, picture.landmarks, template, size)


def _rendered(seed: int, age: float, gender: str) -> Picture:
    person = sample_identity(np.random.default_rng(seed))
    return render(Latents(person, age=age, gender=gender, nuisance=Nuisance(seed=seed)), size=_SIDE)
