"""The paper's nine age groups, and what becomes of ages outside them."""

from __future__ import annotations

import numpy as np

GROUPS = ((15, 18), (19, 21), (22, 26), (27, 31), (32, 36), (37, 41), (42, 47), (48, 54), (55, 77))
"""First and last age of each group in years (3.1), G = 9."""

IGNORED = -1
"""Label of an image that the age loss leaves out."""

RULES = ("nearest", "left-out")
"""An age outside 15 to 77 counts as the nearest group, or is left out of the age loss."""


def age_groups(ages: np.ndarray, rule: str = "nearest") -> np.ndarray:
    """Return the group of each age, (N,) int32 from 0 to 8.

    The paper's sets hold ages from 15 to 77 (MORPH 16-77, CACD 16-62); half of FG-NET is younger. Its
    partition "according to the grow processing of human beings" has no group for children, so a rule is
    needed that the paper does not give.

    Args:
        ages: (N,) years, NaN where unknown.
        rule: a name of `RULES`.

    Returns:
        `IGNORED` where the age is unknown or below 0, and outside the groups under the rule "left-out".

    Reference: Yu and Jing, "A Joint Multi-Task CNN for Cross-Age Face Recognition", 3.1.
    """
    if rule not in RULES:
        raise ValueError(f"rule is one of {', '.join(RULES)}, not {rule!r}")
    ages = np.asarray(ages, np.float64)
    known = np.isfinite(ages) & (ages >= 0)
    whole = np.floor(np.where(known, ages, 0))
    last = np.array([group[1] for group in GROUPS])
    found = np.clip(np.searchsorted(last, whole), 0, len(GROUPS) - 1)
    inside = (whole >= GROUPS[0][0]) & (whole <= GROUPS[-1][1])
    kept = known & (inside | (rule == "nearest"))
    return np.where(kept, found, IGNORED).astype(np.int32)
