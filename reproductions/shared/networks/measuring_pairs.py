"""How alike a published network finds faces of one person and of two, and whom it finds first among many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from common.metrics.search import nearest
from common.onnx_networks.running import OnnxNetwork
from data_prep.datasets.utkface import groups_of
from data_prep.prepared import shards
from data_prep.prepared.index import Prepared
from data_prep.protocols import splits
from data_prep.protocols.identification import digest, leave_one_out
from data_prep.protocols.recognition_tests import VerificationTest
from data_prep.synthetic.people import generated_in
from reproductions.shared.harness.options import Options
from reproductions.shared.networks import measuring
from reproductions.shared.networks.published import Input
from reproductions.shared.networks.recognition import vectors
from reproductions.shared.recognition.cross_age import DISTRACTORS

PARTNERS = 6
"""Strangers with whom each face is paired; as many are paired with it."""

COLUMNS = ("column", "name", "other", "same", "fold", "age", "gap", "cosine")
"""Of the file of answers: what was asked, the two pictures, whether they show one person, the pair's fold,
the age at which the younger picture shows its person, the years between the two, and their cosine.

Age and gap are empty where nobody knows, the fold where there is none, the cosine where no face was found. In
a search "other" is the most similar picture.
"""

VALIDATION, SEARCH, STRANGERS = "-validation", "-search", "-strangers"
"""End the names of columns: people on whom the threshold was set, each picture among all, pairs of two."""


class Reader:
    """Features of the pictures of data sets, read as a user's photographs are, each once.

    Args:
        detector: finds the faces.
        network, given: see `reproductions.shared.networks.recognition.vectors`.
        options: say where the data sets are.
        border: see `common.faces.alignment.align`.
    """

    def __init__(
        self, detector: str, network: OnnxNetwork, given: Input, options: Options, border: str
    ) -> None:
        self.detector, self._border = detector, border
        self._network, self._given, self._options = network, given, options
        self._known: dict[str, dict[str, np.ndarray]] = {}

    def photographs(self, prepared: Prepared, rows: np.ndarray) -> np.ndarray:
        """Return unit vectors by row of the index, NaN where no face is found or nobody asked."""
        known = self._known.setdefault(prepared.fingerprint, {})
        names = prepared.index["name"].to_numpy(object)
        missing = frozenset(names[rows]) - known.keys()
        if missing:
            where = self._folder(prepared)
            read = measuring.read_photographs(*where, self.detector, self._given, missing, self._border)
            known |= dict(zip(read.names, read.answers(self._ask), strict=True))
        features = np.full((len(names), len(next(iter(known.values())))), np.nan)
        features[rows] = [known[name] for name in names[rows]]
        return features

    def crops(self, prepared: Prepared, rows: np.ndarray) -> np.ndarray:
        """Return unit vectors of prepared faces by row of the index, NaN where nobody asked."""
        answers = self._ask(shards.read_images(prepared, rows))
        features = np.full((len(prepared.index), answers.shape[1]), np.nan)
        features[rows] = answers
        return features

    def _ask(self, faces: np.ndarray) -> np.ndarray:
        return vectors(self._network, faces, self._given)

    def _folder(self, prepared: Prepared) -> tuple[str, Path]:
        name = prepared.manifest["settings"]["dataset"]
        generated = name == "synthetic"
        return name, generated_in(self._options.prepared_root) if generated else self._options.data_root


def frame(column: str, test: VerificationTest, features: np.ndarray) -> pd.DataFrame:
    """Return pairs as rows of `COLUMNS`; `features` are unit vectors by row of the index, or NaN."""
    index, pairs = test.prepared.index, test.pairs
    ages = index["age"].to_numpy(np.float64, na_value=np.nan)
    names = index["name"].to_numpy(object)
    cosines = np.sum(features[pairs.first] * features[pairs.second], axis=1)
    return pd.DataFrame(
        {
            "column": column,
            "name": names[pairs.first],
            "other": names[pairs.second],
            "same": pairs.same,
            "fold": pairs.folds,
            "age": np.minimum(ages[pairs.first], ages[pairs.second]),
            "gap": np.abs(ages[pairs.first] - ages[pairs.second]),
            "cosine": cosines.round(4),
        }
    )


def search_frame(column: str, prepared: Prepared, features: np.ndarray) -> pd.DataFrame:
    """Return for each image whose person has another the most similar of all others, as rows of `COLUMNS`."""
    index = prepared.index
    people, names = index["identity"].to_numpy(object), index["name"].to_numpy(object)
    ages = index["age"].to_numpy(np.float64, na_value=np.nan)
    scheme = leave_one_out(index)
    seen = np.isfinite(features[:, 0])
    gallery = np.flatnonzero(seen)
    probes = np.intersect1d(scheme.probes, gallery)
    answer = nearest(features[probes], features[gallery], np.searchsorted(gallery, probes))
    found, cosine = np.full(len(index), -1), np.full(len(index), np.nan)
    found[probes], cosine[probes] = gallery[answer.rows], answer.similarities
    there = found[scheme.probes]
    return pd.DataFrame(
        {
            "column": column,
            "name": names[scheme.probes],
            "other": [names[one] if one >= 0 else None for one in there],
            "same": (there >= 0) & (people[there] == people[scheme.probes]),
            "fold": None,
            "age": ages[scheme.probes],
            "gap": np.where(there >= 0, np.abs(ages[there] - ages[scheme.probes]), np.nan),
            "cosine": cosine[scheme.probes].round(4),
        }
    )


def strangers(index: pd.DataFrame, rows: np.ndarray, groups: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of images of one group, each image with up to 2 `PARTNERS` others, as rows of the index.

    Args:
        index: of the set.
        rows: which images.
        groups: (rows,) of each.
    """
    order = sorted(range(len(rows)), key=lambda n: digest(index["name"].iloc[rows[n]]))
    by_group: dict[str, list[int]] = {}
    for place in order:
        by_group.setdefault(groups[place], []).append(int(rows[place]))
    for one in by_group.values():
        if len(one) <= 2 * PARTNERS:
            yield from combinations(one, 2)
            continue
        for place, first in enumerate(one):
            yield from ((first, one[(place + step) % len(one)]) for step in range(1, PARTNERS + 1))


def strangers_frame(column: str, prepared: Prepared, read: Reader) -> pd.DataFrame:
    """Return pairs of two people of one gender, origin and decade among UTKFace's test split."""
    index = prepared.index
    rows = splits.PROTOCOLS[DISTRACTORS]["grouped"](index)[0].test
    names, ages = index["name"].to_numpy(object), index["age"].to_numpy(np.float64)
    groups = [f"{groups_of(names[row])} {ages[row] // 10}" for row in rows]
    first, second = np.array(list(strangers(index, rows, groups))).T
    features = read.photographs(prepared, rows)
    return pd.DataFrame(
        {
            "column": column,
            "name": names[first],
            "other": names[second],
            "same": False,
            "fold": None,
            "age": np.minimum(ages[first], ages[second]),
            "gap": np.abs(ages[first] - ages[second]),
            "cosine": np.sum(features[first] * features[second], axis=1).round(4),
        }
    )
