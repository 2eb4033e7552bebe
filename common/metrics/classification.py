"""Answers among a few classes: which are right, and how right they are class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def class_hits(classes: ArrayLike, answers: ArrayLike) -> np.ndarray:
    """Return 100.0 for each right answer, else 0.0, (N,) float64; their mean is the accuracy in percent.

    Args:
        classes: (N,) true classes, whole numbers from 0 up.
        answers: (N,) the same, as answered.

    Raises:
        ValueError: nothing to compare, shapes that differ, or something that is no class.
    """
    classes, answers = _checked(classes, answers)
    return 100.0 * (classes == answers)


def balanced_accuracy(classes: ArrayLike, answers: ArrayLike) -> float:
    """Return the mean over the true classes of the share answered rightly, in percent (0 to 100).

    A constant answer scores 100 / K however frequent its class is. Classes that no image has do not count.
    Arguments and errors are those of `class_hits`.
    """
    hits = class_hits(classes, answers)
    classes = np.asarray(classes)
    totals = np.bincount(classes, minlength=1)
    right = np.bincount(classes, weights=hits, minlength=1)
    present = totals > 0
    return float(np.mean(right[present] / totals[present]))


def confusion_matrix(classes: ArrayLike, answers: ArrayLike, count: int) -> np.ndarray:
    """Return how many images of each class got each answer, (count, count) int64: rows are true classes.

    Args:
        classes, answers: as of `class_hits`.
        count: number of classes.

    Raises:
        ValueError: as `class_hits`, or a class of `count` or more.
    """
    classes, answers = _checked(classes, answers)
    if max(classes.max(), answers.max()) >= count:
        raise ValueError(f"classes are from 0 to {count - 1}")
    return np.bincount(classes * count + answers, minlength=count * count).reshape(count, count)


def _checked(classes: ArrayLike, answers: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    classes, answers = np.asarray(classes), np.asarray(answers)
    if classes.ndim != 1 or classes.shape != answers.shape or classes.size == 0:
        raise ValueError(
            f"classes and answers must be equally long lists, not empty: {classes.shape}, {answers.shape}"
        )
    for values in (classes, answers):
        if not np.issubdtype(values.dtype, np.integer) or values.min() < 0:
            raise ValueError("classes are whole numbers from 0 up")
    return classes.astype(np.int64), answers.astype(np.int64)
