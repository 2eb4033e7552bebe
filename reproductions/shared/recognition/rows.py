"""What rows of recognition have in common: references without training, and what is asked of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from common.evidence.records import Data
from data_prep.prepared import shards
from data_prep.prepared.index import Prepared
from data_prep.protocols.recognition_tests import DistractorTest, IdentificationTest, VerificationTest
from reproductions.shared.harness.run import Outcome
from reproductions.shared.recognition import evaluation
from reproductions.shared.recognition.evaluation import Embed

CHANCE = "chance"
OUTSIDE = "outside"
"""The recogniser that this suite did not train, see `reproductions.shared.recognition.outside`."""

E = TypeVar("E")


@dataclass(frozen=True, eq=False)
class IdentificationSet:
    """A prepared set, and who is looked for in it.

    Attributes:
        prepared: the set.
        searches: identification tests among its own images.
        distractor_test: one whose gallery distractors join.
    """

    prepared: Prepared
    searches: tuple[IdentificationTest, ...]
    distractor_test: DistractorTest | None = None


def references(experiment: Callable[..., E]) -> tuple[E, ...]:
    """Return the rows that nothing is trained for; `experiment` takes name, label and `features`."""
    return tuple(
        experiment(name, label, features=name)
        for name, label in (
            (CHANCE, "Chance"),
            ("pixels", "Nearest by grey values"),
            ("lbp", "Nearest by local binary patterns"),
        )
    )


def tested_on(
    sets: Iterable[IdentificationSet], verifications: Sequence[VerificationTest], features: str
) -> Iterator[tuple[str, Data]]:
    """Yield (column, data) of all that is asked of a row; by chance alone only who comes first is."""
    for one in sets:
        for search in one.searches:
            if features != CHANCE or search.metric == "rank-1":
                yield search.column, search.data
        if one.distractor_test and features != CHANCE:
            yield one.distractor_test.column, one.distractor_test.data
    if features != CHANCE:
        for verification in verifications:
            yield verification.column, verification.data


def measure_chance(sets: Iterable[IdentificationSet]) -> Outcome:
    """Measure what answers drawn by lot would score."""
    outcome = Outcome()
    for one in sets:
        for search in one.searches:
            if search.metric == "rank-1":
                outcome.measurements.append(evaluation.measure_chance(search, one.prepared))
    return outcome


def measure_features(
    sets: Iterable[IdentificationSet],
    verifications: Iterable[VerificationTest],
    embed: Embed,
    size: int | None = None,
) -> Outcome:
    """Measure one way of comparing faces on everything; images are read at `size` pixels."""
    outcome = Outcome()
    for one in sets:
        features = embed(shards.read_images(one.prepared, size=size))
        folds = max((int(search.folds.max()) for search in one.searches), default=0) + 1
        evaluation.add_searches(outcome, one.searches, one.prepared, [features] * folds)
        if one.distractor_test:
            evaluation.add_distractor_test(outcome, one.distractor_test, one.prepared, features, embed, size)
    for verification in verifications:
        evaluation.add_verification(outcome, verification, embed, size)
    return outcome
