"""The training of recognition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.training.fit import FINAL_WEIGHTS, FitResult
from common.training.weights import load_network, save_network
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces, identity_labels, people_in
from reproductions.mtlface.age_groups import UNKNOWN, age_groups
from reproductions.mtlface.experiments import BEFORE, Experiment, Recipe
from reproductions.mtlface.model import Start, recognition_network
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run

RECOGNISER = "recogniser.keras"
"""File of a finished training in its folder: the whole network as `load_recogniser` reads it."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What one network learns from.

    Attributes:
        faces: its people become the classes 0, 1, ... in the order of their names.
        years: (images of the index,) whole years, see `reproductions.mtlface.age_groups.whole_years`; None
            where no head reads an age, or they are said as bands.
        bands: (images of the index,) places in `data_prep.datasets.imfdb.BANDS`, or `UNKNOWN`.
        before: what a network that goes on learnt from until then; None is the same.
    """

    faces: Faces
    years: np.ndarray | None = None
    bands: np.ndarray | None = None
    before: TrainingSet | None = None


def train_recogniser(run: Run, training: TrainingSet) -> FitResult:
    """Train a run from scratch; where it is trained already, its checkpoint is read."""
    experiment, recipe, replicas = run.experiment, run.recipe, run.options.replicas
    start = _trained_before(run, training.before or training) if experiment.continued else None
    batches = recognition_batches(experiment, recipe, training, run.seed)
    epochs = recipe.length(batches.steps)
    people = people_in(training.faces)
    fitted = fit_batches(
        run,
        lambda: recognition_network(experiment, recipe, people, epochs * batches.steps, replicas, start),
        batches,
        epochs=epochs,
        batch=recipe.batch,
        learns_from=[training.faces.data.identity],
    )
    model = fitted.model
    # Without its optimizer.
    save_network(keras.Model(model.input, model.output, name=model.name), run.folder / RECOGNISER)
    return fitted


def _trained_before(run: Run, training: TrainingSet) -> Start:
    """Train what a run goes on from where it is not trained yet."""
    recipe = BEFORE.recipe(run.options.profile)
    learnt = (training.faces.data,)
    before = replace(run, experiment=BEFORE, recipe=recipe, seed=1, trained_on=learnt)
    train_recogniser(before, training)
    return Start(BEFORE, before.folder / FINAL_WEIGHTS, people_in(training.faces))


def load_recogniser(path: Path, stated: str | None = None) -> keras.Model:
    """Return a trained network; `reproductions.mtlface.network.embedder` takes the part that recognises.

    Args:
        path: of the file.
        stated: hash of its weights by the record, see `common.training.weights.load_network`.

    Raises:
        UserError: the file is absent, damaged or changed, or holds no such network.
    """
    model = load_network(path, stated)
    lacking = {"normalise", "encoder", "embedding"} - {layer.name for layer in model.layers}
    if lacking:
        raise UserError(
            f"{path} holds no trained recogniser (it has no layer {min(lacking)}): delete it and train one "
            "with make aifr-mtlface WEIGHTS=needed."
        )
    return model


def recognition_batches(experiment: Experiment, recipe: Recipe, training: TrainingSet, seed: int) -> Batches:
    """Return augmented batches in the shape that `reproductions.mtlface.network.recogniser` takes."""
    labels = [identity_labels(training.faces)]
    heads = experiment.heads
    if heads and experiment.films:
        labels += [training.bands]
    elif heads:
        labels += [training.years, age_groups(training.years)]

    def arrange(images: tf.Tensor, identity: tf.Tensor, *age: tf.Tensor) -> tuple:
        images = tf.ensure_shape(images, (recipe.batch, recipe.size, recipe.size, 3))
        inputs = {"faces": images, "identity": identity}
        if not heads:
            return inputs, {"identity": identity}
        said = dict(zip(("age_group",) if experiment.films else ("age", "age_group"), age, strict=True))
        # As weights, so that the loss is a mean over the global batch however many are left out of it.
        known = tf.cast(said["age_group"] != UNKNOWN, tf.float32)
        targets, weights = {"identity": identity}, {"identity": tf.ones_like(known)}
        for head in heads:
            targets |= {f"{head}{name}": tf.maximum(labels, 0) for name, labels in said.items()}
            weights |= {f"{head}{name}": known for name in said}
        return inputs, targets, weights

    side = None if recipe.size == recipe.crop else lambda epoch: recipe.size
    return make_batches(
        training.faces, Plan(recipe.batch, recipe.augmentation, seed, labels, arrange, side=side)
    )
