"""The identity set that a face recogniser learns from, and the pairs of people that it never saw.

identities   CASIA-WebFace, or LFW less the people of the held-out pairs, as the experiment prefers
pairs        LFW: of the people held out where it is trained on, else of its pairs.txt, if there; CACD-VS

Without a data folder generated people stand in: half of them are trained on, a quarter is looked for, and a
quarter is left for whoever trains on faces across age.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_prep.datasets import get
from data_prep.datasets.held import holds
from data_prep.preparation.on_demand import prepared_set
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.prepared.names import names_of
from data_prep.protocols import splits
from data_prep.protocols.recognition_tests import (
    UNSEEN,
    VerificationTest,
    drawn_verification,
    lfw_verification,
    verification,
)
from data_prep.protocols.splits import Split, faces_of
from data_prep.protocols.verification import TooFewPairs, numbered_pairs
from reproductions.shared.harness.held_sets import first_held, tell_once
from reproductions.shared.harness.options import Options

TEMPLATE = "arcface"
"""Where the landmarks come to lie: the usual one of face recognition."""

PAIRS = 300
GENERATED_PAIRS = 60
"""Pairs of each kind a fold."""

_NONE = np.empty(0, int)


@dataclass(frozen=True, eq=False)
class Identities:
    """What is learnt from and what is asked of it.

    Attributes:
        faces: trained on.
        verifications: pairs of people who are not.
        generated: who of the generated people has which part; None where the faces are the user's.
    """

    faces: Faces
    verifications: tuple[VerificationTest, ...]
    generated: Split | None = None


def load_identities(
    options: Options, size: int, prefers: tuple[str, ...], template: str = TEMPLATE
) -> Identities:
    """Prepare an identity set at `size` pixels and divide it, with all pairs that the user holds.

    Args:
        options: say where the user's data sets are.
        size: side of the faces in pixels.
        prefers: identity sets in the order of preference.
        template: where the landmarks come to lie.

    Raises:
        UserError: a data folder was given that holds no identity set.
    """
    name = identity_set(options, prefers)
    if name == "synthetic":
        return _generated(prepared(options, "synthetic", size, template))
    faces = prepared(options, name, size, template)
    verifications = []
    if name == "lfw":
        (split,) = splits.PROTOCOLS["lfw"]["recognition"](faces.index)
        learnt = faces_of(faces, split.train, split, "training people")
        verifications.append(drawn_verification("lfw-pairs", faces, split.test, UNSEEN, PAIRS))
    else:
        everybody = np.arange(len(faces.index))
        split = splits.make_split(faces.index, name, "all people", everybody, _NONE, _NONE)
        learnt = faces_of(faces, split.train, split, "all people")
        if holds(options.data_root, "lfw"):
            folder = get("lfw").find(options.data_root / get("lfw").folder)
            verifications.append(
                lfw_verification("lfw-pairs", prepared(options, "lfw", size, template), folder, PAIRS)
            )
    if holds(options.data_root, "cacd-vs"):
        faces = prepared(options, "cacd-vs", size, template)
        try:
            found = numbered_pairs(names_of(faces))
        except TooFewPairs as few:
            tell_once(f"CACD-VS is passed over: {few}")
        else:
            verifications.append(verification("cacd-vs", faces, found, f"{found.count} pairs"))
    return Identities(learnt, tuple(verifications))


def identity_set(options: Options, prefers: tuple[str, ...]) -> str:
    """Return the identity set to train on: the first of `prefers` that is there, else generated people."""
    return first_held(options, prefers, "set of identities to train on", "lfw")


def prepared(options: Options, name: str, size: int, template: str = TEMPLATE) -> Prepared:
    """Prepare a data set of the user, or the generated one, by default as recognition takes it."""
    return prepared_set(name, options.data_root, options.prepared_root, size, template)


def _generated(faces: Prepared) -> Identities:
    split = splits.grouped(faces.index, "synthetic-people", (50, 25, 25))
    learnt = faces_of(faces, split.train, split, "training people")
    pairs = drawn_verification("synthetic-pairs", faces, split.test, UNSEEN, GENERATED_PAIRS)
    return Identities(learnt, (pairs,), split)
