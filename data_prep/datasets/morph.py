"""MORPH Album 2: mugshots of 13,000 people; labels in the names, years of the photographs in the CSV."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import folders_in, names_in, near, own_folder, printable
from data_prep.formats.lists import Table, read_lines, read_table, unreadable

_PAGE = "https://uncw.edu/research/innovation/commercialization/technology-portfolio/morph"
_NAME = re.compile(r"(\d{4,7})_(\d{1,3})([MF])(\d{1,3})\.JPE?G", re.IGNORECASE | re.ASCII)
_STEM = re.compile(r"\d{4,7}_\d{1,3}[MF]\d{1,3}", re.IGNORECASE | re.ASCII)
_GENDERS = {"M": "male", "F": "female", "MALE": "male", "FEMALE": "female"}
# Names of the columns, which releases and copies spell in their own ways.
_PHOTO = ("photo", "filename", "file", "image", "path", "photo name", "image name")
_GENDER, _AGE = ("gender", "sex"), ("age",)
_TAKEN = ("doa", "date of acquisition", "date of arrest", "acquisition date")
_TABLES = (".csv", ".tsv")
_WORKBOOKS = (".xls", ".xlsx", ".ods")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b", re.ASCII)
_AGE_TOLERANCE = 1  # years by which rounding may set the CSV's age and the name's apart
_LOOKED_INTO = 20


@dataclass(frozen=True)
class _Row:
    gender: str | None
    age: int | None
    year: int | None


class Morph(DataSet):
    """012345_02F31.JPG is the third picture (they count from 0) of subject 12345, a woman, at 31."""

    def holds(self, folder: Path) -> bool:
        inside = (folder / name for name in folders_in(folder))
        places = (folder, *islice(inside, _LOOKED_INTO))
        return any(_NAME.fullmatch(name) for place in places for name in names_in(place))

    def key(self, name: str) -> str:
        return name.rpartition("/")[2].lower()

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield the images of any folder layout; one whose name and CSV row disagree is refused.

        So is a row of the CSV that cannot be understood.

        Raises:
            UserError: a file of labels cannot be read or understood.
        """
        labels = _Labels(root)
        for path in _tables_near(root):
            labels.add(path)
        yield from labels.refused
        for file in image_files(root):
            yield file if isinstance(file, Rejected) else _sample(*file, labels)
        labels.check_use()


