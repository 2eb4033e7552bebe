"""Who is it: the share of probes whose nearest gallery image shows the same person."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.search import Nearest, rows_left_out


def rank1_hits(found: Nearest, probe_people: ArrayLike, gallery_people: ArrayLike) -> np.ndarray:
    """Return 100 for each probe whose most similar gallery image is of its person, else 0; (P,) float64.

    Their mean is the rank-1 identification rate in percent.

    Args:
        found: what `common.metrics.search.nearest` returned for the probes.
        probe_people: (P,) labels of people.
        gallery_people: (N,) labels of people.

    Raises:
        ValueError: not one label a probe.
    """
    probe_people, gallery_people = np.asarray(probe_people), np.asarray(gallery_people)
    if len(probe_people) != len(found.rows):
        raise ValueError(
            f"{len(found.rows)} probes of {len(probe_people)} people: one label an image is needed"
        )
    return np.where(gallery_people[found.rows] == probe_people, 100.0, 0.0)


def chance_hits(
    probe_people: ArrayLike, gallery_people: ArrayLike, leave_out: ArrayLike | None = None
) -> np.ndarray:
    """Return what an answer drawn from the gallery by lot scores for each probe on average, (P,) in percent.

    Their mean is the rank-1 rate of chance.

    Args:
        probe_people: (P,) labels of people.
        gallery_people: (N,) labels of people.
        leave_out: (P,) a row of the gallery that is not an answer; -1 for none.

    Raises:
        ValueError: as `common.metrics.search.rows_left_out`.
    """
    probe_people, gallery_people = np.asarray(probe_people), np.asarray(gallery_people)
    people, counts = np.unique(gallery_people, return_counts=True)
    place = np.clip(np.searchsorted(people, probe_people), 0, len(people) - 1)
    right = np.where(people[place] == probe_people, counts[place], 0).astype(float)
    left_out = rows_left_out(leave_out, len(probe_people), len(gallery_people))
    present = left_out >= 0
    right -= present & (gallery_people[left_out] == probe_people)
    return 100 * right / (len(gallery_people) - present)
