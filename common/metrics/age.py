"""Ages out of class probabilities, and the error of those ages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.bootstrap import Interval, bootstrap, units_of

_SUM_TOLERANCE = 1e-2
_HALF = 0.5 - 1e-9


def _probabilities(probabilities: ArrayLike) -> np.ndarray:
    """Return (N, K) probabilities in float64, each row divided by its sum.

    The division takes out what rounding in float16 or float32 left: one part in a thousand of the sum would
    move an expectation of 60 years by three weeks.
    """
    rows = np.asarray(probabilities, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"probabilities must have shape (images, classes), got {rows.shape}")
    sums = rows.sum(axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (rows < 0).any() or (np.abs(sums - 1) > _SUM_TOLERANCE).any():
        raise ValueError("probabilities must be finite, not negative, and sum to one in each row")
    return rows / sums


def expectation(probabilities: ArrayLike) -> np.ndarray:
    """Return the mean age of each row, sum of k p_k over the classes k = 0 .. K-1 (neighborhood loss, Eq. 6).

    Args:
        probabilities: (N, K), rows sum to one.

    Returns:
        (N,) float64 years in [0, K-1]; of all decisions the one with the least expected squared error.
    """
    rows = _probabilities(probabilities)
    return rows @ np.arange(rows.shape[1], dtype=np.float64)


def median(probabilities: ArrayLike) -> np.ndarray:
    """Return the smallest class of each row at which the cumulative probability reaches one half.

    Args:
        probabilities: (N, K), rows sum to one.

    Returns:
        (N,) float64 whole years; of all decisions the one with the least expected absolute error.
    """
    reached = np.cumsum(_probabilities(probabilities), axis=1) >= _HALF
    return np.argmax(reached, axis=1).astype(np.float64)


def arg_max(probabilities: ArrayLike) -> np.ndarray:
    """Return the most probable class of each row, the smallest of equals.

    Args:
        probabilities: (N, K), rows sum to one.

    Returns:
        (N,) float64 whole years.
    """
    return np.argmax(_probabilities(probabilities), axis=1).astype(np.float64)


DECISIONS: dict[str, Callable[[ArrayLike], np.ndarray]] = {
    "expectation": expectation,
    "median": median,
    "arg-max": arg_max,
}


def from_exceedance(above: ArrayLike) -> np.ndarray:
    """Return the probabilities (N, K) of the ages 0 to K - 1 out of P(age > k), (N, K - 1), k from 0.

    P(age > k) must fall with k for that, which answers of their own to each k need not do. They are sorted
    first (Chernozhukov, Fernandez-Val and Galichon, Econometrica 2010: never further from any falling curve
    than the unsorted ones), which keeps their sum, the expected age.

    Example:
        >>> from_exceedance([[0.75, 0.25]]).tolist()
        [[0.25, 0.5, 0.25]]
    """
    above = -np.sort(-np.asarray(above, dtype=np.float64), axis=1)
    edges = np.pad(above, ((0, 0), (1, 0)), constant_values=1.0)
    edges = np.pad(edges, ((0, 0), (0, 1)), constant_values=0.0)
    return -np.diff(edges, axis=1)


QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""The levels whose ages are stored beside a prediction, for intervals of 50, 80, 90 and 95%."""


def quantiles(probabilities: ArrayLike, levels: ArrayLike = QUANTILES) -> np.ndarray:
    """Return the ages below which the probability of each row comes to `levels`.

    A class k stands for the ages from k - 0.5 to k + 0.5, each as likely, so that its mean is the k of Eq. 6.

    Args:
        probabilities: (N, K), rows sum to one.
        levels: (L,) shares between 0 and 1, neither included.

    Returns:
        (N, L) float64 years in (-0.5, K - 0.5).

    Raises:
        ValueError: a level is not between 0 and 1.

    Example:
        >>> quantiles([[0.5, 0.5, 0.0]], [0.25, 0.5, 0.75]).tolist()
        [[0.0, 0.5, 1.0]]
    """
    levels = np.asarray(levels, dtype=np.float64)
    if not ((levels > 0) & (levels < 1)).all():
        raise ValueError(f"levels lie between 0 and 1, not {levels.tolist()}")
    rows = _probabilities(probabilities)
    reached = np.cumsum(rows, axis=1)
    ages = np.empty((len(rows), len(levels)))
    every = np.arange(len(rows))
    for place, level in enumerate(levels):
        age = np.argmax(reached >= level - 1e-12, axis=1)
        inside = (level - (reached[every, age] - rows[every, age])) / rows[every, age]
        ages[:, place] = age - 0.5 + np.clip(inside, 0, 1)
    return ages


