"""Pairs of images, of one person or of two, in folds: drawn, numbered, or as a list names them.

As in `data_prep.protocols.identification` what is left to chance is drawn by hashes of names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from common.errors import UserError
from common.files import sha256_json
from data_prep.formats.lists import fields, read_whole_lines
from data_prep.prepared.names import Names
from data_prep.protocols.identification import digest, with_people


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of images, of one person or of two, in folds.

    Attributes:
        description: one sentence with the rule.
        first, second: (P,) rows of the index.
        same: (P,) whether the two are one person.
        folds: (P,) fold of each pair.
        hash: SHA-256 over the names, in order.
        listed: number of pairs that were drawn or published, of which a partial copy holds fewer.
    """

    description: str
    first: np.ndarray
    second: np.ndarray
    same: np.ndarray
    folds: np.ndarray
    hash: str
    listed: int

    @property
    def count(self) -> str:
        """How many pairs there are, for readers: "4,000", or "3,996 of 4,000"."""
        number = f"{len(self.same):,}"
        return number if len(self.same) == self.listed else f"{number} of {self.listed:,}"


class TooFewPairs(UserError):
    """A partial copy has too few pairs of one person, or of two, to be asked about."""


_DENSE = 1000
"""Images of a fold from which pairs are drawn, at most: all pairs of more are millions."""


def drawn_pairs(
    index: pd.DataFrame,
    rows: np.ndarray | None = None,
    folds: int = 10,
    pairs: int = 300,
    salt: str = "",
    gap: int = 0,
    by: str = "age",
) -> Pairs:
    """Draw verification pairs whose folds share no person, as LFW's.

    People are dealt to the folds in the order of SHA-256(salt + identity). In each fold `pairs` pairs of one
    person and as many of two are drawn: those with the smallest SHA-256(salt + both names). A fold with fewer
    pairs of one person gives all it has, and as many of two. In one of more than 1,000 images only those with
    the smallest SHA-256(salt + name) are paired.

    Args:
        rows: which images; None is all.
        gap: years that lie at least between a pair's images, as the 30 of AgeDB-30; images whose `by` is
            unknown are then left out.
        by: what tells how far apart two images are, "age" or "year".

    Raises:
        ValueError: an image without identity.
        TooFewPairs: a fold has no pair of one person or none of two.
    """
    frame = with_people(index, rows).sort_values("name")
    frame = frame[frame[by].notna()] if gap else frame
    people = sorted(frame["identity"].unique(), key=lambda person: digest(salt, person))
    fold = {person: number % folds for number, person in enumerate(people)}
    first, second, same, of_fold = [], [], [], []
    for number in range(folds):
        inside = _thinned(frame[frame["identity"].map(fold) == number], salt)
        names, persons = inside["name"].to_list(), inside["identity"].to_list()
        places = inside["row"].to_list()
        found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
        when = inside[by].to_list()
        for a, b in combinations(range(len(names)), 2):
            if gap and abs(when[a] - when[b]) < gap:
                continue
            found[persons[a] == persons[b]].append((a, b))
        wanted = min(pairs, *(len(several) for several in found.values()))
        if not wanted:
            raise TooFewPairs(
                f"{len(people)} people with {len(frame)} images are too few for verification in {folds} "
                "folds: one has no pair of one person or none of two. Add people to the copy."
            )
        for kind in (True, False):
            order = sorted(found[kind], key=lambda pair: digest(salt, names[pair[0]], names[pair[1]]))
            for a, b in order[:wanted]:
                first.append(places[a])
                second.append(places[b])
                same.append(kind)
                of_fold.append(number)
    rule = (
        f"{len(same):,} pairs of {len(people)} people in {folds} folds that share nobody, half of one person"
    )
    rule += f", {gap} years apart or more" if gap else ""
    return _pairs(index, rule, first, second, same, of_fold, len(same))


def _thinned(fold: pd.DataFrame, salt: str) -> pd.DataFrame:
    if len(fold) <= _DENSE:
        return fold
    order = fold["name"].map(lambda name: digest(salt, name)).sort_values()
    return fold.loc[order.index[:_DENSE]].sort_values("name")


