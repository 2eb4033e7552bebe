"""Which faces a run is trained and tested on, by what the user holds.

stage 1   an identity set, see `reproductions.shared.recognition.identity_sets`
stage 2   FG-NET: five folds by person; each fold trains on four and tests on the people of the fifth
          MORPH Album 2: 3,000 people tested, the others trained on
          CACD: the 120 test celebrities of CARC, the others trained on
          IMFDB: a third of the actors tested, the others trained on, with ages in bands; for rows of its own

Without a data folder generated people stand in, each in one stage only. What stage 1 alone finds is also
asked as MTLFace is asked (`reproductions/shared/recognition/cross_age.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from common.errors import UserError
from common.evidence.records import Data
from common.files import sha256_json
from data_prep.datasets.held import holds
from data_prep.datasets.imfdb import BANDS
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols import identification, splits
from data_prep.protocols.recognition_tests import (
    UNSEEN,
    VerificationTest,
    people_tests,
    period_tests,
    ranked,
)
from data_prep.protocols.splits import faces_of
from reproductions.jmcnn.age_groups import GROUPS
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition import cross_age as across_age
from reproductions.shared.recognition import probing
from reproductions.shared.recognition.identity_sets import (
    GENERATED_PAIRS,
    Identities,
    load_identities,
    prepared,
)
from reproductions.shared.recognition.rows import IdentificationSet

FOLDS = 5

GENERATED_QUERIES = (2010, 2025)
GENERATED_PERIODS = {"1950-1974": (1950, 1974), "1975-1994": (1975, 1994), "1995-2009": (1995, 2009)}
"""The periods of Fig. 5 for generated people, whose pictures span their lives."""


@dataclass(frozen=True, eq=False)
class CrossAgeSet(IdentificationSet):
    """A set of faces across age: what stage 2 trains on, and who is looked for afterwards.

    Attributes:
        train: one training a fold.
        bands: (images of the index,) age class of each where the set says ages in bands, `probing.UNKNOWN`
            where it does not say it; None where it says years.
        tested: rows of the people looked for, where there is one fold; None where all are.
    """

    train: tuple[Faces, ...] = ()
    bands: np.ndarray | None = None
    tested: np.ndarray | None = None

    @property
    def age_classes(self) -> int:
        """G of Eq. 2: the paper's nine groups, or the set's own bands."""
        return len(GROUPS) if self.bands is None else len(BANDS)

    @property
    def asks(self) -> bool:
        """Whether anything is asked, and every fold has faces to train on: not so of a small partial copy."""
        return bool(self.searches) and all(len(faces.rows) for faces in self.train)

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
class Partition:
    """All faces of a run.

    Attributes:
        identities: stage 1.
        verifications: pairs, asked of stage 1.
        across: stage 2, by the name of its set.
    """

    identities: Faces
    verifications: tuple[VerificationTest, ...]
    across: dict[str, CrossAgeSet]


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...]) -> Partition:
    """Prepare the faces that the user holds at `size` pixels and divide them.

    Raises:
        UserError: a data folder was given that holds no identity set, or none across age.
    """
    first = load_identities(options, size, prefers)
    verifications = list(first.verifications)
    if first.generated is not None:
        across = {"synthetic": _generated(first)}
        faces, test = first.faces.prepared, first.generated.test
        verifications.append(across_age.decades_apart("synthetic", faces, test, UNSEEN, GENERATED_PAIRS))
    else:
        across = {
            other: make(prepared(options, other, size), options)
            for other, make in (("fgnet", _fgnet), ("morph", _morph), ("cacd", _cacd))
            if holds(options.data_root, other)
        }
        if "fgnet" in across:
            verifications += across_age.fgnet_pairs(across["fgnet"].prepared)
        if films := across_age.films(options, size):
            across[across_age.FILMS] = _films(films, options)
            verifications += films.pairs
        verifications += across_age.published_verifications(options, size, first.faces)
    for title in [one.prepared.manifest["title"] for one in across.values() if not one.asks]:
        tell_once(f"{title} is passed over: nobody in this copy can be looked for.")
    across = {other: one for other, one in across.items() if one.asks}
    if not across:
        raise UserError(
            f"{options.data_root} holds no set of faces across age (FG-NET, MORPH, CACD or IMFDB) with "
            "people to look for: see make data-fgnet, or leave DATA_ROOT out to run on generated faces."
        )
    return Partition(first.faces, tuple(verifications), across)


def _generated(first: Identities) -> CrossAgeSet:
    """Of the generated people that stage 1 left, half are trained on and half are looked for."""
    faces, split = first.faces.prepared, first.generated
    tuned = faces_of(faces, split.validation, split, "people of stage 2")
    periods = identification.year_searches(faces.index, split.test, GENERATED_QUERIES, GENERATED_PERIODS)
    searches = (
        *people_tests(faces, "synthetic", split.test),
        *period_tests(faces, "synthetic", periods),
    )
    return CrossAgeSet(faces, searches, train=(tuned,))


def _fgnet(faces: Prepared, options: Options) -> CrossAgeSet:
    folds = splits.subject_folds(faces.index, "fgnet-people", FOLDS)
    train = tuple(faces_of(faces, split.train, split, "folds by person") for split in folds)
    searches = people_tests(faces, "fgnet", folds=identification.people_folds(faces.index, FOLDS))
    distractors = across_age.fgnet_with_distractors(faces, options, faces.size)
    return CrossAgeSet(faces, searches, distractors, train)


def _morph(faces: Prepared, options: Options) -> CrossAgeSet:
    split = identification.morph_people(faces.index)
    tuned = faces_of(faces, split.train, split, "training people")
    scheme = identification.youngest_to_oldest(faces.index, split.test)
    return CrossAgeSet(faces, ranked("morph-oldest", faces, scheme, "youngest to oldest"), train=(tuned,))


def _cacd(faces: Prepared, options: Options) -> CrossAgeSet:
    from data_prep.datasets.cacd import DATASET, test_celebrities

    celebrities = test_celebrities(DATASET.find(options.data_root / DATASET.folder))
    split = identification.cacd_people(faces.index, celebrities)
    tuned = faces_of(faces, split.train, split, "training people")
    periods = identification.cacd_databases(faces.index, split.test)
    return CrossAgeSet(faces, period_tests(faces, "cacd", periods), train=(tuned,))


def _films(films: across_age.Films, options: Options) -> CrossAgeSet:
    faces, split = films.prepared, films.split
    tuned = faces_of(faces, split.train, split, "training actors")
    return CrossAgeSet(faces, films.searches, None, (tuned,), probing.said_bands(faces, options), split.test)
