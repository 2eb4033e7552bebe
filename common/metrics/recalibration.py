"""A monotone map from answers to what they are worth, fitted to ages of images not trained on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class MonotoneMap(NamedTuple):
    """A map that never falls: straight between its knots, level beyond them.

    Attributes:
        said: (K,) answers in years, rising.
        worth: (K,) years, never falling.
    """

    said: np.ndarray
    worth: np.ndarray

    def __call__(self, answers: ArrayLike) -> np.ndarray:
        """Return what answers are worth, in years."""
        return np.interp(np.asarray(answers, np.float64), self.said, self.worth)


def monotone_map(said: ArrayLike, ages: ArrayLike) -> MonotoneMap:
    """Return the monotone map with the least mean absolute error on the images given.

    Neighbouring answers whose median ages fall are pooled until none does (pool adjacent violators, with
    medians); each pool is a knot at its median answer. Whatever the loss, so the share of each age in the
    training is exchanged for that of these images.

    Args:
        said: (N,) answers in years.
        ages: (N,) years.

    Raises:
        ValueError: the two are not equally many finite numbers, or fewer than two.

    Example:
        >>> monotone_map([10, 20, 30, 40], [5, 25, 21, 50])([20, 35])
        array([17., 41.])
    """
    x, y = (np.asarray(one, np.float64) for one in (said, ages))
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2 or not (np.isfinite(x) & np.isfinite(y)).all():
        raise ValueError("a map is fitted to as many finite ages as answers, two at least")
    order = np.argsort(x, kind="stable")
    starts = np.flatnonzero(np.diff(x[order], prepend=-np.inf) > 0)
    pools: list[tuple[np.ndarray, np.ndarray]] = []
    for rows in np.split(order, starts[1:]):
        pools.append((x[rows], y[rows]))
        while len(pools) > 1 and np.median(pools[-2][1]) >= np.median(pools[-1][1]):
            (x1, y1), (x2, y2) = pools.pop(-2), pools.pop()
            pools.append((np.concatenate([x1, x2]), np.concatenate([y1, y2])))
    return MonotoneMap(
        np.array([np.median(one) for one, _ in pools]), np.array([np.median(one) for _, one in pools])
    )
