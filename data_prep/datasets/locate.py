"""Find the folder that holds a data set, or say precisely where the user's copy is instead."""

from __future__ import annotations

import os
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import DataSet, list_folder

_DEPTH = 2  # how far below the set's folder an archive may have put its own folders
_BREADTH = 64  # subfolders looked into at each level: a wrong folder may hold a hundred thousand


def locate(dataset: DataSet, root: Path) -> Path:
    """Return `root`, or the one folder at most two levels below it, that holds `dataset`.

    A folder beside `root` whose name differs only in case and punctuation ("fgnet" for "FG-NET") counts too.

    Raises:
        UserError: there is none, or more than one.
    """
    root = given(root)
    if not root.is_dir():
        raise UserError(_missing(dataset, root))
    level = [root]
    for _ in range(_DEPTH + 1):
        holding = [folder for folder in level if dataset.holds(folder)]
        named = [folder for folder in holding if _simple(folder.name) == _simple(dataset.folder)]
        for choice in (holding, named):
            if len(choice) == 1:
                return choice[0]
        if holding:
            found = " and ".join(str(folder) for folder in holding[:3])
            raise UserError(
                f"{root} holds more than one copy of {dataset.title} ({found}): keep one of them."
            )
        level = [inner for folder in level for inner in _subfolders(folder)]
    raise UserError(
        f"{root} does not hold {dataset.title}: expected {dataset.layout}; "
        f"`make data-{dataset.obtained_as}` gets a copy or says how to."
    )


def given(root: Path) -> Path:
    """Return `root`, or the folder beside it whose name differs only in case and punctuation."""
    return root if root.is_dir() else _same_name(root) or root


def misplaced(dataset: DataSet, root: Path) -> str | None:
    """Return the sentence that says where a copy is one level off `root`, None where there is none."""
    root = Path(os.path.abspath(root))  # "." and ".." have no name and no parent to speak of
    title, data_root = dataset.title, root.parent
    if dataset.holds(data_root):
        if _simple(data_root.name) == _simple(dataset.folder):
            return f"DATA_ROOT {data_root} is the folder of {title} itself: set DATA_ROOT={data_root.parent}."
        return f"DATA_ROOT {data_root} holds the files of {title} themselves: move them into {root}."
    children = _subfolders(data_root)
    for higher in (data_root.parent, *children):
        copy = higher / dataset.folder
        if copy.is_dir():
            return f"no {title} at {root}, but {copy} exists: set DATA_ROOT={higher}."
    for child in children:
        if dataset.holds(child):
            return f"no {title} at {root}, but {child} looks like it: rename it to {dataset.folder}."
    return None


def _missing(dataset: DataSet, root: Path) -> str:
    if not root.parent.is_dir():
        return f"no {dataset.title} at {root}: the folder {root.parent}, given as DATA_ROOT, does not exist."
    return misplaced(dataset, root) or (
        f"no {dataset.title} at {root}: {dataset.how_to_obtain}; "
        f"`make data-{dataset.obtained_as}` helps with it."
    )


def _same_name(root: Path) -> Path | None:
    if not root.parent.is_dir():
        return None
    same = [folder for folder in _subfolders(root.parent, None) if _simple(folder.name) == _simple(root.name)]
    return same[0] if len(same) == 1 else None


def _subfolders(folder: Path, limit: int | None = _BREADTH) -> list[Path]:
    try:
        entries = list_folder(folder)
    except UserError:  # a folder nobody may read is not the one looked for
        return []
    return [folder / entry.name for entry in entries if entry.is_dir() and entry.name[0] not in "._"][:limit]


def _simple(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
