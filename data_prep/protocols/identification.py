"""Who is looked for among whom: galleries and probes, queries and databases, as rows of an index.

As in `data_prep.protocols.splits` everything that the papers leave to chance is drawn by hashes of names, so
that anybody draws the same lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.files import sha256_json
from data_prep.protocols.splits import Split, fold_of, make_split

ADULT = 18
"""Age in years from which on a face counts as an adult's."""

Period = tuple[int, int]
"""First and last year."""

CACD_QUERY_YEAR = 2013
CACD_DATABASES = {"2004-2006": (2004, 2006), "2007-2009": (2007, 2009), "2010-2012": (2010, 2012)}
MORPH_TEST_PEOPLE = 3000
YEAR_GAPS = {"under 5": (1, 4), "5-9": (5, 9), "10-19": (10, 19), "20 and more": (20, 999)}
"""Fewest and most years between a person's latest films and the films of a database."""


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
    frame = with_people(index, rows)
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
    frame = with_people(index, rows)
    several = frame.groupby("identity")["row"].transform("size") > 1
    asked = frame["row"][several]
    rule = f"each of {len(asked)} images against the {len(frame) - 1} others"
    return _identification(index, rule, asked.to_numpy(), frame["row"].to_numpy())


def restricted(index: pd.DataFrame, scheme: Identification, rows: np.ndarray) -> Identification:
    """Return `scheme` with only those probes that are among `rows`, and the whole gallery."""
    kept = scheme.probes[np.isin(scheme.probes, rows)]
    return _identification(index, scheme.description, kept, scheme.gallery)


def morph_people(index: pd.DataFrame) -> Split:
    """Return the split of MORPH Album 2: 3,000 people to test, the others to train (Yu and Jing, 3.2).

    The paper does not say which: the 3,000 with the smallest SHA-256(identity). Of a copy with fewer than
    13,000 people, 3 of 13 are tested.
    """
    people = sorted(index["identity"].dropna().unique(), key=lambda person: digest(person))
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


def imfdb_people(index: pd.DataFrame) -> Split:
    """Return the split of IMFDB: a third of the actors to test, 27 of 81, the others to train.

    The set has no such split. Actors are ordered by the longest gap of `YEAR_GAPS` between their films, then
    by SHA-256(identity), and the second of every three is tested: both parts hold people seen across decades.
    """
    years = with_people(index, None).groupby("identity")["year"]
    span = (years.max() - years.min()).fillna(0)
    reached = {person: sum(least <= span[person] for least, _ in YEAR_GAPS.values()) for person in span.index}
    people = sorted(reached, key=lambda person: (reached[person], digest(person)))
    tested = set(people[1::3])
    rule = f"{len(tested)} actors tested, every third by years between their films and SHA-256"
    return _split_people(index, "imfdb-people", tested, rule)


def year_gaps(index: pd.DataFrame, rows: np.ndarray | None = None) -> dict[str, Identification]:
    """Return searches for each person's latest images among earlier ones, by the names of `YEAR_GAPS`.

    Queries are the images of a person's latest year, of those with images so many years before it; these are
    the database. A person without such images is in it all the same, with all images before the latest year
    or, of one year alone, with those: every database holds the same people, so that a longer gap is no
    smaller crowd.

    Args:
        rows: which images; None is all. Those of unknown year are left out.

    Raises:
        ValueError: an image without identity.
    """
    frame = with_people(index, rows)
    frame = frame[frame["year"].notna()]
    latest = frame.groupby("identity")["year"].transform("max")
    before = (latest - frame["year"]).to_numpy(int)
    people = frame["identity"]
    earlier = people.isin(people[before > 0]).to_numpy()
    stands_in = np.where(earlier, before > 0, True)
    searches = {}
    for name, (least, most) in YEAR_GAPS.items():
        within = (before >= least) & (before <= most)
        asked = people.isin(people[within]).to_numpy()
        queries = frame["row"][asked & (before == 0)].to_numpy()
        database = frame["row"][np.where(asked, within, stands_in)].to_numpy()
        rule = (
            f"{len(queries):,} images of latest years among {len(database):,} of films {name} years earlier"
        )
        searches[name] = _identification(index, rule, queries, database)
    return searches


def first_to_last_year(index: pd.DataFrame, rows: np.ndarray | None = None) -> Identification:
    """Return the scheme in which the images of each person's last year look among those of the first.

    Args:
        rows: which images; None is all. People with images of fewer than two known years are left out.

    Raises:
        ValueError: an image without identity.
    """
    frame = with_people(index, rows)
    frame = frame[frame["year"].notna()]
    years = frame.groupby("identity")["year"]
    first, last = years.transform("min"), years.transform("max")
    gallery = frame["row"][(frame["year"] == first) & (first < last)].to_numpy()
    probes = frame["row"][(frame["year"] == last) & (first < last)].to_numpy()
    people = frame["identity"][first < last].nunique()
    rule = f"gallery: the {len(gallery):,} images of {people} people's first year; probes: of the last"
    return _identification(index, rule, probes, gallery)


def year_searches(
    index: pd.DataFrame, rows: np.ndarray, queried: Period, databases: Mapping[str, Period]
) -> dict[str, Identification]:
    """Return searches for images of some years among those of others, by the name of the database.

    Args:
        rows: which images.
        queried: first and last year of the queries.
        databases: first and last year of each database.
    """
    frame = with_people(index, rows)
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


def with_people(index: pd.DataFrame, rows: np.ndarray | None) -> pd.DataFrame:
    """Return name, identity, age, year and row of some images, in the order of the index; None is all.

    Raises:
        ValueError: an image without identity.
    """
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


def _split_people(index: pd.DataFrame, name: str, tested: frozenset[str] | set[str], rule: str) -> Split:
    inside = index["identity"].isin(tested).to_numpy()
    rows = np.arange(len(index))
    return make_split(index, name, rule, rows[~inside], np.empty(0, int), rows[inside])


def _span(period: Period) -> str:
    first, last = period
    return str(first) if first == last else f"{first}-{last}"


def digest(*texts: str) -> bytes:
    """Return the SHA-256 by whose order what is left to chance is drawn."""
    return hashlib.sha256("\n".join(texts).encode()).digest()
