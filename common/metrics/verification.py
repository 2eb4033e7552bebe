"""Same person or not: accuracy with a threshold from other pairs, and points of the ROC curve.

Scores are similarities: a pair counts as the same person where its score is at or above a threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.search import unit_rows


def pair_similarities(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Return the cosine of each pair, (P,) float64, from (P, D) vectors."""
    first, second = (unit_rows(np.asarray(vectors, np.float64)) for vectors in (first, second))
    return np.sum(first * second, axis=1)


def fold_hits(scores: ArrayLike, same: ArrayLike, folds: ArrayLike) -> np.ndarray:
    """Return 100 for each pair that is decided rightly, else 0; (P,) float64.

    The pairs of a fold are decided by the threshold that is best on all other folds; their mean is the
    ten-fold accuracy of LFW, CACD-VS and their kind where there are ten.

    Args:
        scores: (P,) similarities.
        same: (P,) whether the two are one person.
        folds: (P,) the fold of each pair.

    Raises:
        ValueError: fewer than two folds.
    """
    scores, same, folds = _checked(scores, same, folds)
    hits = np.empty(len(scores))
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("a threshold from other folds needs two folds at least")
    for number in numbers:
        inside = folds == number
        threshold = best_threshold(scores[~inside], same[~inside])
        hits[inside] = np.where((scores[inside] >= threshold) == same[inside], 100.0, 0.0)
    return hits


def best_threshold(scores: ArrayLike, same: ArrayLike) -> float:
    """Return the threshold that decides most pairs rightly: of several the middle of the first stretch."""
    scores, same = np.asarray(scores, np.float64), _booleans(same)
    order = np.argsort(scores, kind="stable")
    ordered, right = scores[order], same[order]
    # Cutting before pair i calls i and all above it the same person.
    correct = np.r_[0, np.cumsum(~right)] + np.r_[np.cumsum(right[::-1])[::-1], 0]
    edges = np.r_[-np.inf, ordered, np.inf]
    possible = edges[1:] > edges[:-1]
    cut = int(np.argmax(np.where(possible, correct, -1)))
    below, above = edges[cut], edges[cut + 1]
    if np.isinf(below):
        return float(above)
    return float(np.nextafter(below, np.inf) if np.isinf(above) else (below + above) / 2)


def area_under_curve(scores: ArrayLike, same: ArrayLike) -> float:
    """Return the probability that a pair of one person scores above a pair of two, ties half, in percent."""
    positive, negative = _both(scores, same)
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    upto = np.searchsorted(ordered, positive, side="right")
    return float(100 * np.mean((below + upto) / 2) / len(negative))


def equal_error_rate(scores: ArrayLike, same: ArrayLike) -> float:
    """Return the error at which as many pairs of two are accepted as pairs of one are rejected, in percent.

    Between two thresholds the ROC curve is taken as a straight line.
    """
    _, accepted, rejected = _rates(scores, same)
    gap = accepted - rejected
    after = int(np.argmax(gap >= 0))
    if gap[after] == 0 or after == 0:
        return float(100 * accepted[after])
    part = -gap[after - 1] / (gap[after] - gap[after - 1])
    return float(100 * (accepted[after - 1] + part * (accepted[after] - accepted[after - 1])))


def true_accept_rate(scores: ArrayLike, same: ArrayLike, false_accept_rate: float) -> float:
    """Return the share of pairs of one person accepted at the given share of pairs of two, in percent.

    The threshold is the lowest that accepts no more than that share: nothing is interpolated.
    """
    positive, _ = _both(scores, same)
    return float(100 * np.mean(positive >= accept_threshold(scores, same, false_accept_rate)))


def accept_threshold(scores: ArrayLike, same: ArrayLike, false_accept_rate: float) -> float:
    """Return the lowest score from which on no more than that share of the pairs of two are accepted.

    It is the score of a pair, or where none may pass the next number above the highest.

    Args:
        scores: (P,) similarities of pairs.
        same: (P,) whether the two are one person.
        false_accept_rate: share of the pairs of two, from 0 to 1.

    Raises:
        ValueError: pairs of one person or of two are missing.
    """
    thresholds, accepted, _ = _rates(scores, same)
    # The shares are of whole pairs: 0.1 of 30 is three of them, whatever the last bit says.
    lowest = thresholds[accepted <= false_accept_rate * (1 + 1e-12)].min()
    return float(lowest if np.isfinite(lowest) else np.nextafter(thresholds[1], np.inf))


def _rates(scores: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every threshold, the strictest first, with its false accept and false reject rates."""
    positive, negative = _both(scores, same)
    thresholds = np.r_[np.inf, np.unique(np.r_[positive, negative])[::-1]]
    positive, negative = np.sort(positive), np.sort(negative)
    accepted = 1 - np.searchsorted(negative, thresholds, side="left") / len(negative)
    rejected = np.searchsorted(positive, thresholds, side="left") / len(positive)
    return thresholds, accepted, rejected


def _both(scores: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    scores, same, _ = _checked(scores, same, np.zeros(len(np.asarray(scores))))
    positive, negative = scores[same], scores[~same]
    if not len(positive) or not len(negative):
        raise ValueError("pairs of one person and pairs of two are needed")
    return positive, negative


def _booleans(same: ArrayLike) -> np.ndarray:
    same = np.asarray(same)
    # Lists that write -1 for two people would have every pair of one: any number but 0 is true.
    if not np.isin(same, (0, 1)).all():
        raise ValueError("whether a pair is of one person is true or false, 1 or 0")
    return same.astype(bool)


def _checked(scores: ArrayLike, same: ArrayLike, folds: ArrayLike) -> tuple[np.ndarray, ...]:
    scores, same, folds = np.asarray(scores, np.float64), _booleans(same), np.asarray(folds)
    if scores.ndim != 1 or scores.shape != same.shape or scores.shape != folds.shape:
        raise ValueError(f"pairs need equal lengths, got {scores.shape}, {same.shape} and {folds.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("scores are not finite")
    return scores, same, folds
