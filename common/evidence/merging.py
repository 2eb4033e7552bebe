"""Several measurements or trainings of one run into one record."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from common.evidence.predictions import predictions_path
from common.evidence.records import Record, predictions_beside


def merged(
    before: Record, now: Record, path: Path, predictions: pd.DataFrame | None
) -> tuple[Record, pd.DataFrame | None]:
    """Return a record made again with what the one before it measured on other test sets.

    Where the training came out otherwise, by its history, only what is made now is returned: one record tells
    of one network.

    Args:
        before, now: of one run.
        path: of the record before.
        predictions: of `now`.
    """
    columns = {item.column for item in now.measurements}
    kept = tuple(item for item in before.measurements if item.column not in columns)
    if not kept or before.history != now.history:
        return now, predictions
    if before.predictions is not None or predictions_path(path).is_file():
        frame = predictions_beside(path, before)
        made = columns if predictions is None else columns | set(predictions["column"])
        parts = [predictions, frame[~frame["column"].isin(made)]]
        predictions = pd.concat([part for part in parts if part is not None], ignore_index=True)
    tables = tuple(dict.fromkeys((*before.tables, *now.tables)))
    return dataclasses.replace(now, measurements=(*now.measurements, *kept), tables=tables), predictions


def mean_history(histories: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, tuple[float, ...]]:
    """Return the mean of several trainings' histories epoch by epoch, to six significant digits."""
    shared = set.intersection(*(set(history) for history in histories)) if histories else set()
    return {
        name: tuple(
            float(f"{statistics.fmean(values):.6g}")
            for values in zip(*(history[name] for history in histories), strict=True)
        )
        for name in sorted(shared)
    }
