"""One run from faces to record: trained, tested on every set, and written down once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from common.evidence.records import Record
from common.faces.alignment import to_grey
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces
from reproductions.age_gender import data, evaluate
from reproductions.age_gender.data import Material
from reproductions.age_gender.experiments import Experiment, Recipe
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.train import train
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan

PAPER = "age-gender"

Answer = Callable[[Faces], dict[str, np.ndarray]]
"""Faces -> probabilities by task."""


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, and the constant answer with the first.

    One whose data set the user does not hold is passed over in a sentence.
    """
    possible = []
    for one in experiments:
        if one.needs is None or _holds(options, one.needs):
            possible.append(one)
        else:
            print(f"{one.name}: passed over, since it needs IMDB-WIKI (see make data-imdb-wiki)")
    running.run_all(
        possible,
        options.seeds,
        lambda one, seed: run(one, table, options, seed),
        once=lambda one: not one.trained,
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
    precision = running.precision_of(options, recipe.precision) if experiment.trained else "float32"
    options = dataclasses.replace(options, precision=precision)
    material = data.load(options, recipe.size, recipe.prefers, experiment.percent)
    trained_on = material.train.data
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=(trained_on,),
        tested_on=tuple((column, faces.data) for column, faces in _tests(experiment, material)),
        what=f"training on {trained_on.title}, {trained_on.images:,} images",
        make=lambda name: _make(experiment, recipe, material, options, seed, name),
        headline={"accuracy": experiment.tasks},
    )
    return running.run_once(plan, options)


def _make(
    experiment: Experiment, recipe: Recipe, material: Material, options: Options, seed: int, name: str
) -> Outcome:
    outcome = Outcome()
    if experiment.trained:
        fitted = train(experiment, recipe, material, options, seed, folder(options, name))
        outcome.fitted.append(fitted)
        classifier = probabilities(fitted.model)

        def answer(faces: Faces) -> dict[str, np.ndarray]:
            return evaluate.predict(classifier, to_grey(faces.images()), recipe.mirrored)
    else:
        frequent = data.classes(material.train)

        def answer(faces: Faces) -> dict[str, np.ndarray]:
            return evaluate.constant(frequent, len(faces.rows))

    for column, faces in _tests(experiment, material):
        answers, classes = answer(faces), data.classes(faces)
        outcome.add(
            evaluate.measure(column, faces, classes, answers),
            evaluate.frame(column, faces, classes, answers),
        )
    return outcome


def folder(options: Options, name: str) -> Path:
    """Return the folder of a run's checkpoints and weights."""
    return Path(options.runs_root) / PAPER / name


def _tests(experiment: Experiment, material: Material) -> Iterable[tuple[str, Faces]]:
    """The test sets on which the labels of one of the experiment's tasks are known."""
    for column, faces in material.tests.items():
        if data.classes(faces).keys() & set(experiment.tasks):
            yield column, faces


def _holds(options: Options, name: str) -> bool:
    return options.profile != "smoke" and holds(options.data_root, name)
