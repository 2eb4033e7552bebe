"""The published pairs of AgeDB-30 and CALFW as rows of a prepared set, in ten folds."""

from __future__ import annotations

from pathlib import Path

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.agedb_30 import AgeDB30
from data_prep.datasets.calfw import CALFW, person_of
from data_prep.datasets.pair_set import PairSet
from data_prep.formats.lists import Line, fields, read_whole_lines
from data_prep.prepared.index import Prepared
from data_prep.prepared.names import names_of
from data_prep.protocols.verification import Pairs, drawn_pairs, listed_pairs

FOLDS = 10
AGEDB_GAP = 30
"""Years between the two pictures of each of AgeDB-30's pairs."""


def has_published_pairs(prepared: Prepared, data_root: Path) -> bool:
    """Whether a copy of AgeDB-30 or CALFW comes with the list of its pairs; of others they are drawn."""
    card = get(prepared.manifest["settings"]["dataset"])
    if not isinstance(card, AgeDB30):
        return True
    return card.pair_list(card.find(Path(data_root) / card.folder)) is not None


def published_pairs(prepared: Prepared, data_root: Path) -> Pairs:
    """Return the pairs of AgeDB-30 or CALFW.

    Of numbered images, those of insightface's list: its folds are ten blocks of equal length. Of CALFW's own
    copy, those of pairs_CALFW.txt. AgeDB's own copy has no list in text: pairs 30 years apart are drawn by
    hashes of names, in folds that share nobody. Pictures are found under every name, see
    `data_prep.prepared.names`.

    Args:
        prepared: of the set "agedb-30" or "calfw".
        data_root: holds the data sets' folders.

    Raises:
        UserError: the list is missing or damaged.
        TooFewPairs: too few of its pairs are in the prepared set.
    """
    card = get(prepared.manifest["settings"]["dataset"])
    if not isinstance(card, PairSet):
        raise ValueError(f"{card.title} has no published pairs here")
    root = card.find(Path(data_root) / card.folder)
    path = card.pair_list(root)
    if path is not None:
        listed = _numbered(path)
    elif isinstance(card, CALFW):
        path = card.own_list(root)
        listed = _calfw(path)
    else:
        return drawn_pairs(prepared.index, gap=AGEDB_GAP, folds=FOLDS)
    return listed_pairs(names_of(prepared), listed, f"{len(listed):,} pairs of {path.name}")


def _numbered(path: Path) -> list[tuple[str, str, bool, int]]:
    """Read lines like "00001.jpg 00002.jpg 1", in which another person is -1 or 0."""
    lines = _lines(path)
    listed = []
    for place, line in enumerate(lines):
        match fields(line.text, 3):
            case [first, second, ("1" | "0" | "-1") as same]:
                listed.append((first, second, same == "1", place * FOLDS // len(lines)))
            case _:
                raise _damaged(path, line)
    return listed


def _calfw(path: Path) -> list[tuple[str, str, bool, int]]:
    """Read CALFW's own list: two lines "Name_0001.jpg fold" a pair, fold 1 to 10, and 0 for two people.

    Which fold a pair of two people is in is not said: they are dealt to the folds in ten blocks in their
    order, as those of one person stand.
    """
    lines = _lines(path)
    if len(lines) % 2:
        raise _damaged(path, lines[-1])
    pairs = []
    for one, other in zip(lines[::2], lines[1::2], strict=True):
        match [*(fields(one.text, 2) or ()), *(fields(other.text, 2) or ())]:
            case [first, token, second, same_token] if token == same_token and token in _TOKENS:
                _check_people(path, one, first, second, token != "0")
                pairs.append((first, second, int(token)))
            case _:
                raise _damaged(path, one)
    others = sum(fold == 0 for _, _, fold in pairs)
    listed, met = [], 0
    for first, second, token in pairs:
        listed.append((first, second, token > 0, token - 1 if token else met * FOLDS // others))
        met += token == 0
    return listed


_TOKENS = frozenset(str(number) for number in range(FOLDS + 1))


def _lines(path: Path) -> list[Line]:
    lines = read_whole_lines(path)
    if not lines:
        raise UserError(f"the list of pairs {path} is empty: get it anew.")
    return lines


def _damaged(path: Path, line: Line) -> UserError:
    return UserError(
        f"{path} is damaged: {line.text[:60]!a} in line {line.number:,} is no pair; get it anew."
    )


def _check_people(path: Path, line: Line, first: str, second: str, same: bool) -> None:
    """Hold what CALFW's list says of a pair against the names of its pictures."""
    people = [person_of(name) for name in (first, second)]
    if None not in people and (people[0] == people[1]) != same:
        kind = "one person" if same else "two people"
        raise UserError(
            f"{path} is damaged: by line {line.number:,} {first} and {second} show {kind}; get it anew."
        )
