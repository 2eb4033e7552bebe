"""The training of a method: its batches, its optimizers, and the one loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.training.fit import FitResult
from common.training.optimizers import Adam
from common.training.seeds import epoch_seed, stateless_seed
from data_prep.prepared.balance import balance
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from reproductions.mtlface.age_groups import GROUPS, UNKNOWN, age_groups
from reproductions.mtlface.synthesis import methods
from reproductions.mtlface.synthesis.caae import CODE
from reproductions.mtlface.synthesis.experiments import IPCGAN_FEATURE, Experiment
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.generator import GeneratorParts
from reproductions.mtlface.synthesis.recipes import Recipe
from reproductions.mtlface.train import load_recogniser
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run


@dataclass(frozen=True, eq=False)
class SynthesisSet:
    """What a method learns from.

    Attributes:
        faces: with ages.
        years: (images of the index,) whole years, see `reproductions.mtlface.age_groups.whole_years`.
        encoder: file of the trained recogniser; None where the method reads none.
    """

    faces: Faces
    years: np.ndarray
    encoder: Path | None = None


def train_synthesiser(run: Run, training: SynthesisSet) -> FitResult:
    """Train a run's method; where it is trained already, its checkpoint is read."""
    experiment, recipe = run.experiment, run.recipe
    batches = synthesis_batches(recipe, training, run.seed)

    def build() -> keras.Model:
        features = frozen_features(load_recogniser(training.encoder)) if experiment.frozen else None
        return synthesiser(experiment, recipe, features, run.options.replicas)

    encoder = training.encoder.parent.name if training.encoder else None
    return fit_batches(
        run,
        build,
        batches,
        epochs=recipe.length(batches.steps),
        batch=recipe.batch,
        learns_from=[training.faces.data.identity, encoder],
    )


def synthesiser(
    experiment: Experiment, recipe: Recipe, features: keras.Model | None, replicas: int = 1
) -> methods.Synthesiser:
    """Build a compiled method: Adam with a fixed rate for each side (B).

    Args:
        experiment: says which method.
        recipe: of the profile, with the experiment's changes.
        features: of the frozen encoder; None where the method reads none.
        replicas: with more than one, batch statistics are taken over all of them.
    """
    size, width, several = recipe.size, recipe.width, replicas > 1
    if experiment.method == "mtlface":
        parts = GeneratorParts(size, width, experiment.kind, recipe.overlap, recipe.reading)
        model = methods.MTLFace(
            parts,
            features,
            width,
            recipe.critic_kernels,
            several,
            halvings=recipe.halvings,
            identity=recipe.identity,
            soft=recipe.soft,
            smooth=recipe.smooth,
        )
    elif experiment.method == "ipcgan":
        model = methods.IPCGAN(size, width, features, IPCGAN_FEATURE, width, several)
    else:
        model = methods.CAAE(size, width, width, several)
    model.compile(_adam(recipe, recipe.average), _adam(recipe))
    return model


def synthesis_batches(recipe: Recipe, training: SynthesisSet, seed: int) -> Batches:
    """Return augmented batches, evened out over the age groups, in the shape that `Synthesiser` takes.

    Each face is to be taken to the group of the next of its batch: the targets are then the groups of real
    faces, as often as these, and a discriminator cannot tell what is made by its label.
    """
    groups = age_groups(training.years)

    def arrange(images: tf.Tensor, group: tf.Tensor) -> tuple:
        return {"faces": images, "group": group, "target": tf.roll(group, 1, axis=0)}, group

    return _with_prior(evened_batches(recipe, training, seed, (groups,), arrange), recipe.batch, seed)


def evened_batches(
    recipe: Recipe,
    training: SynthesisSet,
    seed: int,
    labels: tuple[np.ndarray, ...],
    arrange: Callable[..., tuple],
) -> Batches:
    """Return augmented batches of the faces whose age is known, evened out over the age groups.

    Args:
        recipe: of the profile.
        training: the faces.
        seed: of order, augmentation, and of which images are repeated.
        labels: (images of the index,) each; batches of them follow the images.
        arrange: takes images (B, S, S, 3) and labels to what the model takes, as of
            `data_prep.prepared.batches.Plan`.
    """
    groups = age_groups(training.years)
    rows = training.faces.rows[groups[training.faces.rows] != UNKNOWN]

    def rows_of(epoch: int) -> np.ndarray:
        evened = balance(
            groups,
            rows,
            target=recipe.balance,
            seed=epoch_seed(seed, epoch),
            thinned=(0, GROUPS),
            classes=GROUPS,
            most_repeats=recipe.repeats,
        )
        return evened.rows

    def shaped(images: tf.Tensor, *told: tf.Tensor) -> tuple:
        return arrange(tf.ensure_shape(images, (recipe.batch, recipe.size, recipe.size, 3)), *told)

    side = None if recipe.size == recipe.crop else lambda epoch: recipe.size
    plan = Plan(recipe.batch, recipe.augmentation, seed, labels, shaped, side, rows_of)
    return make_batches(replace(training.faces, rows=rows), plan)


def _with_prior(batches: Batches, batch: int, seed: int) -> Batches:
    """Add the even draws to which CAAE's codes are compared, a function of seed, epoch and step."""

    def source(epoch: int, skip: int) -> tf.data.Dataset:
        def add(step: tf.Tensor, x_and_y: tuple) -> tuple:
            x, y = x_and_y
            drawn = tf.random.stateless_uniform((batch, CODE), stateless_seed(seed, epoch, step), -1.0, 1.0)
            return {**x, "prior": drawn}, y

        numbered = batches.source(epoch, skip).enumerate(skip)
        return numbered.map(add).prefetch(1)

    return replace(batches, source=source)


def _adam(recipe: Recipe, average: float | None = None) -> keras.optimizers.Optimizer:
    averaged = {} if average is None else {"use_ema": True, "ema_momentum": average}
    return Adam(recipe.learning_rate, recipe.beta_1, recipe.beta_2, recipe.epsilon, **averaged)
