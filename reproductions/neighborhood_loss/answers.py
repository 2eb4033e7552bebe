"""What the networks of a row answered on a test set, out of the predictions beside the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from common.evidence.records import Data, Record, predictions_of
from common.evidence.settings import observe
from reproductions.neighborhood_loss.experiments import (
    CROSS_ENTROPY_18,
    CROSS_ENTROPY_34,
    NEIGHBORHOOD_18,
    NEIGHBORHOOD_34,
)

ROWS = (
    (CROSS_ENTROPY_18.name, "Cross entropy", "expectation"),
    (NEIGHBORHOOD_18.name, "Neighborhood", "expectation"),
    ("ordinal-18", "Ordinal", "rank-count"),
    ("mean-variance-18", "Mean-variance", "expectation"),
)
"""Experiment, label and decision of the rows of 18 layers that several seeds stand for."""

DEEPER = (
    (CROSS_ENTROPY_34.name, "Cross entropy, 34", "expectation"),
    (NEIGHBORHOOD_34.name, "Neighborhood, 34", "expectation"),
)
"""The same of 34 layers."""


@dataclass(frozen=True)
class Answers:
    """Answers of the trainings of one configuration to the same images.

    Attributes:
        label, decision: of the row.
        data: of the test.
        names, subjects: (N,) of the images; subjects None where nobody is named.
        ages: (N,) years.
        errors: (n, N) years by which each training says more than the age.
        runs: the trainings, by seed.
    """

    label: str
    decision: str
    data: Data
    names: np.ndarray
    subjects: np.ndarray | None
    ages: np.ndarray
    errors: np.ndarray
    runs: tuple[Record, ...]

    @property
    def decades(self) -> np.ndarray:
        """(N,) decade of each age, all from 80 on together."""
        return np.minimum(self.ages.astype(int) // 10, 8)


def answers(
    records: Sequence[Record], root: Path, experiment: str, label: str, column: str, decision: str
) -> Answers | None:
    """Return the answers of a row on a test set; None where it was not run.

    Of several settings the first of the largest profile is taken, of several configurations that of most
    seeds.

    Args:
        records: of the paper.
        root: of the results.
        experiment, label, decision: of the row.
        column: of the test set.
    """
    found = observe(records, experiment, column, "MAE", decision)
    if not found:
        return None
    setting = min(found, key=lambda one: one.order)
    several = max(found[setting].values(), key=len)
    frames = [_rows(one.record, root, column, decision) for one in several]
    first = frames[0]
    ages = first["age"].to_numpy(float)
    named = first["subject"].notna().any()
    return Answers(
        label,
        decision,
        setting.test,
        first["name"].to_numpy(object),
        first["subject"].to_numpy(object) if named else None,
        ages,
        np.stack([frame[decision].to_numpy(float) - ages for frame in frames]),
        tuple(one.record for one in several),
    )


def all_answers(
    records: Sequence[Record], root: Path, column: str, rows: Sequence[tuple[str, str, str]] = ROWS
) -> list[Answers]:
    """Return the answers of those of `rows` that were run."""
    found = (answers(records, root, name, label, column, decision) for name, label, decision in rows)
    return [one for one in found if one is not None]


def kept_answers(run: Record, root: Path, column: str, decision: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what a run said and the ages on images that it measured nothing on; None where it kept none.

    Args:
        run, root: the run, and the results that it stands in.
        column: of the images ("utkface-validation").
        decision: of the answers.
    """
    rows = predictions_of(run, root, column)
    if decision not in rows or rows[decision].isna().any() or rows.empty:
        return None
    return rows[decision].to_numpy(float), rows["age"].to_numpy(float)


def decade_name(decade: int) -> str:
    """Return a decade as of `Answers.decades` for readers: "10–19", "80 and over"."""
    return f"{10 * decade}–{10 * decade + 9}" if decade < 8 else "80 and over"


def _rows(record: Record, root: Path, column: str, decision: str) -> pd.DataFrame:
    rows = predictions_of(record, root, column, ("age", decision))
    return rows.sort_values("name", ignore_index=True)