class _Labels:
    """What the tables beside the images say, by the stem of the image's name in lower case."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.refused: list[Rejected] = []
        self._rows: dict[str, list[_Row]] = {}
        self._tables: list[str] = []
        self._asked = self._answered = 0

    def of(self, name: str) -> list[_Row]:
        """Return the rows of an image."""
        rows = self._rows.get(_stem(name), [])
        self._asked += 1
        self._answered += bool(rows)
        return rows

    def add(self, path: Path) -> None:
        """Read one file of labels, or note why it is none."""
        if path.suffix.lower() in _WORKBOOKS:
            self._refuse(path, "", "a workbook is not read: save its table as CSV")
            return
        table = read_table(path)
        photo = table and table.column(*_PHOTO)
        if photo is None or (table.column(*_AGE), table.column(*_GENDER)) == (None, None):
            _check_foreign(path, table)
            return
        self._tables.append(path.name)
        self._read(path, table, photo)

    def check_use(self) -> None:
        """Make sure that the images were held against the tables that are there.

        Raises:
            UserError: not one of the images has a row in them.
        """
        if self._tables and self._asked and not self._answered:
            raise UserError(
                f"{' and '.join(self._tables)} of MORPH Album 2 names none of the {self._asked:,} pictures "
                "there: put their own table there, or none."
            )

    def _read(self, path: Path, table: Table, photo: int) -> None:
        columns = [table.column(*names) for names in (_GENDER, _AGE, _TAKEN)]
        for number, row in table.rows:
            used = [row[place] if place is not None else "" for place in (photo, *columns)]
            if len(row) != len(table.header):
                why = f"it has {len(row)} fields, not {len(table.header)} as the first line"
            elif any(map(unreadable, used)):
                why = f"it {next(filter(None, map(unreadable, used)))}"
            else:
                name, *values = used
                found, why = _row(*values)
                self._rows.setdefault(_stem(name), []).append(found)
            if why:
                self._refuse(path, f" line {number}", why)

    def _refuse(self, path: Path, where: str, why: str) -> None:
        place = printable(Path(os.path.relpath(path, self._root)))
        self.refused.append(Rejected(f"{place}{where}", why, files=0))


def _sample(name: str, path: Path, labels: _Labels) -> Sample | Rejected:
    fields = _NAME.fullmatch(path.name)
    if not fields:
        return Rejected(name, "name is not of the form 012345_02F31.JPG (subject_picture, gender, age)")
    subject, gender, age = fields[1].zfill(6), _GENDERS[fields[3].upper()], int(fields[4])
    if not 0 < age <= OLDEST:
        return Rejected(name, f"age {age} is impossible")
    rows = labels.of(path.name)
    for row in rows:
        if row.age is not None and abs(row.age - age) > _AGE_TOLERANCE:
            return Rejected(name, f"the name says age {age}, the CSV says {row.age}")
        if row.gender is not None and row.gender != gender:
            return Rejected(name, f"the name says {gender}, the CSV says {row.gender}")
    year = next((row.year for row in rows if row.year is not None), None)
    return Sample(path, name, identity=subject, age=age, gender=gender, year=year)


def _stem(photo: str) -> str:
    return re.split(r"[/\\]", photo)[-1].partition(".")[0].lower()


def _row(gender: str, age: str, taken: str) -> tuple[_Row, str | None]:
    """Return what a row says, and a clause where a field cannot be understood; an empty one is unknown."""
    known = _GENDERS.get(gender.upper())
    years = re.fullmatch(r"(\d{1,3})(?:[.,]0*)?", age, re.ASCII)
    year = _YEAR.search(taken)
    why = f"gender {gender!r} is neither M nor F" if gender and not known else None
    why = f"age {age!r} is no whole number" if age and not years else why
    return _Row(known, int(years[1]) if years else None, int(year[0]) if year else None), why


def _tables_near(root: Path) -> Iterator[Path]:
    """Yield the files that may hold labels; of those outside the set's own folder such as speak of MORPH."""
    seen, own = set(), own_folder(root, DATASET.folder)
    for place in near(root, DATASET.folder):
        for name in names_in(place):
            path = Path(os.path.abspath(place / name))
            if path.suffix.lower() in (*_TABLES, *_WORKBOOKS) and name[0] != "." and path not in seen:
                seen.add(path)
                if path.is_relative_to(own) or _speaks_of_it(path):
                    yield path


def _speaks_of_it(path: Path) -> bool:
    """Return whether a file is called after MORPH or names pictures of it in its first lines."""
    if "morph" in path.name.lower():
        return True
    lines = islice(read_lines(path), _LOOKED_INTO) if path.suffix.lower() in _TABLES else ()
    return any(_STEM.search(line.text) for line in lines)


def _check_foreign(path: Path, table: Table | None) -> None:
    """Raise the sentence on a file that is meant to hold MORPH's labels and is not understood."""
    known = table and table.column(*_PHOTO, *_GENDER, *_AGE, *_TAKEN) is not None
    if known or _speaks_of_it(path):
        raise UserError(
            f"{path} seems to hold labels of MORPH Album 2, but its first line does not name the columns "
            "photo, age and gender: name them so, or move it away to have the labels of the names alone."
        )


DATASET = Morph(
    name="morph",
    title="MORPH Album 2",
    folder="MORPH",
    whole=55134,
    licence="by signed agreement with the University of North Carolina Wilmington, for a fee",
    how_to_obtain=(
        "apply for MORPH Album 2, academic set, to the University of North Carolina Wilmington at "
        f"{_PAGE} and unpack your copy there"
    ),
    layout="images like Album2/012345_02F31.JPG and morph_2008_nonCommercial.csv",
    page=_PAGE,
)
