"""What recognition across age is asked besides the searches of one paper, so that two papers answer the same.

Pairs of FG-NET, also such as are decades apart; FG-NET's images among all others and UTKFace's; the published
pairs of AgeDB-30 and CALFW.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from data_prep.faces import holds
from data_prep.index import Prepared
from data_prep.pair_lists import published_pairs
from data_prep.pairs import TooFewPairs
from data_prep.searches import Crowded, Verification, crowded, drawn_verification, verification
from reproductions.identities import PAIRS, prepared
from reproductions.options import Options

GAP = 20
"""Years between the two images of a pair, at least, in what is asked about large age gaps."""

PUBLISHED = ("agedb-30", "calfw")

STRANGERS = "utkface"
"""The set whose faces join FG-NET's gallery as distractors."""


def fgnet_pairs(faces: Prepared) -> Iterator[Verification]:
    """Yield drawn pairs of FG-NET, none of which is trained on, and such as are decades apart.

    Pairs that a partial copy is too small for are left out.
    """
    with suppress(TooFewPairs):
        yield drawn_verification("fgnet-pairs", faces, None, "drawn pairs", PAIRS)
    with suppress(TooFewPairs):
        yield decades_apart("fgnet", faces, None, "drawn pairs", PAIRS)


def decades_apart(
    name: str, faces: Prepared, rows: np.ndarray | None, title: str, pairs: int
) -> Verification:
    """Return pairs whose images are `GAP` years or more apart; arguments as of `drawn_verification`."""
    return drawn_verification(f"{name}-gap", faces, rows, f"{title}, {GAP} years apart", pairs, GAP)


def fgnet_among_strangers(faces: Prepared, options: Options, size: int) -> Crowded | None:
    """Return the search of each image of FG-NET among all others and strangers; None without strangers."""
    if not holds(options.data_root, STRANGERS):
        return None
    return crowded("fgnet-crowd", faces, [prepared(options, STRANGERS, size)])


def published_verifications(options: Options, size: int) -> Iterator[Verification]:
    """Yield the published pairs of faces across age that the user holds, at `size` pixels."""
    for name in PUBLISHED:
        if holds(options.data_root, name):
            faces = prepared(options, name, size)
            pairs = published_pairs(faces, options.data_root)
            yield verification(name, faces, pairs, f"{len(pairs.same):,} pairs")
