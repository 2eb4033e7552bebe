"""How much of age features still hold: what is told of people's ages, by a linear probe or by an age head.

"Features still contain age information" (Yu and Jing, 1) and that x_id is free of age (Huang, Zhang and Shan)
are sentences about what a probe finds. It learns from some people's faces and is asked of others', none of
whom the network was trained on but where a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.evidence.measure import measure_classes
from common.evidence.records import Data
from common.files import sha256_json
from common.metrics.search import unit_rows
from data_prep.datasets.imfdb import BANDS, bands
from data_prep.datasets.imfdb import DATASET as IMFDB
from data_prep.prepared import shards
from data_prep.prepared.faces import describe_data
from data_prep.prepared.index import Prepared
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome
from reproductions.shared.recognition.evaluation import Embed

BAND_COLUMN = "imfdb-bands"
"""Key of the tests on IMFDB's age bands."""

UNKNOWN = -1
"""The class that `said_bands` gives where the set says none; a test leaves out all below 0."""

_RIDGE = 0.1


@dataclass(frozen=True, eq=False)
class AgeTest:
    """Pictures of known age class.

    Attributes:
        column: its key.
        prepared: the set.
        classes: (images of the index,) class of each, from 0 up; below 0 where it is not known.
        train: rows of people whom nobody is asked about; probes learn from them.
        tested: rows of the people asked about.
        data: what a record says of those.
    """

    column: str
    prepared: Prepared
    classes: np.ndarray
    train: np.ndarray
    tested: np.ndarray
    data: Data


def age_test(
    column: str, prepared: Prepared, classes: np.ndarray, train: np.ndarray, tested: np.ndarray, protocol: str
) -> AgeTest | None:
    """Return a test; None where both parts do not hold two classes.

    Args:
        column: its key.
        prepared: the set.
        classes: (images of the index,) from 0 up; pictures of a class below 0 are left out.
        train, tested: rows of the index, of different people.
        protocol: what is asked, in words.
    """
    train, tested = (rows[classes[rows] >= 0] for rows in (train, tested))
    if min(len(np.unique(classes[rows])) for rows in (train, tested)) < 2:
        return None
    index = prepared.index
    content = [index["name"].iloc[tested].to_list(), classes[tested].tolist()]
    people = int(index["identity"].iloc[tested].nunique())
    data = describe_data(prepared, protocol, sha256_json(content), len(tested), people)
    return AgeTest(column, prepared, classes, train, tested, data)


def band_test(
    prepared: Prepared, classes: np.ndarray, train: np.ndarray, tested: np.ndarray
) -> AgeTest | None:
    """Return the test on IMFDB's bands; arguments as of `age_test`, classes as of `said_bands`."""
    return age_test(BAND_COLUMN, prepared, classes, train, tested, "age band of tested actors")


def said_bands(prepared: Prepared, options: Options) -> np.ndarray:
    """Return what the user's copy of IMFDB says, (images of the index,) places in `BANDS` or `UNKNOWN`."""
    said = bands(options.data_root / IMFDB.folder)
    places = {band: place for place, band in enumerate(BANDS)}
    return np.array([places.get(said.get(name), UNKNOWN) for name in prepared.index["name"]], np.int32)


def add_answers(outcome: Outcome, test: AgeTest, answers: Iterable[tuple[str, np.ndarray]]) -> None:
    """Add how well each answers, and what each said of every picture.

    Args:
        outcome: takes the measurements and the predictions.
        test: who is asked about.
        answers: (decision, (tested,) classes) of each.
    """
    classes, index = test.classes[test.tested], test.prepared.index
    people = index["identity"].to_numpy(object)[test.tested]
    rows = {
        "column": test.column,
        "name": index["name"].to_numpy(object)[test.tested],
        "subject": people,
    }
    for decision, said in answers:
        outcome.measurements += measure_classes(test.column, decision, test.data, classes, said, people)
        rows |= {f"{decision}-class": classes, f"{decision}-answer": said}
    outcome.predictions.append(pd.DataFrame(rows))


def add_probe(outcome: Outcome, test: AgeTest, embed: Embed, size: int | None, decision: str) -> None:
    """Add what a linear probe reads from features.

    Args:
        outcome: takes the measurements and the predictions.
        test: who is asked about.
        embed: turns images into features.
        size: side that images are read at, in pixels; None is their own.
        decision: under which it is recorded.
    """
    learnt, asked = (
        embed(shards.read_images(test.prepared, rows, size=size)) for rows in (test.train, test.tested)
    )
    add_answers(outcome, test, [(decision, probe(learnt, test.classes[test.train], asked))])


def probe(features: np.ndarray, classes: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the class that a linear reading of features says, (M,) whole numbers.

    Ridge regression on one-hot classes, each class weighing the same: what is asked is whether the features
    hold the class, not how often it occurs. A class that is not among `classes` is never said.

    Args:
        features: (N, D), made unit vectors, which is how they recognise.
        classes: (N,) whole numbers from 0 up.
        asked: (M, D) features of others.
    """
    unit, others = unit_rows(features), unit_rows(asked)
    counts = np.bincount(classes)
    weights = (1 / np.maximum(counts, 1))[classes]
    weights /= weights.sum()
    middle = weights @ unit
    centred = unit - middle
    wanted = np.eye(len(counts))[classes] - (counts > 0) / np.count_nonzero(counts)
    spread = (centred * weights[:, None]).T @ centred
    ridge = _RIDGE * np.trace(spread) / len(spread)
    slopes = np.linalg.solve(spread + ridge * np.eye(len(spread)), (centred * weights[:, None]).T @ wanted)
    scores = (others - middle) @ slopes
    scores[:, counts == 0] = -np.inf
    return scores.argmax(axis=1)
