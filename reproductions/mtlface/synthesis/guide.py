"""The age head that guides synthesis, fitted once more to the faces that are aged.

The encoder's people may be of other ages than the synthesiser's faces (LFW has no children): a head that has
never seen a child cannot say what makes one. Encoder and decomposition stay as they are.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.files import sha256_json
from common.losses import SquaredExpectationError
from common.training.fit import FitResult
from common.training.weights import save_network
from reproductions.mtlface.age_groups import AGES, age_groups
from reproductions.mtlface.synthesis.experiments import ENCODER_SEED, Recipe
from reproductions.mtlface.synthesis.features import age_features
from reproductions.mtlface.synthesis.train import Lesson, evened_batches
from reproductions.mtlface.train import RECOGNISER, load_recogniser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import fit_batches
from reproductions.shared.recognition.evaluation import Embed, network_features

GUIDE = "fas-guide"
"""Experiment of its record."""

HEAD = "age_head"
"""Layer of the recogniser that is fitted."""


def guide_configuration(recipe: Recipe) -> dict:
    """Return all that decides about the guide besides encoder and data, for its record."""
    return {
        "epochs": recipe.guide_epochs,
        "learning_rate": recipe.guide_rate,
        "batch": recipe.batch,
        "balance": recipe.balance,
        "repeats": recipe.repeats,
    }


def train_guide(recipe: Recipe, lesson: Lesson, options: Options, run_dir: Path) -> FitResult:
    """Fit the age head of `lesson.encoder`; the whole recogniser with it lies in `run_dir` afterwards.

    Args:
        recipe: of the profile.
        lesson: faces with ages, and the file of the encoder.
        options: of the run.
        run_dir: of the checkpoints.

    Returns:
        The training of a model from uint8 faces to {"age": (B, 101), "age_group": (B, 7)} logits.
    """
    labels = (lesson.years, age_groups(lesson.years))
    batches = evened_batches(recipe, lesson, ENCODER_SEED, labels, _arranged)

    def build() -> keras.Model:
        return _compiled(load_recogniser(lesson.encoder), recipe, recipe.guide_epochs * batches.steps)

    fitted = fit_batches(
        build,
        batches,
        epochs=recipe.guide_epochs,
        batch=recipe.batch,
        config_hash=sha256_json(
            [guide_configuration(recipe), lesson.faces.data.identity, lesson.encoder.parent.name]
        ),
        options=options,
        seed=ENCODER_SEED,
        run_dir=run_dir,
    )
    recogniser = load_recogniser(lesson.encoder)
    recogniser.get_layer(HEAD).set_weights(fitted.model.get_layer(HEAD).get_weights())
    save_network(recogniser, run_dir / RECOGNISER)
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
