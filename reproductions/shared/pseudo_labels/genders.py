"""Genders of a labelled set: those that the set brings, else an estimator's, settled person by person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_prep.prepared.index import Prepared
from reproductions.shared.pseudo_labels.estimators import Estimator

GENDERS = ("male", "female")
ESTIMATED = "an estimator, settled person by person"


@dataclass(frozen=True, eq=False)
class GenderSource:
    """An estimator of genders and the set as prepared for it.

    Attributes:
        prepared: to the estimator's size and template.
        estimator: says the probability that a face is a woman's.

    Raises:
        ValueError: the set is of other crops than the estimator takes.
    """

    prepared: Prepared
    estimator: Estimator

    def __post_init__(self) -> None:
        self.estimator.check(self.prepared)


@dataclass(frozen=True, eq=False)
class Genders:
    """The genders of a set.

    Attributes:
        names: (N,) "male", "female" or None.
        female: (N,) what an estimator said of each image, NaN where none did.
        source: who says them: "the set", "nobody", or `ESTIMATED`.
        dissent: percent of the images whose own estimate is another than their person's; None where none was
            made.
    """

    names: tuple[str | None, ...]
    female: np.ndarray
    source: str
    dissent: float | None = None


def own_genders(index: pd.DataFrame) -> Genders | None:
    """Return the genders that an index brings; None where it knows none."""
    known = index["gender"].astype(object).where(index["gender"].notna(), None)
    if known.isna().all():
        return None
    return Genders(tuple(known), np.full(len(index), np.nan), "the set")


def unknown_genders(index: pd.DataFrame) -> Genders:
    """Return the genders of a set of which nobody says any."""
    return Genders((None,) * len(index), np.full(len(index), np.nan), "nobody")


def settled(identities: pd.Series, female: np.ndarray) -> Genders:
    """Return one gender a person: that of the mean over the person's images.

    One image may be blurred or turned away; the other pictures of the person answer for it.

    Args:
        identities: (N,) people; an image without one stands for itself.
        female: (N,) probabilities that a face is a woman's, NaN where there is no estimate.
    """
    people = pd.factorize(identities)[0]
    alone = people < 0
    people[alone] = len(people) + np.flatnonzero(alone)
    said = pd.Series(female)
    mean = said.groupby(people).transform("mean").to_numpy()
    names = np.where(mean > 0.5, "female", "male").astype(object)
    names[np.isnan(mean)] = None
    asked = ~np.isnan(female)
    other = (female > 0.5) != (mean > 0.5)
    dissent = 100.0 * float(np.mean(other[asked])) if asked.any() else None
    return Genders(tuple(names), np.asarray(female, np.float64), ESTIMATED, dissent)
