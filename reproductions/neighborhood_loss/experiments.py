"""What is run: each experiment differs from the paper's own in one thing, under one recipe a profile.

    make table2-neighborhood PROFILE=cpu DATA_ROOT=...

README.md gives the expected times and scores, and numbers every departure from the paper.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.faces.augmentation import Augmentation
from common.losses import AgeCrossEntropy, AgeL1, AgeLoss, MeanVarianceLoss, NeighborhoodLoss, OrdinalLoss

CLASSES = 100
"""Ages 0 to 99 (4.2)."""

LOSSES = {
    "neighborhood": NeighborhoodLoss,
    "cross-entropy": AgeCrossEntropy,
    "l1": AgeL1,
    "ordinal": OrdinalLoss,
    "mean-variance": MeanVarianceLoss,
}


@dataclass(frozen=True)
class FineTuning:
    """How a trained network is trained on, fold by fold, for protocol b: too short for a moving average."""

    epochs: int
    learning_rate: float
    batch: int


@dataclass(frozen=True)
class Recipe:
    """Everything about a training that a profile decides; the same for all experiments of a table.

    Attributes:
        size: side of the faces in pixels.
        precision: number format of the arithmetic, unless the user asks for another.
        growth: (epochs, side) pairs: the first epochs train on smaller faces, which cost less; the
            rest, and every test, on `size`.
        width: factor on the channels of Table 1.
        epochs, batch: of the global batch.
        optimizer: "muon" or "adamw", both with decoupled decay and a warm-up with a cosine, or "adam", the
            paper's own (5.3).
        learning_rate: the highest.
        weight_decay: on kernels only.
        average: momentum of the moving average of the weights that is tested; None tests the last weights.
        dropout: share of features dropped before the last layer (5.3 keeps 0.8).
        balance: images an age in an epoch (5.1); None takes the training set as it is.
        repeats: how often balancing may show one image in an epoch.
        mirrored: predictions are averaged over a face and its mirror image.
        zooms: and over these enlargements of both.
        augmentation: see `common.faces.augmentation`.
        folds: fine-tuning for protocol b.
        prefers: training sets in the order of preference.
    """

    size: int
    width: float
    epochs: int
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float
    folds: FineTuning
    precision: str = "float32"
    growth: tuple[tuple[int, int], ...] = ()
    average: float | None = None
    dropout: float = 0.2
    balance: int | None = None
    repeats: int | None = None
    mirrored: bool = True
    zooms: tuple[float, ...] = (1.0,)
    augmentation: Augmentation = field(default_factory=Augmentation)
    prefers: tuple[str, ...] = ("utkface", "imdb-wiki")

    def side(self, epoch: int) -> int:
        """Return the side of the faces in an epoch, in pixels."""
        for epochs, side in self.growth:
            if epoch < epochs:
                return side
            epoch -= epochs
        return self.size


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
        size=40,
        growth=((1, 32),),
        width=0.125,
        epochs=2,
        precision="float32",
        average=0.9,
        balance=None,
        zooms=(1.0,),
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(_CPU, size=112, width=1.0, epochs=40, batch=128, average=0.999, dropout=0.2),
    "paper": dataclasses.replace(
        _CPU,
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
class Experiment:
    """One row of a table.

    Attributes:
        name: of the row's records.
        label: of the row.
        loss: a name of `LOSSES`.
        depth: 18 or 34 layers.
        options: arguments of the loss.
        changes: what its recipe changes of the profile's.
        folds: whether protocol b is measured too.
    """

    name: str
    label: str
    loss: str
    depth: int = 18
    options: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    folds: bool = True

    def make_loss(self) -> AgeLoss:
        """Return the loss, over `CLASSES` ages."""
        return LOSSES[self.loss](num_classes=CLASSES, **self.options)

    def recipe(self, profile: str) -> Recipe:
        """Return the recipe of this experiment under a profile."""
        return dataclasses.replace(RECIPES[profile], **self.changes)

    def configuration(self, profile: str) -> dict[str, Any]:
        """Return all that decides the result besides seed and data, for the record."""
        recipe = dataclasses.asdict(self.recipe(profile))
        # The training data and the precision of a run stand in its record themselves.
        del recipe["prefers"], recipe["precision"]
        if not self.folds:
            del recipe["folds"]
        return {"loss": self.loss, "options": dict(self.options), "depth": self.depth, "recipe": recipe}


def _neighborhood(name: str, label: str, **options: Any) -> Experiment:
    return Experiment(name, label, "neighborhood", options=options, folds=False)


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
BASELINES = (
    NORMALISED,
    Experiment("l1-18", "L1 regression, 18 layers", "l1", options={"centre": 30.0, "scale": 20.0}),
    Experiment("ordinal-18", "Ordinal (OR-CNN), 18 layers", "ordinal"),
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
FLOAT32 = dataclasses.replace(
    NEIGHBORHOOD_18,
    name="float32-18",
    label="σ = 5, float32 arithmetic",
    changes={"precision": "float32"},
)
"""What the number format does to the error, under profiles that compute in another where they can."""

TABLE2 = {
    "cpu": (CROSS_ENTROPY_18, NEIGHBORHOOD_18),
    "gpu": (CROSS_ENTROPY_34, NEIGHBORHOOD_34, CROSS_ENTROPY_18, NEIGHBORHOOD_18),
}
TABLE3 = (NEIGHBORHOOD_18, NEIGHBORHOOD_34, CROSS_ENTROPY_18, *BASELINES)
ABLATIONS = (*MARGINS, NEIGHBORHOOD_18, NORMALISED, FUSED, PRINTED_OPTIMIZER, FLOAT32)


def table2(profile: str) -> tuple[Experiment, ...]:
    """Return the experiments of Table 2: of 34 layers as in the paper, but of 18 where time is short."""
    return TABLE2["cpu" if profile in ("smoke", "cpu") else "gpu"]
