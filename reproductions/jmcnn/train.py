"""The trainings: stage 1 on the identity set, then stage 2 for each fold of the set across age."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.metrics.search import unit_rows
from common.training.fit import FitResult
from common.training.restart import Restarted
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces, identity_labels, people_in
from reproductions.jmcnn.age_groups import IGNORED, age_groups
from reproductions.jmcnn.data import CrossAgeSet
from reproductions.jmcnn.experiments import Recipe, Stage
from reproductions.jmcnn.model import base_network, imprint, tuned_network
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run
from reproductions.shared.recognition.probing import UNKNOWN


def train_base(run: Run, faces: Faces) -> FitResult:
    """Train stage 1 of a run from scratch; where it is trained already, its checkpoint is read."""
    recipe = run.recipe
    batches = identity_batches(faces, recipe, recipe.base, run.seed)
    steps = recipe.base.epochs * batches.steps
    return fit_batches(
        run,
        lambda: base_network(recipe, people_in(faces), steps, run.options.replicas),
        batches,
        epochs=recipe.base.epochs,
        batch=recipe.base.batch,
        learns_from=[faces.data.split_hash],
    )


class Tuner:
    """Trains the network of stage 1 on, fold by fold: every fold from the same start.

    One network serves all folds; its identity layer has room for the people of the largest.

    Args:
        run: what is trained how.
        across: what each fold trains on, and its age classes.
        start: weights file of stage 1.
        start_people: identities of stage 1.
        folder: of the folds' checkpoints.
        features: (images of the index, 768) under stage 1, whose means by person become the first class
            vectors; None leaves those at random.
    """

    def __init__(
        self,
        run: Run,
        across: CrossAgeSet,
        start: Path,
        start_people: int,
        folder: Path,
        features: np.ndarray | None = None,
    ):
        recipe, replicas = run.recipe, run.options.replicas
        self._run = run
        self._across = across
        self._folds = folds = across.train
        self._folder = folder
        self._features = features
        self._steps = min(len(faces.rows) for faces in folds) // recipe.tuned.batch
        people = max(people_in(faces) for faces in folds)
        steps = recipe.tuned.epochs * self._steps

        def build() -> keras.Model:
            return tuned_network(
                run.experiment, recipe, people, steps, start, start_people, replicas, across.age_classes
            )

        self._network = Restarted(build, replicas)

    def tune(self, number: int) -> FitResult:
        """Train on for the fold of that number, from 0; the model it returns is the next fold's too."""
        run, faces = self._run, self._folds[number]
        stage, groups = run.recipe.tuned, None
        if run.experiment.weight is not None and self._across.bands is not None:
            bands = self._across.bands
            groups = np.where(bands == UNKNOWN, IGNORED, bands)
        elif run.experiment.weight is not None:
            ages = faces.prepared.index["age"].to_numpy(np.float64, na_value=np.nan)
            groups = age_groups(ages, run.experiment.outside)
        batches = identity_batches(faces, run.recipe, stage, run.seed, groups)
        return fit_batches(
            run,
            lambda: self._started(faces),
            replace(batches, steps=self._steps),
            epochs=stage.epochs,
            batch=stage.batch,
            learns_from=[faces.data.split_hash],
            folder=self._folder / f"fold-{number}",
        )

    def _started(self, faces: Faces) -> keras.Model:
        network = self._network()
        if self._features is None:
            return network
        return imprint(network, class_means(self._features[faces.rows], identity_labels(faces)[faces.rows]))


def class_means(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean direction of each class, (classes, D) unit vectors, of (N, D) features."""
    unit = unit_rows(features)
    return unit_rows(np.stack([unit[labels == label].mean(axis=0) for label in range(labels.max() + 1)]))


def identity_batches(
    faces: Faces, recipe: Recipe, stage: Stage, seed: int, groups: np.ndarray | None = None
) -> Batches:
    """Return augmented batches in the shape that `reproductions.jmcnn.network.jmcnn` takes.

    Args:
        faces: what is trained on; its people become the classes 0, 1, ... in the order of their names.
        recipe: says augmentation and head.
        stage: says the batch.
        seed: of order and augmentation.
        groups: (images of the index,) age groups; None for a network without the age head.
    """
    labels = [identity_labels(faces), *([] if groups is None else [groups])]

    def arrange(images: tf.Tensor, identity: tf.Tensor, group: tf.Tensor | None = None) -> tuple:
        inputs = {"faces": images} | ({} if recipe.margin is None else {"identity": identity})
        if group is None:
            return inputs, {"identity": identity}
        # As weights, so that the loss is a mean over the global batch however many are left out of it.
        counted = tf.cast(group != IGNORED, tf.float32)
        targets = {"identity": identity, "age_group": tf.maximum(group, 0)}
        return inputs, targets, {"identity": tf.ones_like(counted), "age_group": counted}

    side = None if recipe.crop is None else lambda epoch: recipe.size
    return make_batches(faces, Plan(stage.batch, recipe.augmentation, seed, labels, arrange, side=side))
