"""What every row of synthesis rests on: the frozen encoder with its guide and the judges, a record each."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from common.evidence.measure import measure_ages, measure_hits
from common.evidence.records import Data
from common.files import atomic_path
from common.metrics.synthesis import group_hits
from common.training.fit import FINAL_WEIGHTS, FitResult
from data_prep.prepared import shards
from data_prep.prepared.faces import Faces
from reproductions.mtlface.age_groups import age_groups, whole_years
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import embedder
from reproductions.mtlface.study import PAPER
from reproductions.mtlface.synthesis import judges as judging
from reproductions.mtlface.synthesis.data import Partition, partition
from reproductions.mtlface.synthesis.evaluate import DECISION
from reproductions.mtlface.synthesis.experiments import (
    ENCODER,
    ENCODER_SEED,
    HALF,
    JUDGE_SEED,
    Experiment,
)
from reproductions.mtlface.synthesis.guide import GUIDE, Guide, guided_years, train_guide
from reproductions.mtlface.synthesis.judges import Judge, Judges
from reproductions.mtlface.synthesis.recipes import RECIPES
from reproductions.mtlface.synthesis.train import SynthesisSet
from reproductions.mtlface.train import RECOGNISER, TrainingSet, train_recogniser
from reproductions.shared.harness.again import check_weights
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import NEEDED, Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Headline, recorded
from reproductions.shared.recognition import evaluation
from reproductions.shared.recognition.evaluation import Embed

TABLE = "judges"
HEADLINE: Headline = {"MAE": None, "accuracy": None}


@dataclass(frozen=True, eq=False)
class Foundation:
    """A training that rows rest on, known before it is made.

    Attributes:
        run: with its data.
        make: trains it and measures its own errors.
    """

    run: Run
    make: Callable[[], Outcome]

    def record(self) -> None:
        """Make it, unless it stands with its weights."""
        needed = dataclasses.replace(self.run.options, weights=NEEDED)
        record = recorded(dataclasses.replace(self.run, options=needed), self.make, HEADLINE)
        check_weights(record, self.run.folder)

    @property
    def network(self) -> Path:
        """The file of a recogniser, once it is made."""
        return self.run.folder / RECOGNISER


def encoder(options: Options, row: Experiment) -> Foundation:
    """Return the encoder that a row of synthesis is built on, without training it.

    It is verified on the pairs on which the identity judge is verified too, and the ages of its age head,
    where it has one, are judged as the age judge's.
    """
    experiment = row.encoder(options.profile)
    recipe = experiment.recipe(options.profile)
    found = partition(options, row.recipe(options.profile))
    training = TrainingSet(found.encoder)
    if experiment.aged:
        told = aged(found.encoder, options)
        training = TrainingSet(told.faces, told.years)
    says_ages = "" in experiment.heads
    tested_on = (*_of_pairs(found), *(_of_ages(found) if says_ages else ()))
    trained_on = (training.faces.data,)
    run = _run(experiment, recipe, recipe.precision, options, ENCODER_SEED, trained_on, tested_on)

    def make() -> Outcome:
        if options.resume:
            _take_over(run, row)
        fitted = train_recogniser(run, training)
        outcome = Outcome(fitted=[fitted])
        features = evaluation.network_features(embedder(fitted.model), recipe.mirrored)
        _add_verifications(outcome, found, features, recipe.size)
        if says_ages:
            ages = keras.Model(fitted.model.input["faces"], {"age": fitted.model.output["age"]})
            _add_ages(outcome, found, guided_years(ages), recipe.size)
        return outcome

    return Foundation(run, make)


def _take_over(run: Run, row: Experiment) -> None:
    """Copy the encoder from the row of recognition that is the same training, where that has ended here."""
    name = f"{row.built_on.name}{HALF if row.halved else ''}"
    twin = dataclasses.replace(run, experiment=dataclasses.replace(run.experiment, name=name))
    if run.folder.exists() or not (twin.folder / FINAL_WEIGHTS).is_file():
        return
    print(f"{run.name}: the same training as {twin.name}, whose weights it takes")
    with atomic_path(run.folder) as folder:
        shutil.copytree(twin.folder, folder, ignore=shutil.ignore_patterns(".*"))


def guide(options: Options, row: Experiment) -> Foundation:
    """Return what guides a row's synthesis, without training it: the encoder with an age head fitted.

    Where its recipe fits none it is the encoder itself. Its ages are judged on the faces on which the age
    judge is judged too.
    """
    below, recipe = encoder(options, row), row.recipe(options.profile)
    if recipe.guide_epochs is None:
        return below
    found = partition(options, recipe)
    faces = aged(found.synthesiser, options)
    named = below.run.experiment.name.replace(ENCODER, GUIDE)
    experiment = Guide(recipe, below.run.configuration, named)
    trained_on = (faces.faces.data, *below.run.trained_on)
    run = _run(
        experiment, recipe, recipe.precision, options, ENCODER_SEED, trained_on, tuple(_of_ages(found))
    )

    def make() -> Outcome:
        fitted = train_guide(run, SynthesisSet(faces.faces, faces.years, below.network))
        outcome = Outcome(fitted=[fitted])
        _add_ages(outcome, found, guided_years(fitted.model), recipe.size)
        return outcome

    return Foundation(run, make)


def make_guide(options: Options, row: Experiment) -> None:
    """Train what guides a row's synthesis, and the encoder below it, unless they are."""
    encoder(options, row).record()
    if row.recipe(options.profile).guide_epochs is not None:
        guide(options, row).record()


