"""Who is it: the share of probes whose nearest gallery image shows the same person."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.search import BLOCK, nearest


def rank1_hits(
    probes: ArrayLike,
    probe_people: ArrayLike,
    gallery: ArrayLike,
    gallery_people: ArrayLike,
    leave_out: ArrayLike | None = None,
    block: int = BLOCK,
) -> np.ndarray:
    """Return 100 for each probe whose most similar gallery image is of its person, else 0; (P,) float64.

    Their mean is the rank-1 identification rate in percent.

    Args:
        probes, gallery, leave_out, block: as of `common.metrics.search.nearest`.
        probe_people: (P,) labels of people.
        gallery_people: (N,) labels of people.

    Raises:
        ValueError: counts that do not fit, or as `nearest`.
    """
    probe_people, gallery_people = np.asarray(probe_people), np.asarray(gallery_people)
    if len(probe_people) != len(probes) or len(gallery_people) != len(gallery):
        raise ValueError(
            f"{len(probes)} probes of {len(probe_people)} people, {len(gallery)} gallery images of "
            f"{len(gallery_people)}: one label an image is needed"
        )
    found = nearest(probes, gallery, leave_out, block)
    return np.where(gallery_people[found.rows] == probe_people, 100.0, 0.0)


def chance_hits(
    probe_people: ArrayLike, gallery_people: ArrayLike, leave_out: ArrayLike | None = None
) -> np.ndarray:
    """Return what an answer drawn from the gallery by lot scores for each probe on average, (P,) in percent.

    Their mean is the rank-1 rate of chance. Arguments as of `rank1_hits`.
    """
    probe_people, gallery_people = np.asarray(probe_people), np.asarray(gallery_people)
    people, counts = np.unique(gallery_people, return_counts=True)
    place = np.clip(np.searchsorted(people, probe_people), 0, len(people) - 1)
    right = np.where(people[place] == probe_people, counts[place], 0).astype(float)
    candidates = np.full(len(probe_people), float(len(gallery_people)))
    if leave_out is not None:
        left_out = np.asarray(leave_out)
        present = left_out >= 0
        candidates -= present
        right -= present & (gallery_people[left_out] == probe_people)
    return 100 * right / candidates
