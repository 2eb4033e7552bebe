"""One run of synthesis from faces to record, and what a trained method does to faces."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import keras

from common.evidence.records import Record
from common.training.precision import precision_policy
from reproductions import running
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import Parts, recogniser
from reproductions.mtlface.runs import PAPER
from reproductions.mtlface.synthesis.data import Material, material
from reproductions.mtlface.synthesis.evaluate import Age, ageing, measure, unchanged
from reproductions.mtlface.synthesis.experiments import Experiment, encoder_experiment
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.foundations import encoder_file, folder_of, judges, run_encoder
from reproductions.mtlface.synthesis.train import Lesson, synthesiser, train_synthesiser
from reproductions.options import Options
from reproductions.running import Outcome, Plan
from reproductions.trained import find_trained

TABLE = "table2"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, and the input unchanged with the first."""
    running.run_all(
        experiments,
        options.seeds,
        lambda one, seed: run(one, table, options, seed),
        once=lambda one: not one.trained,
    )


def run(experiment: Experiment, table: str, options: Options, seed: int) -> Record:
    """Return the record of one run, made now unless it stands already; so with what it rests on.

    Args:
        experiment: what to run.
        table: for which it is run; others may show it too.
        options: profile, data and folders.
        seed: of weights, order and augmentation.
    """
    recipe = experiment.recipe(options.profile)
    found = material(options, recipe)
    court = judges(options)
    encoder = run_encoder(options) if experiment.frozen else None
    own = dataclasses.replace(options, precision=options.precision or recipe.precision)
    lesson = _lesson(experiment, found, encoder, options)

    def make(name: str) -> Outcome:
        outcome = Outcome()
        age: Age = unchanged
        if lesson is not None:
            fitted = train_synthesiser(experiment, recipe, lesson, own, seed, folder_of(options, name))
            age = ageing(fitted.model)
            outcome.fitted.append(fitted)
        for test in found.tests:
            outcome.add(*measure(test, age, court, recipe.size))
        return outcome

    trained_on = (lesson.faces.data,) if lesson else ()
    if encoder is not None:
        trained_on += encoder.trained_on
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=trained_on,
        tested_on=tuple((test.column, test.faces.data) for test in found.tests),
        what=_what(lesson),
        make=make,
        headline={"age accuracy": None, "identity": None},
    )
    return running.run_once(plan, own)


def _lesson(
    experiment: Experiment, found: Material, encoder: Record | None, options: Options
) -> Lesson | None:
    if not experiment.trained:
        return None
    faces = aged(found.synthesiser, options)
    file = None if encoder is None else encoder_file(options, encoder)
    return Lesson(faces.faces, faces.years, file)


def _what(lesson: Lesson | None) -> str:
    if lesson is None:
        return "nothing is trained"
    return f"training on {lesson.faces.data.title}, {lesson.faces.data.images:,} images"


def trained_ageing(experiment: Experiment, options: Options) -> Age:
    """Return what the trained method of the first seed of `options` does to faces.

    Raises:
        UserError: it has not been trained here; the sentence names the target that trains it.
    """
    found = find_trained(
        options,
        PAPER,
        experiment.name,
        experiment.configuration(options.profile),
        what=f"synthesis by {experiment.label}",
        target=f"{TABLE}-{PAPER}",
    )
    # The weights file holds the frozen encoder's too.
    features = frozen_features(_untrained_recogniser(options)) if experiment.frozen else None
    with precision_policy(found.record.precision):
        model = synthesiser(experiment, experiment.recipe(options.profile), features)
    model.load_weights(found.weights)
    return ageing(model)


def _untrained_recogniser(options: Options) -> keras.Model:
    encoder = encoder_experiment(options.profile)
    recipe = encoder.recipe(options.profile)
    with precision_policy(options.precision or recipe.precision):
        return recogniser(Parts(2, recipe.depth, recipe.width, recipe.size, recipe.dropout))
