"""What is run: the paper's three systems, its sweep of lambda, and what the text leaves open.

    make table1-jmcnn PROFILE=cpu DATA_ROOT=...

README.md numbers every departure from the paper.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from common.faces.augmentation import SNAPSHOTS, Augmentation
from reproductions.jmcnn.network import SMALLEST
from reproductions.shared.harness import experiments as harness
from reproductions.shared.harness.experiments import added, undecisive
from reproductions.shared.recognition.rows import OUTSIDE, references

LAMBDAS = (0.0, 1e-3, 1e-2, 0.1, 1.0)
"""The weights of Fig. 4."""

BEST = 0.1
"""The weight that the paper takes."""

HALF_LAMBDAS = (0.0, BEST, 1.0)
"""Those of them that are tried at half the side: none, the paper's and the largest."""


@dataclass(frozen=True)
class Stage:
    """One training: on the identity set (stage 1), or on faces across age (stage 2).

    Attributes:
        epochs, batch: of the global batch.
        optimizer: "muon", decoupled decay and a warm-up with a cosine; "adam", the paper's own (3.1); or
            "adam-cosine", the same with decoupled decay, a warm-up and a cosine.
        learning_rate: the highest.
        weight_decay: on kernels only.
        average: momentum of the moving average of the weights that is tested; None tests the last weights.
        dropout: share of F1 dropped in training.
    """

    epochs: int
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float = 0.0
    average: float | None = None
    dropout: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything about a run that a profile decides; the same for all experiments of a table.

    Attributes:
        size: side of the faces that the network sees in pixels.
        width: factor on the channels of Fig. 3.
        head_width: factor on the sizes of F2 to F5.
        slope: of the convolutions' activations below zero; 0 is the paper's ReLU (2.1).
        base: stage 1, on the identity set.
        tuned: stage 2, on faces across age.
        margin: of a CosFace head in place of the softmax of Eq. 1, in stage 1; None keeps the softmax.
        tuned_margin: of the same head in stage 2; None where `margin` is.
        scale: of that head.
        imprinted: the class vectors of that head begin stage 2 as their people's mean features under stage 1
            (Qi et al., "Low-shot learning with imprinted weights", 2018), not at random.
        precision: number format of the arithmetic, unless the user asks for another.
        mirrored: features are those of a face and its mirror image together.
        augmentation: see `common.faces.augmentation`.
        prefers: identity sets in the order of preference.
        crop: side of the prepared faces, where the network sees them smaller; None is `size`.
    """

    size: int
    width: float
    base: Stage
    tuned: Stage
    margin: float | None = None
    tuned_margin: float | None = None
    scale: float = 32.0
    imprinted: bool = False
    precision: str = undecisive(default="float32")
    mirrored: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    prefers: tuple[str, ...] = undecisive(default=("casia-webface", "lfw"))
    head_width: float = added(default=1.0)
    slope: float = added(default=0.0)
    crop: int | None = added(default=None)

    @property
    def prepared(self) -> int:
        """Side of the prepared faces in pixels; networks with the same are tested on the same data."""
        return self.crop or self.size

    def half(self) -> Recipe:
        """Return the recipe of a run that costs a quarter: half the side of the faces, or the least possible.

        In float32 on every machine, so that runs of all of them stand in one row.
        """
        side = max(SMALLEST, self.size // 2)
        return dataclasses.replace(self, size=side, crop=self.size, precision="float32")


_CPU = Recipe(
    size=96,
    width=0.25,
    base=Stage(
        epochs=68,
        batch=64,
        optimizer="muon",
        learning_rate=1e-2,
        weight_decay=0.2,
        average=0.99,
        dropout=0.2,
    ),
    tuned=Stage(epochs=16, batch=32, optimizer="muon", learning_rate=1e-3, weight_decay=0.2, dropout=0.2),
    margin=0.35,
    tuned_margin=0.0,
    imprinted=True,
    precision="bfloat16",
    augmentation=SNAPSHOTS,
)

_PRINTED = Stage(epochs=50, batch=128, optimizer="adam", learning_rate=0.1)

RECIPES = {
    "smoke": dataclasses.replace(
        _CPU,
        size=48,
        head_width=0.25,
        slope=0.25,
        base=dataclasses.replace(
            _CPU.base, epochs=24, batch=32, learning_rate=2e-2, average=0.9, dropout=0.0
        ),
        tuned=dataclasses.replace(_CPU.tuned, epochs=4, dropout=0.0),
        scale=16.0,
        precision="float32",
        augmentation=Augmentation(flip=0.5, rotate=5, scale=0.05, shift=0.03, brightness=0.06, contrast=0.2),
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(
        _CPU, size=128, width=1.0, base=dataclasses.replace(_CPU.base, batch=128, average=0.999)
    ),
    "paper": Recipe(
        size=128,
        width=1.0,
        base=_PRINTED,
        tuned=_PRINTED,
        mirrored=False,
        augmentation=Augmentation(flip=0.5),
    ),
}
"""Recipes by profile. `paper` is what 3.1 prints; `cpu` was chosen by measuring, as README.md tells."""


_SOFTMAX = {"margin": None, "tuned_margin": None, "imprinted": False}

_PLAIN_DECAY = 0.3
_LEARNS = 1e-3
"""Rate of Adam in both stages where the paper's 0.1 does not learn."""


