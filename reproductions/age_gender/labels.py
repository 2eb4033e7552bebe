"""The paper's classes: two genders, and four age intervals in the text's and in the code's reading."""

from __future__ import annotations

import numpy as np

GENDERS = ("female", "male")
"""Classes of the gender head, in the order of its outputs; these are what the data sets' labels say."""

STARTS = {"text": (0, 31, 46, 61), "code": (0, 30, 46, 60)}
"""First year of each age interval.

"[0, 30], [31, 45], [46, 60], [60, 100]" (V) counts 60 twice: here it is in the third. The authors' code has
below 30, 30 to 45, 46 to 59, and 60 and over.
"""

AGE_INTERVALS = ("0-30", "31-45", "46-60", "61-100")
"""Classes of the age head under the reading "text", which is the one that is run."""

CLASSES = {"age": len(AGE_INTERVALS), "gender": len(GENDERS)}
"""Number of classes by task."""

UNKNOWN = -1
"""Class of an image whose label is not known."""


def age_intervals(ages: np.ndarray, reading: str = "text") -> np.ndarray:
    """Return the interval of each age, (N,) int32 from 0 to 3.

    Args:
        ages: (N,) years, NaN where unknown; the last interval has no upper end here.
        reading: a name of `STARTS`.

    Returns:
        `UNKNOWN` where the age is unknown or below 0.
    """
    if reading not in STARTS:
        raise ValueError(f"reading is one of {', '.join(STARTS)}, not {reading!r}")
    ages = np.asarray(ages, np.float64)
    known = np.isfinite(ages) & (ages >= 0)
    found = np.searchsorted(STARTS[reading], np.floor(np.where(known, ages, 0)), side="right") - 1
    return np.where(known, found, UNKNOWN).astype(np.int32)


def gender_classes(genders: np.ndarray) -> np.ndarray:
    """Return the class of each gender label, (N,) int32: a place in `GENDERS`, `UNKNOWN` for any other."""
    places = {gender: place for place, gender in enumerate(GENDERS)}
    return np.array([places.get(gender, UNKNOWN) for gender in genders], np.int32)
