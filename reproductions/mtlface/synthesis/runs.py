"""One run of synthesis from faces to record; before it the encoder and the judges, each with a record."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import keras
import pandas as pd

from common.evidence.measure import measure_ages, measure_hits
from common.evidence.records import Data, Record
from common.metrics.synthesis import group_hits
from common.training.fit import FitResult
from common.training.precision import precision_policy
from data_prep import shards
from data_prep.faces import Faces
from reproductions import recognising, running
from reproductions.mtlface.age_groups import age_groups, whole_years
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import Parts, embedder, recogniser
from reproductions.mtlface.synthesis import judges as judging
from reproductions.mtlface.synthesis.data import Material, material
from reproductions.mtlface.synthesis.evaluate import DECISION, Age, ageing, measure, unchanged
from reproductions.mtlface.synthesis.experiments import (
    ENCODER_SEED,
    JUDGE_SEED,
    RECIPES,
    Experiment,
    Recipe,
    encoder_experiment,
)
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.judges import Judges
from reproductions.mtlface.synthesis.train import Lesson, synthesiser, train_synthesiser
from reproductions.mtlface.train import RECOGNISER, train_recogniser
from reproductions.mtlface.train import Lesson as RecognitionLesson
from reproductions.options import Options
from reproductions.recognising import Embed
from reproductions.running import Outcome, Plan
from reproductions.trained import find_trained

PAPER = "mtlface"
TABLE, JUDGES_TABLE = "table2", "judges"


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


def run_encoder(options: Options) -> Record:
    """Return the record of the encoder that synthesis is built on, which is trained unless it stands.

    It is verified on the pairs on which the identity judge is verified too.
    """
    experiment = encoder_experiment(options.profile)
    recipe = experiment.recipe(options.profile)
    found = material(options, RECIPES[options.profile])
    faces = aged(found.encoder, options)
    own = dataclasses.replace(options, precision=options.precision or recipe.precision)
    lesson = RecognitionLesson(faces.faces, faces.years)

    def make(name: str) -> Outcome:
        fitted = train_recogniser(experiment, recipe, lesson, own, ENCODER_SEED, folder_of(options, name))
        outcome = Outcome(fitted=[fitted])
        features = recognising.network_features(embedder(fitted.model), recipe.mirrored)
        for verification in found.verifications:
            recognising.add_verification(outcome, verification, features, recipe.size)
        return outcome

    record = running.run_once(
        Plan(
            paper=PAPER,
            table=JUDGES_TABLE,
            experiment=experiment.name,
            seed=ENCODER_SEED,
            configuration=experiment.configuration(options.profile),
            trained_on=(faces.faces.data,),
            tested_on=tuple((one.column, one.data) for one in found.verifications),
            what=f"training the encoder on {faces.faces.data.title}, {faces.faces.data.images:,} images",
            make=make,
            headline={"accuracy": None},
        ),
        own,
    )
    if not encoder_file(options, record).is_file():
        make(record.run)
    return record


def encoder_file(options: Options, record: Record) -> Path:
    """Return where the encoder's network lies."""
    return folder_of(options, record.run) / RECOGNISER


def folder_of(options: Options, name: str) -> Path:
    """Return the folder of a run's checkpoints."""
    return Path(options.runs_root) / PAPER / name


def judges(options: Options) -> Judges:
    """Train both judges, unless they are, report their own errors, and return them."""
    # Neither seeds nor precision of the rows are theirs.
    return _judges(dataclasses.replace(options, seeds=(JUDGE_SEED,), precision=None))


@lru_cache(maxsize=1)
def _judges(options: Options) -> Judges:
    recipe = RECIPES[options.profile]
    found = material(options, recipe)
    years = _judge(_age_side(recipe, found), recipe, options)
    return Judges(years, _judge(_identity_side(recipe, found), recipe, options))


@dataclass(frozen=True)
class _Side:
    """One judge: what it learns from, how, and on what it is judged itself."""

    what: str
    faces: Faces
    tested_on: tuple[tuple[str, Data], ...]
    train: Callable[[Recipe, Faces, Options, Path], FitResult]
    reader: Callable[[keras.Model], Embed]
    add: Callable[[Outcome, Embed], None]


def _age_side(recipe: Recipe, found: Material) -> _Side:
    def add(outcome: Outcome, years: Embed) -> None:
        for column, faces in found.age_tests:
            _add_ages(outcome, column, faces, years, recipe.size)

    tested_on = tuple((column, faces.data) for column, faces in found.age_tests)
    train, reader = judging.train_age_judge, judging.judged_years
    return _Side(judging.AGE, found.age_judge, tested_on, train, reader, add)


def _identity_side(recipe: Recipe, found: Material) -> _Side:
    def add(outcome: Outcome, features: Embed) -> None:
        for verification in found.verifications:
            recognising.add_verification(outcome, verification, features, recipe.size)

    tested_on = tuple((one.column, one.data) for one in found.verifications)
    train, reader = judging.train_identity_judge, judging.judged_features
    return _Side(judging.IDENTITY, found.identity_judge, tested_on, train, reader, add)


def _judge(side: _Side, recipe: Recipe, options: Options) -> Embed:
    """Return what a judge says of faces; where its record stands, it comes from its checkpoint."""
    own = dataclasses.replace(options, precision=recipe.judges.precision)
    trained: list[FitResult] = []

    def train(name: str) -> FitResult:
        trained.append(side.train(recipe, side.faces, own, folder_of(options, name)))
        return trained[-1]

    def make(name: str) -> Outcome:
        outcome = Outcome(fitted=[train(name)])
        side.add(outcome, side.reader(outcome.fitted[0].model))
        return outcome

    data = side.faces.data
    record = running.run_once(
        Plan(
            paper=PAPER,
            table=JUDGES_TABLE,
            experiment=side.what,
            seed=JUDGE_SEED,
            configuration=judging.judge_configuration(recipe, side.what, options.profile),
            trained_on=(data,),
            tested_on=side.tested_on,
            what=f"training a judge on {data.title}, {data.images:,} images",
            make=make,
            headline={"MAE": None, "accuracy": None},
        ),
        own,
    )
    fitted = trained[-1] if trained else train(record.run)
    return side.reader(fitted.model)


def _add_ages(outcome: Outcome, column: str, faces: Faces, years: Embed, size: int) -> None:
    """Measure the age judge on real faces: its error in years, and how often the group is right."""
    images = shards.read_images(faces.prepared, faces.rows, size)
    judged = years(images)
    hits = group_hits(age_groups(whole_years(judged)), age_groups(whole_years(faces.ages)))
    columns = {"name": faces.names, "subject": faces.subjects, "age": faces.ages, DECISION: judged}
    measured = (
        *measure_ages(column, faces.data, faces.ages, {DECISION: judged}, faces.subjects),
        measure_hits(column, "accuracy", DECISION, faces.data, hits, faces.subjects),
    )
    outcome.add(measured, pd.DataFrame({"column": column, **columns}))


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
