"""The training of one experiment: grey batches, and its fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import tensorflow as tf

from common.faces.alignment import LUMA, to_grey
from common.files import sha256_json
from common.training.fit import FitResult
from common.training.validation import EarlyStopping, Validation
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from reproductions.age_gender.data import Material, classes, index_classes
from reproductions.age_gender.experiments import Experiment, Recipe
from reproductions.age_gender.model import build_network
from reproductions.age_gender.watch import WeightWatch, validate
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import fit_batches


def train(
    experiment: Experiment, recipe: Recipe, material: Material, options: Options, seed: int, run_dir: Path
) -> FitResult:
    """Train an experiment from scratch; where it is trained already, its weights are read.

    Returns:
        The fit; its history has "val_age_accuracy" and "val_gender_accuracy", and with trained loss weights
        p and q as `reproductions.age_gender.watch.TRACE` names them.
    """
    # The small set is shown as many times as the whole one would be: as many steps, with less to learn from.
    recipe = replace(recipe, epochs=round(recipe.epochs * 100 / experiment.percent))
    batches = face_batches(material.train, experiment.tasks, recipe, seed)
    steps = recipe.epochs * batches.steps
    watch = WeightWatch(steps) if experiment.weighting is not None else None
    held_out = to_grey(material.validation.images())
    callbacks = [Validation(validate(held_out, classes(material.validation)))]
    if recipe.patience is not None:
        callbacks.append(EarlyStopping("val_accuracy", recipe.patience, run_dir))
    configuration = [experiment.configuration(options.profile), material.train.data.split_hash]
    fitted = fit_batches(
        lambda: build_network(experiment, recipe, steps),
        batches,
        epochs=recipe.epochs,
        batch=recipe.batch,
        config_hash=sha256_json(configuration),
        options=options,
        seed=seed,
        run_dir=run_dir,
        callbacks=[*callbacks, watch] if watch else callbacks,
    )
    return replace(fitted, history=fitted.history | watch.history()) if watch else fitted


def face_batches(faces: Faces, tasks: tuple[str, ...], recipe: Recipe, seed: int) -> Batches:
    """Return augmented batches (faces, classes by task), the faces (B, size, size, 1) uint8 grey.

    Args:
        faces: what is trained on; their labels must be known.
        tasks: "age", "gender" or both.
        recipe: says batch and augmentation.
        seed: of order and augmentation.
    """
    labels = index_classes(faces.prepared)

    def arrange(images: tf.Tensor, *classes: tf.Tensor) -> tuple:
        return _grey(images), dict(zip(tasks, classes, strict=True))

    plan = Plan(recipe.batch, recipe.augmentation, seed, [labels[task] for task in tasks], arrange)
    return make_batches(faces, plan)


def _grey(images: tf.Tensor) -> tf.Tensor:
    """As `common.faces.alignment.to_grey`, in the input pipeline."""
    luma = tf.tensordot(tf.cast(images, tf.float32), tf.constant(LUMA, tf.float32)[:, None], 1)
    return tf.cast(tf.round(luma), tf.uint8)
