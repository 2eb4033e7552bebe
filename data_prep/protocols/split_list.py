"""UTKFace divided as Paplham and Franc (CVPR 2024) publish it: a list that says the folder of each image.

Their repository Facial-Age-Estimation-Benchmark-Databases holds UTKFace.json and UTKFace_aligned.json, lists
of objects of which "img_path" ("UTKFace/part1/25_0_1_20170116174525125.jpg") and "folder" (0 to 9) count.
Its README.md, and facebase/benchmarks/UTKFace.yaml of Facial-Age-Estimation-Benchmark, divide the ten folders
into training, validation and test part in five ways. That people are kept apart holds for their other sets:
nobody is named in UTKFace, whose images facebase/to_json/utkf_to_json.py deals to the folders in turn.

A table UTKFace.csv is read too: name and fold (0 to 9, divided likewise), or name and part, one split.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError, clause
from data_prep.datasets.locate import given
from data_prep.datasets.utkface import DATASET
from data_prep.formats.lists import Table, read_table, unreadable
from data_prep.protocols.splits import PARTS

FOLDER = "UTKFace-splits"
"""The folder of the list under DATA_ROOT."""

FILES = ("UTKFace_aligned.json", "UTKFace.json", "UTKFace.csv")
"""Names of a list; the first that is there is read, which the authors' own UTKFace.yaml names too."""

AUTHORS = "Paplham and Franc"
FOLDERS = 10

Rule = tuple[frozenset[int], ...]
"""The folders of each of `PARTS`."""


def _from(start: int) -> Rule:
    order = [(start + step) % FOLDERS for step in range(FOLDERS)]
    return frozenset(order[:6]), frozenset(order[6:8]), frozenset(order[8:])


FIVE: tuple[Rule, ...] = tuple(map(_from, (0, 2, 4, 5, 6)))
"""Six folders to train on, two to validate and two to test on, as UTKFace.yaml has them."""

ONE: tuple[Rule, ...] = ((frozenset({0}), frozenset({1}), frozenset({2})),)

_WORDS = {
    **{part: place for place, part in enumerate(PARTS)},
    **{word: place for place, word in enumerate(("trn", "val", "tst"))},
}
_REMEDY = "get the list anew, or mend it"
_LFS = b"version https://git-lfs"


@dataclass(frozen=True)
class Entry:
    """An image as a list has it.

    Attributes:
        name: of its file.
        folder: that it is in; of a list of parts 0, 1 and 2 for those of `PARTS`.
        place: in the list ("line 3").
    """

    name: str
    folder: int
    place: str


@dataclass(frozen=True)
class Listed:
    """A list that divides UTKFace.

    Attributes:
        path: of its file.
        entries: by what the names of a picture's files have in common, see `key_of`.
        rules: how its folders make splits, one or five.
    """

    path: Path
    entries: dict[str, Entry]
    rules: tuple[Rule, ...]

    @property
    def source(self) -> str:
        """Whose split it is, for readers: a table of the user's own may be anybody's."""
        return AUTHORS if self.path.suffix == ".json" else self.path.name

    def part(self, name: str, number: int) -> int | None:
        """Return the place among `PARTS` of an image in a split, None where the list does not name it."""
        entry = self.entries.get(key_of(name))
        if entry is None:
            return None
        return next(place for place, folders in enumerate(self.rules[number]) if entry.folder in folders)


def key_of(name: str) -> str:
    """Return what the names of one picture have in common: whole or cut out, in whichever folder."""
    return DATASET.key(name.replace("\\", "/"))


def find_list(data_root: Path) -> Path | None:
    """Return the list that a data folder holds, None where there is no folder for one.

    Raises:
        UserError: there is the folder, and no list in it.
    """
    folder = given(data_root / FOLDER)
    if not folder.is_dir():
        return None
    found = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if found is None:
        raise UserError(f"{folder} holds no list: put {', '.join(FILES[:-1])} or {FILES[-1]} into it.")
    return found


