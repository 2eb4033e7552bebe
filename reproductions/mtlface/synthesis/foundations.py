"""What every row of synthesis rests on: the frozen encoder with its guide and both judges, a record each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import keras
import pandas as pd

from common.evidence.measure import measure_ages, measure_hits
from common.evidence.records import Data
from common.metrics.synthesis import group_hits
from common.training.fit import FitResult
from data_prep.prepared import shards
from data_prep.prepared.faces import Faces
from reproductions.mtlface.age_groups import age_groups, whole_years
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import embedder
from reproductions.mtlface.runs import PAPER
from reproductions.mtlface.synthesis import judges as judging
from reproductions.mtlface.synthesis.data import Material, material
from reproductions.mtlface.synthesis.evaluate import DECISION
from reproductions.mtlface.synthesis.experiments import (
    ENCODER_SEED,
    JUDGE_SEED,
    RECIPES,
    Recipe,
    encoder_experiment,
)
from reproductions.mtlface.synthesis.guide import GUIDE, guide_configuration, guided_years, train_guide
from reproductions.mtlface.synthesis.judges import Judges
from reproductions.mtlface.synthesis.train import Lesson as SynthesisLesson
from reproductions.mtlface.train import RECOGNISER, Lesson, train_recogniser
from reproductions.shared.harness import running
from reproductions.shared.harness.again import check_weights
from reproductions.shared.harness.options import NEEDED, Options
from reproductions.shared.harness.running import Outcome, Plan
from reproductions.shared.recognition import evaluation as recognising
from reproductions.shared.recognition.evaluation import Embed

TABLE = "judges"


@dataclass(frozen=True)
class Foundation:
    """A recogniser that rows rest on, known before it is trained.

    Attributes:
        trained_on: what it learns from.
        folder: of its run, in which its network will lie as `RECOGNISER`.
    """

    trained_on: tuple[Data, ...]
    folder: Path


def encoder(options: Options) -> Foundation:
    """Return what the frozen encoder is, without training it."""
    return _foundation(*_encoder_plan(options))


def run_encoder(options: Options) -> Path:
    """Train the encoder that synthesis is built on, unless it is; return the file of its network.

    It is verified on the pairs on which the identity judge is verified too, and the ages of its age head are
    judged as the age judge's.
    """
    return _trained(*_encoder_plan(options))


def guide(options: Options, recipe: Recipe) -> Foundation:
    """Return what guides a row's synthesis, without training it: the encoder with its age head fitted.

    Where the recipe fits none it is the encoder itself.
    """
    if recipe.guide_epochs is None:
        return encoder(options)
    return _foundation(*_guide_plan(options, recipe))


def run_guide(options: Options, recipe: Recipe) -> Path:
    """Train what guides a row's synthesis, unless it is; return the file of the whole recogniser.

    Its ages are judged on the faces on which the age judge is judged too.
    """
    file = run_encoder(options)
    return file if recipe.guide_epochs is None else _trained(*_guide_plan(options, recipe))


def _foundation(plan: Plan, options: Options) -> Foundation:
    return Foundation(plan.trained_on, folder_of(options, running.name_of(plan, options)))


def _trained(plan: Plan, options: Options) -> Path:
    """Make a run unless it stands with its network; return the file of the network."""
    record = running.run_once(plan, dataclasses.replace(options, weights=NEEDED))
    folder = folder_of(options, record.run)
    check_weights(record, folder)
    return folder / RECOGNISER


def _guide_plan(options: Options, recipe: Recipe) -> tuple[Plan, Options]:
    """Return the run of a recipe's guide, and the options that it is made with."""
    found = material(options, recipe)
    faces = aged(found.synthesiser, options)
    below = encoder(options)
    own = dataclasses.replace(options, precision=running.precision_of(options, recipe.precision))
    lesson = SynthesisLesson(faces.faces, faces.years, below.folder / RECOGNISER)

    def make(name: str) -> Outcome:
        fitted = train_guide(recipe, lesson, own, folder_of(options, name))
        outcome = Outcome(fitted=[fitted])
        _add_ages(outcome, found, guided_years(fitted.model), recipe.size)
        return outcome

    data = faces.faces.data
    plan = Plan(
        paper=PAPER,
        table=TABLE,
        experiment=GUIDE,
        seed=ENCODER_SEED,
        configuration=guide_configuration(recipe)
        | {"encoder": encoder_experiment(options.profile).configuration(options.profile)},
        trained_on=(data, *below.trained_on),
        tested_on=tuple((column, tested.data) for column, tested in found.age_tests),
        what=f"fitting the frozen age head to {data.title}, {data.images:,} images",
        make=make,
        headline={"MAE": None, "accuracy": None},
    )
    return plan, own


def folder_of(options: Options, name: str) -> Path:
    """Return the folder of a run's checkpoints."""
    return Path(options.runs_root) / PAPER / name


def judges(options: Options) -> Judges:
    """Train both judges, unless they are, report their own errors, and return them."""
    return _judges(_of_judges(options))


def names_of_judges(options: Options) -> tuple[str, str]:
    """Return the runs of both judges, without training them."""
    own = _of_judges(options)
    recipe = RECIPES[options.profile]
    plans = (_judge_plan(side, recipe, own) for side in _sides(recipe, material(own, recipe)))
    of_age, of_identity = (running.name_of(plan, _exactly(own, recipe)) for plan in plans)
    return of_age, of_identity


def _of_judges(options: Options) -> Options:
    """Neither seeds nor precision of the rows are the judges'."""
    return dataclasses.replace(options, seeds=(JUDGE_SEED,), precision=None)


