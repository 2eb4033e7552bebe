"""What is run: one task or both, on much data or little, with the weights and recipes that the paper has.

    make results-age-gender PROFILE=cpu DATA_ROOT=...

README.md numbers every departure from the paper.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from common.faces.augmentation import Augmentation
from reproductions.age_gender.labels import CLASSES
from reproductions.shared.age_estimation.recipes import RECIPES as OF_AGES
from reproductions.shared.harness import experiments as harness
from reproductions.shared.harness.experiments import added, undecisive

SMALL = 20
"""Percent of the training images in the small set: "about 6000" of "about 30,000" (IV.B, IV.D)."""


REPEATS = 3
"""How often an epoch of evened intervals shows one image at most."""


@dataclass(frozen=True)
class Recipe:
    """Everything about a run that a profile decides; the same for all experiments of a table.

    Attributes:
        size: side of the faces in pixels.
        width: factor on filters and neurons.
        epochs: passes over the whole training set; the small set is passed as many times more often, so that
            both are trained for nearly as many steps.
        batch: images in a global batch.
        optimizer: "muon", decoupled decay and a warm-up with a cosine, or "sgd", the paper's own (III.B.1).
        learning_rate: the highest.
        weight_decay: on kernels only; with "sgd" the coefficient of an L2 term.
        momentum: of "sgd".
        decay: factor on the learning rate of "sgd" every 5,000 steps.
        patience: epochs without a better validation accuracy after which training stops; None trains on.
        average: momentum of the moving average of the weights that is tested; None tests the last weights.
        dropout: share of FC6 and FC7 dropped in training.
        precision: number format of the arithmetic, unless the user asks for another.
        mirrored: probabilities are averaged over a face and its mirror image.
        augmentation: see `common.faces.augmentation`.
        prefers: training sets in the order of preference.
    """

    size: int
    width: float
    epochs: int
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float
    momentum: float = 0.0
    decay: float = 1.0
    patience: int | None = None
    average: float | None = None
    dropout: float = 0.5
    precision: str = undecisive(default="float32")
    mirrored: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    prefers: tuple[str, ...] = undecisive(default=("utkface", "wiki-text"))


_SLIGHT = Augmentation(
    flip=0.5,
    rotate=6,
    scale=0.06,
    shift=0.03,
    stretch=0.03,
    blur=0.2,
    blur_factor=2.5,
    brightness=0.08,
    contrast=0.25,
    noise=0.15,
    noise_level=10,
)

_CPU = Recipe(
    size=64,
    width=1.0,
    epochs=32,
    batch=64,
    optimizer="muon",
    learning_rate=1e-2,
    weight_decay=0.2,
    average=0.99,
    precision="bfloat16",
    augmentation=_SLIGHT,
)

_TEXT = {
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "weight_decay": 1e-4,
    "momentum": 0.0,
    "decay": 0.96,
    "patience": 10,
    "average": None,
}
"""The optimizer of the text (III.B.1): gradient descent at 0.01, times 0.96 every 5,000 steps, L2 of 1e-4."""

_CODE = _TEXT | {"learning_rate": 0.001, "weight_decay": 5e-4, "momentum": 0.9, "decay": 0.98}
"""The optimizer of the authors' joint training."""

RECIPES = {
    "smoke": dataclasses.replace(
        _CPU,
        size=32,
        width=0.25,
        epochs=10,
        batch=32,
        average=0.9,
        dropout=0.2,
        precision="float32",
        augmentation=Augmentation(flip=0.5, rotate=5, scale=0.05, shift=0.03),
    ),
    "cpu": _CPU,
    "gpu": dataclasses.replace(_CPU, size=128, epochs=40, batch=128, average=0.999),
    "paper": dataclasses.replace(
        _CPU,
        size=128,
        epochs=100,
        batch=128,
        precision="float32",
        mirrored=False,
        augmentation=Augmentation(),
        prefers=("wiki-text", "utkface"),
        **_TEXT,
    ),
}
"""Recipes by profile. `paper` is what III.B.1 prints; `cpu` was chosen by trials, `gpu` is a guess."""


_LENT = ("size", "width", "epochs", "learning_rate", "weight_decay", "average", "dropout", "augmentation")


def _as_for_ages(profile: str) -> Recipe:
    """Return a profile's recipe with what the residual networks for ages are trained by."""
    ages = OF_AGES["gpu" if profile == "paper" else profile]
    recipe = RECIPES["gpu" if profile == "paper" else profile]
    return dataclasses.replace(recipe, **{name: getattr(ages, name) for name in _LENT})


