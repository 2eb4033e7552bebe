"""The index of a prepared set: one row an image, with its labels, where it lies, and where it came from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray as Array

from common.errors import UserError, clause
from common.evidence import sealed
from common.files import hash_stream, sha256_file, standing_sha256
from data_prep.datasets.samples import LABELS
from data_prep.prepared.hexadecimal import HexadecimalArray
from data_prep.prepared.manifest import MANIFEST, TABLES, altered, read_manifest

INDEX = TABLES[0]
LANDMARKS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
LANDMARK_COLUMNS = tuple(f"{point}_{axis}" for point in LANDMARKS for axis in "xy")
COLUMN_TYPES = {
    "name": "string",
    "shard": "int32",
    "position": "int32",
    "identity": "string",
    "age": "Int64",
    "gender": "string",
    "year": "Int64",
    "landmark_source": "string",
    "score": "float64",
    **dict.fromkeys(("x1", "y1", "x2", "y2"), "float64"),
    **dict.fromkeys(LANDMARK_COLUMNS, "float64"),
    "width": "int32",
    "height": "int32",
    "sha256": "string",
    "dhash": "string",
    "dhash256": "string",
}
COLUMNS = tuple(COLUMN_TYPES)
HASHES = ("sha256", "dhash", "dhash256")
"""Columns that are kept as bytes where all of their values are hexadecimal: most of an index is hashes."""

_READ_TOGETHER = 20_000


@dataclass(frozen=True, eq=False)
class Prepared:
    """A prepared set as it lies on the disk.

    Attributes:
        folder: holds the shards and the tables about them.
        index: one row an image, in the order of the shards; columns and types as in `COLUMN_TYPES`.
            Positions are in pixels of the source image. A label that is unknown is missing.
        manifest: settings, counts, library versions, speed.
        fingerprint: SHA-256 over names, contents and labels of the images and the settings; the same on every
            machine that prepares the same files.
        coverage: how much of the set this copy is: "15,692 of 23,708 files".
    """

    folder: Path
    index: pd.DataFrame
    manifest: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        return self.manifest["fingerprint"]

    @property
    def coverage(self) -> str:
        return self.manifest["coverage"]

    @property
    def size(self) -> int:
        """Side of the crops in pixels."""
        return self.manifest["settings"]["size"]

    def shard_path(self, shard: int) -> Path:
        """Return the file of one shard."""
        return self.folder / shard_name(shard)


def shard_name(shard: int) -> str:
    """Return the file name of a shard by its number."""
    return f"shard-{shard:05d}.tfrecord"


def load(folder: str | Path) -> Prepared:
    """Read a prepared set's manifest and index, holding them and the tables beside against their hashes.

    Of a set that was prepared before tables were hashed, the fingerprint is computed again.

    Raises:
        Altered: one of them was changed after the set was prepared.
        UserError: `folder` holds no prepared set, an unfinished or a damaged one.
    """
    folder = Path(folder)
    try:
        manifest = read_manifest(folder)
        for name, digest in manifest.get("tables", {}).items():
            if standing_sha256(folder / name) != digest:
                raise altered(folder / name)
        index = read_index(folder / INDEX)
        _check_places(index, manifest["shards"])
        if "tables" not in manifest and _fingerprint(index, manifest["settings"]) != manifest["fingerprint"]:
            raise altered(folder / INDEX)
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} holds no finished prepared set ({Path(error.filename).name} is missing): "
            "run make prepare-<set>, which goes on where it stopped."
        ) from error
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise UserError(
            f"the prepared set in {folder} is damaged ({clause(error)}): delete that folder and "
            "run make prepare-<set> again."
        ) from error
    return Prepared(folder, index, manifest)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a prepared set whose tables stand, with their hashes and its own."""
    tables = {name: sha256_file(folder / name) for name in TABLES}
    sealed.write_sealed(folder / MANIFEST, manifest | {"tables": tables})


