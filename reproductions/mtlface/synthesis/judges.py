"""Judges from outside: how old is a face, as two networks see it, and is it still the same person?

Another architecture than the encoder's (units with a ReLU after the sum), another seed, and pictures and
people of their own (see `data.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from common.layers import CosFaceHead
from common.losses import AgeCrossEntropy, NeighborhoodLoss
from common.networks import residual_age_network
from common.training.fit import FitResult
from common.training.optimizers import muon
from common.training.seeds import epoch_seed
from data_prep.prepared.balance import balance
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces, identity_labels, people_in
from reproductions.mtlface.age_groups import AGES, whole_years
from reproductions.mtlface.experiments import RECIPES as RECOGNITION
from reproductions.mtlface.synthesis.experiments import HALF
from reproductions.mtlface.synthesis.recipes import JudgeRecipe, Recipe
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run
from reproductions.shared.recognition.evaluation import Embed, network_features

AGE, SECOND, IDENTITY = "fas-judge-age", "fas-judge-age-second", "fas-judge-identity"
"""Experiments of their records. The second judge of ages differs in loss and seed; it judges at half the
side, where every row can be asked again."""

SIGMA = 5.0
"""Years of the age judge's neighborhood loss."""

_LOSSES = {
    AGE: {"loss": "neighborhood", "sigma": SIGMA},
    SECOND: {"loss": "cross-entropy"},
}
"""Of the judges of ages, as their records have it."""

MARGIN = 0.35
EMBEDDING = 256
IDENTITY_ENDS = ("conv1", "embedding_dense", "identity_logits")
"""Its layers that are not orthogonalised, see `common.training.optimizers.muon`."""


@dataclass(frozen=True, eq=False)
class Judges:
    """The judges, trained.

    Attributes:
        years: (N, S, S, 3) uint8 RGB -> (N,) float64, the expected age, of a face and its mirror image.
        features: (N, S, S, 3) uint8 RGB -> (N, D).
        second_years: as `years`, of the second judge of ages; None where there is none.
    """

    years: Embed
    features: Embed
    second_years: Embed | None = None


class Judge(NamedTuple):
    """A judge as a row of the judges' table.

    Attributes:
        of: `AGE`, `SECOND` or `IDENTITY`.
        recipe: of synthesis under the profile.
        halved: it is of half the side, as the recipe is then.
    """

    of: str
    recipe: Recipe
    halved: bool = False

    @property
    def name(self) -> str:
        """Of its records."""
        return f"{self.of}{HALF if self.halved else ''}"

    @property
    def epochs(self) -> int:
        """Of its training."""
        judge = self.recipe.judges
        return judge.identity_epochs if self.of == IDENTITY else judge.age_epochs

    def configuration(self, profile: str) -> dict[str, Any]:
        """Return all that decides about the judge besides seed and data, for its record."""
        judge = self.recipe.judges
        if self.of == IDENTITY:
            judge = judge.of_identity()
        settings = {
            "size": self.recipe.size,
            "depth": judge.depth,
            "width": judge.width,
            "epochs": self.epochs,
            "batch": judge.batch,
            "learning_rate": judge.learning_rate,
            "weight_decay": judge.weight_decay,
            "average": judge.average,
            "dropout": judge.dropout,
            "augmentation": asdict(RECOGNITION[profile].augmentation),
        }
        if self.of in _LOSSES:
            return {"judge": self.of, **settings, "balance": judge.balance, **_LOSSES[self.of]}
        own = {"scale": judge.scale, "margin": MARGIN, "read": judge.read}
        if judge.slope:
            own["slope"] = judge.slope
        return {"judge": self.of, **settings, **own}


def train_age_judge(run: Run, faces: Faces) -> FitResult:
    """Train a judge of ages; where it is trained already, its checkpoint is read."""
    recipe, judge = run.recipe, run.recipe.judges
    loss = AgeCrossEntropy(AGES) if run.experiment.of == SECOND else NeighborhoodLoss(AGES, SIGMA)
    ages = faces.prepared.index["age"].to_numpy(np.float64, na_value=np.nan)
    years = np.maximum(whole_years(ages), 0)

    def rows_of(epoch: int) -> np.ndarray:
        if judge.balance is None:
            return faces.rows
        evened = balance(
            years,
            faces.rows,
            target=judge.balance,
            seed=epoch_seed(run.seed, epoch),
            thinned=(0, AGES),
            classes=AGES,
            most_repeats=2,
        )
        return evened.rows

    batches = _batches(run, faces, years, rows_of)

    def build() -> keras.Model:
        model = age_judge(judge, recipe.size, run.options.replicas)
        model.compile(
            _optimizer(model, judge, judge.age_epochs * batches.steps, ("conv1", "logits")),
            loss,
            jit_compile=False,
        )
        return model

    return _fit(run, build, batches, faces)


