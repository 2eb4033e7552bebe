"""Which faces a run is trained and tested on, by what the user holds.

stage 1   CASIA-WebFace, or LFW less the people of the held-out pairs
stage 2   FG-NET: five folds by person; each fold trains on four and tests on the people of the fifth
          MORPH Album 2: 3,000 people tested, the others trained on
          CACD: the 120 test celebrities of CARC, the others trained on
pairs     LFW: pairs of people whom nothing was trained on; CACD-VS

Without any of them generated people stand in, each in one stage only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from common.errors import UserError
from common.evidence.records import Data
from common.files import sha256_json
from data_prep import protocols, recognition
from data_prep.datasets import get
from data_prep.faces import Faces, describe_data, faces_of, holds, prepared_set
from data_prep.index import Prepared
from data_prep.recognition import Identification, Pairs
from reproductions.options import Options
from reproductions.running import first_held

TEMPLATE = "arcface"
"""Where the landmarks come to lie: the usual one of face recognition."""

FOLDS = 5

GENERATED_QUERIES = (2010, 2025)
GENERATED_PERIODS = {"1950-1974": (1950, 1974), "1975-1994": (1975, 1994), "1995-2009": (1995, 2009)}
"""The periods of Fig. 5 for generated people, whose pictures span their lives."""

_PAIRS = 300
_GENERATED_PAIRS = 60


@dataclass(frozen=True, eq=False)
class Search:
    """Probes whose person is looked for in a gallery, under one model a fold.

    Attributes:
        column: of the tables.
        metric: "rank-1" or "MAP".
        data: what a record says of it.
        scheme: probes and gallery of all folds together.
        folds: fold of each probe: it is asked of the model that was not trained on its person.
    """

    column: str
    metric: str
    data: Data
    scheme: Identification
    folds: np.ndarray


@dataclass(frozen=True, eq=False)
class Verification:
    """Pairs of people whom nothing was trained on."""

    column: str
    data: Data
    pairs: Pairs


@dataclass(frozen=True, eq=False)
class Across:
    """A set of faces across age: what stage 2 trains on, and what is asked afterwards.

    Attributes:
        prepared: the set.
        train: one training a fold.
        searches: what is asked.
    """

    prepared: Prepared
    train: tuple[Faces, ...]
    searches: tuple[Search, ...]

    @property
    def trained_on(self) -> Data:
        """What a record says of the trainings of all folds together."""
        parts = [faces.data for faces in self.train]
        if len(parts) == 1:
            return parts[0]
        everybody = np.unique(np.concatenate([faces.rows for faces in self.train]))
        people = self.prepared.index["identity"].iloc[everybody].nunique()
        return replace(
            parts[0],
            protocol=f"{len(parts)} folds by person",
            split_hash=sha256_json([part.split_hash for part in parts]),
            images=len(everybody),
            subjects=people,
        )


@dataclass(frozen=True, eq=False)
class Material:
    """All faces of a run.

    Attributes:
        identities: stage 1.
        verifications: pairs, asked of stage 1.
        pair_faces: the prepared sets of the pairs, by column.
        across: stage 2, by the name of its set.
    """

    identities: Faces
    verifications: tuple[Verification, ...]
    pair_faces: dict[str, Prepared]
    across: dict[str, Across]


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...]) -> Material:
    """Prepare the faces that the user holds at `size` pixels and divide them.

    Raises:
        UserError: a data folder was given that holds no identity set, or none across age.
    """
    name = identity_set(options, prefers)
    if name == "synthetic":
        return _generated(_prepared(options, "synthetic", size))
    prepared = _prepared(options, name, size)
    pair_faces: dict[str, Prepared] = {}
    verifications = []
    if name == "lfw":
        (split,) = protocols.PROTOCOLS["lfw"]["recognition"](prepared.index)
        identities = faces_of(prepared, split.train, split, "training people")
        pair_faces["lfw-pairs"] = prepared
        verifications.append(_drawn("lfw-pairs", prepared, split.test, "pairs of people not trained on"))
    else:
        everybody = np.arange(len(prepared.index))
        split = protocols.make_split(prepared.index, name, "all people", everybody, _NONE, _NONE)
        identities = faces_of(prepared, split.train, split, "all people")
        if holds(options.data_root, "lfw"):
            pair_faces["lfw-pairs"] = _prepared(options, "lfw", size)
            verifications.append(_lfw(pair_faces["lfw-pairs"], options))
    if holds(options.data_root, "cacd-vs"):
        vs = _prepared(options, "cacd-vs", size)
        pairs = recognition.numbered_pairs(vs.index)
        verifications.append(_verification("cacd-vs", vs, pairs, f"{len(pairs.same):,} pairs"))
        pair_faces["cacd-vs"] = vs
    across = {
        other: make(_prepared(options, other, size), options)
        for other, make in (("fgnet", _fgnet), ("morph", _morph), ("cacd", _cacd))
        if holds(options.data_root, other)
    }
    if not across:
        raise UserError(
            f"{options.data_root} holds no set of faces across age (FG-NET, MORPH or CACD): see "
            "make data-fgnet, or leave DATA_ROOT out to run on generated faces."
        )
    return Material(identities, tuple(verifications), pair_faces, across)


def identity_set(options: Options, prefers: tuple[str, ...]) -> str:
    """Return the identity set of stage 1: the first of `prefers` that is there, else generated people."""
    return first_held(options, prefers, "set of identities to train on", "lfw")


_NONE = np.empty(0, int)


def _prepared(options: Options, name: str, size: int) -> Prepared:
    return prepared_set(name, options.data_root, options.prepared_root, size, TEMPLATE)


def _lfw(prepared: Prepared, options: Options) -> Verification:
    """LFW's own 6,000 pairs where its pairs.txt lies beside the images, else pairs drawn from all people."""
    listed = get("lfw").find(options.data_root / get("lfw").folder) / "pairs.txt"
    if not listed.is_file():
        return _drawn("lfw-pairs", prepared, np.arange(len(prepared.index)), "drawn pairs")
    pairs = recognition.lfw_pairs(prepared.index, listed)
    return _verification("lfw-pairs", prepared, pairs, f"{len(pairs.same):,} pairs of pairs.txt")


