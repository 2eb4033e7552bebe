"""The training of one experiment: its batches, its fit, and protocol b's fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from common.files import sha256_json
from common.training.fit import FitResult
from common.training.restart import Restarted
from common.training.seeds import epoch_seed
from common.training.weights import load_weights
from data_prep.prepared.balance import balance
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from reproductions.neighborhood_loss.data import Fold
from reproductions.neighborhood_loss.experiments import CLASSES, Experiment, Recipe
from reproductions.neighborhood_loss.model import build_network, compiled
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import fit_batches


def train(
    experiment: Experiment, recipe: Recipe, faces: Faces, options: Options, seed: int, run_dir: Path
) -> FitResult:
    """Train an experiment from scratch ("without fine-tuning", section 6)."""
    rows_of = balanced_rows(faces, recipe, seed) if recipe.balance is not None else None
    batches = age_batches(faces, recipe, seed, rows_of)
    steps = recipe.epochs * batches.steps
    return fit_batches(
        lambda: compiled(build_network(experiment, recipe, options.replicas), experiment, recipe, steps),
        batches,
        epochs=recipe.epochs,
        batch=recipe.batch,
        config_hash=sha256_json([experiment.configuration(options.profile), faces.data.split_hash]),
        options=options,
        seed=seed,
        run_dir=run_dir,
    )


class FineTuner:
    """Trains a trained network on, fold by fold, for protocol b: every fold from the same start.

    One network serves all folds, put back to the start before each.

    Args:
        experiment, recipe: of the trained network.
        folds: all of them; their epochs get as many batches as the smallest fills, so that one learning
            rate schedule fits all.
        start: weights file of the trained network.
        options: of the run.
        seed: of order, augmentation and dropout.
    """

    def __init__(
        self,
        experiment: Experiment,
        recipe: Recipe,
        folds: Sequence[Fold],
        start: Path,
        options: Options,
        seed: int,
    ):
        tuning = recipe.folds
        self._experiment = experiment
        self._recipe = replace(
            recipe,
            epochs=tuning.epochs,
            learning_rate=tuning.learning_rate,
            batch=tuning.batch,
            growth=(),
            average=None,
        )
        self._folds = folds
        self._start = start
        self._options = options
        self._seed = seed
        self._steps = min(len(fold.train.rows) for fold in folds) // tuning.batch
        self._network = Restarted(self._build, options.replicas)

    def tune(self, number: int, run_dir: Path) -> FitResult:
        """Train on for the fold of that number, from 0; the model it returns is the next fold's too."""
        fold = self._folds[number]
        batches = replace(age_batches(fold.train, self._recipe, self._seed), steps=self._steps)
        configuration = [self._experiment.configuration(self._options.profile), fold.train.data.split_hash]
        return fit_batches(
            self._network,
            batches,
            epochs=self._recipe.epochs,
            batch=self._recipe.batch,
            config_hash=sha256_json(configuration),
            options=self._options,
            seed=self._seed,
            run_dir=run_dir,
        )

    def _build(self) -> keras.Model:
        network = build_network(self._experiment, self._recipe, self._options.replicas)
        load_weights(network, self._start)
        return compiled(network, self._experiment, self._recipe, self._recipe.epochs * self._steps)


def age_batches(
    faces: Faces, recipe: Recipe, seed: int, rows_of: Callable[[int], np.ndarray] | None = None
) -> Batches:
    """Return the augmented batches (images, ages) of a training.

    Args:
        faces: what is trained on.
        recipe: says batch, augmentation and the side of the faces in each epoch.
        seed: of order and augmentation.
        rows_of: as of `data_prep.prepared.batches.Plan`.
    """
    ages = faces.prepared.index["age"].fillna(-1).to_numpy(np.int32)
    side = recipe.side if recipe.growth else None
    plan = Plan(recipe.batch, recipe.augmentation, seed, (ages,), side=side, rows_of=rows_of)
    return make_batches(faces, plan)


def balanced_rows(faces: Faces, recipe: Recipe, seed: int) -> Callable[[int], np.ndarray]:
    """Return the rows of each epoch with the ages evened out as in 5.1.

    The paper "randomly ignores" images of the frequent ages; here another part of them is ignored in each
    epoch, so that none is lost.
    """
    ages = faces.prepared.index["age"].to_numpy(np.float64, na_value=np.nan)

    def rows_of(epoch: int) -> np.ndarray:
        return balance(
            ages,
            faces.rows,
            target=recipe.balance,
            most_repeats=recipe.repeats,
            classes=CLASSES,
            seed=epoch_seed(seed, epoch),
        ).rows

    return rows_of