def train_identity_judge(run: Run, faces: Faces) -> FitResult:
    """Train the judge of identities; where it is trained already, its checkpoint is read."""
    recipe, judge = run.recipe, run.recipe.judges.of_identity()
    batches = _batches(run, faces, identity_labels(faces), None, named=True)

    def build() -> keras.Model:
        model = identity_judge(judge, recipe.size, people_in(faces), run.options.replicas)
        model.compile(
            _optimizer(model, judge, judge.identity_epochs * batches.steps, IDENTITY_ENDS),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
        return model

    return _fit(run, build, batches, faces)


def age_judge(judge: JudgeRecipe, size: int, replicas: int = 1) -> keras.Model:
    """Build the network from (B, size, size, 3) uint8 faces to logits of the ages 0 to 100."""
    faces = keras.Input((size, size, 3), dtype="uint8", name="faces")
    return keras.Model(faces, _trunk(judge, size, AGES, replicas)(_normalised(faces)), name="age_judge")


def identity_judge(judge: JudgeRecipe, size: int, people: int, replicas: int = 1) -> keras.Model:
    """Build the network from {"faces": (B, size, size, 3) uint8, "identity": (B,)} to CosFace's logits.

    Its layer "embedding" holds 256 numbers, dense of all values of the maps of the stage that is read and
    normalised over the batch: where in a face something is tells people apart, and averages forget it.
    """
    faces = keras.Input((size, size, 3), dtype="uint8", name="faces")
    identity = keras.Input((), dtype="int32", name="identity")
    whole = _trunk(judge, size, AGES, replicas, judge.slope)
    trunk = keras.Model(whole.input, whole.get_layer(judge.read).output, name="trunk")
    x = layers.Flatten(name="flat")(trunk(_normalised(faces)))
    x = layers.Dense(EMBEDDING, name="embedding_dense")(layers.Dropout(judge.dropout, name="dropout")(x))
    x = layers.BatchNormalization(momentum=0.9, synchronized=replicas > 1, name="embedding")(x)
    logits = CosFaceHead(people, judge.scale, MARGIN, name="identity_logits")([x, identity])
    return keras.Model({"faces": faces, "identity": identity}, logits, name="identity_judge")


def judged_years(model: keras.Model) -> Embed:
    """Return what a trained age judge says: faces to expected ages, (N,) float64."""
    probabilities = keras.Model(model.input, layers.Softmax(dtype="float32")(model.output))
    likely = network_features(probabilities, mirrored=True)
    return lambda images: likely(images).astype(np.float64) @ np.arange(AGES) / 2


def judged_features(model: keras.Model) -> Embed:
    """Return what a trained identity judge compares: faces to embeddings, (N, 256)."""
    embedding = keras.Model(model.input["faces"], model.get_layer("embedding").output)
    return network_features(embedding, mirrored=True)


def _trunk(judge: JudgeRecipe, size: int, outputs: int, replicas: int, slope: float = 0.0) -> keras.Model:
    several, (depth, width) = replicas > 1, (judge.depth, judge.width)
    return residual_age_network(
        depth, outputs, size, width, judge.dropout, synchronized=several, name="judge", slope=slope
    )


def _normalised(faces):
    return layers.Rescaling(1 / 128, -127.5 / 128, name="normalise")(faces)


def _optimizer(model: keras.Model, judge: JudgeRecipe, steps: int, ends: tuple[str, ...]):
    return muon(
        model, judge.learning_rate, steps, weight_decay=judge.weight_decay, average=judge.average, ends=ends
    )


def _batches(run: Run, faces: Faces, labels, rows_of, named: bool = False) -> Batches:
    recipe, batch = run.recipe, run.recipe.judges.batch

    def arrange(images: tf.Tensor, label: tf.Tensor) -> tuple:
        images = tf.ensure_shape(images, (batch, recipe.size, recipe.size, 3))
        return ({"faces": images, "identity": label} if named else images), label

    side = None if recipe.size == recipe.crop else lambda epoch: recipe.size
    augmentation = RECOGNITION[run.options.profile].augmentation
    return make_batches(faces, Plan(batch, augmentation, run.seed, (labels,), arrange, side, rows_of))


def _fit(run: Run, build: Callable[[], keras.Model], batches: Batches, faces: Faces) -> FitResult:
    return fit_batches(
        run,
        build,
        batches,
        epochs=run.experiment.epochs,
        batch=run.recipe.judges.batch,
        learns_from=[faces.data.identity],
    )
