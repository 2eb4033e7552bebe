"""The training of one experiment: its batches, and its fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import tensorflow as tf

from common.faces.alignment import LUMA, to_grey
from common.faces.mask import OUTSIDE, face_ellipse, outside_grey
from common.training.fit import FitResult
from common.training.seeds import epoch_seed
from common.training.validation import EarlyStopping, Validation
from data_prep.prepared.balance import balance
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from reproductions.age_gender.data import Partition, classes, index_classes
from reproductions.age_gender.experiments import REPEATS, Experiment, Recipe
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.model import build_network
from reproductions.age_gender.watch import WeightWatch, validate
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run


def train(run: Run, partition: Partition) -> FitResult:
    """Train a run from scratch; where it is trained already, its weights are read.

    Returns:
        The fit; its history has "val_age_accuracy" and "val_gender_accuracy", and with trained loss weights
        p and q as `reproductions.age_gender.watch.TRACE` names them.
    """
    experiment = run.experiment
    # The small set is shown as many times as the whole one would be: as many steps, with less to learn from.
    recipe = replace(run.recipe, epochs=round(run.recipe.epochs * 100 / experiment.percent))
    rows_of = balanced_rows(partition.train, run.seed) if experiment.balanced else None
    batches = face_batches(partition.train, experiment, recipe, run.seed, rows_of)
    steps = recipe.epochs * batches.steps
    watch = WeightWatch(steps) if experiment.weighting is not None else None
    held_out = seen(partition.validation, experiment)
    callbacks = [Validation(validate(held_out, classes(partition.validation)))]
    if recipe.patience is not None:
        callbacks.append(EarlyStopping("val_accuracy", recipe.patience, run.folder))
    fitted = fit_batches(
        run,
        lambda: build_network(experiment, recipe, steps),
        batches,
        epochs=recipe.epochs,
        batch=recipe.batch,
        learns_from=[partition.train.data.split_hash],
        callbacks=[*callbacks, watch] if watch else callbacks,
    )
    return replace(fitted, history=fitted.history | watch.history()) if watch else fitted


def seen(faces: Faces, experiment: Experiment) -> np.ndarray:
    """Return faces as a network sees them, uint8: (N, size, size, 3) in colour, (N, size, size, 1) grey."""
    images = faces.images() if experiment.colour else to_grey(faces.images())
    return outside_grey(images) if experiment.masked else images


def face_batches(
    faces: Faces,
    experiment: Experiment,
    recipe: Recipe,
    seed: int,
    rows_of: Callable[[int], np.ndarray] | None = None,
) -> Batches:
    """Return augmented batches (faces, classes by task), the faces uint8: (B, size, size, 1) grey.

    Args:
        faces: what is trained on; their labels must be known.
        experiment: says the tasks, and whether faces are seen in colour, (B, size, size, 3), or masked.
        recipe: says batch and augmentation.
        seed: of order and augmentation.
        rows_of: as of `data_prep.prepared.batches.Plan`.
    """
    labels, tasks = index_classes(faces.prepared), experiment.tasks
    outside = tf.constant(~face_ellipse(faces.prepared.size)[:, :, None])

    def arrange(images: tf.Tensor, *classes: tf.Tensor) -> tuple:
        images = images if experiment.colour else _grey(images)
        if experiment.masked:
            images = tf.where(outside, tf.constant(OUTSIDE, tf.uint8), images)
        return images, dict(zip(tasks, classes, strict=True))

    plan = Plan(
        recipe.batch, recipe.augmentation, seed, [labels[task] for task in tasks], arrange, rows_of=rows_of
    )
    return make_batches(faces, plan)


def balanced_rows(faces: Faces, seed: int) -> Callable[[int], np.ndarray]:
    """Return the rows of each epoch, as many as there are, with the age intervals evened out.

    Of a frequent interval another part is left out in each epoch, so that no image is lost.
    """
    intervals = index_classes(faces.prepared)["age"].astype(np.float64)
    count = CLASSES["age"]

    def rows_of(epoch: int) -> np.ndarray:
        return balance(
            intervals,
            faces.rows,
            target=len(faces.rows) // count,
            thinned=(0, count),
            most_repeats=REPEATS,
            classes=count,
            seed=epoch_seed(seed, epoch),
        ).rows

    return rows_of


def _grey(images: tf.Tensor) -> tf.Tensor:
    """As `common.faces.alignment.to_grey`, in the input pipeline."""
    luma = tf.tensordot(tf.cast(images, tf.float32), tf.constant(LUMA, tf.float32)[:, None], 1)
    return tf.cast(tf.round(luma), tf.uint8)
