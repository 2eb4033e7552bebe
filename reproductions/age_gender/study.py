"""The study: networks trained for one task or both, or the most frequent answer, on every set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from common.evidence.records import Data
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces
from reproductions.age_gender import data, evaluate
from reproductions.age_gender.data import Partition
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.train import seen, train
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study

Answer = Callable[[Faces], dict[str, np.ndarray]]
"""Faces -> probabilities by task."""


class AgeGender(Study[Partition]):
    """Age intervals and genders from faces, grey as in the paper."""

    paper = "age-gender"
    headline = {"accuracy": None}  # noqa: RUF012

    def lacks(self, experiment: Any, options: Options) -> str | None:
        held = experiment.needs is None or (
            options.profile != "smoke" and holds(options.data_root, experiment.needs)
        )
        return None if held else "IMDB-WIKI (see make data-imdb-wiki)"

    def partition(self, run: Run) -> Partition:
        return data.load(run.options, run.recipe.size, run.recipe.prefers, run.experiment.percent)

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        return (partition.train.data,)

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        for column, faces in _tests(run, partition):
            yield column, faces.data

    def measure(self, run: Run, partition: Partition) -> Outcome:
        outcome = Outcome()
        answer = self._answer(run, partition, outcome)
        for column, faces in _tests(run, partition):
            answers, classes = answer(faces), data.classes(faces)
            outcome.add(
                evaluate.measure(column, faces, classes, answers),
                evaluate.frame(column, faces, classes, answers),
            )
        return outcome

    def _answer(self, run: Run, partition: Partition, outcome: Outcome) -> Answer:
        """Return what a run answers, trained first where there is a network to train."""
        if not run.experiment.trained:
            frequent = data.classes(partition.train)
            return lambda faces: evaluate.constant(frequent, len(faces.rows))
        fitted = train(run, partition)
        outcome.fitted.append(fitted)
        predict = partial(evaluate.predict, probabilities(fitted.model), mirrored=run.recipe.mirrored)
        return lambda faces: predict(seen(faces, run.experiment))


def _tests(run: Run, partition: Partition) -> Iterable[tuple[str, Faces]]:
    """Yield the test sets on which the labels of one of the row's tasks are known."""
    for column, faces in partition.tests.items():
        if data.classes(faces).keys() & set(run.experiment.tasks):
            yield column, faces


STUDY = AgeGender()
PAPER = STUDY.paper
