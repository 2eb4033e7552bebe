"""What recognition across age is asked besides the searches of one paper, so that two papers answer the same.

Pairs of FG-NET, also such as are decades apart; FG-NET's images among all others and UTKFace's; IMFDB's
actors from film to film; the published pairs of AgeDB-30 and CALFW.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from data_prep.datasets import get
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols.identification import imfdb_people
from data_prep.protocols.published_pairs import AGEDB_GAP, has_published_pairs, published_pairs
from data_prep.protocols.recognition_tests import (
    DistractorTest,
    VerificationTest,
    distractor_test,
    drawn_verification,
    film_pairs,
    film_tests,
    verification,
)
from data_prep.protocols.splits import Split
from data_prep.protocols.verification import Pairs, TooFewPairs, without_people
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition.identity_sets import PAIRS, prepared
from reproductions.shared.recognition.rows import IdentificationSet

GAP = 20
"""Years between the two images of a pair, at least, in what is asked about large age gaps."""

PUBLISHED = ("agedb-30", "calfw")

SAME_PEOPLE = {"calfw": "lfw"}
"""Sets whose people are those of another, spelt alike."""

FILMS = "imfdb"
"""The set of actors in films of several decades."""

DISTRACTORS = "utkface"
"""The set whose faces join FG-NET's gallery as distractors."""


def fgnet_pairs(faces: Prepared) -> Iterator[VerificationTest]:
    """Yield drawn pairs of FG-NET, none of which is trained on, and such as are decades apart.

    Pairs that a partial copy is too small for are left out.
    """
    with suppress(TooFewPairs):
        yield drawn_verification("fgnet-pairs", faces, None, "drawn pairs", PAIRS)
    with suppress(TooFewPairs):
        yield decades_apart("fgnet", faces, None, "drawn pairs", PAIRS)


def decades_apart(
    name: str, faces: Prepared, rows: np.ndarray | None, title: str, pairs: int
) -> VerificationTest:
    """Return pairs whose images are `GAP` years or more apart; arguments as of `drawn_verification`."""
    return drawn_verification(f"{name}-gap", faces, rows, f"{title}, {GAP} years apart", pairs, GAP)


def fgnet_with_distractors(faces: Prepared, options: Options, size: int) -> DistractorTest | None:
    """Return the search of each image of FG-NET among all others and strangers; None without strangers."""
    if not holds(options.data_root, DISTRACTORS):
        return None
    return distractor_test("fgnet-crowd", faces, [prepared(options, DISTRACTORS, size)])


@dataclass(frozen=True, eq=False)
class Films(IdentificationSet):
    """IMFDB: its tested actors' latest films among earlier ones.

    Attributes:
        split: tested actors, and the others, who may be trained on.
        pairs: of tested actors, from films ten years apart or more; none where a copy is too small.
    """

    split: Split | None = None
    pairs: tuple[VerificationTest, ...] = ()


def films(options: Options, size: int) -> Films | None:
    """Return what is asked of IMFDB's tested actors; None where the user does not hold it.

    A picture of unknown year is in no search and in no pair.

    Args:
        options: say where the user's data sets are.
        size: side of the faces in pixels.
    """
    if not holds(options.data_root, FILMS):
        return None
    faces = prepared(options, FILMS, size)
    split = imfdb_people(faces.index)
    searches = film_tests(faces, FILMS, split.test)
    pairs: tuple[VerificationTest, ...] = ()
    with suppress(TooFewPairs):
        pairs = (film_pairs(f"{FILMS}-pairs", faces, split.test, "drawn pairs", PAIRS),)
    return Films(faces, searches, split=split, pairs=pairs)


def published_verifications(options: Options, size: int, learnt: Faces) -> Iterator[VerificationTest]:
    """Yield the published pairs of faces across age that the user holds, of people not trained on.

    CALFW's people are LFW's: where LFW is trained on, pairs of those people are left out, and the whole set
    where its copy names nobody, as insightface's, or leaves too few pairs. Of celebrities in sets that spell
    names differently, or not at all, nothing is known.

    Args:
        options: say where the user's data sets are.
        size: side of the faces in pixels.
        learnt: what is trained on.
    """
    for name in PUBLISHED:
        if not holds(options.data_root, name):
            continue
        faces = prepared(options, name, size)
        try:
            pairs = _of_strangers(faces, published_pairs(faces, options.data_root), learnt)
        except TooFewPairs as few:
            tell_once(f"{get(name).title} is passed over: {few}")
            continue
        listed = has_published_pairs(faces, options.data_root)
        what = "pairs" if listed else f"drawn pairs, {AGEDB_GAP} years apart"
        yield verification(name, faces, pairs, f"{pairs.count} {what}")


def _of_strangers(faces: Prepared, pairs: Pairs, learnt: Faces) -> Pairs:
    """Return the pairs of people who are not trained on."""
    name = faces.manifest["settings"]["dataset"]
    if SAME_PEOPLE.get(name) != learnt.data.dataset:
        return pairs
    if faces.index["identity"].isna().all():
        raise TooFewPairs(
            f"its people are those of {learnt.data.title}, which is trained on, and this copy does not name "
            "them. Its authors' own copy does."
        )
    people = set(learnt.prepared.index["identity"].iloc[learnt.rows])
    return without_people(faces.index, pairs, people)