def _generated(prepared: Prepared) -> Material:
    """Divide generated people: half for stage 1, a quarter for stage 2, a quarter to be looked for."""
    split = protocols.grouped(prepared.index, "synthetic-people", (50, 25, 25))
    identities = faces_of(prepared, split.train, split, "training people")
    title = "pairs of people not trained on"
    pairs = _drawn("synthetic-pairs", prepared, split.test, title, _GENERATED_PAIRS)
    tuned = faces_of(prepared, split.validation, split, "people of stage 2")
    folds = np.zeros(len(prepared.index), int)
    periods = recognition.year_searches(prepared.index, split.test, GENERATED_QUERIES, GENERATED_PERIODS)
    searches = (
        *_searches(prepared, "synthetic", split.test, folds),
        *_period_searches(prepared, "synthetic", periods, folds),
    )
    across = Across(prepared, (tuned,), searches)
    return Material(identities, (pairs,), {"synthetic-pairs": prepared}, {"synthetic": across})


def _fgnet(prepared: Prepared, options: Options) -> Across:
    splits = protocols.subject_folds(prepared.index, "fgnet-people", FOLDS)
    train = tuple(faces_of(prepared, split.train, split, "folds by person") for split in splits)
    folds = recognition.people_folds(prepared.index, FOLDS)
    return Across(prepared, train, _searches(prepared, "fgnet", np.arange(len(prepared.index)), folds))


def _morph(prepared: Prepared, options: Options) -> Across:
    split = recognition.morph_people(prepared.index)
    tuned = faces_of(prepared, split.train, split, "training people")
    folds = np.zeros(len(prepared.index), int)
    scheme = recognition.youngest_to_oldest(prepared.index, split.test)
    search = _search("morph-oldest", "rank-1", prepared, scheme, folds, "youngest to oldest")
    return Across(prepared, (tuned,), (search,))


def _cacd(prepared: Prepared, options: Options) -> Across:
    from data_prep.datasets.cacd import DATASET, test_celebrities

    celebrities = test_celebrities(DATASET.find(options.data_root / DATASET.folder))
    split = recognition.cacd_people(prepared.index, celebrities)
    tuned = faces_of(prepared, split.train, split, "training people")
    folds = np.zeros(len(prepared.index), int)
    periods = recognition.cacd_databases(prepared.index, split.test)
    return Across(prepared, (tuned,), _period_searches(prepared, "cacd", periods, folds))


def _searches(prepared: Prepared, name: str, rows: np.ndarray, folds: np.ndarray) -> tuple[Search, ...]:
    """The scheme of the MORPH experiments, the same among adults, and each image against all others.

    One that fewer than two people are looked for in, as in a partial copy, gives no search.
    """
    index = prepared.index
    schemes = {
        "oldest": (recognition.youngest_to_oldest(index, rows), "youngest to oldest"),
        "adults": (
            recognition.youngest_to_oldest(index, rows, recognition.ADULT),
            "youngest to oldest, adults",
        ),
        "one-out": (recognition.leave_one_out(index, rows), "one against all others"),
    }
    return tuple(
        _search(f"{name}-{key}", "rank-1", prepared, scheme, folds, title)
        for key, (scheme, title) in schemes.items()
        if index["identity"].iloc[scheme.probes].nunique() > 1
    )


def _period_searches(
    prepared: Prepared, name: str, periods: dict[str, Identification], folds: np.ndarray
) -> tuple[Search, ...]:
    """The searches of Fig. 5, less queries whose person is not in the database: Eq. 7 has no value for them.

    A database that fewer than two people are looked for in, of a partial copy, gives no search.
    """
    people = prepared.index["identity"].to_numpy(object)
    searches = []
    for period, scheme in periods.items():
        there = scheme.probes[np.isin(people[scheme.probes], people[scheme.gallery])]
        if len(set(people[there])) > 1:
            kept = recognition.restricted(prepared.index, scheme, there)
            searches.append(_search(f"{name}-{period}", "MAP", prepared, kept, folds, f"among {period}"))
    return tuple(searches)


def _search(
    column: str, metric: str, prepared: Prepared, scheme: Identification, folds: np.ndarray, title: str
) -> Search:
    people = prepared.index["identity"].iloc[scheme.probes].nunique()
    data = describe_data(prepared, title, scheme.hash, len(scheme.probes), people)
    return Search(column, metric, data, scheme, folds[scheme.probes])


def _drawn(
    column: str, prepared: Prepared, rows: np.ndarray, title: str, pairs: int = _PAIRS
) -> Verification:
    drawn = recognition.drawn_pairs(prepared.index, rows, pairs=pairs)
    return _verification(column, prepared, drawn, f"{len(drawn.same):,} {title}")


def _verification(column: str, prepared: Prepared, pairs: Pairs, title: str) -> Verification:
    used = np.unique(np.concatenate([pairs.first, pairs.second]))
    people = prepared.index["identity"].iloc[used].nunique() or None
    return Verification(column, describe_data(prepared, title, pairs.hash, len(used), people), pairs)
