"""The training of one experiment: its batches, its fit, and protocol b's fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np

from common.training.fit import FINAL_WEIGHTS, FitResult
from common.training.restart import Restarted
from common.training.seeds import epoch_seed
from common.training.weights import load_weights
from data_prep.prepared.balance import balance
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from reproductions.shared.age_estimation.data import Fold
from reproductions.shared.age_estimation.experiments import CLASSES, Recipe
from reproductions.shared.age_estimation.model import build_network, compiled
from reproductions.shared.harness.fitting import fit_batches
from reproductions.shared.harness.run import Run


def train(run: Run, faces: Faces) -> FitResult:
    """Train a run from scratch ("without fine-tuning", Kwak et al., section 6)."""
    experiment, recipe, replicas = run.experiment, run.recipe, run.options.replicas
    rows_of = balanced_rows(faces, recipe, run.seed) if recipe.balance is not None else None
    batches = age_batches(faces, recipe, run.seed, rows_of)
    steps = recipe.epochs * batches.steps
    return fit_batches(
        run,
        lambda: compiled(build_network(experiment, recipe, replicas), experiment, recipe, steps),
        batches,
        epochs=recipe.epochs,
        batch=recipe.batch,
        learns_from=[faces.data.split_hash],
    )


class FineTuner:
    """Trains a trained network on, fold by fold, for protocol b: every fold from the same start.

    One network serves all folds, put back to the start before each.

    Args:
        run: of the trained network.
        folds: all of them; their epochs get as many batches as the smallest fills, so that one learning
            rate schedule fits all.
    """

    def __init__(self, run: Run, folds: Sequence[Fold]):
        tuning = run.recipe.folds
        self._run = run
        self._recipe = replace(
            run.recipe,
            epochs=tuning.epochs,
            learning_rate=tuning.learning_rate,
            batch=tuning.batch,
            growth=(),
            average=None,
        )
        self._folds = folds
        self._start = run.folder / FINAL_WEIGHTS
        self._steps = min(len(fold.train.rows) for fold in folds) // tuning.batch
        self._network = Restarted(self._build, run.options.replicas)

    def tune(self, number: int) -> FitResult:
        """Train on for the fold of that number, from 0; the model it returns is the next fold's too."""
        fold = self._folds[number]
        batches = replace(age_batches(fold.train, self._recipe, self._run.seed), steps=self._steps)
        return fit_batches(
            self._run,
            self._network,
            batches,
            epochs=self._recipe.epochs,
            batch=self._recipe.batch,
            learns_from=[fold.train.data.split_hash],
            folder=self._run.folder / f"fold-{number}",
        )

    def _build(self) -> keras.Model:
        experiment = self._run.experiment
        network = build_network(experiment, self._recipe, self._run.options.replicas)
        load_weights(network, self._start)
        return compiled(network, experiment, self._recipe, self._recipe.epochs * self._steps)


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
