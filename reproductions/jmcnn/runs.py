"""One run from faces to record: stage 1 once a seed, stage 2 fold by fold, and what the features find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from common.evidence import records
from common.evidence.records import Data, Record
from common.training.fit import FINAL_WEIGHTS, FitResult
from data_prep.prepared import shards
from data_prep.prepared.faces import people_in
from reproductions.jmcnn import data
from reproductions.jmcnn.data import Across, Material
from reproductions.jmcnn.experiments import Experiment, Recipe
from reproductions.jmcnn.network import embedder
from reproductions.jmcnn.train import Tuner, train_base
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan
from reproductions.shared.recognition import evaluation as recognising
from reproductions.shared.recognition.evaluation import Embed

PAPER = "jmcnn"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, and references, which nothing is trained for, with the first."""
    running.run_all(
        experiments,
        options.seeds,
        lambda one, seed: run(one, table, options, seed),
        once=lambda one: one.features != "F4",
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
    trained = experiment.features == "F4"
    precision = running.precision_of(options, recipe.precision) if trained else "float32"
    options = dataclasses.replace(options, precision=precision)
    material = data.load(options, recipe.size, recipe.prefers)
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=_trained_on(experiment, material),
        tested_on=tuple(_tested_on(experiment, material)),
        what=_what(experiment, material),
        make=_Run(experiment, recipe, material, options, seed).measure,
        headline={"rank-1": None, "MAP": None, "accuracy": None},
    )
    return running.run_once(plan, options)


@dataclass(frozen=True)
class _Run:
    """The trainings and measurements of one run."""

    experiment: Experiment
    recipe: Recipe
    material: Material
    options: Options
    seed: int

    def measure(self, name: str) -> Outcome:
        if self.experiment.features == "chance":
            return self._chance()
        if self.experiment.features != "F4":
            return self._with(recognising.REFERENCES[self.experiment.features])
        base, start = self._base()
        if not self.experiment.tuned:
            outcome = self._with(self._features(base.model))
            outcome.fitted.append(base)
            return outcome
        outcome = Outcome()
        for across_name, across in self.material.across.items():
            features = self._tuned(across, base, start, self._folder / name / across_name, outcome)
            recognising.add_searches(outcome, across.searches, across.prepared, features)
        return outcome

    @property
    def _folder(self) -> Path:
        return Path(self.options.runs_root) / PAPER

    def _chance(self) -> Outcome:
        outcome = Outcome()
        for across in self.material.across.values():
            for search in across.searches:
                if search.metric == "rank-1":
                    outcome.measurements.append(recognising.measure_chance(search, across.prepared))
        return outcome

    def _with(self, embed: Embed) -> Outcome:
        """Measure one way of comparing faces on everything."""
        outcome = Outcome()
        for across in self.material.across.values():
            features = embed(shards.read_images(across.prepared))
            folds = max((int(search.folds.max()) for search in across.searches), default=0) + 1
            recognising.add_searches(outcome, across.searches, across.prepared, [features] * folds)
            if across.crowded:
                recognising.add_crowded(outcome, across.crowded, across.prepared, features, embed)
        for verification in self.material.verifications:
            recognising.add_verification(outcome, verification, embed)
        return outcome

    def _base(self) -> tuple[FitResult, Path]:
        """Train stage 1 where it is not trained yet; return it and its weights file."""
        base, faces, options = self.experiment.base(), self.material.identities, self.options
        configuration = base.configuration(options.profile)
        name = records.run_name(
            base.name, options.profile, self.seed, configuration, options.precision, (faces.data,)
        )
        folder = self._folder / name
        fitted = train_base(base, self.recipe, faces, options, self.seed, folder)
        return fitted, folder / FINAL_WEIGHTS

    def _tuned(
        self, across: Across, base: FitResult, start: Path, folder: Path, outcome: Outcome
    ) -> list[np.ndarray]:
        """Fine-tune for each fold and return the features of the whole set under each model."""
        images = shards.read_images(across.prepared)
        people = people_in(self.material.identities)
        before = self._features(base.model)(images) if self.recipe.imprinted else None
        tuner = Tuner(
            self.experiment, self.recipe, across.train, start, people, self.options, self.seed, before
        )
        features = []
        for number in range(len(across.train)):
            fitted = tuner.tune(number, folder / f"fold-{number}")
            outcome.fitted.append(fitted)
            features.append(self._features(fitted.model)(images))
        return features

    def _features(self, model: keras.Model) -> Embed:
        return recognising.network_features(embedder(model), self.recipe.mirrored)


def _trained_on(experiment: Experiment, material: Material) -> tuple[Data, ...]:
    if experiment.features != "F4":
        return ()
    tuned = tuple(across.trained_on for across in material.across.values()) if experiment.tuned else ()
    return (material.identities.data, *tuned)


def _tested_on(experiment: Experiment, material: Material) -> Iterable[tuple[str, Data]]:
    for across in material.across.values():
        for search in across.searches:
            if experiment.features != "chance" or search.metric == "rank-1":
                yield search.column, search.data
        if across.crowded and experiment.features != "chance" and not experiment.tuned:
            yield across.crowded.column, across.crowded.data
    if experiment.features != "chance" and not experiment.tuned:
        for verification in material.verifications:
            yield verification.column, verification.data


def _what(experiment: Experiment, material: Material) -> str:
    if experiment.features != "F4":
        return "nothing is trained"
    first = material.identities.data
    across = ", ".join(one.trained_on.title for one in material.across.values())
    told = f"stage 1 on {first.title}, {first.images:,} images of {first.subjects:,} people"
    return f"{told}; stage 2 on {across}" if experiment.tuned else told
