"""Predictions into measurements: every decision and metric of one test set, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from common.evidence.records import Data, Measurement
from common.metrics.age import absolute_errors, hits
from common.metrics.bootstrap import bootstrap

AGE_METRICS = ("MAE", "CS@3", "CS@5")


def measure_ages(
    column: str,
    data: Data,
    ages: ArrayLike,
    predictions: Mapping[str, ArrayLike],
    subjects: ArrayLike | None = None,
    metrics: Sequence[str] = AGE_METRICS,
    resamples: int = 2000,
) -> tuple[Measurement, ...]:
    """Measure age predictions on one test set.

    Args:
        column: the test set's key.
        data: what the images are; its counts must be those of `ages` and `subjects`.
        ages: (N,) years.
        predictions: decision -> (N,) years, as from `common.metrics.age.DECISIONS`.
        subjects: (N,) labels, None where unknown: intervals are by bootstrap over subjects, else over images.
        metrics: "MAE" and "CS@k".
        resamples: bootstrap samples.

    Raises:
        ValueError: the counts disagree, or a metric is not one of ages.
    """
    known = None if subjects is None else pd.Series(np.asarray(subjects, dtype=object)).nunique() or None
    if (len(ages), known) != (data.images, data.subjects):
        raise ValueError(
            f"{column}: {len(ages)} images of {known} subjects given, {data.images} of {data.subjects} stated"
        )
    measurements = []
    for decision, predicted in predictions.items():
        for name in metrics:
            interval = bootstrap(_contributions(name, ages, predicted), subjects, resamples=resamples)
            measurements.append(
                Measurement(column, name, decision, interval.value, interval.low, interval.high, data)
            )
    return tuple(measurements)


def _contributions(name: str, ages: ArrayLike, predictions: ArrayLike) -> np.ndarray:
    if name == "MAE":
        return absolute_errors(ages, predictions)
    if name.startswith("CS@"):
        return hits(ages, predictions, int(name.removeprefix("CS@")))
    raise ValueError(f"{name!r} is not an error of ages")
