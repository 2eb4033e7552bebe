"""Intervals by bootstrap: what another draw of test subjects could have given.

Several images of one person err together, so the person is what is drawn again, with all the images (the
cluster bootstrap); an image whose subject is unknown is drawn by itself. The ends are bias-corrected and
accelerated (BCa; Efron 1987), as in `scipy.stats.bootstrap`, whose default this equals where every image is a
unit of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

_DRAWS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Interval:
    """A value and the interval about it.

    Attributes:
        value: the statistic on the sample itself.
        low, high: the interval's ends, low <= value <= high.
        level: the nominal coverage.
        units: how many subjects (or images) were drawn from.
        over: what was drawn, "subjects" or "images".
        resamples: how often.
    """

    value: float
    low: float
    high: float
    level: float
    units: int
    over: str
    resamples: int


def units_of(images: int, subjects: ArrayLike | None = None) -> np.ndarray:
    """Return the unit (0 .. G-1) each image belongs to, (N,) intp.

    Args:
        images: N.
        subjects: (N,) labels; None, NaN or NA where unknown. Each image of unknown subject is a unit.
    """
    if subjects is None:
        return np.arange(images)
    codes, known = pd.factorize(np.asarray(subjects, dtype=object))
    if codes.shape != (images,):
        raise ValueError(f"{images} values but subjects of shape {codes.shape}")
    alone = codes < 0
    codes[alone] = len(known) + np.arange(alone.sum())
    return codes


def bootstrap(
    values: ArrayLike,
    subjects: ArrayLike | None = None,
    *,
    statistic: Callable[[np.ndarray], float] | None = None,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the BCa bootstrap interval of a statistic of per-image values.

    Args:
        values: (N,) what each image contributes, as an absolute error or a 100/0 hit.
        subjects: (N,) subject labels, None where unknown; None: every image by itself.
        statistic: of a 1-D array, e.g. a percentile; None: the mean, which needs no Python loop.
        resamples: bootstrap samples.
        level: nominal coverage.
        seed: of the draw; the same arguments give the same interval.

    Raises:
        ValueError: fewer than two units, or values that are not finite.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("values must be a list of finite numbers")
    units = units_of(values.size, subjects)
    count = int(units.max()) + 1 if values.size else 0
    if count < 2:
        raise ValueError(f"an interval needs at least two subjects or images, got {count}")
    generator = np.random.default_rng(seed)
    if statistic is None:
        value, replicates, jackknife = _means(values, units, count, resamples, generator)
    else:
        value, replicates, jackknife = _any(values, units, count, resamples, generator, statistic)
    low, high = _bca(value, replicates, jackknife, level)
    over = "images" if count == values.size else "subjects"
    return Interval(value, min(low, value), max(high, value), level, count, over, resamples)


def _means(values, units, count, resamples, generator):
    """Mean of the sample, of each resample and of each leave-one-unit-out sample.

    A mean over drawn subjects is the ratio of two sums over them, so only per-subject sums are drawn.
    """
    sums = np.bincount(units, weights=values, minlength=count)
    sizes = np.bincount(units, minlength=count).astype(np.float64)
    replicates = np.empty(resamples)
    step = max(1, _DRAWS_AT_ONCE // count)
    for start in range(0, resamples, step):
        stop = min(start + step, resamples)
        drawn = generator.integers(0, count, size=(stop - start, count))
        replicates[start:stop] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    jackknife = (sums.sum() - sums) / (sizes.sum() - sizes)
    return float(values.mean()), replicates, jackknife


def _any(values, units, count, resamples, generator, statistic):
    """As `_means`, for any statistic, one call a resample."""
    order = np.argsort(units, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(units, minlength=count))[:-1])
    replicates = np.empty(resamples)
    for index in range(resamples):
        drawn = generator.integers(0, count, size=count)
        replicates[index] = statistic(values[np.concatenate([members[unit] for unit in drawn])])
    jackknife = np.array([statistic(np.delete(values, images)) for images in members])
    return float(statistic(values)), replicates, jackknife


def _bca(value: float, replicates: np.ndarray, jackknife: np.ndarray, level: float) -> tuple[float, float]:
    """Return the bias-corrected and accelerated ends (Efron 1987, Section 2 and Eq. 6.6)."""
    below = (np.mean(replicates < value) + np.mean(replicates <= value)) / 2
    deviations = jackknife.mean() - jackknife
    spread = np.sum(deviations**2)
    if not 0 < below < 1 or spread == 0:
        # Every resample fell on one side (a constant, or a score of 0 or 100%): no correction is defined.
        return _quantiles(replicates, (1 - level) / 2, (1 + level) / 2)
    bias = stats.norm.ppf(below)
    acceleration = np.sum(deviations**3) / (6 * spread**1.5)
    tails = bias + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return _quantiles(replicates, *stats.norm.cdf(bias + tails / (1 - acceleration * tails)))


def _quantiles(replicates: np.ndarray, low: float, high: float) -> tuple[float, float]:
    ends = np.quantile(replicates, [low, high])
    return float(ends[0]), float(ends[1])