@dataclass(frozen=True)
class Experiment(harness.Experiment):
    """One row of a table.

    Attributes:
        tasks: "age", "gender" or both.
        network: "text", "code" or "plain", the three convolutions; "lenet" or "lenet-whole", for age alone,
            with C3 as printed or with a filter for each pair of maps; "residual", the 18 layers of the
            neighborhood loss; "constant", the most frequent answer, which nothing is trained for.
        weighting: form of `common.losses.TaskWeight`; None where there is one task.
        percent: of the training images.
        needs: data set without which it is not run.
        colour: faces are seen in colour; those of the paper are grey.
        balanced: every age interval is shown as often in an epoch, as far as no image is shown more than
            `REPEATS` times.
        masked: everything but an ellipse about the face is grey, see `common.faces.mask.outside_grey`.
    """

    recipes = RECIPES

    tasks: tuple[str, ...] = tuple(CLASSES)
    network: str = "text"
    weighting: str | None = None
    percent: int = 100
    needs: str | None = undecisive(default=None)
    colour: bool = added(default=False)
    balanced: bool = added(default=False)
    masked: bool = added(default=False)

    @property
    def trained(self) -> bool:
        return self.network != "constant"

    def configuration(self, profile: str) -> dict[str, Any]:
        if not self.trained:
            return {"network": self.network, "tasks": list(self.tasks), "size": self.recipe(profile).size}
        return super().configuration(profile)


@dataclass(frozen=True)
class ResidualExperiment(Experiment):
    """A row of the 18 layers that ages are learnt by, under their recipe."""

    recipes = {profile: _as_for_ages(profile) for profile in RECIPES}  # noqa: RUF012

    network: str = "residual"


CONSTANT = Experiment("constant", "The most frequent answer", network="constant")
GENDER = Experiment("gender", "Gender alone", ("gender",))
AGE = Experiment("age", "Age alone", ("age",))
JOINT = Experiment("joint", "Age and gender together", weighting="code")
LENET = Experiment("lenet", "Age alone, LeNet as printed", ("age",), "lenet")
LENET_WHOLE = Experiment("lenet-whole", "Age alone, LeNet, C3 over all maps", ("age",), "lenet-whole")

GENDER_SMALL = dataclasses.replace(
    GENDER, name="gender-small", label="Gender alone, small set", percent=SMALL
)
LENET_SMALL = dataclasses.replace(
    LENET, name="lenet-small", label="Age alone, LeNet as printed, small set", percent=SMALL
)
AGE_SMALL = dataclasses.replace(AGE, name="age-small", label="Age alone, small set", percent=SMALL)
LENET_MASKED = dataclasses.replace(
    LENET_SMALL,
    name="lenet-small-masked",
    label="Age alone, LeNet as printed, small set, no background",
    masked=True,
)
JOINT_SMALL = dataclasses.replace(
    JOINT, name="joint-small", label="Age and gender together, small set", percent=SMALL
)

TEXT_WEIGHTS = dataclasses.replace(
    JOINT, name="joint-text-weights", label="p and q as in the text, stopped at 0", weighting="text"
)
CONSTRAINED = dataclasses.replace(
    JOINT, name="joint-constrained", label="p and q constrained (log variance)", weighting="constrained"
)
CODE_NETWORK = dataclasses.replace(
    JOINT, name="joint-code-network", label="Network of the authors' code", network="code"
)
PRINTED_TEXT = dataclasses.replace(
    JOINT, name="joint-printed-text", label="Optimizer as in the text", changes=_TEXT
)
PRINTED_CODE = dataclasses.replace(
    JOINT, name="joint-printed-code", label="Optimizer as in the code", changes=_CODE
)
COLOUR = dataclasses.replace(JOINT, name="joint-colour", label="Faces in colour", colour=True)
RESIDUAL = ResidualExperiment(
    "joint-residual", "18 residual layers, in colour", weighting="code", colour=True
)
RESIDUAL_CONSTANT = ResidualExperiment("constant-residual", CONSTANT.label, network="constant")
"""Beside it, for a table holds rows of faces of one size."""

PLAIN = dataclasses.replace(
    JOINT, name="joint-plain", label="Without local response normalisation", network="plain"
)
BALANCED = dataclasses.replace(JOINT, name="joint-balanced", label="Age intervals evened out", balanced=True)
CODE_CLEANING = dataclasses.replace(
    JOINT,
    name="joint-code-cleaning",
    label="IMDB-WIKI cleaned as in the code",
    changes={"prefers": ("wiki-code",)},
    needs="wiki-code",
)

SEPARATE = (GENDER, AGE, LENET)
SMALL_SETS = (GENDER_SMALL, AGE_SMALL, LENET_SMALL, JOINT_SMALL)
RESULTS = (CONSTANT, *SMALL_SETS, *SEPARATE, JOINT)
WEIGHTINGS = (TEXT_WEIGHTS, JOINT, CONSTRAINED)
DEEPER = (RESIDUAL_CONSTANT, RESIDUAL)
ABLATIONS = (
    *(JOINT, CODE_NETWORK, PLAIN, LENET_WHOLE, PRINTED_TEXT, PRINTED_CODE),
    *(BALANCED, COLOUR, LENET_SMALL, LENET_MASKED, CODE_CLEANING),
)