def read_list(path: Path) -> Listed:
    """Read a list.

    Raises:
        UserError: it cannot be read, is none, names a picture twice or a part that there is not, or leaves a
            part empty.
    """
    entries: dict[str, Entry] = {}
    rules, found = _json(path) if path.suffix == ".json" else _csv(path)
    for entry in found:
        first = entries.setdefault(key_of(entry.name), entry)
        if first is not entry:
            where = "in two parts" if first.folder != entry.folder else "twice"
            raise UserError(
                f"{path} names {entry.name} {where}, in {first.place} and in {entry.place}: {_REMEDY}."
            )
    if not entries:
        raise UserError(f"{path} names no image: {_REMEDY}.")
    held = {entry.folder for entry in entries.values()}
    lacking = sorted(frozenset().union(*rules[0]) - held)
    if lacking:
        what = f"{PARTS[lacking[0]]} part" if rules is ONE else f"folder {lacking[0]}"
        raise UserError(f"{path} names no image of the {what}: {_REMEDY}.")
    return Listed(path, entries, rules)


def _json(path: Path) -> tuple[tuple[Rule, ...], Iterator[Entry]]:
    try:
        content = path.read_bytes()
        if content.startswith(_LFS):
            raise UserError(
                f"{path} is a pointer of Git LFS in place of the list: download the file itself, as the "
                "README.md beside it in its repository says."
            )
        found = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 from byte {error.start:,} on: {_REMEDY}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is no JSON ({clause(error)}): {_REMEDY}.") from error
    if not isinstance(found, list):
        raise UserError(f"{path} is no list of images: {_REMEDY}.")
    return FIVE, (_entry(path, one, f"entry {number:,}") for number, one in enumerate(found, 1))


def _entry(path: Path, one: object, place: str) -> Entry:
    match one:
        case {"database": str() as other} if other != DATASET.title:
            raise UserError(f"{path} is a list of {other[:40]!a} by {place}, not of UTKFace: {_REMEDY}.")
        case {"img_path": str() as name, "folder": folder} if name and not unreadable(name):
            return Entry(name, _folder(path, folder, place), place)
    raise UserError(f"{path} has no img_path and folder in {place}: {_REMEDY}.")


def _csv(path: Path) -> tuple[tuple[Rule, ...], Iterator[Entry]]:
    table = read_table(path)
    if table is None:
        raise UserError(f"{path} is empty: {_REMEDY}.")
    name, part, fold = table.column("name"), table.column("part"), table.column("fold", "folder")
    if name is None or (part is None) == (fold is None):
        header = ",".join(table.header)[:60]
        raise UserError(f"{path} begins with {header!a}: its first line is to be name,part or name,fold.")
    if part is not None:
        return ONE, _parts(path, table, name, part)
    return FIVE, _folds(path, table, name, fold or 0)


def _parts(path: Path, table: Table, name: int, part: int) -> Iterator[Entry]:
    for file, word, place in _rows(path, table, name, part):
        if word.casefold() not in _WORDS:
            raise UserError(f"{path} has the part {word[:40]!a} in {place}: it is to be {', '.join(PARTS)}.")
        yield Entry(file, _WORDS[word.casefold()], place)


def _folds(path: Path, table: Table, name: int, fold: int) -> Iterator[Entry]:
    for file, word, place in _rows(path, table, name, fold):
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 3 else word
        yield Entry(file, _folder(path, number, place), place)


def _rows(path: Path, table: Table, *columns: int) -> Iterable[tuple[str, str, str]]:
    """Yield name, part and place of each line."""
    for number, row in table.rows:
        place = f"line {number:,}"
        name, word = (row[column] for column in columns)
        if len(row) != len(table.header) or not name:
            raise UserError(f"{path} has {len(row)} fields or no name in {place}: {_REMEDY}.")
        if why := unreadable(name + word):
            raise UserError(f"cannot read {place} of {path}: it {why}.")
        yield name, word, place


def _folder(path: Path, folder: object, place: str) -> int:
    if isinstance(folder, int) and not isinstance(folder, bool) and 0 <= folder < FOLDERS:
        return folder
    raise UserError(
        f"{path} has the folder {str(folder)[:40]!a} in {place}: it is to be from 0 to {FOLDERS - 1}."
    )
