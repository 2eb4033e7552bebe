"""The study of recognition: a training, and what its embeddings find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from common.evidence.records import Data
from data_prep.datasets.held import holds
from reproductions.mtlface import data
from reproductions.mtlface.experiments import BEFORE, Experiment, Recipe
from reproductions.mtlface.network import embedder
from reproductions.mtlface.train import TrainingSet, train_recogniser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study
from reproductions.shared.recognition import evaluation, probing, rows
from reproductions.shared.recognition.cross_age import FILMS

PAPER = "mtlface"

PROBE = "probe-embedding"
"""Decision of what a linear probe reads from the embedding."""


class Partition(NamedTuple):
    """All faces of a run.

    Attributes:
        training: what the network learns from; None where nothing is trained.
        asked: who is looked for, and which pairs are compared.
    """

    training: TrainingSet | None
    asked: data.Partition


class MTLFace(Study[Partition]):
    """Recognition with the parts of MTLFace, one by one."""

    paper = PAPER
    headline = {"rank-1": None, "accuracy": None}  # noqa: RUF012

    def require(self, experiments: tuple[Any, ...], options: Options) -> None:
        """Refuse where nobody said the ages of the training faces and no estimator is trained."""
        for one in experiments:
            recipe = one.recipe(options.profile)
            if one.trained:
                _training(one, recipe, data.load(options, recipe.crop, recipe.prefers), options)

    def lacks(self, experiment: Any, options: Options) -> str | None:
        held = options.data_root is None or holds(options.data_root, FILMS)
        return "IMFDB (make data-imfdb)" if experiment.films and not held else None

    def partition(self, run: Run) -> Partition:
        asked = data.load(run.options, run.recipe.crop, run.recipe.prefers)
        learns = run.experiment.trained
        return Partition(_training(run.experiment, run.recipe, asked, run.options) if learns else None, asked)

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        training = partition.training
        return tuple(one.faces.data for one in (training and training.before, training) if one)

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        asked = partition.asked
        probed = asked.probed if run.experiment.continued else ()
        yield from rows.tested_on(asked.asked, asked.verifications, run.experiment.features)
        yield from ((one.column, one.data) for one in probed)

    def measure(self, run: Run, partition: Partition) -> Outcome:
        asked, features = partition.asked, run.experiment.features
        if features == rows.CHANCE:
            return rows.measure_chance(asked.asked)
        if partition.training is None:
            embed = evaluation.REFERENCES[features]
            return rows.measure_features(asked.asked, asked.verifications, embed, run.recipe.crop)
        fitted = train_recogniser(run, partition.training)
        embed = evaluation.network_features(embedder(fitted.model), run.recipe.mirrored)
        outcome = rows.measure_features(asked.asked, asked.verifications, embed, run.recipe.size)
        for test in asked.probed if run.experiment.continued else ():
            probing.add_probe(outcome, test, embed, run.recipe.size, PROBE)
        outcome.fitted.append(fitted)
        return outcome


def _training(experiment: Experiment, recipe: Recipe, asked: data.Partition, options: Options) -> TrainingSet:
    if experiment.films:
        before = _training(BEFORE, recipe, asked, options)
        return TrainingSet(asked.films.faces, bands=asked.films.bands, before=before)
    if not experiment.aged and not recipe.balanced:
        return TrainingSet(asked.faces)
    aged = data.aged(asked.faces, options, recipe.balanced)
    return TrainingSet(aged.faces, aged.years if experiment.aged else None)


STUDY = MTLFace()
