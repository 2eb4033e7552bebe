"""Evening out the ages of a training set, as in section 5.1 of the neighborhood loss paper (Kwak et al.)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TARGET = 5000  # images a class in the paper
THINNED = (20, 60)  # years between which the paper leaves images out


@dataclass(frozen=True, eq=False)
class Balanced:
    """A balanced training set.

    Attributes:
        rows: row numbers, ascending, each as often as its image is to be seen in an epoch, augmented anew.
        before, after: (classes,) images of each age.
    """

    rows: np.ndarray
    before: np.ndarray
    after: np.ndarray


def balance(
    ages: np.ndarray,
    rows: np.ndarray,
    *,
    target: int = TARGET,
    thinned: tuple[int, int] = THINNED,
    most_repeats: int | None = None,
    classes: int = 100,
    seed: int = 0,
) -> Balanced:
    """Repeat the images of rare ages and thin out those of frequent ones.

    "If the number of images in each class is less than 5000 then we perform data augmentation, otherwise
    randomly ignore partially among images ranging in age from 20 to 60 years": an age with fewer than
    `target` images is repeated up to `target`, each image floor or ceiling of target / count times; an age
    within `thinned` (both ends included) with more is thinned down to `target`; an age outside it with more,
    and one without images, stay.

    Args:
        ages: (N,) ages in years of all images, the column of an index; it may have missing values elsewhere.
        rows: (M,) the training images among them.
        target: images an age; 5000 in the paper, less for a set that is smaller.
        most_repeats: an image is repeated at most so often; None is as the target asks, as in the paper.
        seed: draws which images are left out and which are repeated once more.

    Raises:
        ValueError: an age that is missing or no class, or a target below 1.
    """
    rows = np.sort(np.asarray(rows, int))
    age = _classes(ages, rows, classes)
    if target < 1 or (most_repeats is not None and most_repeats < 1):
        raise ValueError(f"target {target} and most_repeats {most_repeats} are at least 1")
    random = np.random.default_rng(seed)
    chosen = [
        _chosen(rows[age == year], year, target, thinned, most_repeats, random) for year in range(classes)
    ]
    after = np.array([len(part) for part in chosen])
    return Balanced(np.sort(np.concatenate(chosen)), np.bincount(age, minlength=classes), after)


def _chosen(
    rows: np.ndarray,
    year: int,
    target: int,
    thinned: tuple[int, int],
    most_repeats: int | None,
    random: np.random.Generator,
) -> np.ndarray:
    if len(rows) == 0 or (len(rows) > target and not thinned[0] <= year <= thinned[1]):
        return rows
    if most_repeats is not None:
        target = min(target, most_repeats * len(rows))
    whole, rest = divmod(target, len(rows))
    return np.concatenate([np.repeat(rows, whole), random.choice(rows, rest, replace=False)])


def _classes(ages: np.ndarray, rows: np.ndarray, classes: int) -> np.ndarray:
    chosen = np.array([-1 if value is None or value != value else value for value in _plain(ages, rows)], int)
    if len(chosen) and not (chosen.min() >= 0 and chosen.max() < classes):
        raise ValueError(
            f"ages {chosen.min()} to {chosen.max()} (-1: unknown) are not all within 0 to {classes - 1}"
        )
    return chosen


def _plain(ages: np.ndarray, rows: np.ndarray) -> list:
    # A pandas column of nullable integers keeps missing values as None when it becomes an object array.
    values = ages.to_numpy(dtype=object, na_value=None) if hasattr(ages, "to_numpy") else np.asarray(ages)
    return values[rows].tolist()