def read_index(path: str | Path) -> pd.DataFrame:
    """Read an index file into the columns and types of `COLUMN_TYPES`.

    Raises:
        ValueError: it is no such file.
    """
    # Only an empty field is unknown: there are people called "NA" and "None".
    as_written = {"keep_default_na": False, "na_values": [""], "encoding": "utf-8"}
    numbers = _room(path)
    others: dict[str, list[Array]] = {name: [] for name in COLUMNS if name not in numbers}
    rows = 0
    # What a reader makes of all rows at once is twice what they take in the end.
    with pd.read_csv(path, dtype=COLUMN_TYPES, chunksize=_READ_TOGETHER, **as_written) as reader:
        for part in reader:
            if tuple(part.columns) != COLUMNS:
                raise ValueError(f"{Path(path).name} has other columns than expected")
            for name, column in numbers.items():
                column[rows : rows + len(part)] = part[name]
            for name, several in others.items():
                several.append(_compact(name, part[name].array))
            rows += len(part)
    columns = {name: column[:rows] for name, column in numbers.items()}
    columns |= {name: _joined(several) for name, several in others.items()}
    return pd.DataFrame({name: columns[name] for name in COLUMNS}, copy=False)


def _room(path: str | Path) -> dict[str, np.ndarray]:
    """Return columns for the numbers of an index file, as long as it has lines: they take what is filled."""
    with open(path, "rb") as file:
        lines = 1 + sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    types = {name: kind for name, kind in COLUMN_TYPES.items() if kind in ("int32", "float64")}
    return {name: np.empty(lines, kind) for name, kind in types.items()}


def _compact(name: str, values: Array) -> Array:
    if name in HASHES:
        with contextlib.suppress(ValueError):
            return HexadecimalArray.of(values)
    return values


def _joined(parts: list[Array]) -> Array:
    if len({(type(part), len(part) and part.nbytes // len(part)) for part in parts}) > 1:
        parts = [pd.array(np.asarray(part), "string") for part in parts]
    return parts[0]._concat_same_type(parts)


def _check_places(index: pd.DataFrame, shards: list[dict[str, Any]]) -> None:
    """Raise ValueError where the rows are not those of the shards, one after the other."""
    images = [shard["images"] for shard in shards]
    if min(images, default=0) < 0 or sum(images) != len(index):
        raise ValueError("its index has another number of rows than its manifest says")
    of_shard = np.repeat(np.arange(len(images)), images)
    first = np.repeat(np.cumsum([0, *images[:-1]]), images)
    if not (
        np.array_equal(index["shard"], of_shard)
        and np.array_equal(index["position"], np.arange(len(index)) - first)
    ):
        raise ValueError("its index is not in the order of the shards")


def _fingerprint(index: pd.DataFrame, settings: dict[str, Any]) -> str:
    columns = ["name", "sha256", *LABELS]
    known = index[columns].astype(object).where(index[columns].notna(), None)
    rows = known.itertuples(index=False, name=None)
    return fingerprint((dict(zip(columns, row, strict=True)) for row in rows), settings)


def fingerprint(rows: Iterable[dict[str, Any]], settings: dict[str, Any]) -> str:
    """Return the SHA-256 that names a prepared set: of settings, names, contents and labels."""

    def values() -> Iterable[Any]:
        yield settings
        for row in rows:
            yield [row["name"], row["sha256"], *(row[label] for label in LABELS)]

    return hash_stream(values())


def summary(index: pd.DataFrame) -> pd.DataFrame:
    """Count images, people and genders by decade of age; last come "unknown", where ages are, and "all".

    Returns:
        columns ages, images, people, male, female; `people` is 0 where identities are unknown.
    """
    decade = (index["age"] // 10 * 10).astype("Int64")
    groups = [(f"{start}-{start + 9}", index[decade == start]) for start in sorted(decade.dropna().unique())]
    groups.append(("unknown", index[index["age"].isna()]))
    rows = [(label, *_counts(part)) for label, part in groups if len(part)]
    rows.append(("all", *_counts(index)))
    return pd.DataFrame(rows, columns=["ages", "images", "people", "male", "female"])


def _counts(part: pd.DataFrame) -> tuple[int, int, int, int]:
    genders = part["gender"].value_counts()
    people = part["identity"].nunique()
    return len(part), people, int(genders.get("male", 0)), int(genders.get("female", 0))


def summary_markdown(index: pd.DataFrame) -> str:
    """Return `summary(index)` as a Markdown table."""
    table = summary(index)
    lines = ["| " + " | ".join(table.columns) + " |", "|---|" + "---:|" * (len(table.columns) - 1)]
    for row in table.itertuples(index=False):
        cells = (f"{cell:,}" if isinstance(cell, int | np.integer) else cell for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
