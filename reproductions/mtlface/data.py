"""Which faces recognition is trained and tested on, by what the user holds.

train   an identity set with ages: SCAF, or one of LFW's kind whose ages were estimated
test    FG-NET: oldest against youngest, each image against all others, also with UTKFace's faces as
        distractors, pairs, and pairs decades apart
        MORPH Album 2: the people whom JMCNN is tested on
        IMFDB: a third of the actors, latest films among earlier ones, and pairs ten years apart; some rows
        are trained on with the others' films and the ages that the set says
        pairs of LFW, AgeDB-30, CALFW and CACD-VS

Nothing of a test set is ever trained on. Without a data folder generated people stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from common.evidence.people_page import odd_numbers
from common.files import sha256_json
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols import identification
from data_prep.protocols.recognition_tests import (
    UNSEEN,
    VerificationTest,
    people_tests,
    ranked,
)
from data_prep.protocols.splits import faces_of
from reproductions.mtlface.age_groups import age_groups, whole_years
from reproductions.shared.harness.options import Options
from reproductions.shared.pseudo_labels import balanced as labelled_balance
from reproductions.shared.pseudo_labels.labelling import labels_of
from reproductions.shared.recognition import cross_age as across_age
from reproductions.shared.recognition import probing
from reproductions.shared.recognition.identity_sets import (
    GENERATED_PAIRS,
    TEMPLATE,
    Identities,
    load_identities,
    prepared,
)
from reproductions.shared.recognition.probing import AgeTest
from reproductions.shared.recognition.rows import IdentificationSet

_BEGIN = (13, 31, 51)
"""Years at which a generated person is young, of middle age and old, in the four bands of films."""


@dataclass(frozen=True, eq=False)
class Partition:
    """All faces of a run.

    Attributes:
        faces: trained on.
        asked: who is looked for.
        verifications: pairs.
        probed: pictures of known age class, of people not trained on, for probes of the features.
        films: those of actors who are not tested, where the user holds them.
    """

    faces: Faces
    asked: tuple[IdentificationSet, ...]
    verifications: tuple[VerificationTest, ...]
    probed: tuple[AgeTest, ...] = ()
    films: Banded | None = None


@dataclass(frozen=True, eq=False)
class Banded:
    """Faces with the age class of each image of their index, (images,) int32, as `probing.said_bands`."""

    faces: Faces
    bands: np.ndarray


@dataclass(frozen=True, eq=False)
class Aged:
    """Faces with the age of each image of their index, (images,) int32 whole years (see `whole_years`)."""

    faces: Faces
    years: np.ndarray


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...]) -> Partition:
    """Prepare the faces that the user holds at `size` pixels and say what is asked of them.

    Raises:
        UserError: a data folder was given that holds no identity set.
    """
    first = load_identities(options, size, prefers)
    if first.generated is not None:
        return _generated(first)
    asked, pairs, told, filmed = [], list(first.verifications), [], None
    if holds(options.data_root, "fgnet"):
        faces = prepared(options, "fgnet", size)
        distractors = across_age.fgnet_with_distractors(faces, options, size)
        asked.append(IdentificationSet(faces, people_tests(faces, "fgnet"), distractors))
        pairs += across_age.fgnet_pairs(faces)
        told.append(_fgnet_groups(faces))
    if holds(options.data_root, "morph"):
        faces = prepared(options, "morph", size)
        scheme = identification.youngest_to_oldest(faces.index, identification.morph_people(faces.index).test)
        asked.append(IdentificationSet(faces, ranked("morph-oldest", faces, scheme, "youngest to oldest")))
    if films := across_age.films(options, size):
        asked.append(films)
        pairs += films.pairs
        split, faces = films.split, films.prepared
        actors = faces_of(faces, split.train, split, "training actors")
        filmed = Banded(actors, probing.said_bands(faces, options))
        told.append(probing.band_test(faces, filmed.bands, split.train, split.test))
    pairs += across_age.published_verifications(options, size, first.faces)
    known = tuple(one for one in told if one is not None)
    return Partition(first.faces, tuple(asked), tuple(pairs), known, filmed)


def _fgnet_groups(faces: Prepared) -> AgeTest | None:
    """A probe learns from FG-NET's people of odd number and is asked about those of even."""
    odd = odd_numbers(faces.index["identity"].to_list())
    rows = np.arange(len(faces.index))
    return probing.age_test(
        "fgnet-groups", faces, _groups(faces), rows[odd], rows[~odd], "age group of people of even number"
    )


def _groups(faces: Prepared) -> np.ndarray:
    return age_groups(whole_years(faces.index["age"].to_numpy(np.float64, na_value=np.nan)))


def aged(faces: Faces, options: Options, balanced: bool = False) -> Aged:
    """Return faces with their ages: those of the set's own labels, else those that a trained network said.

    What a record says of the faces then names the estimates, since another estimator makes another training.

    Args:
        faces: trained on.
        options: of the run.
        balanced: leave out as many images as even out estimated ages and genders; own labels are kept whole.

    Raises:
        UserError: the set has no ages of its own, and no estimator was trained.
    """
    own = faces.prepared.index["age"]
    if own.iloc[faces.rows].notna().any():
        return Aged(faces, whole_years(own.to_numpy(np.float64, na_value=np.nan)))
    names = faces.prepared.index["name"]
    labels = labels_of(options, faces.data.dataset, faces.prepared.size, TEMPLATE)
    labels = labels.set_index("name").reindex(names)
    years = whole_years(labels["age_expectation"].to_numpy(np.float64, na_value=np.nan))
    told = replace(
        faces.data,
        protocol=f"{faces.data.protocol}, ages estimated",
        fingerprint=sha256_json([faces.data.fingerprint, years.tolist()]),
    )
    aged = replace(faces, data=told)
    return Aged(_balanced(aged, labels) if balanced else aged, years)


def _balanced(faces: Faces, labels: pd.DataFrame) -> Faces:
    """Return the faces that are kept; `labels` are by row of the index."""
    known = faces.rows[labels["age_expectation"].iloc[faces.rows].notna().to_numpy()]
    rows = known[labelled_balance.balanced(labels.iloc[known]).rows]
    index = faces.prepared.index
    told = replace(
        faces.data,
        protocol=f"{faces.data.protocol} and balanced",
        split_hash=sha256_json([faces.data.split_hash, index["name"].iloc[rows].to_list()]),
        images=len(rows),
        subjects=index["identity"].iloc[rows].nunique(),
    )
    return Faces(faces.prepared, rows, told)


def _generated(first: Identities) -> Partition:
    faces, test = first.faces.prepared, first.generated.test
    asked = IdentificationSet(faces, people_tests(faces, "synthetic", test))
    apart = across_age.decades_apart("synthetic", faces, test, UNSEEN, GENERATED_PAIRS)
    others, protocol = first.generated.validation, "age group of people not trained on"
    told = probing.age_test("synthetic-groups", faces, _groups(faces), others, test, protocol)
    pairs = (*first.verifications, apart)
    filmed = Banded(first.faces, _bands(faces))
    return Partition(first.faces, (asked,), pairs, () if told is None else (told,), filmed)


def _bands(faces: Prepared) -> np.ndarray:
    """Say ages in bands, as films do: of generated people, whose years are known."""
    ages = faces.index["age"].to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(ages), probing.UNKNOWN, np.searchsorted(_BEGIN, ages, "right")).astype(np.int32)
