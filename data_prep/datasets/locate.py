"""Find the folder that holds a data set, or say precisely where the user's copy is instead."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from common.errors import UserError
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected
from data_prep.datasets.walking import folders_in, identity_of, simple_name

_DEPTH = 2  # how far below the set's folder an archive may have put its own folders
_BREADTH = 64  # subfolders looked into at each level: a wrong folder may hold a hundred thousand


class Layout(Protocol):
    """What is asked of a data set to find it, see `data_prep.datasets.base.DataSet`."""

    title: str
    folder: str
    layout: str
    how_to_obtain: str

    @property
    def obtained_as(self) -> str: ...

    def holds(self, folder: Path) -> bool: ...

    def key(self, name: str) -> str | None: ...

    def packed(self, folder: Path) -> Path | None: ...


@dataclass(frozen=True)
class Place:
    """Where a copy lies.

    Attributes:
        root: the folder that it is read from.
        parts: folders below `root`, relative to it, in which the parts of the set lie; none where `root`
            itself holds it.
        others: further copies, which are not read.
    """

    root: Path
    parts: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def place(dataset: Layout, root: Path) -> Place:
    """Return `root`, or the folder at most two levels below it, that holds `dataset`.

    A folder beside `root` whose name differs only in case and punctuation ("fgnet" for "FG-NET") counts too.
    Several folders that share no picture are parts of one copy, where the set has a `key`.

    Raises:
        UserError: there is none, or more than one copy.
    """
    root = given(root)
    if not root.is_dir():
        raise UserError(_missing(dataset, root))
    levels = _holding(dataset, root)
    everything = [folder for level in levels for folder in level]
    if not everything:
        raise UserError(
            f"{root} does not hold {dataset.title}: expected {dataset.layout}; "
            f"`make data-{dataset.obtained_as}` gets a copy or says how to."
        )
    if len(everything) > 1 and _joined(dataset, everything):
        above = Path(os.path.commonpath(everything))
        return Place(above, tuple(folder.relative_to(above) for folder in everything))
    holding = next(level for level in levels if level)
    named = [folder for folder in holding if simple_name(folder.name) == simple_name(dataset.folder)]
    for choice in (holding, named):
        if len(choice) == 1:
            return Place(choice[0], others=tuple(one for one in everything if one != choice[0]))
    key, copies = _shared(dataset, holding) or ("", holding[:3])
    found = " and ".join(map(str, copies)) + (f", both with {key}" if key else "")
    raise UserError(f"{root} holds more than one copy of {dataset.title} ({found}): keep one of them.")


def _holding(dataset: Layout, root: Path) -> list[list[Path]]:
    """Return the folders that hold the set, by level from `root` down; what lies below one is its own."""
    levels, met = [], set()
    level = [root]
    for _ in range(_DEPTH + 1):
        # Links lead to one folder by several ways.
        first = {identity_of(folder): folder for folder in reversed(level)}
        level = [folder for key, folder in reversed(first.items()) if key not in met]
        met.update(first)
        levels.append([folder for folder in level if _holds(dataset, folder, folder == root)])
        level = [inner for folder in level if folder not in levels[-1] for inner in _subfolders(folder)]
    return levels


def _holds(dataset: Layout, folder: Path, asked_for: bool) -> bool:
    try:
        return dataset.holds(folder)
    except UserError:  # of folders that nobody may read only the one that was given is told
        if asked_for:
            raise
        return False


def _keys(dataset: Layout, folder: Path) -> set[str | None]:
    return {dataset.key(item[0]) for item in image_files(folder) if not isinstance(item, Rejected)}


def _joined(dataset: Layout, folders: list[Path]) -> bool:
    """Return whether folders are parts of one copy: their pictures can be compared, and they share none."""
    keys = [_keys(dataset, folder) for folder in folders]
    comparable = any(keys) and not any(None in several for several in keys)
    packed = any(dataset.packed(folder) for folder in folders)
    return comparable and not packed and len(set().union(*keys)) == sum(map(len, keys))


def _shared(dataset: Layout, folders: list[Path]) -> tuple[str, list[Path]] | None:
    """Return the key of a picture that two of the folders hold and those two, None where none is seen."""
    first: dict[str, Path] = {}
    for folder in folders:
        for key in sorted(_keys(dataset, folder) - {None}):
            if first.setdefault(key, folder) != folder:
                return key, [first[key], folder]
    return None


def given(root: Path) -> Path:
    """Return `root`, or the folder beside it whose name differs only in case and punctuation."""
    return root if root.is_dir() else _same_name(root) or root


def misplaced(dataset: Layout, root: Path) -> str | None:
    """Return the sentence that says where a copy is one level off `root`, None where there is none."""
    root = Path(os.path.abspath(root))  # "." and ".." have no name and no parent to speak of
    title, data_root = dataset.title, root.parent
    if _holds(dataset, data_root, False):
        if simple_name(data_root.name) == simple_name(dataset.folder):
            return f"DATA_ROOT {data_root} is the folder of {title} itself: set DATA_ROOT={data_root.parent}."
        return f"DATA_ROOT {data_root} holds the files of {title} themselves: move them into {root}."
    children = _subfolders(data_root)
    for higher in (data_root.parent, *children):
        copy = higher / dataset.folder
        if copy.is_dir():
            return f"no {title} at {root}, but {copy} exists: set DATA_ROOT={higher}."
    alike = [child for child in children if _holds(dataset, child, False)]
    if len(alike) > 1 and _joined(dataset, alike):
        named = ", ".join(child.name for child in alike)
        return f"no {title} at {root}, but {data_root} holds parts of it ({named}): move them into {root}."
    if alike:
        return f"no {title} at {root}, but {alike[0]} looks like it: rename it to {dataset.folder}."
    return None


def _missing(dataset: Layout, root: Path) -> str:
    if not root.parent.is_dir():
        return f"no {dataset.title} at {root}: the folder {root.parent}, given as DATA_ROOT, does not exist."
    return misplaced(dataset, root) or (
        f"no {dataset.title} at {root}: {dataset.how_to_obtain}; "
        f"`make data-{dataset.obtained_as}` helps with it."
    )


def _same_name(root: Path) -> Path | None:
    if not root.parent.is_dir():
        return None
    same = [
        folder
        for folder in _subfolders(root.parent, None)
        if simple_name(folder.name) == simple_name(root.name)
    ]
    return same[0] if len(same) == 1 else None


def _subfolders(folder: Path, limit: int | None = _BREADTH) -> list[Path]:
    try:
        names = [name for name in folders_in(folder) if name[0] not in "._"]
    except UserError:  # a folder nobody may read is not the one looked for
        return []
    return [folder / name for name in names[:limit]]
