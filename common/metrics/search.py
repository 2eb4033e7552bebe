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
        block: gallery vectors compared at once, 1 or more.

    Raises:
        ValueError: shapes that do not fit, numbers that are not finite, rows to leave out that the gallery
            does not have, a probe without a candidate, or a block below 1.
    """
    probes = finite_matrix(probes, "probes")
    if gallery.ndim != 2 or gallery.shape[1] != probes.shape[1]:
        raise ValueError(f"the gallery has shape {gallery.shape}, the probes {probes.shape}")
    if block < 1:
        raise ValueError(f"a block holds a vector at least, not {block}")
    without = rows_left_out(leave_out, len(probes), len(gallery))
    exact = unit_rows(probes.astype(np.float64))
    quick = exact.astype(np.float32)
    rows = np.full(len(probes), -1)
    best = np.full(len(probes), -np.inf)
    for start in range(0, len(gallery), block):
        part = unit_rows(finite_matrix(gallery[start : start + block], "gallery").astype(np.float64))
        similar = quick @ part.astype(np.float32).T
        inside = (without >= start) & (without < start + len(part))
        similar[inside, without[inside] - start] = -np.inf
        reach = np.maximum(similar.max(axis=1), best) - _ROUNDING
        # A block that holds nothing but what is left out has -inf for its best.
        nominated = (similar >= reach[:, None]) & (similar > -np.inf)
        _improve(rows, best, exact, part, start, *np.nonzero(nominated))
    return Nearest(rows, best)


def rows_left_out(leave_out: ArrayLike | None, probes: int, gallery: int) -> np.ndarray:
    """Return the row of the gallery that is no answer for each probe, (P,) int64, -1 for none.

    Args:
        leave_out: (P,) the same; None for none at all.
        probes, gallery: how many vectors there are of each.

    Raises:
        ValueError: not one whole number a probe, one that is no row, or a probe without a candidate.
    """
    rows = np.full(probes, -1) if leave_out is None else np.asarray(leave_out)
    if rows.shape != (probes,):
        raise ValueError(f"{probes} probes but {rows.shape} rows to leave out")
    if rows.size and not (
        np.issubdtype(rows.dtype, np.integer) and rows.min() >= -1 and rows.max() < gallery
    ):
        raise ValueError(f"rows to leave out are whole numbers from 0 to {gallery - 1}, or -1 for none")
    if not gallery or (gallery == 1 and np.any(rows == 0)):
        raise ValueError("the gallery is empty for a probe")
    return rows.astype(np.int64)


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


def finite_matrix(vectors: ArrayLike, name: str) -> np.ndarray:
    """Return vectors (N, D) as an array.

    Raises:
        ValueError: another shape, or a number that is not finite; it calls them `name`.
    """
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise ValueError(f"{name} are vectors (N, D), not of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"{name} are not finite")
    return vectors
