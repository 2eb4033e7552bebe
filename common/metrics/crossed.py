"""Intervals that count both sources of chance in a comparison: which networks, and which people.

Every one of n trainings (seeds) is asked about the same N images of K people, so that what chance has done
lies on a grid: some trainings are luckier than others, some people are easier than others, and single answers
flip. With x[s, i] what image i adds to the mean of training s, the variance of the grand mean is

    max(V_seed, V_flip) + V_item,

V_seed that of the trainings' means over n, V_flip that of their mean if nothing but single answers flipped
(the interaction of the two ways analysis of variance), and V_item what the people add to that. V_flip is the
floor of V_seed: three means that lie close together by luck do not say that trainings do not differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from common.metrics.bootstrap import units_of


@dataclass(frozen=True)
class Crossed:
    """A mean over trainings and people, and how far chance moves it.

    Attributes:
        value: the mean.
        seeds, units: how many trainings, and people (or images of people not named).
        seed, flip, item: the three variances of the mean; seed is 0 for one training, whose own luck cannot
            be told from what is measured.
        degrees: of freedom of Student's t, by Satterthwaite's rule.
    """

    value: float
    seeds: int
    units: int
    seed: float
    flip: float
    item: float
    degrees: float

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return math.sqrt(max(self.seed, self.flip) + self.item)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return low and high of the mean over all trainings and people, with this confidence."""
        half = self.error * float(stats.t.ppf((1 + level) / 2, self.degrees))
        return self.value - half, self.value + half

    def least(self, level: float = 0.95) -> float:
        """Return what the mean is at least, with this confidence on one side."""
        return self.value - self.error * float(stats.t.ppf(level, self.degrees))

    def most(self, level: float = 0.95) -> float:
        """Return what the mean is at most, with this confidence on one side."""
        return self.value + self.error * float(stats.t.ppf(level, self.degrees))

    def p_value(self, demanded: float = 0.0) -> float:
        """Return the two-sided probability of a mean this far from `demanded` if that were the true one."""
        if self.error == 0:
            return 1.0 if self.value == demanded else 0.0
        return float(2 * stats.t.sf(abs(self.value - demanded) / self.error, self.degrees))


def crossed(values: ArrayLike, subjects: ArrayLike | None = None) -> Crossed:
    """Return the mean of what images contribute in several trainings, with both sources of chance.

    Args:
        values: (n, N) what each image contributes to the mean of each training, in the metric's unit.
        subjects: (N,) labels of the people, None where unknown; None: every image by itself. Several images
            of one person err together, so people are counted, with all their images.

    Raises:
        ValueError: values that are no such table or not finite, or fewer than two people.

    Example:
        >>> gains = [[1.0, 2.0, 3.0, 2.0], [2.0, 2.0, 4.0, 3.0]]
        >>> found = crossed(gains)
        >>> found.value, found.seeds, found.units
        (2.375, 2, 4)
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise ValueError(f"values are a table of finite numbers, seeds by images, not of shape {table.shape}")
    seeds, images = table.shape
    units = units_of(images, subjects)
    count = int(units.max()) + 1
    if count < 2:
        raise ValueError("an interval needs at least two people or images")
    # Deviations of a sum over a person's images, for the variance of a ratio of two sums over people.
    widened = count / (count - 1) / images**2
    value = float(table.mean())
    by_image = table.mean(axis=0)
    all_of_items = widened * np.square(_sums(by_image - value, units, count)).sum()
    if seeds == 1:
        return Crossed(value, 1, count, 0.0, 0.0, float(all_of_items), count - 1)
    by_seed = table.mean(axis=1)
    rest = table - by_image - by_seed[:, None] + value
    squares = sum(np.square(_sums(row, units, count)).sum() for row in rest)
    flip = widened * squares / (seeds - 1) / seeds
    seed = float(by_seed.var(ddof=1)) / seeds
    item = max(all_of_items - flip, 0.0)
    degrees = _satterthwaite(
        (max(seed, flip), seeds - 1 if seed >= flip else (seeds - 1) * (count - 1)), (item, count - 1)
    )
    return Crossed(value, seeds, count, seed, float(flip), float(item), degrees)


def bootstrap_crossed(
    values: ArrayLike,
    subjects: ArrayLike | None = None,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return low and high of the mean when trainings and people are both drawn again: a check on `crossed`.

    With so few trainings it is too narrow, since no draw has more than n different ones.

    Args:
        values, subjects: as of `crossed`.
        level: nominal coverage.
        resamples: draws.
        seed: of the draws.
    """
    table = np.asarray(values, dtype=np.float64)
    seeds, images = table.shape
    units = units_of(images, subjects)
    count = int(units.max()) + 1
    sums = np.stack([_sums(row, units, count) for row in table])
    sizes = np.bincount(units, minlength=count)
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    for draw in range(resamples):
        trained = np.bincount(generator.integers(0, seeds, seeds), minlength=seeds) / seeds
        asked = np.bincount(generator.integers(0, count, count), minlength=count)
        means[draw] = (trained @ sums) @ asked / (sizes @ asked)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _sums(values: np.ndarray, units: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(units, weights=values, minlength=count)


def _satterthwaite(*parts: tuple[float, int]) -> float:
    """Return the degrees of freedom of a sum of variances, each estimated with its own."""
    total = sum(variance for variance, _ in parts)
    spread = sum(variance**2 / degrees for variance, degrees in parts)
    return total**2 / spread if spread > 0 else float(max(degrees for _, degrees in parts))
