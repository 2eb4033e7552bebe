"""Dates of IMFDB's films that are not those of their pictures: told before anything is asked across years."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from data_prep.datasets.walking import simple_name

SAME = 1  # year: premieres and releases of one film lie as far apart
_MIXED = re.compile(r"(misc|extras?)\d*")  # folders of pictures from anywhere
_MADE = 2013  # the set's own year, which stands for the date of many a film that was then on the web
_KNOWN = {("umashri", "lalihadu", 1966): "the actress was a child in 1966, and is none here"}


@dataclass(frozen=True)
class FilmList:
    """The labels of one folder Actor/Film.

    Attributes:
        year: of its date, None where unknown.
        described: what its lines say of pictures besides labels: name and place in the frame.
    """

    year: int | None
    described: Collection[Hashable]


def doubtful_dates(lists: Mapping[str, FilmList]) -> dict[str, str]:
    """Return why a date is not used, by folder ("Actor/Film").

    A folder of pictures from anywhere has no date. The year in which the set was made, or a later one, is not
    a film's but where another list of the film says an earlier year beside it. Where several lists of one
    film disagree by more than a year, the date that more than half of them share stands, and no other. Two
    films of one actor whose lists describe the same pictures, at least half of the shorter, cannot be told
    apart: one is a copy.
    """
    dated = {folder: one for folder, one in lists.items() if one.year is not None}
    return {**dict(_contradicted(dated)), **dict(_copied(dated)), **dict(_without_date(dated))}


def _without_date(lists: Mapping[str, FilmList]) -> Iterator[tuple[str, str]]:
    for folder, one in lists.items():
        actor, film = map(simple_name, folder.split("/"))
        if _MIXED.fullmatch(film):
            yield folder, "the pictures are of no one film"
        elif why := _KNOWN.get((actor, film, one.year)):
            yield folder, why


def _contradicted(lists: Mapping[str, FilmList]) -> Iterator[tuple[str, str]]:
    films: dict[str, list[str]] = defaultdict(list)
    for folder in lists:
        # Parts of a film have folders of their own: Tiger1, Tiger2.
        films[simple_name(folder.partition("/")[2]).rstrip("0123456789")].append(folder)
    for folders in films.values():
        years = Counter(lists[folder].year for folder in folders)
        for folder in folders:
            year = lists[folder].year
            near = sum(count for other, count in years.items() if abs(other - year) <= SAME)
            if near < len(folders) and 2 * near <= len(folders):
                yield folder, f"{len(folders) - near} of {len(folders)} lists of the film say another year"
            elif year >= _MADE and not any(other < _MADE <= other + SAME for other in years):
                yield folder, f"{year} is when the set was made"


def _copied(lists: Mapping[str, FilmList]) -> Iterator[tuple[str, str]]:
    by_actor: dict[str, list[str]] = defaultdict(list)
    for folder in lists:
        by_actor[folder.partition("/")[0]].append(folder)
    for folders in by_actor.values():
        for one, other in combinations(folders, 2):
            a, b = set(lists[one].described), set(lists[other].described)
            if a and b and 2 * len(a & b) >= min(len(a), len(b)):
                yield one, f"its list describes pictures of {other} too"
                yield other, f"its list describes pictures of {one} too"
