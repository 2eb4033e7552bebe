"""What each image adds to a measurement, read from the stored predictions: what comparisons are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeGuard

import numpy as np
import pandas as pd

from common.evidence.measure import PAIR_METRICS
from common.evidence.predictions import predictions_path
from common.evidence.recomputed import by_column, of_a_class
from common.evidence.records import Measurement, Record, predictions_beside, run_path
from common.evidence.settings import Observation
from common.metrics.age import absolute_errors, hits
from common.metrics.classification import class_hits
from common.metrics.verification import fold_hits


class Contributions(NamedTuple):
    """The terms of a mean that is the measurement's value.

    Attributes:
        keys: (N,) what tells one term from another: the image's name, both names of a pair, or the fold.
        subjects: (N,) who is drawn again: people, or the folds of pairs; None where nobody is named.
        values: (N,) in the metric's unit.
    """

    keys: np.ndarray
    subjects: np.ndarray | None
    values: np.ndarray


class StoredPredictions:
    """The predictions beside the records of a results folder, each file read once."""

    def __init__(self, results_root: Path) -> None:
        self._root = Path(results_root)
        self._frames: dict[Path, dict[str, pd.DataFrame]] = {}
        self._found: dict[tuple[Path, str, str, str], Contributions | None] = {}

    def contributions(self, one: Observation) -> Contributions | None:
        """Return what each image adds to a measurement; None where no predictions say it.

        Raises:
            UserError: as of `common.evidence.records.predictions_beside`.
        """
        frames = self._of(one.record)
        if frames is None:
            return None
        item = one.measurement
        asked = (
            run_path(self._root, one.record.paper, one.record.run),
            item.column,
            item.metric,
            item.decision,
        )
        if asked not in self._found:
            self._found[asked] = contributions(item, frames)
        return self._found[asked]

    def rows(self, record: Record, column: str) -> pd.DataFrame | None:
        """Return the predictions of one test set; None where none are stored. Errors as of the other."""
        return (self._of(record) or {}).get(column)

    def _of(self, record: Record) -> dict[str, pd.DataFrame] | None:
        path = run_path(self._root, record.paper, record.run)
        if record.predictions is None and not predictions_path(path).is_file():
            return None
        if path not in self._frames:
            self._frames[path] = by_column(predictions_beside(path, record))
        return self._frames[path]


def contributions(item: Measurement, predictions: Mapping[str, pd.DataFrame]) -> Contributions | None:
    """Return what each image (pair, fold) adds to a measurement.

    Args:
        item: of a record.
        predictions: of that record, test set -> rows.

    Returns:
        None where the predictions do not hold it.
    """
    rows = predictions.get(item.column)
    if rows is None:
        part = of_a_class(item, predictions)
        return None if part is None else _of_classes(item, part)
    columns = set(rows)
    if {"age", item.decision} <= columns and (item.metric == "MAE" or item.metric.startswith("CS@")):
        return _by_image(rows, _errors(item, rows))
    if {f"{item.decision}-class", f"{item.decision}-answer"} <= columns:
        return _of_classes(item, rows)
    if {"same", "fold", "cosine"} <= columns:
        return _of_pairs(item, rows)
    return _by_image(rows, rows[item.metric].to_numpy(float)) if item.metric in columns else None


def alike(terms: list[Contributions | None]) -> TypeGuard[list[Contributions]]:
    """Return whether all are known and of the same images, of two people at least: can be seen together."""
    first = terms[0]
    if first is None or any(one is None or not np.array_equal(one.keys, first.keys) for one in terms):
        return False
    return len(first.keys if first.subjects is None else set(map(str, first.subjects))) > 1


def _errors(item: Measurement, rows: pd.DataFrame) -> np.ndarray:
    ages, said = rows["age"].to_numpy(float), rows[item.decision].to_numpy(float)
    if item.metric == "MAE":
        return absolute_errors(ages, said)
    return hits(ages, said, int(item.metric.removeprefix("CS@")))


def _of_classes(item: Measurement, rows: pd.DataFrame) -> Contributions | None:
    classes, answers = (rows[f"{item.decision}-{part}"].to_numpy(int) for part in ("class", "answer"))
    right = class_hits(classes, answers)
    if item.metric == "balanced accuracy":
        # To first order: sizes of classes move too, so an image adds what it is above its class's share.
        sizes = np.bincount(classes)
        shares = np.bincount(classes, weights=right) / np.maximum(sizes, 1)
        present = np.count_nonzero(sizes)
        above = (right - shares[classes]) * len(classes) / (present * sizes[classes])
        right = shares.sum() / present + above
    elif item.metric != "accuracy":
        return None
    return _by_image(rows, right)


def _of_pairs(item: Measurement, rows: pd.DataFrame) -> Contributions | None:
    scores, folds = rows["cosine"].to_numpy(float), rows["fold"].to_numpy(int)
    same = rows["same"].map({True: True, False: False}).to_numpy(bool)
    if item.metric == "accuracy":
        names = (rows["name"] + " " + rows["nearest"]).to_numpy(object)
        return Contributions(names, folds, fold_hits(scores, same, folds))
    statistic = PAIR_METRICS.get(item.metric)
    if statistic is None:
        return None
    found = np.unique(folds)
    without = [statistic(scores[folds != fold], same[folds != fold]) for fold in found]
    # Jackknife pseudo-values: what a fold adds to a statistic that is no mean, about the statistic itself.
    deviations = (len(found) - 1) * (np.mean(without) - np.array(without))
    return Contributions(found, None, statistic(scores, same) + deviations)


def _by_image(rows: pd.DataFrame, values: np.ndarray) -> Contributions:
    names = rows["name"] if "to" not in rows else rows["name"] + " " + rows["to"].astype(str)
    known = "subject" in rows and rows["subject"].notna().any()
    kept = np.isfinite(values)
    subjects = rows["subject"].to_numpy(object)[kept] if known else None
    return Contributions(names.to_numpy(object)[kept], subjects, values[kept])
