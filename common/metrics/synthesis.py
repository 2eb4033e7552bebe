"""What generated faces are worth, and whether a generator has collapsed: one number a face, before the mean.

Faces are uint8 images; what judges say of them comes from networks that took no part in making them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.classification import class_hits


def group_hits(judged: ArrayLike, wanted: ArrayLike) -> np.ndarray:
    """Return 100 for each face judged to be of the group that was asked for, else 0; (N,) float64.

    Their mean is the age accuracy in percent (MTLFace supplement, C.1).

    Args:
        judged, wanted: (N,) groups, whole numbers from 0 up.

    Raises:
        ValueError: as `common.metrics.classification.class_hits`.
    """
    return class_hits(wanted, judged)


def accepted(scores: ArrayLike, threshold: float) -> np.ndarray:
    """Return 100 for each pair whose score is at or above the threshold, else 0; (P,) float64.

    Raises:
        ValueError: a score that is not finite.
    """
    scores = np.asarray(scores, np.float64)
    if not np.isfinite(scores).all():
        raise ValueError("scores are not finite")
    return np.where(scores >= threshold, 100.0, 0.0)


def both(found: ArrayLike, verified: ArrayLike) -> np.ndarray:
    """Return 100 for each face that is of the group asked for and still the person's, else 0; (N,) float64.

    Neither giving the face back nor painting anybody of the right age scores: the face itself is of no other
    group, and another face is not the person's.

    Args:
        found, verified: (N,) 100 or 0 each, see `group_hits` and `accepted`.
    """
    return np.minimum(np.asarray(found, np.float64), np.asarray(verified, np.float64))


def identity_of_hits(found: ArrayLike, identity: ArrayLike) -> np.ndarray:
    """Return the cosine of each result that is of the group asked for, NaN for the others; (N,) float64.

    Their mean compares methods at one age accuracy: of all that is asked about, each has reached the age.

    Args:
        found: (N,) 100 or 0, see `group_hits`.
        identity: (N,) cosines of faces and results.

    Example:
        >>> identity_of_hits([100, 0], [0.5, 0.9]).tolist()
        [0.5, nan]
    """
    return np.where(np.asarray(found, np.float64) == 100, np.asarray(identity, np.float64), np.nan)


def mean_changes(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference of each face from what was made of it, (N,) grey levels of 255.

    0 is a generator that gives back its input.

    Args:
        before, after: (N, ...) uint8.

    Raises:
        ValueError: shapes that differ.
    """
    if before.shape != after.shape:
        raise ValueError(f"faces {before.shape} and what was made of them {after.shape} differ in shape")
    difference = before.astype(np.int16) - after.astype(np.int16)
    return np.abs(difference).reshape(len(before), -1).mean(axis=1, dtype=np.float64)


def distances_to_others(images: np.ndarray, people: ArrayLike) -> np.ndarray:
    """Return the mean distance of each face from those of other people, (N,) grey levels of 255.

    The distance of two faces is the root of the mean squared difference of their pixels.

    Args:
        images: (N, ...) uint8.
        people: (N,) labels.

    Raises:
        ValueError: all faces are of one person.
    """
    people = np.asarray(people)
    flat = images.reshape(len(images), -1).astype(np.float32)
    # |a - b|^2 = |a|^2 + |b|^2 - 2ab, about the mean, so that little is lost to rounding.
    flat -= flat.mean(axis=0)
    lengths = np.square(flat).sum(axis=1, dtype=np.float64)
    squared = lengths[:, None] + lengths[None] - 2 * (flat @ flat.T).astype(np.float64)
    distances = np.sqrt(np.maximum(squared, 0) / flat.shape[1])
    others = people[:, None] != people[None]
    if not others.any(axis=1).all():
        raise ValueError("a face has nobody else's beside it: diversity needs two people")
    return (distances * others).sum(axis=1) / others.sum(axis=1)


def diversities(made: np.ndarray, given: np.ndarray, people: ArrayLike) -> np.ndarray:
    """Return how far each generated face is from other people's, in percent of how far the given faces are.

    Near 0, everybody is given one face: the generator has collapsed. The faces are those of one target group;
    the percentages refer to the mean over the given faces, and their own mean may be above 100.

    Args:
        made: (N, ...) uint8, generated.
        given: (N, ...) uint8, what they were generated from.
        people: (N,) labels.

    Raises:
        ValueError: all faces are of one person, or the given ones are all alike.
    """
    whole = distances_to_others(given, people).mean()
    if whole == 0:
        raise ValueError("the given faces are all alike")
    return 100 * distances_to_others(made, people) / whole
