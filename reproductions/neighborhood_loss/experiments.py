"""What is run: each experiment differs from the paper's own in one thing, under one recipe a profile.

    make table2-neighborhood PROFILE=cpu DATA_ROOT=...

README.md gives the expected times and scores, and numbers every departure from the paper.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from common.faces.augmentation import Augmentation
from reproductions.shared.age_estimation import recipes
from reproductions.shared.age_estimation.experiments import AgeExperiment, constant

RECIPES = {
    **recipes.RECIPES,
    "paper": dataclasses.replace(
        recipes.RECIPES["cpu"],
        size=224,
        width=1.0,
        epochs=100,
        batch=256,
        optimizer="adam",
        learning_rate=0.1,
        weight_decay=5e-4,
        precision="float32",
        average=None,
        dropout=0.2,
        balance=5000,
        repeats=None,
        mirrored=False,
        zooms=(1.0,),
        augmentation=Augmentation(flip=0.5, rotate=10, scale=0.1, shift=0.04),
        prefers=("imdb-wiki", "utkface"),
    ),
}
"""Recipes by profile. `paper` is what 5.3 prints; `cpu` was chosen by measuring, as README.md tells."""


@dataclass(frozen=True)
class Experiment(AgeExperiment):
    """One row of the paper's tables."""

    recipes = RECIPES


def _neighborhood(name: str, label: str, **options: Any) -> Experiment:
    return Experiment(name, label, "neighborhood", options=options, folds=False)


CONSTANT = constant(Experiment)
NEIGHBORHOOD_18 = Experiment(
    "neighborhood-18", "Neighborhood loss, 18 layers", "neighborhood", options={"sigma": 5.0}
)
NEIGHBORHOOD_34 = dataclasses.replace(
    NEIGHBORHOOD_18, name="neighborhood-34", label="Neighborhood loss, 34 layers", depth=34
)
CROSS_ENTROPY_18 = Experiment("cross-entropy-18", "Cross entropy, 18 layers", "cross-entropy")
CROSS_ENTROPY_34 = dataclasses.replace(
    CROSS_ENTROPY_18, name="cross-entropy-34", label="Cross entropy, 34 layers", depth=34
)
NORMALISED = Experiment(
    "normalised-18",
    "Normalised Gaussian (DLDL), 18 layers",
    "neighborhood",
    options={"sigma": 5.0, "normalize": True},
)
ORDINAL = Experiment("ordinal-18", "Ordinal (OR-CNN), 18 layers", "ordinal")
BASELINES = (
    NORMALISED,
    Experiment("l1-18", "L1 regression, 18 layers", "l1", options={"centre": 30.0, "scale": 20.0}),
    ORDINAL,
    Experiment("mean-variance-18", "Mean-variance, 18 layers", "mean-variance"),
)
MARGINS = tuple(
    _neighborhood(f"margin-{sigma}-18", f"Neighborhood loss, σ = {sigma}", sigma=float(sigma))
    for sigma in (1, 2, 3, 8)
)
FUSED = _neighborhood("fused-18", "σ = 5, gradient of a fused softmax", sigma=5.0, fused_gradient=True)
PRINTED_OPTIMIZER = dataclasses.replace(
    NEIGHBORHOOD_18,
    name="printed-optimizer-18",
    label="σ = 5, Adam at 0.1 as printed",
    changes={"optimizer": "adam", "learning_rate": 0.1, "weight_decay": 5e-4, "average": None},
    folds=False,
)
PRINTED_TRAINING = dataclasses.replace(
    PRINTED_OPTIMIZER,
    name="printed-training-18",
    label="σ = 5, Adam at 0.1 and dropout of 0.2 as printed",
    changes={**PRINTED_OPTIMIZER.changes, "dropout": 0.2},
)
FLOAT32 = dataclasses.replace(
    NEIGHBORHOOD_18,
    name="float32-18",
    label="σ = 5, float32 arithmetic",
    changes={"precision": "float32"},
)
"""What the number format does to the error, under profiles that compute in another where they can."""

UNBALANCED = dataclasses.replace(
    NEIGHBORHOOD_18,
    name="unbalanced-18",
    label="σ = 5, ages as they come",
    changes={"balance": None, "repeats": None},
    folds=False,
)
STRIDED = dataclasses.replace(
    NEIGHBORHOOD_18,
    name="strided-18",
    label="σ = 5, first convolution of stride 2",
    changes={"first_stride": 2},
    folds=False,
)
VGG = dataclasses.replace(
    NEIGHBORHOOD_18, name="vgg-16", label="σ = 5, VGG-16", depth=16, network="vgg", folds=False
)

TABLE2 = {
    "cpu": (CONSTANT, CROSS_ENTROPY_18, NEIGHBORHOOD_18),
    "gpu": (CONSTANT, CROSS_ENTROPY_34, NEIGHBORHOOD_34, CROSS_ENTROPY_18, NEIGHBORHOOD_18),
}
TABLE3 = (CONSTANT, NEIGHBORHOOD_18, NEIGHBORHOOD_34, CROSS_ENTROPY_18, *BASELINES)
TRAINED_OTHERWISE = (PRINTED_OPTIMIZER, PRINTED_TRAINING, UNBALANCED, STRIDED, VGG, FLOAT32)
ABLATIONS = (CONSTANT, *MARGINS, NEIGHBORHOOD_18, NORMALISED, FUSED, *TRAINED_OTHERWISE)


def table2(profile: str) -> tuple[Experiment, ...]:
    """Return the experiments of Table 2: of 34 layers as in the paper, but of 18 where time is short."""
    return TABLE2["cpu" if profile in ("smoke", "cpu") else "gpu"]


def table3(profile: str) -> tuple[Experiment, ...]:
    """Return the experiments of Table 3; under `cpu` also a row of Table 2 that has no time there."""
    return (*TABLE3, CROSS_ENTROPY_34) if profile == "cpu" else TABLE3
