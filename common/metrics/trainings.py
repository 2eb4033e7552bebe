"""Numbers of which every training leaves one: their mean, and how far another draw of seeds moves it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


class SeedMean(NamedTuple):
    """A mean over trainings with the ends of its interval, in the unit of the values."""

    value: float
    low: float
    high: float


def mean_of_trainings(values: ArrayLike, level: float = 0.95) -> SeedMean:
    """Return the mean of one number a training and its interval by Student's t.

    Args:
        values: (n,) finite, n of 2 or more.
        level: nominal coverage.

    Raises:
        ValueError: fewer than two values, or such as are not finite.

    Example:
        >>> [round(number, 2) for number in mean_of_trainings([1.0, 2.0, 3.0])]
        [2.0, -0.48, 4.48]
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ValueError("an interval over trainings needs two finite values at least")
    error = float(numbers.std(ddof=1)) / math.sqrt(len(numbers))
    half = float(stats.t.ppf((1 + level) / 2, len(numbers) - 1)) * error
    value = float(numbers.mean())
    return SeedMean(value, value - half, value + half)
