"""How ages are learnt here: recipes for every study, each chosen by measuring."""

from __future__ import annotations

import dataclasses

from common.faces.augmentation import Augmentation
from reproductions.shared.age_estimation.experiments import FineTuning, Recipe

OLD_PRINTS = Augmentation(
    flip=0.5,
    rotate=5,
    scale=0.05,
    shift=0.02,
    stretch=0.02,
    blur=0.2,
    blur_factor=2.5,
    grey=0.25,
    cast=0.3,
    cast_gain=0.2,
    cast_offset=0.08,
    brightness=0.06,
    contrast=0.2,
    noise=0.15,
    noise_level=10,
)
"""For training on photographs from the web and testing on family albums: see README.md, departure 7."""

_CPU = Recipe(
    size=96,
    width=0.25,
    epochs=18,
    batch=64,
    optimizer="muon",
    learning_rate=1.5e-2,
    weight_decay=0.2,
    precision="bfloat16",
    average=0.99,
    dropout=0.0,
    balance=220,
    repeats=2,
    zooms=(0.94, 1.0, 1.06),
    augmentation=OLD_PRINTS,
    folds=FineTuning(epochs=6, learning_rate=2.5e-3, batch=32),
)

RECIPES = {
    "smoke": dataclasses.replace(
        _CPU,
        size=32,
        width=0.125,
        epochs=15,
        batch=32,
        learning_rate=2e-2,
        precision="float32",
        average=0.95,
        balance=None,
        zooms=(1.0,),
        augmentation=Augmentation(flip=0.5, rotate=5, scale=0.05, shift=0.03),
        slope=0.25,
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(_CPU, size=112, width=1.0, epochs=40, batch=128, average=0.999, dropout=0.2),
}
"""Recipes by profile; a study adds its paper's own. `cpu` is told of in the neighborhood loss's README.md."""