def _plain(recipe: Recipe) -> Recipe:
    """Return a recipe with the softmax of Eq. 1 and Adam in place of CosFace and Muon."""
    adam = {"optimizer": "adam-cosine", "learning_rate": _LEARNS}
    return dataclasses.replace(
        recipe,
        base=dataclasses.replace(recipe.base, **adam, weight_decay=_PLAIN_DECAY),
        tuned=dataclasses.replace(recipe.tuned, **adam, weight_decay=_PLAIN_DECAY),
        **_SOFTMAX,
    )


@dataclass(frozen=True)
class Experiment(harness.Experiment):
    """One row of a table.

    Attributes:
        features: what faces are compared by: "F4" of a trained network, the references "pixels", "lbp" and
            "chance", which nothing is trained for, or "outside", a network that others trained.
        tuned: whether the network is trained on for stage 2.
        weight: lambda of Eq. 4; None leaves the age head out.
        form: of the regulariser.
        outside: rule for ages outside the nine groups, see `age_groups`.
        changes: what its stage 2 changes of the profile's.
        head: what its recipe changes of the profile's in both stages.
        plain: both stages have Eq. 1's softmax and Adam at a rate that learns, but where the profile has the
            paper's own.
        films: stage 2 is on IMFDB's training actors with its age bands, and on no other set.
        halved: the network sees faces of half the side in both stages, in float32 on every machine.
        first_seed: of the one stage 1 that all seeds of stage 2 start from; None is each its own.
    """

    recipes = RECIPES

    features: str = undecisive(default="F4")
    tuned: bool = undecisive(default=True)
    weight: float | None = None
    form: str = "signed"
    outside: str = "nearest"
    head: Mapping[str, Any] = undecisive(default_factory=dict)
    plain: bool = undecisive(default=False)
    films: bool = added(default=False)
    first_seed: int | None = added(default=None)
    halved: bool = undecisive(default=False)

    @property
    def trained(self) -> bool:
        return self.features == "F4"

    @property
    def unused(self) -> frozenset[str]:
        aged = set() if self.tuned and self.weight is not None else {"weight", "form", "outside"}
        if self.films:
            aged |= {"outside"}
        return frozenset(aged if self.tuned else aged | {"tuned", "tuned_margin", "imprinted"})

    def recipe(self, profile: str) -> Recipe:
        recipe = dataclasses.replace(RECIPES[profile], **self.head)
        if self.plain and recipe.base.optimizer != "adam":
            recipe = _plain(recipe)
        if self.halved:
            recipe = recipe.half()
        return dataclasses.replace(recipe, tuned=dataclasses.replace(recipe.tuned, **self.changes))

    def base(self) -> Experiment:
        """Return the stage 1 that this experiment starts from."""
        if self.halved:
            return HALF_BASE
        return dataclasses.replace(PLAIN_BASE if self.plain else BASE, head=self.head)

    def configuration(self, profile: str) -> dict[str, Any]:
        if not self.trained:
            return {"features": self.features, "size": RECIPES[profile].size}
        return super().configuration(profile)


