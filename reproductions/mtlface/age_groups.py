"""The ages and the seven age groups of the age head."""

from __future__ import annotations

import numpy as np

from reproductions.shared.pseudo_labels import balanced as labelled_balance

AGES = 101
"""Classes of the age head: 0 to 100 years."""

GROUPS = len(labelled_balance.GROUPS) + 1
"""Age groups: 0-10, 11-20, ..., 51-60, and everybody older."""

UNKNOWN = -1
"""Label of an image whose age is not known; the age losses leave it out."""


def whole_years(ages: np.ndarray) -> np.ndarray:
    """Return ages as labels, (N,) int32 from 0 to 100: rounded, 100 for all above, `UNKNOWN` where missing.

    Args:
        ages: (N,) years, also estimates with fractions; NaN where unknown, as is what lies below 0.
    """
    ages = np.asarray(ages, np.float64)
    known = np.isfinite(ages) & (ages >= 0)
    rounded = np.clip(np.floor(np.where(known, ages, 0) + 0.5), 0, AGES - 1)
    return np.where(known, rounded, UNKNOWN).astype(np.int32)


def age_groups(years: np.ndarray) -> np.ndarray:
    """Return the group of each label of `whole_years`, (N,) int32 from 0 to 6; `UNKNOWN` stays so."""
    years = np.asarray(years)
    known = years != UNKNOWN
    groups = labelled_balance.age_groups(np.where(known, years, 0))
    return np.where(known, groups, UNKNOWN).astype(np.int32)
