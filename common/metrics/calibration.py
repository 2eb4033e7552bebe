"""Ages set right, and intervals that hold, by people whose ages are known and who were not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

PIECES = (1, 2, 4, 8, 16)
"""Straight pieces of a recalibration that are tried."""

_FOLDS = 5


def recalibrated(ages: ArrayLike, knots: ArrayLike) -> np.ndarray:
    """Return ages moved along a rising curve of straight pieces, at least 0.

    Args:
        ages: (...) years, as a network says them.
        knots: (M, 2) years, each what is said and what is meant, both rising. Beyond the first and the last
            the curve goes on in parallel with the diagonal.

    Example:
        >>> recalibrated([0.0, 15.0, 40.0], [(10, 8), (20, 22)]).tolist()
        [0.0, 15.0, 42.0]
    """
    ages = np.asarray(ages, dtype=np.float64)
    said, meant = np.asarray(knots, dtype=np.float64).T
    inside = np.clip(ages, said[0], said[-1])
    return np.maximum(np.interp(inside, said, meant) + ages - inside, 0)


def fit_knots(said: ArrayLike, ages: ArrayLike, pieces: int) -> np.ndarray:
    """Return the rising curve of straight pieces with the least mean absolute error, for `recalibrated`.

    It begins and ends at the 1st and 99th percentile of what is said and bends at quantiles between. A
    linear programme finds the heights: of each error the part above and the part below zero are summed.

    Args:
        said: (N,) years, as a network says them.
        ages: (N,) years, true.
        pieces: how many, at least 1; fewer are used where answers coincide.

    Returns:
        (M, 2) float64 years, M at most `pieces` + 1.

    Raises:
        ValueError: fewer than two different answers, or `pieces` below 1.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    said, ages = np.asarray(said, np.float64), np.asarray(ages, np.float64)
    if pieces < 1 or said.shape != ages.shape or np.unique(said).size < 2:
        raise ValueError(f"{pieces} pieces through {np.unique(said).size} different answers")
    places = np.unique(np.quantile(said, np.linspace(0.01, 0.99, pieces + 1)).round(3))
    if places.size < 2:
        places = np.array([said.min(), said.max()])
    inside = np.clip(said, places[0], places[-1])
    # Each row holds the shares of two heights in the curve at one answer.
    shares = np.stack([np.interp(inside, places, row) for row in np.eye(places.size)], axis=1)
    each = sparse.identity(said.size)
    equal = sparse.hstack([sparse.csr_matrix(shares), each, -each]).tocsc()
    rising = np.zeros((places.size - 1, places.size + 2 * said.size))
    for row in range(places.size - 1):
        rising[row, row], rising[row, row + 1] = 1, -1
    cost = np.concatenate([np.zeros(places.size), np.ones(2 * said.size)])
    found = linprog(
        cost,
        A_ub=sparse.csc_matrix(rising),
        b_ub=np.zeros(places.size - 1),
        A_eq=equal,
        b_eq=ages - (said - inside),
        bounds=(0, None),
    )
    return np.column_stack([places, found.x[: places.size]]).round(3)


def held_out(said: ArrayLike, ages: ArrayLike, pieces: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (rows, knots) five times: rows that the knots were not fitted to; each row comes once.

    Rows are dealt in the order of their ages, so that every fold has all ages. Arguments as of `fit_knots`.
    """
    said, ages = np.asarray(said, np.float64), np.asarray(ages, np.float64)
    fold = np.empty(said.size, int)
    fold[np.lexsort((said, ages))] = np.arange(said.size) % _FOLDS
    for number in range(_FOLDS):
        rows = np.flatnonzero(fold == number)
        rest = fold != number
        yield rows, fit_knots(said[rest], ages[rest], pieces)


def recalibrated_without(said: ArrayLike, ages: ArrayLike, pieces: int) -> np.ndarray:
    """Return (N,) years, each recalibrated by knots that were fitted without its own fold."""
    said = np.asarray(said, np.float64)
    found = np.empty(said.size)
    for rows, knots in held_out(said, ages, pieces):
        found[rows] = recalibrated(said[rows], knots)
    return found


def choose_pieces(said: ArrayLike, ages: ArrayLike, among: Sequence[int] = PIECES) -> int:
    """Return the number of pieces with the least error on rows that the knots were not fitted to."""
    ages = np.asarray(ages, np.float64)

    def error(pieces: int) -> float:
        return float(np.abs(recalibrated_without(said, ages, pieces) - ages).mean())

    return min(among, key=error)


def stretches(low: ArrayLike, high: ArrayLike, ages: ArrayLike, level: float) -> tuple[float, float]:
    """Return by how much intervals are to be stretched below and above, for `stretched` to cover `level`.

    Split conformal prediction with quantiles (Romano, Patterson and Candes, NeurIPS 2019), each end by
    itself and in units of the interval's own width: of people drawn like these at most (1 - level) / 2 lie
    below the low ends, and as many above the high ones.

    Args:
        low, high: (N,) ends of intervals, years.
        ages: (N,) true, of people on whom nothing was fitted.
        level: share to be covered, between 0 and 1.

    Raises:
        ValueError: too few people for that level.
    """
    low, high, ages = (np.asarray(one, np.float64) for one in (low, high, ages))
    width = _widths(low, high)
    rank = int(np.ceil((ages.size + 1) * (1 + level) / 2))
    if rank > ages.size:
        raise ValueError(f"{ages.size} people are too few for an interval of {level:.0%}")
    ends = ((low - ages) / width, (ages - high) / width)
    below, above = (float(np.sort(one)[rank - 1]) for one in ends)
    return below, above


def stretched(low: ArrayLike, high: ArrayLike, below: float, above: float) -> tuple[np.ndarray, np.ndarray]:
    """Return intervals (N,), (N,) stretched by shares of their widths, see `stretches`; ends at least 0."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    width = _widths(low, high)
    return np.maximum(low - below * width, 0), np.maximum(high + above * width, 0)


def _widths(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return widths with a year added: an interval of no width could not be stretched."""
    return high - low + 1
