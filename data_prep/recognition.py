"""Who is compared with whom: galleries and probes, pairs, queries and databases, as rows of an index.

As in `data_prep.protocols` everything that the papers leave to chance is drawn by hashes of names, so that
anybody draws the same lists.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from common.errors import UserError
from common.files import sha256_json
from data_prep.protocols import Split, fold_of, make_split

ADULT = 18
"""Age in years from which on a face counts as an adult's."""

Period = tuple[int, int]
"""First and last year."""

CACD_QUERY_YEAR = 2013
CACD_DATABASES = {"2004-2006": (2004, 2006), "2007-2009": (2007, 2009), "2010-2012": (2010, 2012)}
MORPH_TEST_PEOPLE = 3000


@dataclass(frozen=True, eq=False)
class Identification:
    """Probes and the gallery in which each one's nearest image is looked for.

    Attributes:
        description: one sentence with the rule.
        probes: (P,) rows of the index.
        gallery: (N,) rows of the index, ascending.
        hash: SHA-256 over the names of both.
    """

    description: str
    probes: np.ndarray
    gallery: np.ndarray
    hash: str

    @property
    def leave_out(self) -> np.ndarray:
        """(P,) place of the probe itself in the gallery, -1 where it is not there."""
        place = np.clip(np.searchsorted(self.gallery, self.probes), 0, len(self.gallery) - 1)
        return np.where(self.gallery[place] == self.probes, place, -1)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of images, of one person or of two, in folds.

    Attributes:
        description: one sentence with the rule.
        first, second: (P,) rows of the index.
        same: (P,) whether the two are one person.
        folds: (P,) fold of each pair.
        hash: SHA-256 over the names, in order.
    """

    description: str
    first: np.ndarray
    second: np.ndarray
    same: np.ndarray
    folds: np.ndarray
    hash: str


def youngest_to_oldest(
    index: pd.DataFrame, rows: np.ndarray | None = None, youngest: int = 0
) -> Identification:
    """Return the scheme of the MORPH experiments: youngest image against oldest.

    "For each subject when evaluating, the youngest age face image is selected as training point while the
    oldest age face image as testing point" (Yu and Jing, 3.2). Of several images of that age the one with the
    first name is the gallery's and that with the last the probe.

    Args:
        rows: which images; None is all. People with fewer than two ages among them are left out.
        youngest: images of people younger than this, in years, are left out.

    Raises:
        ValueError: an image without identity.
    """
    frame = _people(index, rows)
    frame = frame[frame["age"].notna() & (frame["age"] >= youngest)].sort_values(["identity", "age", "name"])
    groups = frame.groupby("identity")["age"]
    frame = frame[groups.transform("max") > groups.transform("min")]
    by_person = frame.groupby("identity")["row"]
    gallery, probes = by_person.first().to_numpy(), by_person.last().to_numpy()
    who = f" from {youngest} years on" if youngest else ""
    rule = f"gallery: the youngest image of each of {len(gallery)} people{who}; probe: the oldest"
    return _identification(index, rule, probes, gallery)


def leave_one_out(index: pd.DataFrame, rows: np.ndarray | None = None) -> Identification:
    """Return the scheme in which each image looks for its person among all other images.

    Args:
        rows: the gallery; None is all. Those whose person has another image are the probes.
    """
    frame = _people(index, rows)
    several = frame.groupby("identity")["row"].transform("size") > 1
    asked = frame["row"][several]
    rule = f"each of {len(asked)} images against the {len(frame) - 1} others"
    return _identification(index, rule, asked.to_numpy(), frame["row"].to_numpy())


def restricted(index: pd.DataFrame, scheme: Identification, rows: np.ndarray) -> Identification:
    """Return `scheme` with only those probes that are among `rows`, and the whole gallery."""
    kept = scheme.probes[np.isin(scheme.probes, rows)]
    return _identification(index, scheme.description, kept, scheme.gallery)


def drawn_pairs(
    index: pd.DataFrame,
    rows: np.ndarray | None = None,
    folds: int = 10,
    pairs: int = 300,
    salt: str = "",
    gap: int = 0,
) -> Pairs:
    """Draw verification pairs whose folds share no person, as LFW's.

    People are dealt to the folds in the order of SHA-256(salt + identity). In each fold `pairs` pairs of one
    person and as many of two are drawn: those with the smallest SHA-256(salt + both names). A fold with fewer
    pairs of one person gives all it has, and as many of two.

    Args:
        rows: which images; None is all.
        gap: years that lie at least between the ages of a pair's images, as the 30 of AgeDB-30; images of
            unknown age are then left out.

    Raises:
        ValueError: an image without identity.
        UserError: a fold has no pair of one person or none of two.
    """
    frame = _people(index, rows).sort_values("name")
    frame = frame[frame["age"].notna()] if gap else frame
    people = sorted(frame["identity"].unique(), key=lambda person: _digest(salt, person))
    fold = {person: number % folds for number, person in enumerate(people)}
    first, second, same, of_fold = [], [], [], []
    for number in range(folds):
        inside = frame[frame["identity"].map(fold) == number]
        names, persons = inside["name"].to_list(), inside["identity"].to_list()
        places = inside["row"].to_list()
        found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
        ages = inside["age"].to_list()
        for a, b in combinations(range(len(names)), 2):
            if gap and abs(ages[a] - ages[b]) < gap:
                continue
            found[persons[a] == persons[b]].append((a, b))
        wanted = min(pairs, *(len(several) for several in found.values()))
        if not wanted:
            raise UserError(
                f"{len(people)} people with {len(frame)} images are too few for verification in {folds} "
                "folds: one has no pair of one person or none of two. Add people to the copy."
            )
        for kind in (True, False):
            order = sorted(found[kind], key=lambda pair: _digest(salt, names[pair[0]], names[pair[1]]))
            for a, b in order[:wanted]:
                first.append(places[a])
                second.append(places[b])
                same.append(kind)
                of_fold.append(number)
    rule = (
        f"{len(same):,} pairs of {len(people)} people in {folds} folds that share nobody, half of one person"
    )
    rule += f", {gap} years apart or more" if gap else ""
    return _pairs(index, rule, first, second, same, of_fold)


def lfw_pairs(index: pd.DataFrame, path: str | Path) -> Pairs:
    """Read LFW's own `pairs.txt`: folds of pairs "Name i j" of one person and "Name i Name j" of two.

    Pairs whose images are not in the index (a partial copy) are left out, and the rule says how many.

    Raises:
        UserError: the file cannot be read or is not such a list.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        folds, each = (int(number) for number in lines[0].split())
        pairs = [_lfw_pair(line) for line in lines[1 : 1 + 2 * folds * each]]
        if len(pairs) != 2 * folds * each:
            raise ValueError("it ends early")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UserError(f"{path} is not LFW's list of pairs ({error}): download pairs.txt anew.") from error
    listed = [(*pair, number // (2 * each)) for number, pair in enumerate(pairs)]
    return listed_pairs(index, listed, f"{folds * each * 2:,} pairs of {Path(path).name}")


def numbered_pairs(index: pd.DataFrame, blocks: int = 10) -> Pairs:
    """Return the pairs of CACD-VS: NNNN_0.jpg with NNNN_1.jpg, 400 a block, the first 200 of one person.

    Raises:
        ValueError: there is no pair.
    """
    numbered: dict[int, dict[str, str]] = {}
    for name in index["name"]:
        match = re.fullmatch(r"(\d{4})_([01])\.jpg", Path(name).name, re.IGNORECASE | re.ASCII)
        if match:
            numbered.setdefault(int(match[1]), {})[match[2]] = name
    listed = []
    for number in sorted(numbered):
        both = numbered[number]
        block, place = divmod(number, 400)
        if len(both) == 2 and block < blocks:
            listed.append((both["0"], both["1"], place < 200, block))
    if not listed:
        raise ValueError("no two images are named NNNN_0.jpg and NNNN_1.jpg")
    return listed_pairs(index, listed, f"{len(listed):,} numbered pairs in {blocks} blocks of 400")


def morph_people(index: pd.DataFrame) -> Split:
    """Return the split of MORPH Album 2: 3,000 people to test, the others to train (Yu and Jing, 3.2).

    The paper does not say which: the 3,000 with the smallest SHA-256(identity). Of a copy with fewer than
    13,000 people, 3 of 13 are tested.
    """
    people = sorted(index["identity"].dropna().unique(), key=lambda person: _digest(person))
    tested = set(people[: min(MORPH_TEST_PEOPLE, round(len(people) * 3 / 13))])
    return _split_people(index, "morph-people", tested, f"{len(tested):,} people tested, by SHA-256")


def cacd_people(index: pd.DataFrame, test_people: frozenset[str]) -> Split:
    """Return CARC's split of CACD: 120 celebrities to test, ranks 3 to 5 of each birth year, 1,880 to train.

    Args:
        test_people: as from `data_prep.datasets.cacd.test_celebrities`.
    """
    return _split_people(index, "cacd-people", test_people, "celebrities of rank 3, 4 and 5 tested")


def cacd_databases(index: pd.DataFrame, rows: np.ndarray) -> dict[str, Identification]:
    """Return CARC's three searches: images of 2013 among those of 2004-06, 2007-09 and 2010-12.

    Args:
        rows: the test part of `cacd_people`.
    """
    return year_searches(index, rows, (CACD_QUERY_YEAR, CACD_QUERY_YEAR), CACD_DATABASES)


def year_searches(
    index: pd.DataFrame, rows: np.ndarray, queried: Period, databases: Mapping[str, Period]
) -> dict[str, Identification]:
    """Return searches for images of some years among those of others, by the name of the database.

    Args:
        rows: which images.
        queried: first and last year of the queries.
        databases: first and last year of each database.
    """
    frame = _people(index, rows)
    years = frame["year"].to_numpy(np.float64, na_value=np.nan)
    queries = frame["row"][(years >= queried[0]) & (years <= queried[1])].to_numpy()
    searches = {}
    for name, (first, last) in databases.items():
        database = frame["row"][(years >= first) & (years <= last)].to_numpy()
        rule = (
            f"{len(queries):,} images of {_span(queried)} among {len(database):,} of {_span((first, last))}"
        )
        searches[name] = _identification(index, rule, queries, database)
    return searches


def people_folds(index: pd.DataFrame, folds: int = 5) -> np.ndarray:
    """Return the subject-exclusive fold of each image of an index, (N,) (see `fold_of`)."""
    return np.array([fold_of(identity, folds) for identity in index["identity"]], int)


def _people(index: pd.DataFrame, rows: np.ndarray | None) -> pd.DataFrame:
    frame = index[["name", "identity", "age", "year"]].assign(row=np.arange(len(index)))
    frame = frame if rows is None else frame.iloc[np.sort(np.asarray(rows, int))]
    if frame["identity"].isna().any():
        raise ValueError(f"{int(frame['identity'].isna().sum())} images have no identity")
    return frame


def _identification(
    index: pd.DataFrame, rule: str, probes: np.ndarray, gallery: np.ndarray
) -> Identification:
    names = index["name"]
    gallery = np.sort(np.asarray(gallery, int))
    probes = np.sort(np.asarray(probes, int))
    content = [sorted(names.iloc[probes]), sorted(names.iloc[gallery])]
    return Identification(rule, probes, gallery, sha256_json(content))


def _pairs(
    index: pd.DataFrame,
    rule: str,
    first: Sequence[int],
    second: Sequence[int],
    same: Sequence[bool],
    folds: Sequence[int],
) -> Pairs:
    first, second = np.array(first, int), np.array(second, int)
    names = [index["name"].iloc[rows].to_list() for rows in (first, second)]
    content = [names, [bool(one) for one in same], [int(one) for one in folds]]
    return Pairs(rule, first, second, np.array(same, bool), np.array(folds, int), sha256_json(content))


def listed_pairs(index: pd.DataFrame, listed: Sequence[tuple[str, str, bool, int]], rule: str) -> Pairs:
    """Return the pairs of a published list; those whose images are not in the index are left out.

    Args:
        listed: (name, name, whether they are one person, fold) of each.
        rule: what the list is, for the sentence that then says how many are left out.

    Raises:
        UserError: no pair is in the index.
    """
    row = {name: number for number, name in enumerate(index["name"])}
    kept = [pair for pair in listed if pair[0] in row and pair[1] in row]
    if not kept:
        raise UserError(f"none of the {rule} is in the prepared set: is the copy complete?")
    if len(kept) < len(listed):
        rule += f", {len(listed) - len(kept):,} left out whose images are not there"
    first, second, same, folds = zip(*kept, strict=True)
    return _pairs(index, rule, [row[name] for name in first], [row[name] for name in second], same, folds)


def _lfw_pair(line: str) -> tuple[str, str, bool]:
    match line.split("\t") if "\t" in line else line.split():
        case [person, a, b]:
            return _lfw_name(person, a), _lfw_name(person, b), True
        case [person, a, other, b]:
            return _lfw_name(person, a), _lfw_name(other, b), False
    raise ValueError(f"{line[:60]!r} is no pair")


def _lfw_name(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04d}.jpg"


def _split_people(index: pd.DataFrame, name: str, tested: frozenset[str] | set[str], rule: str) -> Split:
    inside = index["identity"].isin(tested).to_numpy()
    rows = np.arange(len(index))
    return make_split(index, name, rule, rows[~inside], np.empty(0, int), rows[inside])


def _span(period: Period) -> str:
    first, last = period
    return str(first) if first == last else f"{first}-{last}"


def _digest(*texts: str) -> bytes:
    return hashlib.sha256("\n".join(texts).encode()).digest()
