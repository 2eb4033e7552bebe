"""One run of synthesis from faces to record, and what a trained method does to faces."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import keras

from common.errors import UserError
from common.evidence.records import Record
from common.files import sha256_json
from common.training.adversarial import refused_float16
from common.training.fit import FINAL_WEIGHTS
from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import Parts, recogniser
from reproductions.mtlface.runs import PAPER
from reproductions.mtlface.synthesis.data import Material, Test, material
from reproductions.mtlface.synthesis.evaluate import Age, ageing, measure, unchanged
from reproductions.mtlface.synthesis.experiments import Experiment, encoder_experiment
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.foundations import (
    Foundation,
    encoder,
    folder_of,
    guide,
    judges,
    names_of_judges,
    run_guide,
)
from reproductions.mtlface.synthesis.train import Lesson, synthesiser, train_synthesiser
from reproductions.mtlface.train import RECOGNISER
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan
from reproductions.shared.harness.trained import Trained, find_trained

TABLE = "table2"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, and the input unchanged with the first.

    Raises:
        UserError: nobody said the ages of the encoder's faces and no estimator is trained, or float16 is
            asked for. This is raised before anything is trained.
    """
    experiments = tuple(experiments)
    if options.precision == "float16":
        raise refused_float16()
    for one in experiments:
        if one.frozen:
            encoder(options)
    running.run_all(
        experiments,
        options.seeds,
        lambda one, seed: run(one, table, options, seed),
        once=lambda one: not one.trained,
    )


def run(experiment: Experiment, table: str, options: Options, seed: int) -> Record | None:
    """Return the record of one run, made now unless it stands already.

    What it rests on, the frozen encoder with its guide and the judges, is made with it unless it is there.

    Args:
        experiment: what to run.
        table: for which it is run; others may show it too.
        options: profile, data and folders.
        seed: of weights, order and augmentation.
    """
    recipe = experiment.recipe(options.profile)
    found = material(options, recipe)
    frozen = guide(options, recipe) if experiment.frozen else None
    own = dataclasses.replace(options, precision=running.precision_of(options, recipe.precision))
    lesson = _lesson(experiment, found, frozen, options)
    tests = judged_by(names_of_judges(options), found.tests)

    def make(name: str) -> Outcome:
        outcome = Outcome()
        age: Age = unchanged
        court = judges(options)
        if frozen is not None:
            run_guide(options, recipe)
        if lesson is not None:
            fitted = train_synthesiser(experiment, recipe, lesson, own, seed, folder_of(options, name))
            age = ageing(fitted.model)
            outcome.fitted.append(fitted)
        for test in tests:
            outcome.add(*measure(test, age, court, recipe.size))
        return outcome

    trained_on = (lesson.faces.data,) if lesson else ()
    if frozen is not None:
        trained_on += encoder(options).trained_on
    plan = Plan(
        paper=PAPER,
        table=table,
        experiment=experiment.name,
        seed=seed,
        configuration=experiment.configuration(options.profile),
        trained_on=trained_on,
        tested_on=tuple((test.column, test.faces.data) for test in tests),
        what=_what(lesson),
        make=make,
        headline={"age accuracy": None, "identity": None},
    )
    return running.run_once(plan, own)


def judged_by(names: tuple[str, str], tests: tuple[Test, ...]) -> tuple[Test, ...]:
    """Return tests whose records say by their hash who judged: what other judges said stands for nothing."""

    def told(test: Test) -> Test:
        data = test.faces.data
        judged = sha256_json([data.split_hash, test.pairs.data.split_hash, *names])
        faces = dataclasses.replace(test.faces, data=dataclasses.replace(data, split_hash=judged))
        return dataclasses.replace(test, faces=faces)

    return tuple(told(test) for test in tests)


def _lesson(
    experiment: Experiment, found: Material, frozen: Foundation | None, options: Options
) -> Lesson | None:
    if not experiment.trained:
        return None
    faces = aged(found.synthesiser, options)
    return Lesson(faces.faces, faces.years, None if frozen is None else frozen.folder / RECOGNISER)


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
    return _ageing_by(experiment, found, options)


def ageing_of(experiment: Experiment, record: Record, options: Options) -> Age:
    """Return what the method that a record tells of does to faces.

    Raises:
        UserError: its weights are not on this machine.
    """
    weights = folder_of(options, record.run) / FINAL_WEIGHTS
    if not weights.is_file():
        raise UserError(
            f"the record of {record.run} stands, but its weights are not in {weights.parent}: train it here "
            "with WEIGHTS=needed (--weights needed)."
        )
    return _ageing_by(experiment, Trained(record, weights), options)


def _ageing_by(experiment: Experiment, found: Trained, options: Options) -> Age:
    # The weights file holds the frozen encoder's too.
    with precision_policy(found.record.precision):
        features = frozen_features(_untrained_recogniser(options)) if experiment.frozen else None
        model = synthesiser(experiment, experiment.recipe(options.profile), features)
    load_weights(model, found.weights, found.stated)
    return ageing(model)


def _untrained_recogniser(options: Options) -> keras.Model:
    encoder = encoder_experiment(options.profile)
    recipe = encoder.recipe(options.profile)
    return recogniser(Parts(2, recipe.depth, recipe.width, recipe.size, recipe.dropout))
