"""What an experiment in age estimation is: a loss on a network, under a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

from common.faces.augmentation import Augmentation
from common.losses import AgeCrossEntropy, AgeL1, AgeLoss, MeanVarianceLoss, NeighborhoodLoss, OrdinalLoss
from reproductions.shared.harness.experiments import Experiment, added, undecisive

E = TypeVar("E", bound="AgeExperiment")

CLASSES = 100
"""Ages 0 to 99 (4.2)."""

CONSTANT = "constant"
"""In place of a loss: nothing is trained, and everybody gets the median age of the training set."""

PUBLISHED = "utkface-published"
"""Column of the test parts of published splits, which differ by what their records say of the data."""

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
        slope: of the activations below zero; 0 is the paper's ReLU.
        first_stride: of the first convolution; 1 is the paper's.
    """

    size: int
    width: float
    epochs: int
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float
    folds: FineTuning
    precision: str = undecisive(default="float32")
    growth: tuple[tuple[int, int], ...] = ()
    average: float | None = None
    dropout: float = 0.2
    balance: int | None = None
    repeats: int | None = None
    mirrored: bool = True
    zooms: tuple[float, ...] = (1.0,)
    augmentation: Augmentation = field(default_factory=Augmentation)
    prefers: tuple[str, ...] = undecisive(default=("utkface", "imdb-wiki"))
    slope: float = added(default=0.0)
    first_stride: int = added(default=1)

    def side(self, epoch: int) -> int:
        """Return the side of the faces in an epoch, in pixels."""
        for epochs, side in self.growth:
            if epoch < epochs:
                return side
            epoch -= epochs
        return self.size


@dataclass(frozen=True)
class AgeExperiment(Experiment):
    """One row of a table.

    A study with a loss of its own adds it to `losses`.

    Attributes:
        loss: a name of `losses`, or `CONSTANT`.
        depth: 18 or 34 residual layers, or the 16 of "vgg".
        options: arguments of the loss.
        folds: whether protocol b is measured too.
        split: number of the published split of UTKFace that it is trained and tested on, and on nothing else;
            None trains and tests on what the suite divides itself.
        network: "residual", the paper's own (4.2, Table 1), or "vgg", the plain convolutions that it prefers
            residual units to.
    """

    losses: ClassVar[Mapping[str, type[AgeLoss]]] = LOSSES

    loss: str
    depth: int = 18
    options: Mapping[str, Any] = field(default_factory=dict)
    folds: bool = undecisive(default=True)
    split: int | None = added(default=None, kw_only=True)
    network: str = added(default="residual", kw_only=True)

    @property
    def trained(self) -> bool:
        return self.loss != CONSTANT

    def configuration(self, profile: str) -> dict[str, Any]:
        return super().configuration(profile) if self.trained else {"loss": self.loss}

    @property
    def unused(self) -> frozenset[str]:
        return frozenset() if self.folds else frozenset({"folds"})

    def make_loss(self) -> AgeLoss:
        """Return the loss, over `CLASSES` ages."""
        return self.losses[self.loss](num_classes=CLASSES, **self.options)


def on_split(experiment: E, number: int) -> E:
    """Return a row as it is trained and tested on a published split of UTKFace, which has no protocol b."""
    return replace(experiment, split=number, folds=False)


def constant(experiment: type[E]) -> E:
    """Return the row that every table of ages is held against: one answer to everybody."""
    return experiment(CONSTANT, "The training set's median age", CONSTANT)
