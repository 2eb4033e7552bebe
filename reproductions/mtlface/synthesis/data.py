"""Who trains what: encoder, synthesiser and judges have people and pictures of their own.

A set of identities is divided by person, a set with ages by person or, where people are unknown, by picture:
half to encoder and synthesiser, 40% to the judges, and a tenth to nobody, on which the judges themselves are
judged. FG-NET, MORPH and CACD are trained on by none of them. Without a data folder generated people stand
in: half, a quarter, and a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from data_prep.datasets import get
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols import splits
from data_prep.protocols.recognition_tests import UNSEEN, VerificationTest, drawn_verification
from data_prep.protocols.splits import Split, faces_of
from data_prep.protocols.verification import TooFewPairs
from reproductions.mtlface.synthesis.recipes import Recipe
from reproductions.shared.harness.held_sets import first_held, tell_once
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition.identity_sets import identity_set, load_identities, prepared

SHARES = (50, 40, 10)
"""Percent of people, or of pictures: for what makes faces, for what judges them, to judge the judges on."""

SALT = "judges"
_EXTERNAL = {"fgnet": "all", "morph": "drawn", "cacd": "drawn"}


@dataclass(frozen=True, eq=False)
class Test:
    """Faces that are aged, none of them trained on.

    Attributes:
        column: of the tables.
        faces: with ages.
        pairs: of the same set, which give the threshold of the identity judge.
    """

    column: str
    faces: Faces
    pairs: VerificationTest


@dataclass(frozen=True, eq=False)
class Partition:
    """All faces of the tables of synthesis.

    Attributes:
        encoder: people whom the encoder learns, with ages.
        synthesiser: faces with ages that every method learns from.
        age_judge, identity_judge: what each judge learns from.
        age_tests: (column, faces) on which the age judge is judged.
        verifications: on which the identity judge is judged.
        tests: faces that are aged.
    """

    encoder: Faces
    synthesiser: Faces
    age_judge: Faces
    identity_judge: Faces
    age_tests: tuple[tuple[str, Faces], ...]
    verifications: tuple[VerificationTest, ...]
    tests: tuple[Test, ...]


@lru_cache(maxsize=2)
def load(
    options: Options,
    crop: int,
    template: str,
    ageing: tuple[str, ...],
    identities: tuple[str, ...],
    pairs: int,
) -> Partition:
    """Prepare the faces that the user holds at `crop` pixels and divide them.

    Args:
        options: say where the user's data sets are.
        crop: side of the faces in pixels.
        template: where their landmarks come to lie.
        ageing, identities: sets with ages and sets of identities, in the order of preference.
        pairs: drawn of each kind a fold.

    Raises:
        UserError: a data folder was given that lacks a set with ages, a set of identities, or a test set.
    """
    name = identity_set(options, identities)
    if name == "synthetic":
        return _generated(options, crop, template, pairs)
    people = prepared(options, name, crop, template)
    by_person = _divided(people, name)
    older = first_held(options, ageing, "set with ages to learn synthesis from", "utkface")
    faces = prepared(options, older, crop, template)
    by_age = _divided(faces, older)
    tests = tuple(_external(options, crop, template, pairs))
    unseen = drawn_verification(f"{name}-judge-pairs", people, by_person.test, UNSEEN, pairs)
    return Partition(
        encoder=faces_of(people, by_person.train, by_person, "encoder's people"),
        synthesiser=faces_of(faces, by_age.train, by_age, "synthesiser's half"),
        age_judge=faces_of(faces, by_age.validation, by_age, "judge's part"),
        identity_judge=faces_of(people, by_person.validation, by_person, "judge's people"),
        age_tests=(
            (f"{older}-judge", faces_of(faces, by_age.test, by_age, "nobody's part")),
            *((test.column, test.faces) for test in tests),
        ),
        verifications=(unseen, *(test.pairs for test in tests)),
        tests=tests,
    )


def partition(options: Options, recipe: Recipe) -> Partition:
    """Return the partition of a recipe, see `load`."""
    return load(options, recipe.crop, recipe.template, recipe.ageing, recipe.identities, recipe.pairs)


def generated_people(options: Options, recipe: Recipe) -> Faces:
    """Return rendered people whom no network has seen, whatever faces the user holds.

    Sheets of them may be published.
    """
    nobody = replace(options, data_root=None)
    (test,) = partition(nobody, recipe).tests
    return test.faces


def _divided(faces: Prepared, name: str) -> Split:
    """Divide a set by `SHARES`; of a set with ages the images without one are left out."""
    known = splits.age_rows(faces.index, 0, 120).rows
    rows = known if len(known) else None
    return splits.grouped(faces.index, f"{name}-judged", SHARES, rows, SALT)


def _external(options: Options, crop: int, template: str, pairs: int):
    """Yield the test sets that the user holds; none is an error of the caller's data folder."""
    held = [name for name in _EXTERNAL if holds(options.data_root, name)]
    if not held:
        first_held(options, tuple(_EXTERNAL), "set to test synthesis on", "fgnet")
    few, some = None, False
    for name in held:
        faces = prepared(options, name, crop, template)
        (split,) = splits.PROTOCOLS[name][_EXTERNAL[name]](faces.index)
        try:
            drawn = drawn_verification(f"{name}-pairs", faces, split.test, "drawn pairs", pairs)
        except TooFewPairs as too_few:
            few = few or too_few
            tell_once(f"{get(name).title} is passed over: {too_few}")
            continue
        some = True
        yield Test(name, faces_of(faces, split.test, split, "never seen"), drawn)
    if few and not some:
        raise few


def _generated(options: Options, crop: int, template: str, pairs: int) -> Partition:
    identities = load_identities(options, crop, (), template)
    faces, split = identities.faces.prepared, identities.generated
    learnt = faces_of(faces, split.train, split, "training people")
    judged = faces_of(faces, split.validation, split, "judges' people")
    unseen = faces_of(faces, split.test, split, "people of nobody's training")
    drawn = drawn_verification("synthetic-pairs", faces, np.asarray(split.test), UNSEEN, pairs)
    test = Test("synthetic", unseen, drawn)
    return Partition(learnt, learnt, judged, judged, (("synthetic", unseen),), (drawn,), (test,))
