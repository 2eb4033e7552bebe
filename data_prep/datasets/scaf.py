"""SCAF, or any identity set with a list of estimated ages and genders in the form of MTLFace's authors."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet
from data_prep.datasets.image_files import image_files, is_image_name
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import names_in, near, own_folder
from data_prep.formats.lists import in_folder, read_lines, readings, unreadable

_GENDERS = {"1": "male", "0": "female"}
_LONGEST_LINE = 4096
_NAMED = (".txt", ".list", ".lst", ".csv", ".tsv")
_LONGEST_NAME = 255  # bytes of one part of a path
_LOOKED_AT = 20  # lines whose pictures are looked for


class Scaf(DataSet):
    """The list is a text file of lines "id filename age gender": 1 is male, 0 female, ages may be fractions.

    Blanks, tabs, semicolons or commas separate the fields. File names are relative to the list's folder, one
    in it, or the one above. The pictures are aligned to 112 px, as MTLFace's training takes them.
    """

    def holds(self, folder: Path) -> bool:
        return bool(_lists_in(folder))

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample a line of the list; a line that cannot be read is refused by its number.

        So is every picture beside those that the list names.
        """
        path, *others = _lists_in(root)
        for other in others:
            yield Rejected(other.name, f"another list; {path.name} is read", files=0)
        pictures = _pictures(path)
        listed = set()
        for number, line in read_lines(path):
            found = _sample(pictures, line, f"{path.name} line {number}")
            if isinstance(found, Sample):
                listed.add(os.path.abspath(found.path))
            yield found
        own = own_folder(root, self.folder)
        for file in image_files(pictures if Path(os.path.abspath(pictures)).is_relative_to(own) else root):
            if isinstance(file, Rejected):
                yield file
            elif os.path.abspath(file[1]) not in listed:
                yield Rejected(file[0], f"not listed in {path.name}")


def _sample(root: Path, line: str, place: str) -> Sample | Rejected:
    if why := unreadable(line):
        return Rejected(place, f"the line {why}")
    fields = _fields(line)
    if fields is None:
        return Rejected(place, "the line is not of the form: id filename age gender")
    identity, name, age, gender = fields
    if any(ord(character) < 32 or character == "\ufffd" for character in identity + name):
        return Rejected(place, "the line holds a character that no name has")
    path = PurePosixPath(name.replace("\\", "/"))
    too_long = any(len(part.encode()) > _LONGEST_NAME for part in path.parts)
    outside = path.is_absolute() or re.match("[A-Za-z]:", name) or ".." in path.parts
    if outside or too_long or _is_of_another_kind(path):
        return Rejected(place, "the file name is none of an image below the list's folder")
    if not 0 <= age <= OLDEST:
        return Rejected(path.as_posix(), f"age {age:g} is impossible")
    years = math.floor(age + 0.5)
    there = in_folder(root, name)
    return Sample(there, path.as_posix(), identity, years, gender, aligned="arcface")


def _is_of_another_kind(path: PurePosixPath) -> bool:
    return bool(path.suffix) and not is_image_name(path.name)


def _fields(line: str) -> tuple[str, str, float, str] | None:
    """Return the identity, file name, age and gender of a line, None where it has another form."""
    if len(line) >= _LONGEST_LINE:
        return None
    for fields in readings(line):
        match fields:
            case [identity, *name, age, ("1" | "0") as gender] if name and identity and all(name):
                try:
                    return identity, " ".join(name), float(age.replace(",", ".")), _GENDERS[gender]
                except ValueError:
                    continue
    return None


def _lists_in(folder: Path) -> list[Path]:
    """Return the text files of a folder whose first or second line is one of such a list."""
    names = (name for name in names_in(folder) if name.lower().endswith(_NAMED) and not name.startswith("."))
    return [path for path in (folder / name for name in names) if _listed(path, 2)]


def _listed(path: Path, lines: int) -> list[str]:
    """Return the image names in the first lines of a file, as many as are lines of such a list."""
    try:
        read = [_fields(line.text) for line in islice(read_lines(path), lines)]
    except UserError:
        return []
    names = (PurePosixPath(fields[1].replace("\\", "/")) for fields in read if fields)
    return [name.as_posix() for name in names if is_image_name(name.name)]


def _pictures(path: Path) -> Path:
    """Return the folder that a list's names are relative to: its own, unless one near holds more of them."""
    names = _listed(path, _LOOKED_AT)
    return max(
        near(path.parent, DATASET.folder),
        key=lambda folder: sum(os.path.isfile(in_folder(folder, name)) for name in names),
    )


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
