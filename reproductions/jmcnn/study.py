"""The study: stage 1 once a seed, stage 2 fold by fold, and what the features find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from common.evidence.records import Data
from common.training.fit import FINAL_WEIGHTS, FitResult
from data_prep.datasets.held import holds
from data_prep.prepared import shards
from data_prep.prepared.faces import people_in
from reproductions.jmcnn import bands, data
from reproductions.jmcnn.data import CrossAgeSet, Partition
from reproductions.jmcnn.network import embedder
from reproductions.jmcnn.train import Tuner, train_base
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study
from reproductions.shared.recognition import evaluation, outside, rows
from reproductions.shared.recognition.cross_age import FILMS
from reproductions.shared.recognition.evaluation import Embed
from reproductions.shared.recognition.probing import AgeTest


class JMCNN(Study[Partition]):
    """Identity and age heads on one network, trained on an identity set and then on faces across age."""

    _standing: tuple[tuple[Path, float], FitResult] | None = None

    paper = "jmcnn"
    headline = {"rank-1": None, "MAP": None, "accuracy": None}  # noqa: RUF012

    def partition(self, run: Run) -> Partition:
        return data.load(run.options, run.recipe.prepared, run.recipe.prefers)

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        if not run.experiment.trained:
            return ()
        tuned = [one.trained_on for one in _learnt(run, partition).values()] if run.experiment.tuned else []
        return (partition.identities.data, *tuned)

    def lacks(self, experiment: Any, options: Options) -> str | None:
        if experiment.features == rows.OUTSIDE:
            return outside.lacking(options)
        films = experiment.films and (options.is_first_look or not holds(options.data_root, FILMS))
        return "IMFDB (make data-imfdb)" if films else None

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        sets = partition.across.values()
        if run.experiment.features == rows.OUTSIDE:
            sets = [dataclasses.replace(one, distractor_test=None) for one in sets]
        if run.experiment.tuned and not run.experiment.films:
            # Distractors and pairs are asked where one network answers all.
            sets = _learnt(run, partition).values()
            return rows.tested_on((dataclasses.replace(one, distractor_test=None) for one in sets), (), "F4")
        if run.experiment.films and not _learnt(run, partition):
            return ()
        asked = rows.tested_on(sets, partition.verifications, run.experiment.features)
        told = _band_tests(partition) if run.experiment.trained else ()
        return (*asked, *((one.column, one.data) for one in told))

    def measure(self, run: Run, partition: Partition) -> Outcome:
        sets, features = partition.across.values(), run.experiment.features
        if features == rows.CHANCE:
            return rows.measure_chance(sets)
        if features == rows.OUTSIDE:
            return outside.measure(sets, partition.verifications, run.options)
        if not run.experiment.trained:
            return rows.measure_features(sets, partition.verifications, evaluation.REFERENCES[features])
        base, start = self._base(run, partition)
        if not run.experiment.tuned:
            return _asked_of_one(run, partition, base)
        if run.experiment.films:
            (across,) = _learnt(run, partition).values()
            tuner = _tuner(run, partition, across, base, start, run.folder / FILMS)
            return _asked_of_one(run, partition, tuner.tune(0))
        outcome = Outcome()
        for name, across in _learnt(run, partition).items():
            found = _tuned(run, partition, across, base, start, run.folder / name, outcome)
            evaluation.add_searches(outcome, across.searches, across.prepared, found)
        return outcome

    def _base(self, run: Run, partition: Partition) -> tuple[FitResult, Path]:
        """Train stage 1 of a run where it is not trained yet; return it and its weights file.

        It is kept for the next run, whose stage 2 mostly begins from the same: to build a network and read
        its checkpoint takes a third of a short stage 2.
        """
        faces = partition.identities
        experiment = run.experiment
        seed = run.seed if experiment.first_seed is None else experiment.first_seed
        base = dataclasses.replace(run, experiment=experiment.base(), trained_on=(faces.data,), seed=seed)
        weights, which = base.folder / FINAL_WEIGHTS, (base.folder, run.options.began)
        if self._standing is None or self._standing[0] != which or not weights.is_file():
            self._standing = which, train_base(base, faces)
        return self._standing[1], weights


def _learnt(run: Run, partition: Partition) -> dict[str, CrossAgeSet]:
    """Return the sets that stage 2 trains on."""
    films = run.experiment.films
    return {name: one for name, one in partition.across.items() if (name == FILMS) == films}


def _band_tests(partition: Partition) -> list[AgeTest]:
    found = (bands.band_test(one) for one in partition.across.values())
    return [one for one in found if one is not None]


def _asked_of_one(run: Run, partition: Partition, fitted: FitResult) -> Outcome:
    """Measure one network on everything."""
    sets = partition.across.values()
    size = run.recipe.size
    outcome = rows.measure_features(sets, partition.verifications, _features(run, fitted.model), size)
    for test in _band_tests(partition):
        bands.add_bands(outcome, test, fitted.model, run.experiment.tuned)
    outcome.fitted.append(fitted)
    return outcome


def _tuned(
    run: Run,
    partition: Partition,
    across: CrossAgeSet,
    base: FitResult,
    start: Path,
    folder: Path,
    outcome: Outcome,
) -> list[np.ndarray]:
    """Fine-tune for each fold and return the features of the whole set under each model."""
    images = shards.read_images(across.prepared, size=run.recipe.size)
    tuner = _tuner(run, partition, across, base, start, folder)
    features = []
    for number in range(len(across.train)):
        fitted = tuner.tune(number)
        outcome.fitted.append(fitted)
        features.append(_features(run, fitted.model)(images))
    return features


def _tuner(
    run: Run, partition: Partition, across: CrossAgeSet, base: FitResult, start: Path, folder: Path
) -> Tuner:
    before = None
    if run.recipe.imprinted:
        before = _features(run, base.model)(shards.read_images(across.prepared, size=run.recipe.size))
    return Tuner(run, across, start, people_in(partition.identities), folder, before)


def _features(run: Run, model: keras.Model) -> Embed:
    return evaluation.network_features(embedder(model), run.recipe.mirrored)


STUDY = JMCNN()
PAPER = STUDY.paper
