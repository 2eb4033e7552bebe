"""Small label files in the form of the published ones, for the tests of the data set readers."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import numpy as np
import scipy.io

IMDB_WIKI_ROW = {
    "dob": 723671,  # 5 May 1981
    "photo_taken": 2009,
    "full_path": "17/10000217_1981-05-05_2009.jpg",
    "gender": 1.0,
    "name": "Sami Jauhojarvi",
    "face_location": np.array([111.3, 111.3, 252.7, 252.7]),
    "face_score": 4.3,
    "second_face_score": math.nan,
}


IMFDB_LINE = {
    "video": "Film_full_movie",
    "frame": "0123.jpg",
    "picture": "Actor_1.jpg",
    "box": "10\t20\t30\t40",
    "film": "Film",
    "date": "07-10-2000",
    "actor": "An_Actor",
    "gender": "FEMALE",
    "labels": "ANGER\tNONE\tBAD\tYOUNG\tFRONTAL\tPARTIAL",
}


def imfdb_line(**changed: str | None) -> str:
    """Return a line of a film's list in which fields of `IMFDB_LINE` are changed, or missing where None."""
    return "\t".join(value for value in (IMFDB_LINE | changed).values() if value is not None)


def write_imfdb(path: Path, lines: list[dict | str]) -> None:
    """Write a film's list; each line is what it changes of `IMFDB_LINE`, or text as it stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = [line if isinstance(line, str) else imfdb_line(**line) for line in lines]
    path.write_text("".join(f"{line}\r\n" for line in text), newline="")


def matlab_day(year: int, month: int, day: int) -> int:
    """Return a date as MATLAB counts days: 1 January 2000 is 730486."""
    return 730486 + (datetime.date(year, month, day) - datetime.date(2000, 1, 1)).days


def write_imdb_wiki(path: Path, variable: str, rows: list[dict]) -> None:
    """Write imdb.mat or wiki.mat; each row changes fields of `IMDB_WIKI_ROW`."""
    full = [IMDB_WIKI_ROW | row for row in rows]
    columns = {key: _column([row[key] for row in full]) for key in IMDB_WIKI_ROW}
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(path, {variable: columns}, do_compression=True)


def write_cacd(
    path: Path, people: list[tuple[str, int, int]], images: list[tuple[str, int, int, int]]
) -> None:
    """Write celebrity2000_meta.mat.

    Args:
        path: the file.
        people: (name, birth year, rank); identities count from 1.
        images: (file name, identity, age, year).
    """
    names, births, ranks = zip(*people, strict=True)
    files, identities, ages, years = zip(*images, strict=True)
    lfw = np.zeros((len(people), 1))
    celebrities = {
        "name": _column(names),
        "identity": _column(range(1, len(people) + 1)),
        "birth": _column(births),
        "rank": _column(ranks),
        "lfw": lfw,
    }
    rows = {
        "age": _column(ages),
        "identity": _column(identities),
        "year": _column(years),
        "rank": _column([ranks[identity - 1] for identity in identities]),
        "birth": _column([births[identity - 1] for identity in identities]),
        "name": _column(files),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(path, {"celebrityData": celebrities, "celebrityImageData": rows}, do_compression=True)


def touch(root: Path, *names: str) -> None:
    """Make empty files below `root`; the readers look at names only."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def _column(values) -> np.ndarray:
    values = list(values)
    if all(isinstance(value, int | float) for value in values):
        return np.array(values).reshape(-1, 1)
    column = np.empty((len(values), 1), dtype=object)
    for i, value in enumerate(values):
        column[i, 0] = value
    return column
