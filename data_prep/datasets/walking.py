"""The folders of a copy: each is read once, links are followed, and what leads nowhere is named."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.samples import Rejected

_BREADTH = 128  # folders at one place that are looked into for a label file
_CLIMBED = 3  # folders between the set's own and its pictures
_Identity = tuple[int, int]
_HOLDER = None
"""Stands for the place of a folder that the walk began in."""


def list_folder(folder: Path) -> list[os.DirEntry]:
    """Return the entries of a folder sorted by name.

    Raises:
        UserError: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise UserError(f"cannot read the folder {folder}: {error.strerror}.") from error


def names_in(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none where it does not exist or cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def is_folder(entry: os.DirEntry) -> bool:
    """Return whether an entry is a folder, or a link that leads to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or into a folder that nobody may look into
        return False


def folders_in(folder: Path) -> Iterator[str]:
    """Yield the sorted names of the folders in a folder, links to folders among them.

    Raises:
        UserError: the folder cannot be read.
    """
    return (entry.name for entry in list_folder(folder) if is_folder(entry))


def walk(
    root: Path, below: str = ".", *, recursive: bool = True, hidden: bool = False
) -> Iterator[Path | Rejected]:
    """Yield the path below `root` of all that lies under root/below and is no folder, each folder sorted.

    A folder's own files come before those of its subfolders, and those behind links to folders last. A link
    to a folder that is read already, or to one that holds it, is yielded as Rejected. Hidden folders are not
    read.

    Args:
        root: names are relative to it.
        below: where to begin.
        recursive: whether subfolders are read.
        hidden: whether hidden folders are yielded as Rejected, or left out.

    Raises:
        UserError: a folder cannot be read.
    """
    read: dict[_Identity, Path | None] = {}
    for place in (root / below, root):
        read.update((_identity(folder), _HOLDER) for folder in Path(os.path.realpath(place)).parents)
    if _identity(root / below) != _identity(root):
        read[_identity(root)] = _HOLDER
    folders, links = [Path(below)], deque[Path]()
    while folders or links:
        linked = not folders
        current = links.popleft() if linked else folders.pop()
        identity = _identity(root / current)
        if identity in read:
            yield _read_already(current, read[identity], linked)
            continue
        read[identity] = current
        inside = []
        for entry in list_folder(root / current):
            if not is_folder(entry):
                yield current / entry.name
            elif not entry.name.startswith("."):
                (links if entry.is_symlink() else inside).append(current / entry.name)
            elif hidden:
                yield Rejected(
                    printable(current / entry.name), "a hidden folder is not looked into: rename it", files=0
                )
        if not recursive:
            return
        folders.extend(reversed(inside))


def near(folder: Path, own: str) -> Iterator[Path]:
    """Yield the folders in which the labels of pictures in `folder` may lie, the nearest first.

    They are the folder and those in it; up to the set's own folder each one above with those in it; and last
    the one above that.

    Args:
        folder: of the pictures.
        own: name of the set's own folder; where none has it, no more than one folder above is looked into.
    """
    here, top = Path(os.path.abspath(folder)), own_folder(folder, own)
    for place in takewhile(lambda one: one != top.parent, (here, *here.parents)):
        yield place
        names = (name for name in folders_in(place) if not name.startswith("."))
        yield from (place / name for name in islice(names, _BREADTH))
    yield top.parent


def file_near(folder: Path, own: str, name: str) -> Path | None:
    """Return the label file of that name, None where there is none; arguments as of `near`."""
    return next((place / name for place in near(folder, own) if (place / name).is_file()), None)


def own_folder(folder: Path, own: str) -> Path:
    """Return the set's own folder, by its name, that holds `folder`; `folder` where none is so called."""
    here = Path(os.path.abspath(folder))
    above = [here, *here.parents][: _CLIMBED + 1]
    return next((one for one in reversed(above) if simple_name(one.name) == simple_name(own)), here)


def simple_name(name: str) -> str:
    """Return a name without case and punctuation."""
    return "".join(character for character in name.casefold() if character.isalnum())


def printable(path: Path) -> str:
    """Return a relative path as text that a table can hold, whatever its bytes are."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def identity_of(folder: Path) -> _Identity:
    """Return what is the same for all paths, links among them, that lead to one folder."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _identity(folder: Path) -> _Identity:
    try:
        return identity_of(folder)
    except OSError as error:
        raise UserError(f"cannot read the folder {folder}: {error.strerror}.") from error


def _read_already(folder: Path, first: Path | None, linked: bool) -> Rejected:
    what = "a link to" if linked else "the same folder as"
    which = "a folder that it lies in" if first is _HOLDER else f"{printable(first)}, which is read already"
    return Rejected(printable(folder), f"{what} {which}", files=0)