def judges(options: Options, halved: bool = False) -> Judges:
    """Train the judges, unless they are, report their own errors, and return them.

    Args:
        options: of the run.
        halved: those that see faces of half the side.
    """
    return _judges(_of_judges(options), halved)


def names_of_judges(options: Options, halved: bool = False) -> tuple[str, ...]:
    """Return the runs of the judges, without training them: of age, of identity, and of age again."""
    return tuple(judge.run.name for judge in _bench(_of_judges(options), halved))


def _of_judges(options: Options) -> Options:
    """Neither seeds nor precision of the rows are the judges'."""
    return dataclasses.replace(options, seeds=(JUDGE_SEED,), precision=None)


@lru_cache(maxsize=1)
def _judges(options: Options, halved: bool) -> Judges:
    return Judges(*(judge.ready() for judge in _bench(options, halved)))


def _bench(options: Options, halved: bool) -> tuple[_JudgeRun, ...]:
    """Return the judges in the order of `Judges`."""
    both = (_age_judge(judging.AGE, options, halved), _identity_judge(options, halved))
    return (*both, _age_judge(judging.SECOND, options, halved)) if halved else both


@dataclass(frozen=True, eq=False)
class _JudgeRun:
    """One judge: its training, how what it says is read, and how it is judged itself."""

    run: Run
    faces: Faces
    train: Callable[[Run, Faces], FitResult]
    reader: Callable[[keras.Model], Embed]
    add: Callable[[Outcome, Embed], None]

    def ready(self) -> Embed:
        """Return what it says of faces, read from its checkpoint once its record stands."""
        Foundation(self.run, self._make).record()
        return self.reader(self.train(self.run, self.faces).model)

    def _make(self) -> Outcome:
        fitted = self.train(self.run, self.faces)
        outcome = Outcome(fitted=[fitted])
        self.add(outcome, self.reader(fitted.model))
        return outcome


def _age_judge(name: str, options: Options, halved: bool) -> _JudgeRun:
    judge = _judge(name, options, halved)
    recipe = judge.recipe
    found = partition(options, recipe)
    run = _judge_run(judge, options, found.age_judge, tuple(_of_ages(found)))

    def add(outcome: Outcome, years: Embed) -> None:
        _add_ages(outcome, found, years, recipe.size)

    return _JudgeRun(run, found.age_judge, judging.train_age_judge, judging.judged_years, add)


def _identity_judge(options: Options, halved: bool) -> _JudgeRun:
    judge = _judge(judging.IDENTITY, options, halved)
    recipe = judge.recipe
    found = partition(options, recipe)
    run = _judge_run(judge, options, found.identity_judge, tuple(_of_pairs(found)))

    def add(outcome: Outcome, features: Embed) -> None:
        _add_verifications(outcome, found, features, recipe.size)

    return _JudgeRun(run, found.identity_judge, judging.train_identity_judge, judging.judged_features, add)


def _judge(name: str, options: Options, halved: bool) -> Judge:
    whole = RECIPES[options.profile]
    return Judge(name, whole.half() if halved else whole, halved)


def _judge_run(judge: Judge, options: Options, faces: Faces, tested_on: tuple[tuple[str, Data], ...]) -> Run:
    recipe = judge.recipe
    precision, seed = recipe.judges.precision, JUDGE_SEED + (judge.of == judging.SECOND)
    return _run(judge, recipe, precision, options, seed, (faces.data,), tested_on)


def _run(
    experiment: Any,
    recipe: Any,
    precision: str,
    options: Options,
    seed: int,
    trained_on: tuple[Data, ...],
    tested_on: tuple[tuple[str, Data], ...],
) -> Run:
    precision = precision_of(options, precision)
    return Run(PAPER, TABLE, experiment, recipe, options, seed, precision, trained_on, tested_on)


def _of_pairs(found: Partition) -> list[tuple[str, Data]]:
    return [(one.column, one.data) for one in found.verifications]


def _of_ages(found: Partition) -> list[tuple[str, Data]]:
    return [(column, faces.data) for column, faces in found.age_tests]


def _add_verifications(outcome: Outcome, found: Partition, features: Embed, size: int) -> None:
    for verification in found.verifications:
        evaluation.add_verification(outcome, verification, features, size)


def _add_ages(outcome: Outcome, found: Partition, years: Embed, size: int) -> None:
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