def lfw_pairs(names: Names, path: str | Path) -> Pairs:
    """Read LFW's own `pairs.txt`: folds of pairs "Name i j" of one person and "Name i Name j" of two.

    Pairs whose images are not in the index (a partial copy) are left out, and the rule says how many.

    Raises:
        UserError: the file cannot be read or is not such a list.
    """
    try:
        lines = [line.text for line in read_whole_lines(Path(path))]
        folds, each = _numbers(fields(lines[0], 1, 2) if lines else None)
        pairs = [_lfw_pair(line) for line in lines[1 : 1 + 2 * folds * each]]
        if len(pairs) != 2 * folds * each:
            raise ValueError("it ends early")
    except (UserError, ValueError) as error:
        why = str(error).removesuffix(".")
        raise UserError(f"{path} is not LFW's list of pairs ({why}): download pairs.txt anew.") from error
    listed = [(*pair, number // (2 * each)) for number, pair in enumerate(pairs)]
    return listed_pairs(names, listed, f"{folds * each * 2:,} pairs of {Path(path).name}")


def numbered_pairs(names: Names, blocks: int = 10) -> Pairs:
    """Return the pairs of CACD-VS: NNNN_0.jpg with NNNN_1.jpg, 400 a block, the first 200 of one person.

    Raises:
        TooFewPairs: there is no pair, or fewer than two blocks have pairs of both kinds.
    """
    listed = []
    for number in range(400 * blocks):
        block, place = divmod(number, 400)
        listed.append((f"{number:04d}_0.jpg", f"{number:04d}_1.jpg", place < 200, block))
    return listed_pairs(names, listed, f"{len(listed):,} numbered pairs in {blocks} blocks of 400")


def listed_pairs(names: Names, listed: Sequence[tuple[str, str, bool, int]], rule: str) -> Pairs:
    """Return the pairs of a published list; those whose images are not in the set are left out.

    So are those of a fold that has no pair of one person left, or none of two. A pair of one picture under
    two names is asked as it was published, and the sentence says how many there are.

    Args:
        names: finds the pictures of the set.
        listed: (name, name, whether they are one person, fold) of each.
        rule: what the list is, for the sentence that then says how many are left out.

    Raises:
        TooFewPairs: fewer than two folds are left.
    """
    found = [(names.row(one), names.row(other), bool(same), fold) for one, other, same, fold in listed]
    kept = [pair for pair in found if pair[0] is not None and pair[1] is not None]
    if not kept:
        raise TooFewPairs(f"none of the {rule} is in the prepared set: is the copy complete?")
    kinds = {(fold, same) for *_, same, fold in kept}
    whole = {fold for fold, _ in kinds if {(fold, True), (fold, False)} <= kinds}
    if len(whole) < 2:
        raise TooFewPairs(
            f"of the {rule} {len(kept):,} are in the prepared set, too few: a threshold needs pairs of one "
            "person and of two in two folds. Complete the copy."
        )
    kept = [pair for pair in kept if pair[3] in whole]
    if len(kept) < len(listed):
        rule += f", {len(listed) - len(kept):,} left out whose images or whose fold are not there"
    twice = sum(one == other for one, other, *_ in kept)
    if twice:
        rule += f", {twice:,} of one picture under two names"
    first, second, same, folds = zip(*kept, strict=True)
    return _pairs(names.index, rule, first, second, same, folds, len(listed))


def without_people(index: pd.DataFrame, pairs: Pairs, people: Collection[str]) -> Pairs:
    """Return the pairs that show none of `people`; `pairs` itself where none does.

    A picture of unknown person may show one of them: its pairs are left out too.

    Raises:
        TooFewPairs: fewer than two folds keep pairs of one person and of two.
    """
    identity = index["identity"]
    known = (identity.isin(list(people)) | identity.isna()).to_numpy()
    clean = ~(known[pairs.first] | known[pairs.second])
    if clean.all():
        return pairs
    names = index["name"].to_numpy(object)
    rows = zip(
        names[pairs.first[clean]],
        names[pairs.second[clean]],
        pairs.same[clean],
        pairs.folds[clean],
        strict=True,
    )
    rule = f"{int(clean.sum()):,} pairs of people not trained on among the {pairs.description}"
    return replace(listed_pairs(Names(index), list(rows), rule), listed=pairs.listed)


def _pairs(
    index: pd.DataFrame,
    rule: str,
    first: Sequence[int],
    second: Sequence[int],
    same: Sequence[bool],
    folds: Sequence[int],
    listed: int,
) -> Pairs:
    rows = np.array(first, int), np.array(second, int)
    names = [index["name"].iloc[side].to_list() for side in rows]
    content = [names, [bool(one) for one in same], [int(one) for one in folds]]
    hashed = sha256_json(content)
    return Pairs(rule, *rows, np.array(same, bool), np.array(folds, int), hashed, listed)


def _numbers(first: list[str] | None) -> tuple[int, int]:
    if first is None or len(first) != 2:
        raise ValueError("it does not begin with the numbers of folds and of pairs in each")
    folds, each = (int(number) for number in first)
    return folds, each


def _lfw_pair(line: str) -> tuple[str, str, bool]:
    match fields(line, 3, 4):
        case [person, a, b]:
            return _lfw_name(person, a), _lfw_name(person, b), True
        case [person, a, other, b]:
            return _lfw_name(person, a), _lfw_name(other, b), False
    raise ValueError(f"{line[:60]!r} is no pair")


def _lfw_name(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04d}.jpg"
