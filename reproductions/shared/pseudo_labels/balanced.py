"""Evening out ages and genders of a labelled set: "balancing both age and gender" (MTLFace supplement, A)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from common.files import write_table, writing_to
from data_prep.prepared.balance import balance
from reproductions.shared.pseudo_labels.genders import GENDERS

BALANCED = "balanced.csv"

GROUPS = (11, 21, 31, 41, 51, 61)
"""Ages at which a new group begins: 0-10, 11-20, ..., 51-60, 61 and over."""


@dataclass(frozen=True, eq=False)
class BalancedLabels:
    """The rows of a labelled set that are kept.

    Attributes:
        rows: row numbers, ascending.
        strata: "male" and "female", or "unknown" alone where no gender is known.
        before, after: (strata, groups) images.
        target: most images a stratum and group.
    """

    rows: np.ndarray
    strata: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    target: int


def balanced(
    labels: pd.DataFrame, target: int | None = None, groups: tuple[int, ...] = GROUPS, seed: int = 0
) -> BalancedLabels:
    """Keep at most `target` images of each age group of each gender, drawn by lot; nothing is repeated.

    Where some genders are known, images of unknown gender are left out.

    Args:
        labels: as `reproductions.shared.pseudo_labels.labelled_set.load` returns them.
        target: None is the median over the groups and genders that have images.
        groups: ages at which a new group begins.
        seed: of the lot.

    Raises:
        ValueError: a target below 1.
    """
    group = age_groups(labels["age_expectation"].to_numpy(), groups)
    gender = labels["gender"].astype(object).where(labels["gender"].notna(), "unknown").to_numpy()
    strata = GENDERS if np.isin(gender, GENDERS).any() else ("unknown",)
    before = np.array([np.bincount(group[gender == one], minlength=len(groups) + 1) for one in strata])
    target = int(np.median(before[before > 0])) if target is None else target
    kept = [
        balance(
            group,
            np.flatnonzero(gender == one),
            target=target,
            thinned=(0, len(groups)),
            most_repeats=1,
            classes=len(groups) + 1,
            seed=seed,
        )
        for one in strata
    ]
    rows = np.sort(np.concatenate([one.rows for one in kept]))
    return BalancedLabels(rows, strata, before, np.array([one.after for one in kept]), target)


def write_balanced(labels: pd.DataFrame, folder: Path) -> Path:
    """Write the names of the images that `balanced` keeps as `BALANCED` into `folder` and return the file."""
    names = labels["name"].iloc[balanced(labels).rows]
    with writing_to(folder):
        write_table(folder / BALANCED, ("name",), ((name,) for name in names))
    return folder / BALANCED


def age_groups(ages: np.ndarray, groups: tuple[int, ...] = GROUPS) -> np.ndarray:
    """Return the group of each age, (N,) int: ages are rounded to whole years first.

    Raises:
        ValueError: an age that is not known or below 0: it has no group.
    """
    ages = np.asarray(ages, np.float64)
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise ValueError("only an age from 0 up has a group: leave out the images of unknown age")
    return np.searchsorted(groups, np.floor(ages + 0.5), side="right")


def group_names(groups: tuple[int, ...] = GROUPS) -> tuple[str, ...]:
    """Return "0-10", "11-20", ..., "61+"."""
    firsts = (0, *groups)
    names = [f"{first}-{after - 1}" for first, after in zip(firsts, groups, strict=False)]
    return (*names, f"{groups[-1]}+")
