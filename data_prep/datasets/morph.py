"""MORPH Album 2: mugshots of 13,000 people; labels in the names, years of the photographs in the CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet, image_files, names_in
from data_prep.datasets.walking import folders_in, near
from data_prep.samples import Rejected, Sample

_PAGE = "https://uncw.edu/research/innovation/commercialization/technology-portfolio/morph"
_NAME = re.compile(r"(\d{4,7})_(\d{1,3})([MF])(\d{1,3})\.JPE?G", re.IGNORECASE | re.ASCII)
_GENDERS = {"M": "male", "F": "female"}
_COLUMNS = {"photo", "doa", "gender", "age"}
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
        """Yield the images of any folder layout; one whose name and CSV row disagree is refused."""
        rows = _read_csv(root)
        for file in image_files(root):
            yield file if isinstance(file, Rejected) else _sample(*file, rows)


def _sample(name: str, path: Path, rows: dict[str, _Row]) -> Sample | Rejected:
    fields = _NAME.fullmatch(path.name)
    if not fields:
        return Rejected(name, "name is not of the form 012345_02F31.JPG (subject_picture, gender, age)")
    subject, gender, age = fields[1].zfill(6), _GENDERS[fields[3].upper()], int(fields[4])
    if not 0 < age <= OLDEST:
        return Rejected(name, f"age {age} is impossible")
    row = rows.get(path.name.lower(), _Row(None, None, None))
    if row.age is not None and abs(row.age - age) > _AGE_TOLERANCE:
        return Rejected(name, f"the name says age {age}, the CSV says {row.age}")
    if row.gender is not None and row.gender != gender:
        return Rejected(name, f"the name says {gender}, the CSV says {row.gender}")
    return Sample(path, name, identity=subject, age=age, gender=gender, year=row.year)


def _read_csv(root: Path) -> dict[str, _Row]:
    """Return the rows of the set's CSV by lower-case file name; nothing where there is no such CSV."""
    for path in (folder / name for folder in near(root, DATASET.folder) for name in names_in(folder)):
        if path.suffix.lower() != ".csv":
            continue
        try:
            with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
                reader = csv.DictReader(file)
                if _COLUMNS.issubset(reader.fieldnames or ()):
                    return {_file_name(row["photo"]): _row(row) for row in reader}
        except (OSError, csv.Error) as error:
            raise UserError(f"cannot read {path}: {error}.") from error
    return {}


def _file_name(photo: str | None) -> str:
    return re.split(r"[/\\]", (photo or "").strip())[-1].lower()


def _row(row: dict[str, str | None]) -> _Row:
    """Return what a row says; a field that is empty or unreadable is unknown."""
    age = (row["age"] or "").strip()
    year = _YEAR.search(row["doa"] or "")
    return _Row(
        gender=_GENDERS.get((row["gender"] or "").strip().upper()),
        age=int(age) if re.fullmatch(r"\d{1,3}", age, re.ASCII) else None,
        year=int(year[0]) if year else None,
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
