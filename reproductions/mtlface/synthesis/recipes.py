"""How synthesis and its judges are trained under each profile."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

from common.faces.augmentation import Augmentation
from reproductions.shared.harness.experiments import added, undecisive


@dataclass(frozen=True)
class JudgeRecipe:
    """How both judges are trained.

    Attributes:
        depth, width: of the residual network, another than the encoder's.
        age_epochs, identity_epochs, batch: of the trainings.
        learning_rate, weight_decay, average, dropout: as of the recipes of recognition.
        balance: images an age in an epoch of the age judge; None takes the set as it is.
        scale: of the identity judge's CosFace head.
        precision: number format of the arithmetic.
        identity_width, identity_rate: in place of `width` and `learning_rate`, for the identity judge.
        slope: of the identity judge's activations below zero; 0 is ReLU.
        read: stage that the identity judge reads: that of 4x4 maps, or 3x3.
    """

    depth: int = 18
    width: float = 0.25
    age_epochs: int = 40
    identity_epochs: int = 60
    batch: int = 64
    learning_rate: float = 1e-2
    weight_decay: float = 0.2
    average: float | None = 0.99
    dropout: float = 0.2
    balance: int | None = 150
    scale: float = 32.0
    precision: str = "bfloat16"
    identity_width: float | None = added(default=None)
    identity_rate: float | None = added(default=None)
    slope: float = added(default=0.0)
    read: str = "conv4_x"

    def half(self) -> JudgeRecipe:
        """Return the recipe of judges of half the side, in float32 on every machine; they learn as long."""
        return dataclasses.replace(self, precision="float32", read="conv3_x")

    def of_identity(self) -> JudgeRecipe:
        """Return the recipe as the identity judge takes it."""
        return dataclasses.replace(
            self,
            width=self.identity_width or self.width,
            learning_rate=self.identity_rate or self.learning_rate,
        )


@dataclass(frozen=True)
class Recipe:
    """Everything about a training that a profile decides; the same for all rows of a table.

    Attributes:
        crop: side of the prepared faces in pixels.
        size: side of the faces that are made and judged, a multiple of 16, at most `crop`.
        template: where their landmarks come to lie. UTKFace's published crops are tighter than "arcface", by
            which a third of each of its faces would be black.
        width: factor on the channels of every generator, and of the discriminators.
        batch: of the global batch.
        iterations: optimizer steps of each side, in whole epochs.
        learning_rate, beta_1, beta_2, epsilon: of Adam, for both sides, fixed (B).
        overlap: share of a group's channels that its neighbour has too.
        reading: of decoder and discriminator, see `generator.READINGS`.
        critic_kernels: what MTLFace's discriminator starts from, see `discriminator.KERNELS`.
        halvings: of MTLFace's discriminator.
        identity: weight of MTLFace's identity loss (B, lambda_id of FAS).
        soft: MTLFace's guide sees what is made smoothed by a pixel, see `methods.softened`.
        smooth: weight of the total variation of what MTLFace's generator adds to a face; 0 leaves it out.
        average: momentum of the moving average of the generator that is tested; None tests the last.
        balance: images an age group in an epoch.
        repeats: how often an image may be shown in an epoch to reach it.
        guide_epochs, guide_rate: for which the frozen age head is fitted to the faces that are aged, and
            Adam's learning rate; None leaves it as the encoder's people made it.
        precision: number format of the arithmetic, unless the user asks for another.
        augmentation: see `common.faces.augmentation`.
        judges: how they are trained.
        ageing: sets with ages to learn synthesis from, in the order of preference.
        identities: sets of identities for encoder and identity judge, likewise.
        pairs: pairs of each kind a fold that judge the identity judge.
    """

    crop: int
    size: int
    template: str
    width: float
    batch: int
    iterations: int
    learning_rate: float
    beta_1: float = 0.9
    beta_2: float = 0.99
    epsilon: float = added(default=1e-7)
    overlap: float = 0.125
    reading: str = "supplement"
    critic_kernels: str = added(default="normal")
    halvings: int = added(default=4)
    identity: float = added(default=0.002)
    soft: bool = added(default=False)
    smooth: float = added(default=0.0)
    average: float | None = added(default=None)
    balance: int = 1000
    repeats: int = 4
    guide_epochs: int | None = 8
    guide_rate: float = 1e-3
    precision: str = undecisive(default="float32")
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(flip=0.5))
    judges: JudgeRecipe = undecisive(default_factory=lambda: JudgeRecipe())
    ageing: tuple[str, ...] = undecisive(default=("utkface", "imdb-wiki"))
    identities: tuple[str, ...] = undecisive(default=("casia-webface", "lfw"))
    pairs: int = undecisive(default=300)

    def length(self, steps_an_epoch: int) -> int:
        """Return the epochs of a run."""
        return max(1, round(self.iterations / steps_an_epoch))

    def half(self) -> Recipe:
        """Return the recipe of a run that costs less: half the side of the faces, half the steps and batch.

        The side is rounded up to a multiple of 16, for the doublings of the generators. MTLFace's
        discriminator has as many halvings as end in a map of 4x4 or 5x5, nearest to that of 112 px; in
        float32 on every machine, so that runs of all of them stand in one row.
        """
        size = math.ceil(self.size / 32) * 16
        return dataclasses.replace(
            self,
            size=size,
            batch=self.batch // 2,
            iterations=self.iterations // 2,
            halvings=int(math.log2(size)) - 3,
            precision="float32",
            judges=self.judges.half(),
        )


_CPU = Recipe(
    crop=96,
    size=64,
    template="utkface",
    width=0.25,
    batch=32,
    iterations=4_000,
    learning_rate=3e-4,
    beta_1=0.5,
    reading="code",
    precision="float32",
)

_LARGE_JUDGES = JudgeRecipe(
    depth=34, width=1.0, age_epochs=40, identity_epochs=30, batch=128, precision="float32"
)

RECIPES = {
    "smoke": dataclasses.replace(
        _CPU,
        crop=48,
        size=48,
        template="arcface",
        width=0.125,
        iterations=200,
        learning_rate=1e-3,
        guide_epochs=5,
        batch=16,
        balance=40,
        judges=JudgeRecipe(
            width=0.125,
            age_epochs=24,
            identity_epochs=30,
            batch=32,
            average=0.9,
            dropout=0.0,
            balance=None,
            precision="float32",
            identity_width=0.25,
            identity_rate=2e-2,
            slope=0.25,
        ),
        pairs=60,
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(
        _CPU,
        crop=112,
        size=112,
        width=1.0,
        batch=64,
        iterations=20_000,
        learning_rate=1e-4,
        judges=_LARGE_JUDGES,
    ),
    "paper": Recipe(
        crop=112,
        size=112,
        template="arcface",
        width=1.0,
        batch=512,
        iterations=36_000,
        learning_rate=1e-4,
        overlap=0.1,
        balance=5000,
        guide_epochs=None,
        judges=dataclasses.replace(_LARGE_JUDGES, batch=256),
        ageing=("scaf", "utkface", "imdb-wiki"),
        identities=("scaf", "casia-webface", "lfw"),
    ),
}
"""Recipes by profile. `paper` has the numbers that B prints; `cpu` was measured (README.md), not `gpu`."""
