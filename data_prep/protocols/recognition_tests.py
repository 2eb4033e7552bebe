"""Who is looked for among whom in a prepared set, with what a record says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.evidence.records import Data
from data_prep.datasets import get
from data_prep.datasets.walking import file_near
from data_prep.prepared.faces import describe_data
from data_prep.prepared.index import Prepared
from data_prep.prepared.names import names_of
from data_prep.protocols import identification
from data_prep.protocols.distractors import GalleryWithDistractors, with_distractors
from data_prep.protocols.identification import Identification
from data_prep.protocols.splits import named_rows
from data_prep.protocols.verification import Pairs, drawn_pairs, lfw_pairs

_HEAD = re.compile(r"\ufeff?\s*\d+\s+\d+\s*", re.ASCII)  # numbers of folds and of pairs
UNSEEN = "pairs of people not trained on"


@dataclass(frozen=True, eq=False)
class IdentificationTest:
    """Probes whose person is looked for in a gallery, under one model a fold.

    Attributes:
        column: of the tables.
        metric: "rank-1" or "MAP".
        data: what a record says of it.
        scheme: probes and gallery of all folds together.
        folds: fold of each probe: it is asked of the model that was not trained on its person.
    """

    column: str
    metric: str
    data: Data
    scheme: Identification
    folds: np.ndarray


@dataclass(frozen=True, eq=False)
class DistractorTest:
    """A rank-1 search whose gallery strangers join.

    Attributes:
        column: of the tables.
        data: what a record says of it.
        distracted: probes, own gallery and strangers.
    """

    column: str
    data: Data
    distracted: GalleryWithDistractors


@dataclass(frozen=True, eq=False)
class VerificationTest:
    """Pairs of images, of one person or of two.

    Attributes:
        column: of the tables.
        data: what a record says of it.
        pairs: rows of the index of `prepared`.
        prepared: their set.
    """

    column: str
    data: Data
    pairs: Pairs
    prepared: Prepared


def people_tests(
    prepared: Prepared, name: str, rows: np.ndarray | None = None, folds: np.ndarray | None = None
) -> tuple[IdentificationTest, ...]:
    """Return the scheme of the MORPH experiments, the same among adults, and each image against all others.

    One that fewer than two people are looked for in, as in a partial copy, gives no search.

    Args:
        prepared: the set.
        name: what the columns' names begin with.
        rows: which images; None is all.
        folds: (images of the index,) fold of each; None is one fold.
    """
    index = prepared.index
    schemes = {
        "oldest": (identification.youngest_to_oldest(index, rows), "youngest to oldest"),
        "adults": (
            identification.youngest_to_oldest(index, rows, identification.ADULT),
            "youngest to oldest, adults",
        ),
        "one-out": (identification.leave_one_out(index, rows), "one against all others"),
    }
    return tuple(
        one
        for key, (scheme, title) in schemes.items()
        for one in ranked(f"{name}-{key}", prepared, scheme, title, folds)
    )


def ranked(
    column: str, prepared: Prepared, scheme: Identification, title: str, folds: np.ndarray | None = None
) -> tuple[IdentificationTest, ...]:
    """Return a rank-1 search, none where fewer than two people are looked for; arguments as of `search`."""
    if prepared.index["identity"].iloc[scheme.probes].nunique() < 2:
        return ()
    return (search(column, "rank-1", prepared, scheme, title, folds),)


def period_tests(
    prepared: Prepared, name: str, periods: Mapping[str, Identification], folds: np.ndarray | None = None
) -> tuple[IdentificationTest, ...]:
    """Return searches by period for mean average precision, less queries whose person is not in the database.

    Average precision has no value for those. A database that fewer than two people are looked for in, of a
    partial copy, gives no search.

    Args:
        prepared, name, folds: as of `people_tests`.
        periods: schemes by the name of the database.
    """
    people = prepared.index["identity"].to_numpy(object)
    searches = []
    for period, scheme in periods.items():
        there = scheme.probes[np.isin(people[scheme.probes], people[scheme.gallery])]
        if len(set(people[there])) > 1:
            kept = identification.restricted(prepared.index, scheme, there)
            searches.append(search(f"{name}-{period}", "MAP", prepared, kept, f"among {period}", folds))
    return tuple(searches)


def film_tests(
    prepared: Prepared, name: str, rows: np.ndarray | None = None
) -> tuple[IdentificationTest, ...]:
    """Return searches by the years between a person's films: for MAP by gap, and for rank-1 of last in first.

    One that fewer than two people are looked for in, as in a partial copy, gives no search.

    Args:
        prepared, name, rows: as of `people_tests`.
    """
    index = prepared.index
    gaps = (
        search(
            f"{name}-{gap.replace(' ', '-')}",
            "MAP",
            prepared,
            scheme,
            f"latest among films {gap} years earlier",
        )
        for gap, scheme in identification.year_gaps(index, rows).items()
        if index["identity"].iloc[scheme.probes].nunique() > 1
    )
    extremes = identification.first_to_last_year(index, rows)
    return (*gaps, *ranked(f"{name}-oldest", prepared, extremes, "latest among oldest films"))


def film_pairs(
    column: str, prepared: Prepared, rows: np.ndarray | None, title: str, pairs: int, gap: int = 10
) -> VerificationTest:
    """Return pairs from films `gap` years apart or more, of people who have such films.

    There are as many folds, from two to ten, as leave three people in each.

    Args:
        column, prepared, rows, title, pairs: as of `drawn_verification`.
        gap: years.

    Raises:
        TooFewPairs: a fold has no pair of one person or none of two.
    """
    frame = identification.with_people(prepared.index, rows)
    years = frame.groupby("identity")["year"]
    apart = (years.transform("max") - years.transform("min") >= gap).fillna(False)
    kept = frame["row"][apart.to_numpy(bool)].to_numpy()
    folds = min(10, max(2, prepared.index["identity"].iloc[kept].nunique() // 3))
    drawn = drawn_pairs(prepared.index, kept, folds, pairs, gap=gap, by="year")
    return verification(column, prepared, drawn, f"{len(drawn.same):,} {title}, {gap} years apart")


def search(
    column: str,
    metric: str,
    prepared: Prepared,
    scheme: Identification,
    title: str,
    folds: np.ndarray | None = None,
) -> IdentificationTest:
    """Return one search; `title` is what readers are told of its protocol."""
    people = prepared.index["identity"].iloc[scheme.probes].nunique()
    data = describe_data(prepared, title, scheme.hash, len(scheme.probes), people)
    of_probes = np.zeros(len(scheme.probes), int) if folds is None else folds[scheme.probes]
    return IdentificationTest(column, metric, data, scheme, of_probes)


def distractor_test(column: str, prepared: Prepared, others: Sequence[Prepared]) -> DistractorTest:
    """Return the search of each image among all others of its set and the images of other sets."""
    distracted = with_distractors(prepared, identification.leave_one_out(prepared.index), others)
    scheme = distracted.scheme
    distractors = sum(len(crowd.rows) for crowd in distracted.crowds)
    people = prepared.index["identity"].iloc[scheme.probes].nunique()
    title = f"one against all others and {distractors:,} strangers"
    data = describe_data(prepared, title, distracted.hash, len(scheme.probes), people)
    return DistractorTest(column, data, distracted)


def drawn_verification(
    column: str, prepared: Prepared, rows: np.ndarray | None, title: str, pairs: int, gap: int = 0
) -> VerificationTest:
    """Return pairs drawn from some images, at most `pairs` of each kind a fold.

    Args:
        column, prepared: as of `VerificationTest`.
        rows: which images; None is all.
        title: what readers are told of the pairs, after their number.
        pairs, gap: as of `data_prep.protocols.verification.drawn_pairs`.
    """
    drawn = drawn_pairs(prepared.index, rows, pairs=pairs, gap=gap)
    return verification(column, prepared, drawn, f"{len(drawn.same):,} {title}")


def verification(column: str, prepared: Prepared, pairs: Pairs, title: str) -> VerificationTest:
    """Return pairs as a verification; `title` is what readers are told of them."""
    used = np.unique(np.concatenate([pairs.first, pairs.second]))
    people = prepared.index["identity"].iloc[used].nunique() or None
    return VerificationTest(
        column, describe_data(prepared, title, pairs.hash, len(used), people), pairs, prepared
    )


def lfw_verification(column: str, prepared: Prepared, folder: Path, pairs: int) -> VerificationTest:
    """Return LFW's own pairs where its pairs.txt lies in or near `folder`, else pairs drawn."""
    listed = lfw_list(folder)
    if listed is None:
        return drawn_verification(column, prepared, named_rows(prepared.index), "drawn pairs", pairs)
    found = lfw_pairs(names_of(prepared), listed)
    return verification(column, prepared, found, f"{found.count} pairs of pairs.txt")


def lfw_list(folder: Path) -> Path | None:
    """Return LFW's pairs.txt in or near a folder; outside it, one that begins otherwise is another set's."""
    listed = file_near(folder, get("lfw").folder, "pairs.txt")
    if listed is None or listed.parent.samefile(folder):
        return listed
    with open(listed, encoding="utf-8", errors="replace") as file:
        return listed if _HEAD.fullmatch(file.readline(100)) else None
