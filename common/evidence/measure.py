"""Predictions into measurements: every decision and metric of one test set, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from common.evidence.predictions import as_stored
from common.evidence.records import Data, Measurement
from common.metrics.age import absolute_errors, hits
from common.metrics.bootstrap import bootstrap
from common.metrics.classification import balanced_accuracy, class_hits
from common.metrics.verification import area_under_curve, equal_error_rate, fold_hits, true_accept_rate

PERCENTILE_95 = ", 95th percentile"
"""Ends the name of a metric that is this of another, not its mean."""

AGE_METRICS = ("MAE", "CS@3", "CS@5")
PairMetric = Callable[[ArrayLike, ArrayLike], float]
"""Takes (P,) similarities, and whether the two are one person."""

PAIR_METRICS: dict[str, PairMetric] = {
    "AUC": area_under_curve,
    "EER": equal_error_rate,
    "TAR@FAR=0.01": lambda scores, same: true_accept_rate(scores, same, 0.01),
    "TAR@FAR=0.001": lambda scores, same: true_accept_rate(scores, same, 0.001),
}


def percentile_95(values: ArrayLike) -> float:
    """Return what 95% of (N,) values do not exceed, by linear interpolation."""
    return float(np.percentile(np.asarray(values, np.float64), 95))


def measure_ages(
    column: str,
    data: Data,
    ages: ArrayLike,
    predictions: Mapping[str, ArrayLike],
    subjects: ArrayLike | None = None,
    metrics: Sequence[str] = AGE_METRICS,
    resamples: int = 2000,
) -> tuple[Measurement, ...]:
    """Measure age predictions on one test set, to the digits that are stored of them.

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
    images = len(np.asarray(ages))
    if (images, known) != (data.images, data.subjects):
        raise ValueError(
            f"{column}: {images} images of {known} subjects given, {data.images} of {data.subjects} stated"
        )
    measurements = []
    for decision, predicted in predictions.items():
        stored = as_stored(predicted)
        for name in metrics:
            interval = bootstrap(_contributions(name, ages, stored), subjects, resamples=resamples)
            measurements.append(
                Measurement(column, name, decision, interval.value, interval.low, interval.high, data)
            )
    return tuple(measurements)


def measure_hits(
    column: str,
    metric: str,
    decision: str,
    data: Data,
    hits: ArrayLike,
    subjects: ArrayLike | None,
    resamples: int = 2000,
    statistic: Callable[[np.ndarray], float] | None = None,
) -> Measurement:
    """Measure a share in percent, or another mean, from what each image contributes to it.

    Args:
        column, metric, decision: of the measurement: "rank-1", "MAP" or "accuracy".
        data: what the images are.
        hits: (N,) 100 and 0, or the average precision of each query; NaN leaves an image out.
        subjects: (N,) what is drawn again for the interval: people, or the folds of pairs; None draws images.
        resamples: bootstrap samples.
        statistic: of the contributions, as `percentile_95`; None is their mean.
    """
    hits = np.asarray(hits, np.float64)
    kept = np.isfinite(hits)
    drawn = None if subjects is None else np.asarray(subjects, dtype=object)[kept]
    interval = bootstrap(hits[kept], drawn, statistic=statistic, resamples=resamples)
    return Measurement(column, metric, decision, interval.value, interval.low, interval.high, data)


def says_of_several(hits: ArrayLike, subjects: ArrayLike | None) -> bool:
    """Return whether two people, or two images where nobody is named, have a value that is not NaN."""
    kept = np.isfinite(np.asarray(hits, np.float64))
    drawn = np.flatnonzero(kept) if subjects is None else np.asarray(subjects, dtype=object)[kept]
    return len(set(drawn)) > 1


def measure_classes(
    column: str,
    decision: str,
    data: Data,
    classes: ArrayLike,
    answers: ArrayLike,
    subjects: ArrayLike | None = None,
    resamples: int = 1000,
) -> tuple[Measurement, Measurement]:
    """Measure answers among a few classes: accuracy and balanced accuracy, each with its interval.

    Args:
        column: the test set's key.
        decision: what was asked ("gender").
        data: what the images are.
        classes, answers: (N,) whole numbers from 0 up.
        subjects: (N,) labels, None where unknown: intervals are by bootstrap over subjects, else over images.
        resamples: bootstrap samples.
    """
    classes, answers = np.asarray(classes), np.asarray(answers)
    accuracy = measure_hits(
        column, "accuracy", decision, data, class_hits(classes, answers), subjects, resamples
    )

    def on(drawn: np.ndarray) -> float:
        chosen = drawn.astype(int)
        return balanced_accuracy(classes[chosen], answers[chosen])

    rows = np.arange(len(classes), dtype=np.float64)
    interval = bootstrap(rows, subjects, statistic=on, resamples=resamples)
    balanced = Measurement(
        column, "balanced accuracy", decision, interval.value, interval.low, interval.high, data
    )
    return accuracy, balanced


def measure_pairs(
    column: str,
    decision: str,
    data: Data,
    scores: ArrayLike,
    same: ArrayLike,
    folds: ArrayLike,
    resamples: int = 500,
) -> tuple[Measurement, ...]:
    """Measure verification: accuracy with the threshold of the other folds, and points of the ROC curve.

    Intervals are by bootstrap over the folds: the pairs of a fold share people, those of two folds share none
    where the folds were drawn here or are LFW's, and as the list has it elsewhere.

    Args:
        scores: (P,) similarities.
        same: (P,) whether the two are one person.
        folds: (P,) fold of each pair.
        resamples: bootstrap samples.
    """
    scores, same = np.asarray(scores, np.float64), np.asarray(same, bool)
    rows = np.arange(len(scores), dtype=np.float64)
    measured = [measure_hits(column, "accuracy", decision, data, fold_hits(scores, same, folds), folds)]
    for name, statistic in PAIR_METRICS.items():

        def on(drawn: np.ndarray, statistic: PairMetric = statistic) -> float:
            chosen = drawn.astype(int)
            return statistic(scores[chosen], same[chosen])

        interval = bootstrap(rows, folds, statistic=on, resamples=resamples)
        measured.append(
            Measurement(column, name, decision, interval.value, interval.low, interval.high, data)
        )
    return tuple(measured)


def _contributions(name: str, ages: ArrayLike, predictions: ArrayLike) -> np.ndarray:
    if name == "MAE":
        return absolute_errors(ages, predictions)
    if name.startswith("CS@"):
        return hits(ages, predictions, int(name.removeprefix("CS@")))
    raise ValueError(f"{name!r} is not an error of ages")
