"""The study of synthesis: methods trained on faces with ages, judged, and used on faces of one's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import keras

from common.errors import UserError
from common.evidence.records import Data, Record
from common.files import sha256_json
from common.training.adversarial import refused_float16
from common.training.fit import FINAL_WEIGHTS
from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.mtlface.data import aged
from reproductions.mtlface.model import untrained_network
from reproductions.mtlface.study import PAPER
from reproductions.mtlface.synthesis import data
from reproductions.mtlface.synthesis.data import Test
from reproductions.mtlface.synthesis.evaluate import Age, ageing, measure, unchanged
from reproductions.mtlface.synthesis.experiments import TABLE2, Experiment
from reproductions.mtlface.synthesis.features import frozen_features, with_age_head
from reproductions.mtlface.synthesis.foundations import (
    Foundation,
    encoder,
    guide,
    judges,
    make_guide,
    names_of_judges,
)
from reproductions.mtlface.synthesis.methods import Synthesiser
from reproductions.mtlface.synthesis.realism import recogniser as outside_recogniser
from reproductions.mtlface.synthesis.train import SynthesisSet, synthesiser, train_synthesiser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study
from reproductions.shared.harness.trained import Trained, find_trained

TABLE = "table2"
VARIANTS_TABLE = "table2-variants"


class Partition(NamedTuple):
    """All faces of a run.

    Attributes:
        training: what the method learns from; None where nothing is trained.
        encoder: what guides it; None where it reads no encoder.
        tests: faces that are aged.
    """

    training: SynthesisSet | None
    encoder: Foundation | None
    tests: tuple[Test, ...]


class Synthesis(Study[Partition]):
    """Faces taken to other ages by four methods, and judged from outside.

    What a run rests on, the frozen encoder with its guide and the judges, is made with it unless it is there.
    """

    paper = PAPER
    headline = {"age accuracy": None, "identity": None}  # noqa: RUF012

    def require(self, experiments: tuple[Any, ...], options: Options) -> None:
        """Refuse float16, and faces whose ages nobody said and no estimator is trained for."""
        if options.precision == "float16":
            raise refused_float16()
        for one in experiments:
            if one.frozen:
                encoder(options, one)

    def partition(self, run: Run) -> Partition:
        experiment, options = run.experiment, run.options
        found = data.partition(options, run.recipe)
        frozen = guide(options, experiment) if experiment.frozen else None
        training = None
        if experiment.trained:
            faces = aged(found.synthesiser, options)
            network = None if frozen is None else frozen.network
            training = SynthesisSet(faces.faces, faces.years, network)
        return Partition(
            training, frozen, judged_by(names_of_judges(options, experiment.halved), found.tests)
        )

    def trained_on(self, run: Run, partition: Partition) -> tuple[Data, ...]:
        own = (partition.training.faces.data,) if partition.training else ()
        return own if partition.encoder is None else own + encoder(run.options, run.experiment).run.trained_on

    def tested_on(self, run: Run, partition: Partition) -> Iterable[tuple[str, Data]]:
        for test in partition.tests:
            yield test.column, test.faces.data

    def measure(self, run: Run, partition: Partition) -> Outcome:
        outcome = Outcome()
        age: Age = unchanged
        trained_judges = judges(run.options, run.experiment.halved)
        if partition.encoder is not None:
            make_guide(run.options, run.experiment)
        if partition.training is not None:
            fitted = train_synthesiser(run, partition.training)
            age = ageing(fitted.model)
            outcome.fitted.append(fitted)
        for test in partition.tests:
            faces, size = test.faces, run.recipe.size
            compared_by = outside_recogniser(faces.prepared, faces.data, size)
            outcome.add(*measure(test, age, trained_judges, size, compared_by))
        return outcome


def judged_by(names: tuple[str, ...], tests: tuple[Test, ...]) -> tuple[Test, ...]:
    """Return tests whose records say by their hash who judged: what other judges said stands for nothing."""

    def of_judges(test: Test) -> Test:
        data = test.faces.data
        judged = sha256_json([data.split_hash, test.pairs.data.split_hash, *names])
        faces = dataclasses.replace(test.faces, data=dataclasses.replace(data, split_hash=judged))
        return dataclasses.replace(test, faces=faces)

    return tuple(of_judges(test) for test in tests)


def trained_ageing(experiment: Experiment, options: Options) -> Age:
    """Return what the trained method of the first seed of `options` does to faces.

    Raises:
        Untrained: it has not been trained here; the sentence names the target that trains it.
    """
    return ageing(trained_method(experiment, trained(experiment, options), options))


def trained(experiment: Experiment, options: Options) -> Trained:
    """Return the training of a method with the first seed of `options`.

    Raises:
        Untrained: it has not been trained here; the sentence names the target that trains it.
    """
    table = TABLE if experiment in TABLE2 else VARIANTS_TABLE
    return find_trained(
        options,
        PAPER,
        experiment.name,
        experiment.configuration(options.profile),
        what=f"synthesis by {experiment.label}",
        target=f"{table}-{PAPER}",
    )


def ageing_of(experiment: Experiment, record: Record, options: Options) -> Age:
    """Return what the method that a record tells of does to faces.

    Raises:
        UserError: its weights are not on this machine.
    """
    weights = Path(options.runs_root) / PAPER / record.run / FINAL_WEIGHTS
    if not weights.is_file():
        raise UserError(
            f"the record of {record.run} stands, but its weights are not in {weights.parent}: train it here "
            "with WEIGHTS=needed (--weights needed)."
        )
    return ageing(trained_method(experiment, Trained(record, weights), options))


def trained_method(experiment: Experiment, found: Trained, options: Options) -> Synthesiser:
    """Return a trained method, in the number format of its record."""
    # The weights file holds the frozen encoder's too.
    with precision_policy(found.record.precision):
        features = frozen_features(_untrained_recogniser(experiment, options)) if experiment.frozen else None
        model = synthesiser(experiment, experiment.recipe(options.profile), features)
    load_weights(model, found.weights, found.stated)
    return model


def _untrained_recogniser(experiment: Experiment, options: Options) -> keras.Model:
    encoder = experiment.encoder(options.profile)
    return with_age_head(untrained_network(encoder, encoder.recipe(options.profile), people=2))


STUDY = Synthesis()
