"""SCAF, or any identity set with a list of estimated ages and genders in the form of MTLFace's authors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet, is_image_name, names_in
from data_prep.samples import Rejected, Sample

_GENDERS = {"1": "male", "0": "female"}
_LONGEST_LINE = 4096


class Scaf(DataSet):
    """The list is a text file of lines "id filename age gender": 1 is male, 0 female, ages may be fractions.

    File names are relative to the list. The pictures are aligned to 112 px, as MTLFace's training takes them.
    """

    def holds(self, folder: Path) -> bool:
        return _list_in(folder) is not None

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample a line of the list; a line that cannot be read is refused by its number."""
        path = _list_in(root)
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield _sample(root, line, f"{path.name} line {number}")
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}.") from error


def _sample(root: Path, line: str, place: str) -> Sample | Rejected:
    fields = _fields(line)
    if fields is None:
        return Rejected(place, "the line is not of the form: id filename age gender")
    identity, name, age, gender = fields
    if any(ord(character) < 32 or character == "\ufffd" for character in identity + name):
        return Rejected(place, "the line holds a character that no name has")
    if Path(name).is_absolute() or ".." in Path(name).parts or not is_image_name(Path(name).name):
        return Rejected(place, "the file name is none of an image below the list's folder")
    if not 0 <= age <= OLDEST:
        return Rejected(name, f"age {age:g} is impossible")
    years = math.floor(age + 0.5)
    return Sample(root / name, Path(name).as_posix(), identity, years, gender, aligned="arcface")


def _fields(line: str) -> tuple[str, str, float, str] | None:
    """Return the identity, file name, age and gender of a line, None where it has another form."""
    match line.split():
        case [identity, *name, age, ("1" | "0") as gender] if name and len(line) < _LONGEST_LINE:
            try:
                return identity, " ".join(name), float(age), _GENDERS[gender]
            except ValueError:
                return None
    return None


def _list_in(folder: Path) -> Path | None:
    """Return the first text file of a folder whose first line is one of such a list."""
    for name in names_in(folder):
        if name.lower().endswith((".txt", ".list")):
            try:
                with open(folder / name, encoding="utf-8", errors="replace") as file:
                    line = file.readline(_LONGEST_LINE)
            except OSError:
                continue
            fields = _fields(line)
            if fields and is_image_name(Path(fields[1]).name):
                return folder / name
    return None


DATASET = Scaf(
    name="scaf",
    title="SCAF",
    folder="SCAF",
    whole=0,
    licence="for research only; each image belongs to its owner",
    how_to_obtain=(
        "download the list from https://github.com/Hzzone/MTLFace, its authors' page, put it there "
        "and beside it the aligned pictures that it names, which come from your own copy of MS-Celeb-1M"
    ),
    layout='a list of lines "id filename age gender" (1 male, 0 female) and the pictures it names',
    page="https://github.com/Hzzone/MTLFace",
)
