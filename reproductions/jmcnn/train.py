"""The trainings: stage 1 on the identity set, then stage 2 for each fold of the set across age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.files import sha256_json
from common.metrics.search import unit_rows
from common.training.fit import FitResult
from common.training.restart import Restarted
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces, identity_labels, people_in
from reproductions.jmcnn.age_groups import IGNORED, age_groups
from reproductions.jmcnn.experiments import Experiment, Recipe, Stage
from reproductions.jmcnn.model import base_network, imprint, tuned_network
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import fit_batches


def train_base(
    experiment: Experiment, recipe: Recipe, faces: Faces, options: Options, seed: int, run_dir: Path
) -> FitResult:
    """Train stage 1 from scratch; where it is trained already, its checkpoint is read."""
    batches = identity_batches(faces, recipe, recipe.base, seed)
    steps = recipe.base.epochs * batches.steps
    return _fit(
        lambda: base_network(recipe, people_in(faces), steps, options.replicas),
        batches,
        recipe.base,
        [experiment.configuration(options.profile), faces.data.split_hash],
        options,
        seed,
        run_dir,
    )


class Tuner:
    """Trains the network of stage 1 on, fold by fold: every fold from the same start.

    One network serves all folds; its identity layer has room for the people of the largest.

    Args:
        experiment, recipe: what is trained how.
        folds: what each fold trains on.
        start: weights file of stage 1.
        start_people: identities of stage 1.
        options: of the run.
        seed: of new weights, order and augmentation.
        features: (images of the index, 768) under stage 1, whose means by person become the first class
            vectors; None leaves those at random.
    """

    def __init__(
        self,
        experiment: Experiment,
        recipe: Recipe,
        folds: tuple[Faces, ...],
        start: Path,
        start_people: int,
        options: Options,
        seed: int,
        features: np.ndarray | None = None,
    ):
        self._experiment = experiment
        self._recipe = recipe
        self._folds = folds
        self._options = options
        self._seed = seed
        self._features = features
        self._steps = min(len(faces.rows) for faces in folds) // recipe.tuned.batch
        people = max(people_in(faces) for faces in folds)
        steps = recipe.tuned.epochs * self._steps

        def build() -> keras.Model:
            return tuned_network(experiment, recipe, people, steps, start, start_people, options.replicas)

        self._network = Restarted(build, options.replicas)

    def tune(self, number: int, run_dir: Path) -> FitResult:
        """Train on for the fold of that number, from 0; the model it returns is the next fold's too."""
        faces = self._folds[number]
        groups = None
        if self._experiment.weight is not None:
            ages = faces.prepared.index["age"].to_numpy(np.float64, na_value=np.nan)
            groups = age_groups(ages, self._experiment.outside)
        batches = identity_batches(faces, self._recipe, self._recipe.tuned, self._seed, groups)
        configuration = [self._experiment.configuration(self._options.profile), faces.data.split_hash]
        return _fit(
            lambda: self._started(faces),
            replace(batches, steps=self._steps),
            self._recipe.tuned,
            configuration,
            self._options,
            self._seed,
            run_dir,
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

    return make_batches(faces, Plan(stage.batch, recipe.augmentation, seed, labels, arrange))


def _fit(
    build: Callable[[], keras.Model],
    batches: Batches,
    stage: Stage,
    configuration: list,
    options: Options,
    seed: int,
    run_dir: Path,
) -> FitResult:
    return fit_batches(
        build,
        batches,
        epochs=stage.epochs,
        batch=stage.batch,
        config_hash=sha256_json(configuration),
        options=options,
        seed=seed,
        run_dir=run_dir,
    )