def _jmcnn(weight: float) -> Experiment:
    return Experiment(f"jmcnn-{weight:g}", f"JMCNN, λ = {weight:g}", weight=weight)


BASE = Experiment("cnn-base", "CNN baseline, identity set only", tuned=False)
TUNED = Experiment("cnn-fine-tuned", "CNN baseline, fine-tuned")
SWEEP = tuple(_jmcnn(weight) for weight in LAMBDAS)
JMCNN = next(one for one in SWEEP if one.weight == BEST)

ABSOLUTE = dataclasses.replace(JMCNN, name="jmcnn-absolute", label="λ = 0.1, |cos|", form="absolute")
SQUARED = dataclasses.replace(JMCNN, name="jmcnn-squared", label="λ = 0.1, cos²", form="squared")
LEFT_OUT = dataclasses.replace(
    JMCNN, name="jmcnn-left-out", label="λ = 0.1, other ages left out", outside="left-out"
)
PRINTED_OPTIMIZER = dataclasses.replace(
    JMCNN,
    name="jmcnn-printed-adam",
    label="λ = 0.1, Adam at 0.1 as printed",
    changes={"optimizer": "adam", "learning_rate": 0.1, "weight_decay": 0.0},
)
SOFTMAX = dataclasses.replace(
    JMCNN, name="jmcnn-softmax", label="λ = 0.1, softmax as printed in Eq. 1", head=_SOFTMAX
)
SOFTMAX_BASE = dataclasses.replace(
    BASE, name="cnn-base-softmax", label="CNN baseline, softmax as printed in Eq. 1", head=_SOFTMAX
)

PLAIN_BASE = dataclasses.replace(
    BASE, name="cnn-base-plain", label="CNN baseline, identity set only", plain=True
)
_FILMS = {"plain": True, "films": True, "changes": {"epochs": 10}}
FILMS_TUNED = dataclasses.replace(
    TUNED, name="cnn-films", label="CNN baseline, fine-tuned on films", first_seed=1, **_FILMS
)
FILMS_JMCNN = dataclasses.replace(
    JMCNN, name="jmcnn-films-0.1", label="JMCNN, λ = 0.1, on films", first_seed=1, **_FILMS
)
FILMS = (PLAIN_BASE, FILMS_TUNED, FILMS_JMCNN)
"""The paper's three systems with its loss, where ages are labels of the set."""


def _half(one: Experiment, name: str, **changes: Any) -> Experiment:
    label = f"{one.label}, half the side"
    return dataclasses.replace(one, name=f"{name}-half", label=label, halved=True, **changes)


HALF_BASE = _half(PLAIN_BASE, PLAIN_BASE.name)
HALF_TUNED = _half(TUNED, FILMS_TUNED.name, **_FILMS)
HALF_SWEEP = tuple(
    _half(one, f"jmcnn-films-{one.weight:g}", **_FILMS) for one in SWEEP if one.weight in HALF_LAMBDAS
)
HALF = (HALF_BASE, HALF_TUNED, *HALF_SWEEP)
"""The same systems and two more weights at a quarter of the cost, each seed with a stage 1 of its own, for
more seeds than the systems themselves have time for."""

JUDGE = Experiment(OUTSIDE, "Outside recogniser (dlib)", features=OUTSIDE, tuned=False)

REFERENCES = references(partial(Experiment, tuned=False))

SYSTEMS = (BASE, TUNED, JMCNN)
ABLATIONS = (TUNED, SWEEP[0], JMCNN, ABSOLUTE, SQUARED, LEFT_OUT, PRINTED_OPTIMIZER, SOFTMAX_BASE, SOFTMAX)
