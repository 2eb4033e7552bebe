"""What is run: the system, its parts taken away one by one, and the readings that the supplement leaves open.

    make aifr-mtlface PROFILE=cpu DATA_ROOT=...

README.md numbers every departure from the paper.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from common.faces.augmentation import SNAPSHOTS, Augmentation
from reproductions.shared.harness import experiments as harness
from reproductions.shared.harness.experiments import added, undecisive
from reproductions.shared.recognition.rows import references

AGE_WEIGHT = 0.001
"""Of the age head's loss (B, lambda_age of recognition)."""

REVERSED_WEIGHT = 0.002
"""Of the reversed head's loss (B, lambda_id of recognition)."""

LOSS_SCALE = 65536.0
"""What PyTorch's mixed precision multiplies the loss by at first."""


@dataclass(frozen=True)
class Steps:
    """When the learning rate changes, as iterations of a run; shorter and longer runs keep the shape.

    Attributes:
        iterations: of the whole run.
        warmup: until which the rate rises linearly from 0.
        drops: at which it is divided by ten.
        floor: below which it never falls.
    """

    iterations: int
    warmup: int
    drops: tuple[int, ...]
    floor: float = 1e-4


SCAF = Steps(36_000, 1_000, (20_000, 23_000))
LCAF = Steps(110_000, 5_000, (70_000, 90_000))
"""B: "warmed up linearly from 0 to 0.1, reduced by a factor of 0.1, at iterations 5K, 70K, and 90K on LCAF
and 1K, 20K, 23K on SCAF": the first number is read as the end of the warm-up."""

LITERAL = dataclasses.replace(SCAF, drops=(1_000, 20_000, 23_000))
"""The same words read as three reductions."""


@dataclass(frozen=True)
class Recipe:
    """Everything about a run that a profile decides; the same for all experiments of a table.

    Attributes:
        crop: side of the prepared faces in pixels; networks with the same crops are tested on the same data.
        size: side of the faces that the network sees, at most `crop`.
        depth, width: of the encoder, see `common.networks.improved_residual`.
        batch: of the global batch.
        epochs: of the whole run; None where `iterations` says its length.
        iterations: optimizer steps of the whole run, in whole epochs.
        optimizer: "sgd", the paper's own (B), or "muon", with a warm-up and a cosine.
        learning_rate: the highest.
        weight_decay: on kernels only; of "sgd" in the gradient, of "muon" decoupled.
        decay_divisor: see `common.training.sgd.DecayedSGD`.
        decay_slopes: "sgd" shrinks the slopes of the PReLUs too.
        steps: shape of the learning rate of "sgd".
        epsilon: of AdamW within "muon": gradients of the age heads, whose losses weigh 0.001, are about 1e-7.
        average: momentum of the moving average of the weights that is tested; None tests the last weights.
        dropout: share of the map's values dropped before the embedding.
        mask_momentum: of the moving statistics of the decomposition's masks.
        margin, scale: of the CosFace head (B).
        precision: number format of the arithmetic, unless the user asks for another.
        mirrored: features are those of a face and its mirror image together.
        augmentation: see `common.faces.augmentation`.
        prefers: identity sets in the order of preference.
        balanced: of a set whose ages were estimated, as many images are left out as even out ages and
            genders ("a large-scale balanced age dataset", A); a list like SCAF is taken as it is.
    """

    crop: int
    size: int
    depth: int
    width: float
    batch: int
    epochs: int | None
    optimizer: str
    learning_rate: float
    weight_decay: float
    iterations: int | None = None
    decay_divisor: float = 1.0
    decay_slopes: bool = added(default=False)
    steps: Steps = SCAF
    epsilon: float = 1e-10
    average: float | None = None
    dropout: float = 0.5
    mask_momentum: float = added(default=0.9)
    margin: float = 0.35
    scale: float = 64.0
    precision: str = undecisive(default="float32")
    mirrored: bool = True
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(flip=0.5))
    prefers: tuple[str, ...] = undecisive(default=("casia-webface", "lfw", "scaf"))
    balanced: bool = added(default=False)

    def length(self, steps_an_epoch: int) -> int:
        """Return the epochs of a run."""
        return self.epochs or max(1, round(self.iterations / steps_an_epoch))

    def half(self) -> Recipe:
        """Return the recipe of a run that costs an eighth: half the side of the faces, half the length.

        In float32 on every machine, so that runs of all of them stand in one row.
        """
        return dataclasses.replace(
            self,
            size=self.size // 2,
            epochs=self.epochs and self.epochs // 2,
            iterations=self.iterations and self.iterations // 2,
            precision="float32",
        )


