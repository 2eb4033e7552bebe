"""One run from faces to record: a training, and what its embeddings find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import keras

from common.evidence.records import Data, Record
from data_prep.prepared import shards
from reproductions.mtlface import data
from reproductions.mtlface.data import Material
from reproductions.mtlface.experiments import Experiment, Recipe
from reproductions.mtlface.network import embedder
from reproductions.mtlface.train import Lesson, train_recogniser
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan
from reproductions.shared.recognition import evaluation as recognising
from reproductions.shared.recognition.evaluation import Embed

PAPER = "mtlface"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, and references, which nothing is trained for, with the first.

    Raises:
        UserError: nobody said the ages of the training faces and no estimator is trained. This is raised
            before anything is trained.
    """
    experiments = tuple(experiments)
    for one in experiments:
        recipe = one.recipe(options.profile)
        if one.features == "embedding":
            _lesson(one, recipe, data.load(options, recipe.crop, recipe.prefers), options)
    running.run_all(
        experiments,
        options.seeds,
        lambda one, seed: run(one, table, options, seed),
        once=lambda one: one.features != "embedding",
    )


def run(experiment: Experiment, table: str, options: Options, seed: int) -> Record | None:
    """Return the record of one run, made now unless it stands already.

    Args:
        experiment: what to run.
        table: for which it is run; others may show it too.
        options: profile, data and folders.
        seed: of weights, order and augmentation.
    """
    recipe = experiment.recipe(options.profile)
    trained = experiment.features == "embedding"
    precision = running.precision_of(options, recipe.precision) if trained else "float32"
    options = dataclasses.replace(options, precision=precision)
    material = data.load(options, recipe.crop, recipe.prefers)
    lesson = _lesson(experiment, recipe, material, options) if trained else None
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=(lesson.faces.data,) if lesson else (),
        tested_on=tuple(_tested_on(experiment, material)),
        what=_what(lesson),
        make=_Run(experiment, recipe, material, lesson, options, seed).measure,
        headline={"rank-1": None, "accuracy": None},
    )
    return running.run_once(plan, options)


@dataclass(frozen=True)
class _Run:
    """The training and the measurements of one run."""

    experiment: Experiment
    recipe: Recipe
    material: Material
    lesson: Lesson | None
    options: Options
    seed: int

    def measure(self, name: str) -> Outcome:
        if self.experiment.features == "chance":
            return self._chance()
        if self.lesson is None:
            return self._with(recognising.REFERENCES[self.experiment.features], self.recipe.crop)
        folder = Path(self.options.runs_root) / PAPER / name
        fitted = train_recogniser(self.experiment, self.recipe, self.lesson, self.options, self.seed, folder)
        outcome = self._with(self._features(fitted.model), self.recipe.size)
        outcome.fitted.append(fitted)
        return outcome

    def _chance(self) -> Outcome:
        outcome = Outcome()
        for asked in self.material.asked:
            outcome.measurements += [
                recognising.measure_chance(one, asked.prepared) for one in asked.searches
            ]
        return outcome

    def _with(self, embed: Embed, size: int) -> Outcome:
        outcome = Outcome()
        for asked in self.material.asked:
            features = embed(shards.read_images(asked.prepared, size=size))
            recognising.add_searches(outcome, asked.searches, asked.prepared, [features])
            if asked.crowded:
                recognising.add_crowded(outcome, asked.crowded, asked.prepared, features, embed, size)
        for verification in self.material.verifications:
            recognising.add_verification(outcome, verification, embed, size)
        return outcome

    def _features(self, model: keras.Model) -> Embed:
        return recognising.network_features(embedder(model), self.recipe.mirrored)


def _lesson(experiment: Experiment, recipe: Recipe, material: Material, options: Options) -> Lesson:
    if not experiment.aged and not recipe.balanced:
        return Lesson(material.faces)
    aged = data.aged(material.faces, options, recipe.balanced)
    return Lesson(aged.faces, aged.years if experiment.aged else None)


def _tested_on(experiment: Experiment, material: Material) -> Iterable[tuple[str, Data]]:
    for asked in material.asked:
        for search in asked.searches:
            yield search.column, search.data
        if asked.crowded and experiment.features != "chance":
            yield asked.crowded.column, asked.crowded.data
    if experiment.features != "chance":
        for verification in material.verifications:
            yield verification.column, verification.data


def _what(lesson: Lesson | None) -> str:
    if lesson is None:
        return "nothing is trained"
    learnt = lesson.faces.data
    return f"training on {learnt.title}, {learnt.images:,} images of {learnt.subjects:,} people"