def _exactly(options: Options, recipe: Recipe) -> Options:
    return dataclasses.replace(options, precision=running.precision_of(options, recipe.judges.precision))


@lru_cache(maxsize=1)
def _judges(options: Options) -> Judges:
    recipe = RECIPES[options.profile]
    return Judges(*(_judge(side, recipe, options) for side in _sides(recipe, material(options, recipe))))


def _encoder_plan(options: Options) -> tuple[Plan, Options]:
    """Return the encoder's run, and the options that it is made with."""
    experiment = encoder_experiment(options.profile)
    recipe = experiment.recipe(options.profile)
    found = material(options, RECIPES[options.profile])
    faces = aged(found.encoder, options)
    own = dataclasses.replace(options, precision=running.precision_of(options, recipe.precision))
    lesson = Lesson(faces.faces, faces.years)

    def make(name: str) -> Outcome:
        fitted = train_recogniser(experiment, recipe, lesson, own, ENCODER_SEED, folder_of(options, name))
        outcome = Outcome(fitted=[fitted])
        features = recognising.network_features(embedder(fitted.model), recipe.mirrored)
        _add_verifications(outcome, found, features, recipe.size)
        ages = keras.Model(fitted.model.input["faces"], {"age": fitted.model.output["age"]})
        _add_ages(outcome, found, guided_years(ages), recipe.size)
        return outcome

    plan = Plan(
        paper=PAPER,
        table=TABLE,
        experiment=experiment.name,
        seed=ENCODER_SEED,
        configuration=experiment.configuration(options.profile),
        trained_on=(faces.faces.data,),
        tested_on=(
            *((one.column, one.data) for one in found.verifications),
            *((column, tested.data) for column, tested in found.age_tests),
        ),
        what=f"training the encoder on {faces.faces.data.title}, {faces.faces.data.images:,} images",
        make=make,
        headline={"MAE": None, "accuracy": None},
    )
    return plan, own


@dataclass(frozen=True)
class _Side:
    """One judge: what it learns from, how, and on what it is judged itself."""

    what: str
    faces: Faces
    tested_on: tuple[tuple[str, Data], ...]
    train: Callable[[Recipe, Faces, Options, Path], FitResult]
    reader: Callable[[keras.Model], Embed]
    add: Callable[[Outcome, Embed], None]


def _sides(recipe: Recipe, found: Material) -> tuple[_Side, _Side]:
    return _age_side(recipe, found), _identity_side(recipe, found)


def _age_side(recipe: Recipe, found: Material) -> _Side:
    def add(outcome: Outcome, years: Embed) -> None:
        _add_ages(outcome, found, years, recipe.size)

    tested_on = tuple((column, faces.data) for column, faces in found.age_tests)
    train, reader = judging.train_age_judge, judging.judged_years
    return _Side(judging.AGE, found.age_judge, tested_on, train, reader, add)


def _identity_side(recipe: Recipe, found: Material) -> _Side:
    def add(outcome: Outcome, features: Embed) -> None:
        _add_verifications(outcome, found, features, recipe.size)

    tested_on = tuple((one.column, one.data) for one in found.verifications)
    train, reader = judging.train_identity_judge, judging.judged_features
    return _Side(judging.IDENTITY, found.identity_judge, tested_on, train, reader, add)


def _judge(side: _Side, recipe: Recipe, options: Options) -> Embed:
    """Return what a judge says of faces, read from its checkpoint once its record stands."""
    own = dataclasses.replace(_exactly(options, recipe), weights=NEEDED)
    record = running.run_once(_judge_plan(side, recipe, options), own)
    folder = folder_of(options, record.run)
    fitted = side.train(recipe, side.faces, own, folder)
    check_weights(record, folder)
    return side.reader(fitted.model)


def _judge_plan(side: _Side, recipe: Recipe, options: Options) -> Plan:
    own = _exactly(options, recipe)

    def make(name: str) -> Outcome:
        fitted = side.train(recipe, side.faces, own, folder_of(options, name))
        outcome = Outcome(fitted=[fitted])
        side.add(outcome, side.reader(fitted.model))
        return outcome

    data = side.faces.data
    return Plan(
        paper=PAPER,
        table=TABLE,
        experiment=side.what,
        seed=JUDGE_SEED,
        configuration=judging.judge_configuration(recipe, side.what, options.profile),
        trained_on=(data,),
        tested_on=side.tested_on,
        what=f"training a judge on {data.title}, {data.images:,} images",
        make=make,
        headline={"MAE": None, "accuracy": None},
    )


def _add_verifications(outcome: Outcome, found: Material, features: Embed, size: int) -> None:
    for verification in found.verifications:
        recognising.add_verification(outcome, verification, features, size)


def _add_ages(outcome: Outcome, found: Material, years: Embed, size: int) -> None:
    """Measure who says ages on real faces: the error in years, and how often the group is right."""
    for column, faces in found.age_tests:
        said = years(shards.read_images(faces.prepared, faces.rows, size))
        hits = group_hits(age_groups(whole_years(said)), age_groups(whole_years(faces.ages)))
        columns = {"name": faces.names, "subject": faces.subjects, "age": faces.ages, DECISION: said}
        measured = (
            *measure_ages(column, faces.data, faces.ages, {DECISION: said}, faces.subjects),
            measure_hits(column, "accuracy", DECISION, faces.data, hits, faces.subjects),
        )
        outcome.add(measured, pd.DataFrame({"column": column, **columns}))
