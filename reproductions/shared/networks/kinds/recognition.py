"""Networks that tell people apart: the threshold, and how they do on pairs and in a search."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import pandas as pd

from common.metrics.search import unit_rows
from common.metrics.verification import accept_threshold, equal_error_rate
from common.onnx_networks.running import OnnxNetwork
from data_prep.datasets.held import holds
from reproductions.shared.harness.options import Options
from reproductions.shared.networks import measuring
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.networks.example import SEED, example_face
from reproductions.shared.networks.kinds.kind import Described, Kind
from reproductions.shared.networks.measuring_pairs import (
    SEARCH,
    STRANGERS,
    VALIDATION,
    Reader,
    frame,
    search_frame,
    strangers_frame,
)
from reproductions.shared.networks.published import Input, PublishedRecognition
from reproductions.shared.recognition.cross_age import DISTRACTORS
from reproductions.shared.recognition.identity_sets import prepared as prepared_set

FALSE_MATCH_RATE = 0.01
"""Share of the pairs of two people that may pass for one person's."""

BORDER = "reflect"
CHOSEN_BORDER = (
    "what lies outside a photograph is filled with its mirror image, for black there makes faces of tightly "
    "cut pictures alike: of the pairs of forty of UTKFace's pictures 64% were taken for one person's with "
    "black, 10% with the edge's colour and 6% so"
)
"""Why that border."""

OUTPUT = (
    "embedding: (N, {length}), float32, of length one; the sum over the views, scaled to length one again, "
    "is the face's. The cosine of two faces is the sum of the products of their numbers"
)


def all_pairs(people: np.ndarray, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cosine of each pair of images, and whether it shows one person, (P,) both.

    Args:
        people: (N,) who is shown.
        features: (N, D) of any length above zero.
    """
    units = unit_rows(np.asarray(features, np.float64))
    first, second = np.triu_indices(len(people), 1)
    return (units @ units.T)[first, second], people[first] == people[second]


def join(outputs: Sequence[keras.KerasTensor], name: str) -> keras.KerasTensor:
    """Return unit vectors one after another as one of length one: its cosines are the means of theirs."""
    if len(outputs) == 1:
        return keras.layers.Activation("linear", name=name)(outputs[0])
    whole = keras.layers.Concatenate()(outputs)
    return keras.layers.Rescaling(len(outputs) ** -0.5, name=name)(whole)


def joined(outputs: Sequence[np.ndarray]) -> np.ndarray:
    """Return what `join` returns, of arrays."""
    return np.concatenate(outputs, axis=1) * len(outputs) ** -0.5


def _error(answers: np.ndarray, candidate: Candidate) -> float:
    return equal_error_rate(*all_pairs(candidate.validation.subjects, answers))


def _describe(candidate: Candidate, network: OnnxNetwork, given: Input, options: Options) -> Described:
    detector, *_ = measuring.CHAIN
    read = Reader(detector, network, given, options, BORDER)
    validation = candidate.validation
    seen = read.photographs(validation.prepared, validation.rows)[validation.rows]
    found = np.isfinite(seen[:, 0])
    cosines, same = all_pairs(validation.subjects[found], seen[found])
    outputs = network(example_face(candidate.size, candidate.template)[None])[0]
    fields = {
        "output": OUTPUT.format(length=len(outputs)),
        "length": len(outputs),
        "detector": detector,
        "border": BORDER,
        "chosen_border": CHOSEN_BORDER,
        "threshold": math.ceil(1e4 * accept_threshold(cosines, same, FALSE_MATCH_RATE)) / 1e4,
        "false_match_rate": FALSE_MATCH_RATE,
        "threshold_on": f"{validation.data.title}, {validation.data.protocol}, found by {detector}",
        "people": len(set(validation.subjects[found])),
        "strangers": int((~same).sum()),
        "outputs": tuple(outputs.round(5).tolist()),
        "seed": SEED,
    }
    return Described(fields, pd.concat(_frames(candidate, read, options), ignore_index=True))


def _frames(candidate: Candidate, read: Reader, options: Options) -> Iterator[pd.DataFrame]:
    """Yield what is asked: pairs, each picture among all others where ages are known, and strangers."""
    validation, shown = candidate.validation, f"{measuring.READ_BY}{read.detector}"
    searched = set()
    for column, test in candidate.pairs.items():
        faces = test.prepared
        rows = np.unique(np.concatenate([test.pairs.first, test.pairs.second]))
        answers = frame(f"{column}{shown}", test, read.photographs(faces, rows))
        if faces.fingerprint == validation.prepared.fingerprint:
            yield frame(column, test, read.crops(faces, rows))
            seen = answers["name"].isin(validation.names)
            answers.loc[seen, "column"] = f"{column}{VALIDATION}{shown}"
        elif faces.index["age"].notna().all() and faces.fingerprint not in searched:
            searched.add(faces.fingerprint)
            features = read.photographs(faces, np.arange(len(faces.index)))
            yield search_frame(f"{test.data.dataset}{SEARCH}{shown}", faces, features)
        yield answers
    if not validation.data.stand_in and holds(options.data_root, DISTRACTORS):
        faces = prepared_set(options, DISTRACTORS, candidate.size)
        yield strangers_frame(f"{DISTRACTORS}{STRANGERS}{shown}", faces, read)


KIND = Kind(
    name=PublishedRecognition.KIND,
    offer="recognition_network",
    published=PublishedRecognition,
    output="embedding",
    gives=OUTPUT.format(length=512),
    unit="equal error rate of all pairs, in percent,",
    how="",
    error=_error,
    describe=_describe,
    together="the embeddings side by side",
    join=join,
    joined=joined,
)
