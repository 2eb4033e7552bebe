"""The age head that guides synthesis, fitted once more to the faces that are aged.

The encoder's people may be of other ages than the synthesiser's faces (LFW has no children): a head that has
never seen a child cannot say what makes one. Encoder and decomposition stay as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from common.losses import SquaredExpectationError
from common.training.fit import FitResult
from common.training.weights import save_network
from reproductions.mtlface.age_groups import AGES, age_groups
from reproductions.mtlface.synthesis.features import HEAD, age_features, with_age_head
from reproductions.mtlface.synthesis.recipes import Recipe
from reproductions.mtlface.synthesis.train import SynthesisSet, evened_batches
from reproductions.mtlface.train import RECOGNISER, load_recogniser
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run
from reproductions.shared.recognition.evaluation import Embed, network_features

GUIDE = "fas-guide"
"""Experiment of its record."""


class Guide(NamedTuple):
    """The guide as a row of the judges' table.

    Attributes:
        recipe: of synthesis under the profile.
        encoder: configuration of the encoder whose age head is fitted.
        name: of its records: `GUIDE`, and by what the encoder's name is longer than its own.
    """

    recipe: Recipe
    encoder: dict[str, Any]
    name: str = GUIDE

    def configuration(self, profile: str) -> dict[str, Any]:
        """Return all that decides about the guide besides data, for its record."""
        recipe = self.recipe
        return {
            "epochs": recipe.guide_epochs,
            "learning_rate": recipe.guide_rate,
            "batch": recipe.batch,
            "balance": recipe.balance,
            "repeats": recipe.repeats,
            "encoder": self.encoder,
        }


def train_guide(run: Run, training: SynthesisSet) -> FitResult:
    """Fit the age head of `training.encoder`; the whole recogniser lies in the run's folder afterwards.

    Args:
        run: of the guide.
        training: faces with ages, and the file of the encoder.

    Returns:
        The training of a model from uint8 faces to {"age": (B, 101), "age_group": (B, 7)} logits.
    """
    recipe = run.recipe
    labels = (training.years, age_groups(training.years))
    batches = evened_batches(recipe, training, run.seed, labels, _arranged)

    def build() -> keras.Model:
        return _compiled(
            with_age_head(load_recogniser(training.encoder)), recipe, recipe.guide_epochs * batches.steps
        )

    fitted = fit_batches(
        run,
        build,
        batches,
        epochs=recipe.guide_epochs,
        batch=recipe.batch,
        learns_from=[training.faces.data.identity, training.encoder.parent.name],
    )
    recogniser = with_age_head(load_recogniser(training.encoder))
    recogniser.get_layer(HEAD).set_weights(fitted.model.get_layer(HEAD).get_weights())
    save_network(recogniser, run.folder / RECOGNISER)
    return fitted


def guided_years(model: keras.Model) -> Embed:
    """Return what a fitted guide says: (N, S, S, 3) uint8 RGB -> expected ages, (N,) float64."""
    likely = keras.layers.Softmax(dtype="float32")(model.output["age"])
    probabilities = network_features(keras.Model(model.input, likely), mirrored=False)
    return lambda images: probabilities(images).astype(np.float64) @ np.arange(AGES)


def _compiled(recogniser: keras.Model, recipe: Recipe, steps: int) -> keras.Model:
    shape = recogniser.input["faces"].shape[1:]
    faces = keras.Input(shape, dtype="uint8", name="faces")
    x_age = age_features(recogniser)(recogniser.get_layer("normalise")(faces))
    ages, groups = recogniser.get_layer(HEAD)(x_age)
    model = keras.Model(faces, {"age": ages, "age_group": groups}, name="guide")
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(recipe.guide_rate, steps)),
        {
            "age": SquaredExpectationError(AGES),
            "age_group": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        },
        jit_compile=False,
    )
    return model


def _arranged(images: tf.Tensor, years: tf.Tensor, group: tf.Tensor) -> tuple:
    return images, {"age": years, "age_group": group}
