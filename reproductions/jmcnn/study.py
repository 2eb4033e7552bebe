"""The study: stage 1 once a seed, stage 2 fold by fold, and what the features find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np

from common.evidence.records import Data
from common.training.fit import FINAL_WEIGHTS, FitResult
from data_prep.prepared import shards
from data_prep.prepared.faces import people_in
from reproductions.jmcnn import data
from reproductions.jmcnn.data import CrossAgeSet, Partition
from reproductions.jmcnn.network import embedder
from reproductions.jmcnn.train import Tuner, train_base
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study
from reproductions.shared.recognition import evaluation, rows
from reproductions.shared.recognition.evaluation import Embed


class JMCNN(Study[Partition]):
    """Identity and age heads on one network, trained on an identity set and then on faces across age."""

    paper = "jmcnn"
    headline = {"rank-1": None, "MAP": None, "accuracy": None}  # noqa: RUF012

    def partition(self, run: Run) -> Partition:
        return data.load(run.options, run.recipe.size, run.recipe.prefers)

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        if not run.experiment.trained:
            return ()
        tuned = [one.trained_on for one in partition.across.values()] if run.experiment.tuned else []
        return (partition.identities.data, *tuned)

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        sets = partition.across.values()
        if run.experiment.tuned:
            # Distractors and pairs are asked of stage 1 alone.
            return rows.tested_on((dataclasses.replace(one, distractor_test=None) for one in sets), (), "F4")
        return rows.tested_on(sets, partition.verifications, run.experiment.features)

    def measure(self, run: Run, partition: Partition) -> Outcome:
        sets, features = partition.across.values(), run.experiment.features
        if features == rows.CHANCE:
            return rows.measure_chance(sets)
        if not run.experiment.trained:
            return rows.measure_features(sets, partition.verifications, evaluation.REFERENCES[features])
        base, start = _base(run, partition)
        if not run.experiment.tuned:
            outcome = rows.measure_features(sets, partition.verifications, _features(run, base.model))
            outcome.fitted.append(base)
            return outcome
        outcome = Outcome()
        for name, across in partition.across.items():
            found = _tuned(run, partition, across, base, start, run.folder / name, outcome)
            evaluation.add_searches(outcome, across.searches, across.prepared, found)
        return outcome


def _base(run: Run, partition: Partition) -> tuple[FitResult, Path]:
    """Train stage 1 of a run where it is not trained yet; return it and its weights file."""
    faces = partition.identities
    base = dataclasses.replace(run, experiment=run.experiment.base(), trained_on=(faces.data,))
    return train_base(base, faces), base.folder / FINAL_WEIGHTS


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
    images = shards.read_images(across.prepared)
    before = _features(run, base.model)(images) if run.recipe.imprinted else None
    tuner = Tuner(run, across.train, start, people_in(partition.identities), folder, before)
    features = []
    for number in range(len(across.train)):
        fitted = tuner.tune(number)
        outcome.fitted.append(fitted)
        features.append(_features(run, fitted.model)(images))
    return features


def _features(run: Run, model: keras.Model) -> Embed:
    return evaluation.network_features(embedder(model), run.recipe.mirrored)


STUDY = JMCNN()
PAPER = STUDY.paper
