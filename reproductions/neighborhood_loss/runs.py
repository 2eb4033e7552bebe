"""One run from faces to record: trained, tested, fine-tuned fold by fold, and written down once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import keras
import pandas as pd

from common.evidence.measure import measure_ages
from common.evidence.records import Data, Record
from common.training.fit import FINAL_WEIGHTS
from data_prep.prepared.faces import Faces
from reproductions.neighborhood_loss import data, evaluate
from reproductions.neighborhood_loss.data import Material
from reproductions.neighborhood_loss.experiments import Experiment, Recipe
from reproductions.neighborhood_loss.train import FineTuner, train
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan

PAPER = "neighborhood"
FOLDS = "fgnet-folds"
VALIDATION = "-validation"
"""Ends the column of predictions on a training set's validation part."""


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed of the options."""
    running.run_all(experiments, options.seeds, lambda one, seed: run(one, table, options, seed))


def run(experiment: Experiment, table: str, options: Options, seed: int) -> Record | None:
    """Return the record of one run, made now unless it stands already.

    Args:
        experiment: what to run.
        table: for which it is run; others may show it too.
        options: profile, data and folders.
        seed: of weights, order and augmentation.
    """
    recipe = experiment.recipe(options.profile)
    options = dataclasses.replace(options, precision=_precision(experiment, recipe, options))
    material = data.load(options, recipe.size, recipe.prefers, experiment.folds)

    def make(name: str) -> Outcome:
        folder = Path(options.runs_root) / PAPER / name
        fitted = train(experiment, recipe, material.train, options, seed, folder)
        outcome = Outcome(fitted=[fitted])
        for column, faces in material.tests.items():
            predicted = _predict(experiment, recipe, fitted.model, faces)
            outcome.add(
                measure_ages(column, faces.data, faces.ages, predicted.decisions, faces.subjects),
                evaluate.frame(column, faces.names, faces.subjects, faces.ages, predicted),
            )
        if material.validation is not None:
            outcome.predictions.append(_validation(experiment, recipe, fitted.model, material.validation))
        if material.folds:
            _fine_tune(experiment, recipe, material, options, seed, folder, outcome)
        return outcome

    trained_on = material.train.data
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=(trained_on,),
        tested_on=tuple(_tested_on(material)),
        what=f"training on {trained_on.title}, {trained_on.images:,} images",
        make=make,
        headline={"MAE": ("expectation", "regression")},
    )
    return running.run_once(plan, options)


def _precision(experiment: Experiment, recipe: Recipe, options: Options) -> str:
    """Return the number format of a run; an experiment that is about it keeps its own."""
    if "precision" in experiment.changes:
        return recipe.precision
    return running.precision_of(options, recipe.precision)


def _tested_on(material: Material) -> Iterable[tuple[str, Data]]:
    for column, faces in material.tests.items():
        yield column, faces.data
    if material.folds_test is not None:
        yield FOLDS, material.folds_test


def _validation(experiment: Experiment, recipe: Recipe, model: keras.Model, faces: Faces) -> pd.DataFrame:
    """Return what the network says of the validation part: stored, but nothing is measured on it."""
    predicted = _predict(experiment, recipe, model, faces)
    column = f"{faces.data.dataset}{VALIDATION}"
    return evaluate.frame(column, faces.names, faces.subjects, faces.ages, predicted)


def _fine_tune(
    experiment: Experiment,
    recipe: Recipe,
    material: Material,
    options: Options,
    seed: int,
    folder: Path,
    outcome: Outcome,
) -> None:
    """Protocol b: fine-tune for each fold, test on its people, measure the folds' predictions as one set."""
    frames = []
    start = folder / FINAL_WEIGHTS
    tuner = FineTuner(experiment, recipe, material.folds, start, options, seed)
    for number, fold in enumerate(material.folds):
        tuned = tuner.tune(number, folder / f"fold-{number}")
        outcome.fitted.append(dataclasses.replace(tuned, history={}))
        test = fold.test
        predicted = _predict(experiment, recipe, tuned.model, test)
        frames.append(evaluate.frame(FOLDS, test.names, test.subjects, test.ages, predicted))
    together = pd.concat(frames, ignore_index=True)
    measured = measure_ages(
        FOLDS,
        material.folds_test,
        together["age"].to_numpy(),
        evaluate.decisions_in(together),
        together["subject"].to_numpy(),
    )
    outcome.add(measured, together)


def _predict(experiment: Experiment, recipe: Recipe, model: keras.Model, faces: Faces) -> evaluate.Predicted:
    return evaluate.predict(model, experiment.make_loss(), faces.images(), recipe.mirrored, recipe.zooms)
