"""Faces rendered from latent identity, age, gender and circumstances.

from data_prep.synthetic import Latents, Nuisance, render, sample_identity
picture = render(Latents(sample_identity(rng), age=40, gender="female", nuisance=Nuisance(yaw=10)),
size=128) picture.image, picture.landmarks
"""

from data_prep.synthetic.face import Picture, render
from data_prep.synthetic.latents import (
    GENDERS,
    TONES,
    Latents,
    Nuisance,
    sample_identity,
    sample_nuisance,
)
from data_prep.synthetic.traits import IDENTITY_SIZE

__all__ = [
    "GENDERS",
    "IDENTITY_SIZE",
    "TONES",
    "Latents",
    "Nuisance",
    "Picture",
    "render",
    "sample_identity",
    "sample_nuisance",
]