_CPU = Recipe(
    crop=96,
    size=96,
    depth=18,
    width=0.25,
    batch=64,
    epochs=48,
    optimizer="muon",
    learning_rate=1e-2,
    weight_decay=0.2,
    average=0.99,
    dropout=0.2,
    scale=32.0,
    precision="bfloat16",
    augmentation=SNAPSHOTS,
)

_PRINTED = Recipe(
    crop=112,
    size=112,
    depth=50,
    width=1.0,
    batch=512,
    epochs=None,
    optimizer="sgd",
    learning_rate=0.1,
    weight_decay=5e-4,
    iterations=SCAF.iterations,
    mirrored=False,
    prefers=("scaf", "casia-webface", "lfw"),
    balanced=True,
)

RECIPES = {
    "smoke": dataclasses.replace(
        _CPU,
        crop=48,
        size=48,
        depth=10,
        width=0.125,
        batch=32,
        epochs=18,
        average=0.9,
        precision="float32",
        augmentation=Augmentation(flip=0.5, rotate=5, scale=0.05, shift=0.03, brightness=0.06, contrast=0.2),
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(
        _PRINTED,
        batch=128,
        epochs=20,
        iterations=None,
        learning_rate=0.05,
        mirrored=True,
        prefers=_CPU.prefers,
        balanced=False,
    ),
    "paper": _PRINTED,
}
"""Recipes by profile. `paper` is what B prints; README.md tells what `cpu` came to; `gpu` was not run."""


@dataclass(frozen=True)
class Experiment(harness.Experiment):
    """One row of a table.

    Attributes:
        features: "embedding", or the way faces are compared without a network: "chance", "pixels" or "lbp".
        decomposed: the map is divided by attention and an age head reads the age's part.
        reads_age: that head is there; without it, attention is but a larger network.
        reversal: coefficient of the reversed age head; None leaves it out.
        ramped: the coefficient rises over the run.
        halved: it sees faces of half the side for half the run, in float32 on every machine.
        continued: the network was trained as `BEFORE`, first seed, before the reversed head joins it; the run
            is what follows.
        films: it goes on on films' actors with the ages that the set says of them, which are bands; the heads
            then answer in those.
    """

    recipes = RECIPES

    features: str = undecisive(default="embedding")
    decomposed: bool = True
    reversal: float | None = 1.0
    ramped: bool = False
    halved: bool = undecisive(default=False)
    continued: bool = added(default=False)
    reads_age: bool = added(default=True)
    films: bool = added(default=False)

    @property
    def heads(self) -> tuple[str, ...]:
        """What the names of the outputs begin with that learn from ages: "" and "reversed_"."""
        read = self.decomposed and self.reads_age
        return ("",) * read + ("reversed_",) * (self.reversal is not None)

    @property
    def trained(self) -> bool:
        return self.features == "embedding"

    @property
    def aged(self) -> bool:
        """Whether it learns from ages."""
        return self.trained and bool(self.heads)

    def recipe(self, profile: str) -> Recipe:
        recipe = super().recipe(profile)
        return recipe.half() if self.halved else recipe

    def configuration(self, profile: str) -> dict[str, Any]:
        if not self.trained:
            return {"features": self.features, "size": RECIPES[profile].crop}
        found = super().configuration(profile)
        others = ("steps", "decay_divisor") if found["recipe"]["optimizer"] != "sgd" else ("epsilon",)
        for name in others:
            del found["recipe"][name]
        return found


MTLFACE = Experiment("aifr-mtlface", "MTLFace: decomposition, age head and reversal")
COSFACE = Experiment("aifr-cosface", "CosFace alone", decomposed=False, reversal=None)
AGE_HEAD = Experiment("aifr-age-head", "Decomposition and age head", reversal=None)
REVERSAL = Experiment("aifr-reversal", "Reversed head alone", decomposed=False)

SGD = {
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "weight_decay": 5e-4,
    "average": None,
    "dropout": 0.5,
    "scale": 64.0,
}
PRINTED = dataclasses.replace(
    MTLFACE, name="aifr-printed", label="SGD, dropout and scale as printed", changes=SGD
)
LITERAL_STEPS = dataclasses.replace(
    PRINTED, name="aifr-three-drops", label="The same, three reductions", changes={**SGD, "steps": LITERAL}
)
CODE = dataclasses.replace(
    PRINTED,
    name="aifr-scaled-decay",
    label="The same, decay and masks as in the code",
    changes={**SGD, "decay_divisor": LOSS_SCALE, "decay_slopes": True, "mask_momentum": 0.99},
)
"""The code's decay reaches the slopes of the PReLUs too and is divided by the loss scale; its masks
keep their statistics with PyTorch's momentum of 0.01."""

RAMPED = dataclasses.replace(MTLFACE, name="aifr-ramped", label="Reversal rising over the run", ramped=True)
FLIP_ALONE = dataclasses.replace(
    MTLFACE,
    name="aifr-flip",
    label="Mirroring alone as augmentation, as in the code",
    changes={"augmentation": Augmentation(flip=0.5)},
)

REFERENCES = references(Experiment)

SYSTEMS = (COSFACE, AGE_HEAD, REVERSAL, MTLFACE)
HALVED = tuple(dataclasses.replace(one, name=f"{one.name}-half", halved=True) for one in SYSTEMS)
"""The same at an eighth of the cost, for more seeds than the systems themselves have time for."""

ATTENTION = Experiment(
    "aifr-attention-half", "Attention without an age head", reversal=None, reads_age=False, halved=True
)
"""What the decomposition brings as a larger network, at half the side."""

BEFORE = next(one for one in HALVED if one.name == f"{AGE_HEAD.name}-half")
"""What the rows of `FORGETTING` go on from."""

COEFFICIENTS = (0.0, 1.0, 10.0, 100.0, 1000.0)
"""Of the reversed head in `FORGETTING`; the method's own is 1, at a loss weight of 0.002."""

FORGETTING = tuple(
    Experiment(
        f"aifr-forget-{coefficient:g}",
        f"Reversed head × {coefficient:g}",
        reversal=coefficient,
        halved=True,
        continued=True,
        changes={"epochs": 12, "learning_rate": 2e-3},
    )
    for coefficient in COEFFICIENTS
)
"""How far the reversed head must be turned up until the embedding forgets age, and what that does to
recognition. All go on from one network, which costs four times what they do."""

_TUNED = {"films": True, "halved": True, "continued": True}
_SHORT = {"epochs": 8, "learning_rate": 2e-3}
FILMS = (
    Experiment(
        "aifr-films-attention",
        "On films, no age head",
        reversal=None,
        reads_age=False,
        changes=_SHORT,
        **_TUNED,
    ),
    Experiment("aifr-films", "On films, both heads learn the bands", changes=_SHORT, **_TUNED),
)
"""Trained on where ages are said, not estimated: IMFDB's actors. Both go on from `BEFORE`."""

VARIANTS = tuple(
    dataclasses.replace(one, name=f"{one.name}-half", halved=True)
    for one in (MTLFACE, PRINTED, LITERAL_STEPS, CODE, RAMPED, FLIP_ALONE)
)
"""Other readings, at half the side, the system itself first."""


def variants(profile: str) -> tuple[Experiment, ...]:
    """Return those of `VARIANTS` that differ from the system under a profile: `paper` has its optimizer."""
    system, *others = VARIANTS
    own = system.configuration(profile)
    return (system, *(one for one in others if one.configuration(profile) != own))
