"""Means of parts of a test set, as they are and as if every part had the ages (or whatever) of the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def common_strata(strata: ArrayLike, parts: Sequence[ArrayLike], least: int = 5) -> dict[int, float]:
    """Return the strata of which every part has enough images, each with its share of all images in them.

    Args:
        strata: (N,) whole numbers, as decades of age.
        parts: (N,) masks of the parts that are to be compared.
        least: images of a stratum that each part must have.

    Example:
        >>> common_strata([0, 0, 1, 1, 2, 2], [[1, 0, 1, 0, 1, 1], [0, 1, 0, 1, 0, 0]], least=1)
        {0: 0.5, 1: 0.5}
    """
    numbers = np.asarray(strata)
    masks = [np.asarray(part, bool) for part in parts]
    kept = [
        int(one)
        for one in np.unique(numbers)
        if all(np.count_nonzero(mask & (numbers == one)) >= least for mask in masks)
    ]
    counts = {one: int(np.count_nonzero(numbers == one)) for one in kept}
    total = sum(counts.values())
    return {one: count / total for one, count in counts.items()}


def part_terms(
    values: ArrayLike,
    part: ArrayLike,
    strata: ArrayLike | None = None,
    weights: dict[int, float] | None = None,
) -> np.ndarray:
    """Return terms over all images whose mean is that of a part, (n, N), for `common.metrics.crossed`.

    The mean of the part is taken stratum by stratum and weighted (direct standardisation); the terms are its
    first order: the mean, and where an image belongs to the part what it moves the mean by. Terms of two
    parts of the same images can be subtracted: the interval of their difference counts both.

    Args:
        values: (n, N) of each training and image.
        part: (N,) mask.
        strata: (N,) whole numbers; None is one stratum.
        weights: stratum -> weight, which sum to 1; None is one stratum.

    Raises:
        ValueError: a stratum that is weighted has no image of the part.

    Example:
        >>> part_terms([[1.0, 3.0, 5.0, 7.0]], [1, 1, 0, 0]).mean()
        np.float64(2.0)
    """
    table = np.asarray(values, np.float64)
    numbers = np.zeros(table.shape[1], int) if strata is None else np.asarray(strata)
    shares = {0: 1.0} if weights is None else weights
    inside = np.asarray(part, bool)
    moved = np.zeros_like(table)
    mean = 0.0
    for stratum, share in shares.items():
        chosen = inside & (numbers == stratum)
        count = int(np.count_nonzero(chosen))
        if not count:
            raise ValueError(f"no image of the part is in stratum {stratum}")
        own = table[:, chosen]
        mean += share * float(own.mean())
        moved[:, chosen] = table.shape[1] * share / count * (own - own.mean())
    return mean + moved
