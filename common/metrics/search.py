"""Nearest neighbours by cosine similarity, a block of the gallery at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BLOCK = 8192
"""Gallery vectors compared at once."""

# Two products of float32 unit vectors differ by less than this through rounding alone.
_ROUNDING = 1e-5
_CANDIDATES = 65536


@dataclass(frozen=True, eq=False)
class Nearest:
    """The most similar gallery vector of each probe.

    Attributes:
        rows: (P,) row of the gallery; of several equally similar ones the first.
        similarities: (P,) float64 cosines in [-1, 1].
    """

    rows: np.ndarray
    similarities: np.ndarray


def nearest(
    probes: ArrayLike, gallery: ArrayLike, leave_out: ArrayLike | None = None, block: int = BLOCK
) -> Nearest:
    """Find the most similar vector of `gallery` for each of `probes`.

    Memory is bounded by the probes and one block: `gallery` may be a `numpy.memmap` larger than memory. The
    blocks' products only nominate; what comes within rounding of the best is computed again in float64, one
    product like the other, so that equal vectors are equal wherever they stand, and the first is taken
    whatever the block or the processor.

    Args:
        probes: (P, D) vectors of any length above zero; a vector of zeros is similar to nothing, 0 to all.
        gallery: (N, D).
        leave_out: (P,) a row of the gallery that is not an answer, the probe's own image; -1 for none.
        block: gallery vectors compared at once.

    Raises:
        ValueError: shapes that do not fit, numbers that are not finite, or a probe without a candidate.
    """
    probes = _matrix(probes, "probes")
    if gallery.ndim != 2 or gallery.shape[1] != probes.shape[1]:
        raise ValueError(f"the gallery has shape {gallery.shape}, the probes {probes.shape}")
    without = np.full(len(probes), -1) if leave_out is None else np.asarray(leave_out)
    if without.shape != (len(probes),):
        raise ValueError(f"{len(probes)} probes but {without.shape} rows to leave out")
    if not len(gallery) or (len(gallery) == 1 and np.any(without == 0)):
        raise ValueError("the gallery is empty for a probe")
    exact = unit_rows(probes.astype(np.float64))
    quick = exact.astype(np.float32)
    rows = np.full(len(probes), -1)
    best = np.full(len(probes), -np.inf)
    for start in range(0, len(gallery), block):
        part = unit_rows(_matrix(gallery[start : start + block], "gallery").astype(np.float64))
        similar = quick @ part.astype(np.float32).T
        inside = (without >= start) & (without < start + len(part))
        similar[inside, without[inside] - start] = -np.inf
        reach = np.maximum(similar.max(axis=1), best) - _ROUNDING
        _improve(rows, best, exact, part, start, *np.nonzero(similar >= reach[:, None]))
    return Nearest(rows, best)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return each row divided by its length; a row of zeros stays one."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    scaled = vectors / np.where(largest > 0, largest, 1)
    length = np.sqrt(np.sum(np.square(scaled), axis=1, keepdims=True))
    return scaled / np.where(length > 0, length, 1)


def _improve(
    rows: np.ndarray,
    best: np.ndarray,
    probes: np.ndarray,
    part: np.ndarray,
    start: int,
    of_probe: np.ndarray,
    candidate: np.ndarray,
) -> None:
    """Put better candidates of a block in their place; nominations come sorted by probe, then by row."""
    for first in range(0, len(of_probe), _CANDIDATES):
        which, where = of_probe[first : first + _CANDIDATES], candidate[first : first + _CANDIDATES]
        values = np.sum(probes[which] * part[where], axis=1)
        order = np.lexsort((where, -values, which))
        leading = order[np.r_[True, np.diff(which[order]) > 0]]
        better = leading[values[leading] > best[which[leading]]]
        rows[which[better]] = start + where[better]
        best[which[better]] = values[better]


def _matrix(vectors: ArrayLike, name: str) -> np.ndarray:
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise ValueError(f"{name} are vectors (N, D), not of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"{name} are not finite")
    return vectors
