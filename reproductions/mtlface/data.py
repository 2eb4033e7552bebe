"""Which faces recognition is trained and tested on, by what the user holds.

train   an identity set with ages: SCAF, or one of `reproductions.identities` whose ages were estimated
test    FG-NET: oldest against youngest, each image against all others, also with UTKFace's faces as
        distractors, pairs, and pairs decades apart
        MORPH Album 2: the people whom JMCNN is tested on
        pairs of LFW, AgeDB-30, CALFW and CACD-VS

Nothing of a test set is ever trained on. Without a data folder generated people stand in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from common.files import sha256_json
from data_prep import recognition
from data_prep.faces import Faces, holds
from data_prep.index import Prepared
from data_prep.pair_lists import published_pairs
from data_prep.searches import (
    UNSEEN,
    Crowded,
    Search,
    Verification,
    crowded,
    drawn_verification,
    people_searches,
    search,
    verification,
)
from reproductions.identities import (
    GENERATED_PAIRS,
    PAIRS,
    TEMPLATE,
    Identities,
    load_identities,
    prepared,
)
from reproductions.labelling import labels_of
from reproductions.mtlface.age_groups import whole_years
from reproductions.options import Options

GAP = 20
"""Years between the two images of a pair, at least, in what is asked about large age gaps."""

PUBLISHED = ("agedb-30", "calfw")


STRANGERS = "utkface"
"""The set whose faces join FG-NET's gallery as distractors."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Searches in one prepared set, and one whose gallery strangers join."""

    prepared: Prepared
    searches: tuple[Search, ...]
    crowded: Crowded | None = None


@dataclass(frozen=True, eq=False)
class Material:
    """All faces of a run.

    Attributes:
        faces: trained on.
        asked: who is looked for.
        verifications: pairs.
    """

    faces: Faces
    asked: tuple[Asked, ...]
    verifications: tuple[Verification, ...]


@dataclass(frozen=True, eq=False)
class Aged:
    """Faces with the age of each image of their index, (images,) int32 whole years (see `whole_years`)."""

    faces: Faces
    years: np.ndarray


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...]) -> Material:
    """Prepare the faces that the user holds at `size` pixels and say what is asked of them.

    Raises:
        UserError: a data folder was given that holds no identity set.
    """
    first = load_identities(options, size, prefers)
    if first.generated is not None:
        return _generated(first)
    asked, pairs = [], list(first.verifications)
    if holds(options.data_root, "fgnet"):
        faces = prepared(options, "fgnet", size)
        asked.append(Asked(faces, people_searches(faces, "fgnet"), _among_strangers(faces, options, size)))
        pairs += _pairs_by_gap("fgnet", faces, None, "drawn pairs", PAIRS)
    if holds(options.data_root, "morph"):
        faces = prepared(options, "morph", size)
        scheme = recognition.youngest_to_oldest(faces.index, recognition.morph_people(faces.index).test)
        found = search("morph-oldest", "rank-1", faces, scheme, "youngest to oldest")
        asked.append(Asked(faces, (found,)))
    pairs += _published(options, size)
    return Material(first.faces, tuple(asked), tuple(pairs))


def aged(faces: Faces, options: Options) -> Aged:
    """Return faces with their ages: those of the set's own labels, else those that a trained network said.

    What a record says of the faces then names the estimates, since another estimator makes another training.

    Raises:
        UserError: the set has no ages of its own, and no estimator was trained.
    """
    own = faces.prepared.index["age"]
    if own.iloc[faces.rows].notna().any():
        return Aged(faces, whole_years(own.to_numpy(np.float64, na_value=np.nan)))
    labels = labels_of(options, faces.data.dataset, faces.prepared.size, TEMPLATE)
    estimates = labels.set_index("name")["age_expectation"].reindex(faces.prepared.index["name"])
    years = whole_years(estimates.to_numpy(np.float64, na_value=np.nan))
    told = replace(
        faces.data,
        protocol=f"{faces.data.protocol}, ages estimated",
        fingerprint=sha256_json([faces.data.fingerprint, years.tolist()]),
    )
    return Aged(replace(faces, data=told), years)


def _generated(first: Identities) -> Material:
    faces, test = first.faces.prepared, first.generated.test
    asked = Asked(faces, people_searches(faces, "synthetic", test))
    apart = _apart("synthetic", faces, test, UNSEEN, GENERATED_PAIRS)
    return Material(first.faces, (asked,), (*first.verifications, apart))


def _among_strangers(faces: Prepared, options: Options, size: int) -> Crowded | None:
    if not holds(options.data_root, STRANGERS):
        return None
    return crowded("fgnet-crowd", faces, [prepared(options, STRANGERS, size)])


def _pairs_by_gap(
    name: str, faces: Prepared, rows: np.ndarray | None, title: str, pairs: int
) -> Iterator[Verification]:
    yield drawn_verification(f"{name}-pairs", faces, rows, title, pairs)
    yield _apart(name, faces, rows, title, pairs)


def _apart(name: str, faces: Prepared, rows: np.ndarray | None, title: str, pairs: int) -> Verification:
    return drawn_verification(f"{name}-gap", faces, rows, f"{title}, {GAP} years apart", pairs, GAP)


def _published(options: Options, size: int) -> Iterator[Verification]:
    for name in PUBLISHED:
        if holds(options.data_root, name):
            faces = prepared(options, name, size)
            pairs = published_pairs(faces, options.data_root)
            yield verification(name, faces, pairs, f"{len(pairs.same):,} pairs")
