"""How well IMFDB's age bands are told: by the age head, and by a linear probe of the features.

"Age features and identity features [...] enhance each other" (abstract) is asked of the age head, with and
without the regulariser; how much age F4 still holds says whether the regulariser did anything to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from common.evidence.measure import measure_classes
from common.evidence.records import Data
from common.files import sha256_json
from common.metrics.search import unit_rows
from common.pipelines import batches
from data_prep.datasets.imfdb import BANDS
from data_prep.prepared import shards
from data_prep.prepared.faces import describe_data
from reproductions.jmcnn.age_groups import IGNORED
from reproductions.jmcnn.data import CrossAgeSet
from reproductions.shared.harness.run import Outcome

COLUMN = "imfdb-bands"
HEAD = "age-head"
PROBES = {"F1": "probe-F1", "F4": "probe-F4"}
"""Decision by the layer whose features are probed."""

_ANSWERS = "age_group_logits"
_RIDGE = 0.1
_BATCH = 256


@dataclass(frozen=True, eq=False)
class BandTest:
    """Pictures of known age band.

    Attributes:
        across: the set.
        train: rows of people trained on; the probes learn from them too.
        tested: rows of the people tested.
        data: what a record says of those.
    """

    across: CrossAgeSet
    train: np.ndarray
    tested: np.ndarray
    data: Data


def band_test(across: CrossAgeSet) -> BandTest | None:
    """Return the test of a set with bands; None where both parts do not hold two bands."""
    if across.bands is None or across.tested is None:
        return None
    known = across.bands != IGNORED
    train, tested = (rows[known[rows]] for rows in (across.train[0].rows, across.tested))
    if min(len(np.unique(across.bands[rows])) for rows in (train, tested)) < 2:
        return None
    index = across.prepared.index
    content = [index["name"].iloc[tested].to_list(), across.bands[tested].tolist()]
    people = int(index["identity"].iloc[tested].nunique())
    data = describe_data(
        across.prepared, "age band of tested actors", sha256_json(content), len(tested), people
    )
    return BandTest(across, train, tested, data)


def add_bands(outcome: Outcome, test: BandTest, model: keras.Model, tuned: bool) -> None:
    """Measure what a network's age head answers, where it has one, and what its features tell a probe.

    Args:
        outcome: takes the measurements.
        test: who is asked.
        model: a trained network.
        tuned: whether it was trained on the set: its age head then answers in the set's bands.
    """
    classes = test.across.bands[test.tested]
    index = test.across.prepared.index
    people = index["identity"].to_numpy(object)[test.tested]
    rows = {
        "column": COLUMN,
        "name": index["name"].to_numpy(object)[test.tested],
        "subject": people,
    }
    for decision, answers in _answers(test, model, tuned):
        outcome.measurements += measure_classes(COLUMN, decision, test.data, classes, answers, people)
        rows |= {f"{decision}-class": classes, f"{decision}-answer": answers}
    outcome.predictions.append(pd.DataFrame(rows))


def _answers(test: BandTest, model: keras.Model, tuned: bool) -> Iterator[tuple[str, np.ndarray]]:
    layers = {layer.name for layer in model.layers}
    outputs = {"F1": model.get_layer("dropout").input, "F4": model.get_layer("F4").output}
    if tuned and _ANSWERS in layers:
        outputs[HEAD] = model.get_layer(_ANSWERS).output
    reader = keras.Model(model.input["faces"], outputs)
    found = [_read(reader, test, part) for part in (test.train, test.tested)]
    if HEAD in outputs:
        yield HEAD, found[1][HEAD].argmax(axis=1)
    known = test.across.bands[test.train]
    for layer, decision in PROBES.items():
        yield decision, probe(found[0][layer], known, found[1][layer])


def _read(reader: keras.Model, test: BandTest, rows: np.ndarray) -> dict[str, np.ndarray]:
    images = shards.read_images(test.across.prepared, rows)
    found = reader.predict(batches(images, _BATCH), verbose=0)
    return {name: np.asarray(values, np.float32) for name, values in found.items()}


def probe(features: np.ndarray, classes: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the class that a linear reading of features says, (M,) whole numbers.

    Ridge regression on one-hot classes, each class weighing the same: what is asked is whether the features
    hold the class, not how often it occurs.

    Args:
        features: (N, D), made unit vectors, which is how they recognise.
        classes: (N,) whole numbers below the number of `BANDS`.
        asked: (M, D) features of others.
    """
    unit, others = unit_rows(features), unit_rows(asked)
    counts = np.bincount(classes, minlength=len(BANDS))
    weights = (1 / np.maximum(counts, 1))[classes]
    weights /= weights.sum()
    middle = weights @ unit
    centred = unit - middle
    wanted = np.eye(len(BANDS))[classes] - (counts > 0) / np.count_nonzero(counts)
    spread = (centred * weights[:, None]).T @ centred
    ridge = _RIDGE * np.trace(spread) / len(spread)
    slopes = np.linalg.solve(spread + ridge * np.eye(len(spread)), (centred * weights[:, None]).T @ wanted)
    scores = (others - middle) @ slopes
    scores[:, counts == 0] = -np.inf
    return scores.argmax(axis=1)
