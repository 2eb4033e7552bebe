"""SCAF, or any identity set with a list of estimated ages and genders in the form of MTLFace's authors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet, is_image_name, names_in
from data_prep.datasets.walking import near
from data_prep.samples import Rejected, Sample

_GENDERS = {"1": "male", "0": "female"}
_LONGEST_LINE = 4096
_LOOKED_AT = 20  # lines whose pictures are looked for


class Scaf(DataSet):
    """The list is a text file of lines "id filename age gender": 1 is male, 0 female, ages may be fractions.

    File names are relative to the list's folder, one in it, or the one above. The pictures are aligned to
    112 px, as MTLFace's training takes them.
    """

    def holds(self, folder: Path) -> bool:
        return bool(_lists_in(folder))

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample a line of the list; a line that cannot be read is refused by its number."""
        path, *others = _lists_in(root)
        for other in others:
            yield Rejected(other.name, f"another list; {path.name} is read", files=0)
        pictures = _pictures(path)
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield _sample(pictures, line, f"{path.name} line {number}")
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


def _lists_in(folder: Path) -> list[Path]:
    """Return the text files of a folder whose first line is one of such a list."""
    texts = (folder / name for name in names_in(folder) if name.lower().endswith((".txt", ".list")))
    return [path for path in texts if _listed(path, 1)]


def _listed(path: Path, lines: int) -> list[str]:
    """Return the image names in the first lines of a file, as many as are lines of such a list."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            read = [_fields(file.readline(_LONGEST_LINE)) for _ in range(lines)]
    except OSError:
        return []
    return [fields[1] for fields in read if fields and is_image_name(Path(fields[1]).name)]


def _pictures(path: Path) -> Path:
    """Return the folder that a list's names are relative to: its own, unless one near holds more of them."""
    names = _listed(path, _LOOKED_AT)
    return max(
        near(path.parent, DATASET.folder), key=lambda folder: sum((folder / name).is_file() for name in names)
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
