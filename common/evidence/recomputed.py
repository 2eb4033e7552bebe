"""Measurements computed again from stored predictions: a record and its own hash can be edited together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from common.evidence.derived import with_derived
from common.evidence.measure import PAIR_METRICS, PERCENTILE_95, percentile_95
from common.evidence.records import Measurement
from common.metrics.age import absolute_errors, hits
from common.metrics.classification import balanced_accuracy, class_hits
from common.metrics.verification import fold_hits

_ROUNDING = 1e-3
"""Most that rounding moves a mean, in the metric's unit: predictions are stored with four to six digits."""

_COSINE_ROUNDING = 5.1e-6
"""Half of the last digit with which a pair's cosine is stored, and a little."""

_FLAT = 0.2
"""Percentage points, and three pairs at least, between thresholds that decide as many of the other folds'
pairs rightly: rounding chooses among them."""

Range = tuple[float, float]


def by_column(predictions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return predictions by test set, each with the columns that say something of it, also by others."""
    return {
        column: with_derived(rows.dropna(axis="columns", how="all"))
        for column, rows in predictions.groupby("column")
    }


def recompute(item: Measurement, predictions: Mapping[str, pd.DataFrame]) -> Range | None:
    """Return between what the predictions say a measurement's value lies; they are rounded.

    Args:
        item: of a record.
        predictions: all of that record, test set -> rows, with the columns that say something of it.

    Returns:
        None where they do not say it: they are of other test sets, or hold less than the metric needs.

    Raises:
        ValueError, TypeError, OverflowError: the predictions are no numbers, or impossible ones.
    """
    if item.column not in predictions:
        part = of_a_class(item, predictions)
        return None if part is None else _of_classes(item, part)
    rows = predictions[item.column]
    columns = set(rows)
    if {"age", item.decision} <= columns and (item.metric == "MAE" or item.metric.startswith("CS@")):
        return _of_ages(item, rows)
    if {f"{item.decision}-class", f"{item.decision}-answer"} <= columns:
        return _of_classes(item, rows)
    if {"same", "fold", "cosine"} <= columns:
        return _of_pairs(item, rows)
    if item.metric in columns:
        return _about(rows[item.metric].mean())
    whole = item.metric.removesuffix(PERCENTILE_95)
    return _about(percentile_95(rows[whole].dropna())) if whole in columns else None


def _about(value: float) -> Range:
    return float(value) - _ROUNDING, float(value) + _ROUNDING


def _of_ages(item: Measurement, rows: pd.DataFrame) -> Range:
    ages, said = rows["age"].to_numpy(float), rows[item.decision].to_numpy(float)
    if item.metric == "MAE":
        return _about(absolute_errors(ages, said).mean())
    return _about(hits(ages, said, int(item.metric.removeprefix("CS@"))).mean())


def _of_classes(item: Measurement, rows: pd.DataFrame) -> Range | None:
    classes, answers = (rows[f"{item.decision}-{part}"].to_numpy(int) for part in ("class", "answer"))
    if item.metric == "balanced accuracy":
        return _about(balanced_accuracy(classes, answers))
    return _about(class_hits(classes, answers).mean()) if item.metric == "accuracy" else None


def _of_pairs(item: Measurement, rows: pd.DataFrame) -> Range | None:
    """Return the metric for the worst and the best of the cosines that are rounded to those stored."""
    scores, same = rows["cosine"].to_numpy(float), rows["same"].map({True: 1, False: 0}).to_numpy(int) == 1
    folds = rows["fold"].to_numpy(int)
    statistics: dict[str, Callable[..., float]] = {
        **PAIR_METRICS,
        "accuracy": lambda scores, same: fold_hits(scores, same, folds).mean(),
    }
    if item.metric not in statistics:
        return None
    apart = np.where(same, _COSINE_ROUNDING, -_COSINE_ROUNDING)
    ends = sorted(float(statistics[item.metric](scores + side * apart, same)) for side in (-1, 1))
    margin = max(_FLAT, 300 / len(scores)) if item.metric == "accuracy" else _ROUNDING
    return ends[0] - margin, ends[1] + margin


def of_a_class(item: Measurement, predictions: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """Return the rows of a class of a set: "fgnet-female", whose rows are among those of "fgnet"."""
    for whole, rows in predictions.items():
        if not item.column.startswith(f"{whole}-"):
            continue
        task, place = _labels(rows).get(item.column.removeprefix(f"{whole}-"), (None, 0))
        if {f"{task}-class", f"{item.decision}-class", f"{item.decision}-answer"} <= set(rows):
            return rows[rows[f"{task}-class"] == place]
    return None


def _labels(rows: pd.DataFrame) -> dict[str, tuple[str, int]]:
    """Return label -> its task and class: the columns "p-<label>" follow "<task>-answer" in their order."""
    found, task, place = {}, "", 0
    for column in rows.columns:
        if column.endswith("-answer"):
            task, place = column.removesuffix("-answer"), 0
        elif column.startswith("p-"):
            found[column.removeprefix("p-")] = task, place
            place += 1
    return found


def differences(measurements: Iterable[Measurement], predictions: pd.DataFrame) -> list[str]:
    """Return a clause for each measurement whose value is not what the predictions say."""
    frames = by_column(predictions)
    wrong = []
    for item in measurements:
        found = recompute(item, frames)
        if found is not None and not found[0] <= item.value <= found[1]:
            wrong.append(
                f"{item.metric} of {item.decision} on {item.column} is {item.value:g} in the record, "
                f"{sum(found) / 2:g} by the predictions"
            )
    return wrong
