"""Per-image predictions beside a record, the same bytes for the same numbers."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pandas as pd

from common.errors import UserError
from common.files import atomic_write


def predictions_path(record: Path) -> Path:
    """Return where the predictions of the record at `record` stand: `<run>.predictions.csv.gz`."""
    return record.with_name(f"{record.stem}.predictions.csv.gz")


def write_predictions(path: Path, predictions: pd.DataFrame) -> None:
    """Write predictions, one row an image, six significant digits, as gzipped CSV without time or file name.

    An age suite writes the columns "column" (the test set's key, as in the measurements), "name", "subject",
    "age" and one for each decision.
    """
    text = predictions.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    with atomic_write(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


def predictions_of(record: Path, column: str) -> pd.DataFrame:
    """Return the predictions of one test set, by its key, beside the record at `record`.

    Raises:
        UserError: as of `read_predictions`.
    """
    frame = read_predictions(predictions_path(record))
    return frame[frame["column"] == column]


def read_predictions(path: Path) -> pd.DataFrame:
    """Read predictions back; "name" and "subject" stay texts, "001" does not become 1.

    Raises:
        UserError: the file is absent or damaged.
    """
    try:
        return pd.read_csv(path, compression="gzip", dtype={"name": "str", "subject": "str"})
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UserError(
            f"{path} holds no readable predictions ({error}). Restore it, or delete its record and run again."
        ) from error