def absolute_errors(ages: ArrayLike, predictions: ArrayLike) -> np.ndarray:
    """Return |age - prediction| of each image, (N,) float64 years: the terms of Eq. 7's mean.

    Raises:
        ValueError: nothing to compare, shapes that differ, a value that is not finite, or an age below 0, as
            some lists mark those who have none.
    """
    ages = _true_ages(ages)
    predictions = np.asarray(predictions, dtype=np.float64)
    if ages.ndim != 1 or ages.shape != predictions.shape or ages.size == 0:
        raise ValueError(
            f"ages and predictions must be equally long lists, not empty: {ages.shape}, {predictions.shape}"
        )
    if not np.isfinite(predictions).all():
        raise ValueError("ages and predictions must be finite")
    return np.abs(ages - predictions)


def _true_ages(ages: ArrayLike) -> np.ndarray:
    ages = np.asarray(ages, dtype=np.float64)
    if not np.isfinite(ages).all():
        raise ValueError("ages and predictions must be finite")
    if (ages < 0).any():
        raise ValueError(f"ages are years from 0 up, not {ages.min():g}: leave out who has none")
    return ages


def hits(ages: ArrayLike, predictions: ArrayLike, tolerance: float) -> np.ndarray:
    """Return 100.0 for each image with |age - prediction| <= tolerance, else 0.0: CS@tolerance's terms."""
    return 100.0 * (absolute_errors(ages, predictions) <= tolerance)


def mean_absolute_error(ages: ArrayLike, predictions: ArrayLike) -> float:
    """Return the MAE in years (neighborhood loss, Eq. 7)."""
    return float(absolute_errors(ages, predictions).mean())


def cumulative_score(ages: ArrayLike, predictions: ArrayLike, tolerance: float) -> float:
    """Return CS@tolerance: the share of images with |age - prediction| <= tolerance, in percent (0 to 100).

    The bound is included, as in the literature's "error no higher than k years".
    """
    return float(hits(ages, predictions, tolerance).mean())


@dataclass(frozen=True)
class Decade:
    """The mean over the images of one decade of life.

    Attributes:
        first, last: the decade's ages, both included (20 and 29).
        images: how many images it holds.
        value: the mean: the MAE in years, or a share in percent.
        interval: of the mean, or None where a single subject (or image) leaves nothing to resample.
    """

    first: int
    last: int
    images: int
    value: float
    interval: Interval | None


def error_by_decade(
    ages: ArrayLike, predictions: ArrayLike, subjects: ArrayLike | None = None, **options: int | float
) -> tuple[Decade, ...]:
    """Return the MAE of every decade of life that holds an image, youngest first.

    Args:
        ages, predictions: (N,) years.
        subjects: (N,) labels for a bootstrap over subjects, as in `bootstrap`.
        options: `resamples`, `level` and `seed` of `bootstrap`.
    """
    return mean_by_decade(ages, absolute_errors(ages, predictions), subjects, **options)


def mean_by_decade(
    ages: ArrayLike, values: ArrayLike, subjects: ArrayLike | None = None, **options: int | float
) -> tuple[Decade, ...]:
    """Return the mean of `values`, (N,), in every decade of life; other arguments as of `error_by_decade`.

    Raises:
        ValueError: an age that is not finite or below 0.
    """
    values = np.asarray(values, dtype=np.float64)
    decades = np.floor_divide(_true_ages(ages), 10).astype(int)
    units = units_of(values.size, subjects)
    table = []
    for decade in np.unique(decades):
        inside = decades == decade
        several = np.unique(units[inside]).size > 1
        interval = bootstrap(values[inside], units[inside], **options) if several else None
        value = float(values[inside].mean())
        table.append(Decade(int(decade) * 10, int(decade) * 10 + 9, int(inside.sum()), value, interval))
    return tuple(table)
