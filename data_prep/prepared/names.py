"""The picture behind a name: published lists are looked up here, whatever became of the file they name."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import PurePosixPath

import pandas as pd

from common.errors import UserError
from data_prep.datasets.image_files import is_image_name
from data_prep.formats.lists import plain
from data_prep.prepared.index import Prepared


class Names:
    """Rows of an index by every name under which their pictures were published.

    Of byte-identical files one is prepared; a list that names another means the same picture. A name that is
    nobody's is compared once more without letter case, ending and Unicode form, and with the last parts of
    the paths, as copies differ in those; where several pictures fit, none is meant.

    Args:
        index: of the prepared set.
        copies: name of the file that was kept by the name of each byte-identical one that was not.
    """

    def __init__(self, index: pd.DataFrame, copies: Mapping[str, str] | None = None) -> None:
        self.index = index
        self._rows = {name: row for row, name in enumerate(index["name"])}
        for name, kept in (copies or {}).items():
            if kept in self._rows:
                self._rows.setdefault(name, self._rows[kept])
        # -1 where several pictures fit.
        self._whole: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        for name, row in self._rows.items():
            parts = _spelt(name).split("/")
            _enter(self._whole, "/".join(parts), row)
            for start in range(1, len(parts)):
                _enter(self._ends, "/".join(parts[start:]), row)

    def row(self, name: str) -> int | None:
        """Return the row of the picture that `name` means, None where it is not in the set."""
        if name in self._rows:
            return self._rows[name]
        spelt = _spelt(name)
        row = self._whole.get(spelt, self._ends.get(spelt, -1))
        return None if row < 0 else row


def names_of(prepared: Prepared) -> Names:
    """Return the look-up of a prepared set.

    Raises:
        UserError: its list of byte-identical files is missing or damaged.
    """
    return Names(prepared.index, {name: kept for name, kept in copies_of(prepared).items() if kept})


def copies_of(prepared: Prepared) -> dict[str, str]:
    """Return which file was kept of byte-identical ones, by the name of each that was not; "" where none was.

    Raises:
        UserError: the list of them is missing or damaged.
    """
    return dict(_rows(prepared, "duplicates.csv", "which files are byte-identical", ("name", "kept")))


def refused_names(prepared: Prepared) -> set[str]:
    """Return the names of files that were there and are in no form in the prepared set.

    Raises:
        UserError: a list of them is missing or damaged.
    """
    rejected = _rows(prepared, "rejected.csv", "what was refused", ("name", "reason"))
    lost = {name for name, kept in copies_of(prepared).items() if not kept}
    return lost | {name for name, _ in rejected}


def _rows(prepared: Prepared, table: str, told: str, columns: tuple[str, str]) -> list[tuple[str, str]]:
    path = prepared.folder / table
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return [(row[columns[0]], row[columns[1]]) for row in csv.DictReader(file, strict=True)]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise UserError(
            f"{path}, which says {told}, cannot be read ({error}): delete "
            f"{prepared.folder} and run make prepare-<set> again."
        ) from error


def _spelt(name: str) -> str:
    path = PurePosixPath(plain(name))
    return (path.with_suffix("") if is_image_name(path.name) else path).as_posix().casefold()


def _enter(rows: dict[str, int], key: str, row: int) -> None:
    if rows.setdefault(key, row) != row:
        rows[key] = -1
