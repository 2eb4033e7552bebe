"""Per-image predictions beside a record, the same bytes for the same numbers."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from common.errors import UserError, clause
from common.files import atomic_write, sha256_file

_FORMAT = "%.6g"
_REMEDY = "Restore it, or delete its record and run again."


def predictions_path(record: Path, waiting: bool = False) -> Path:
    """Return where the predictions of the record at `record` stand: `<run>.predictions.csv.gz`.

    Args:
        waiting: where they wait for their record, instead, while an older one stands.
    """
    return record.with_name(f"{record.stem}.predictions{'.next' if waiting else ''}.csv.gz")


def write_predictions(path: Path, predictions: pd.DataFrame) -> str:
    """Write predictions, one row an image, six significant digits, as gzipped CSV without time or file name.

    An age suite writes the columns "column" (the test set's key, as in the measurements), "name", "subject",
    "age" and one for each decision.

    Returns:
        the file's SHA-256.
    """
    text = predictions.to_csv(index=False, float_format=_FORMAT, lineterminator="\n")
    with atomic_write(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())
    return sha256_file(path)


def as_stored(values: ArrayLike) -> np.ndarray:
    """Return numbers as `write_predictions` keeps them, (N,) float64.

    A record measures what can be read again: an error of 5.000001 years is one of 5 in the file.
    """
    return np.array([float(_FORMAT % value) for value in np.asarray(values, np.float64)])


def stored_predictions(record: Path, stated: str | None) -> Path:
    """Return the file of predictions beside the record at `record`, once it is known to be the record's own.

    Where a kill left the right one waiting for its record, it is moved to its place.

    Args:
        record: the record's file.
        stated: SHA-256 of the predictions that it was written with; None where it states none.

    Raises:
        UserError: the file is not the one that the record was written with.
    """
    path, waiting = predictions_path(record), predictions_path(record, waiting=True)
    if stated is None or _is(path, stated):
        return path
    if not _is(waiting, stated):
        wrong = "are not those that its record was written with" if path.exists() else "are gone"
        raise UserError(f"the predictions {path} {wrong}. {_REMEDY}")
    settle_predictions(record)
    return path


def settle_predictions(record: Path) -> None:
    """Move predictions that waited for the record at `record` to their place.

    Raises:
        UserError: something else than a file is there.
    """
    path, waiting = predictions_path(record), predictions_path(record, waiting=True)
    if path.is_dir():
        raise UserError(f"the folder {path} is where predictions belong: remove it.")
    if waiting.exists():
        os.replace(waiting, path)


def read_predictions(path: Path) -> pd.DataFrame:
    """Read predictions back; "name" and "subject" stay texts, "001" does not become 1.

    Raises:
        UserError: the file is absent or damaged.
    """
    try:
        frame = pd.read_csv(path, compression="gzip", dtype={"name": "str", "subject": "str"})
    except (OSError, EOFError, ValueError, OverflowError, MemoryError, zlib.error) as error:
        raise UserError(f"{path} holds no readable predictions ({clause(error)}). {_REMEDY}") from error
    return frame


def _is(path: Path, stated: str) -> bool:
    try:
        return sha256_file(path) == stated
    except OSError:
        return False
