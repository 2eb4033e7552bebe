"""A study in age estimation: networks trained, tested, and fine-tuned fold by fold."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import keras
import pandas as pd

from common.evidence.measure import measure_ages
from common.evidence.records import Data
from data_prep.prepared.faces import Faces
from reproductions.shared.age_estimation import data, evaluate, published_split
from reproductions.shared.age_estimation.data import Partition
from reproductions.shared.age_estimation.train import FineTuner, train
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study

FOLDS = "fgnet-folds"
VALIDATION = "-validation"
"""Ends the column of predictions on a training set's validation part."""


class AgeStudy(Study[Partition]):
    """Every row trains the network of an `AgeExperiment` and measures its ages under protocols a to e."""

    headline = {"MAE": ("expectation", "regression")}  # noqa: RUF012

    def partition(self, run: Run) -> Partition:
        if run.experiment.split is not None:
            return published_split.load(run.options, run.recipe.size, run.experiment.split)
        return data.load(run.options, run.recipe.size, run.recipe.prefers, run.experiment.folds)

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        return (partition.train.data,)

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        for column, faces in partition.tests.items():
            yield column, faces.data
        if partition.folds_test is not None:
            yield FOLDS, partition.folds_test

    def measure(self, run: Run, partition: Partition) -> Outcome:
        if not run.experiment.trained:
            return _constant(partition)
        fitted = train(run, partition.train)
        outcome = Outcome(fitted=[fitted])
        for column, faces in partition.tests.items():
            _add(outcome, column, faces, _predict(run, fitted.model, faces))
        if partition.validation is not None:
            outcome.predictions.append(_validation(run, fitted.model, partition.validation))
        if partition.folds:
            _fine_tune(run, partition, outcome)
        return outcome


def _add(outcome: Outcome, column: str, faces: Faces, predicted: evaluate.Predicted) -> None:
    outcome.add(
        measure_ages(column, faces.data, faces.ages, predicted.decisions, faces.subjects),
        evaluate.frame(column, faces.names, faces.subjects, faces.ages, predicted),
    )


def _constant(partition: Partition) -> Outcome:
    """Measure the median age of what a network would be trained on, fold by fold under protocol b."""
    outcome = Outcome()
    for column, faces in partition.tests.items():
        _add(outcome, column, faces, evaluate.constant(partition.train.ages, len(faces.ages)))
    if partition.folds:
        said = [
            (fold.test, evaluate.constant(fold.train.ages, len(fold.test.ages))) for fold in partition.folds
        ]
        _add_folds(outcome, partition, said)
    return outcome


def _validation(run: Run, model: keras.Model, faces: Faces) -> pd.DataFrame:
    """Return what the network says of the validation part: stored, but nothing is measured on it."""
    predicted = _predict(run, model, faces)
    column = f"{faces.data.dataset}{VALIDATION}"
    return evaluate.frame(column, faces.names, faces.subjects, faces.ages, predicted)


def _fine_tune(run: Run, partition: Partition, outcome: Outcome) -> None:
    """Protocol b: fine-tune for each fold, test on its people, measure the folds' predictions as one set."""
    said = []
    tuner = FineTuner(run, partition.folds)
    for number, fold in enumerate(partition.folds):
        tuned = tuner.tune(number)
        outcome.fitted.append(dataclasses.replace(tuned, history={}))
        said.append((fold.test, _predict(run, tuned.model, fold.test)))
    _add_folds(outcome, partition, said)


def _add_folds(
    outcome: Outcome, partition: Partition, said: Sequence[tuple[Faces, evaluate.Predicted]]
) -> None:
    frames = [
        evaluate.frame(FOLDS, test.names, test.subjects, test.ages, predicted) for test, predicted in said
    ]
    together = pd.concat(frames, ignore_index=True)
    measured = measure_ages(
        FOLDS,
        partition.folds_test,
        together["age"].to_numpy(),
        evaluate.decisions_in(together),
        together["subject"].to_numpy(),
    )
    outcome.add(measured, together)


def _predict(run: Run, model: keras.Model, faces: Faces) -> evaluate.Predicted:
    loss, recipe = run.experiment.make_loss(), run.recipe
    return evaluate.predict(model, loss, faces.images(), recipe.mirrored, recipe.zooms)
