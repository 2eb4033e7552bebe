"""Faces followed from frame to frame: one number, a steady box and steady class probabilities a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True, eq=False)
class Track:
    """A person as known after one update.

    Attributes:
        number: from 1 in the order of appearance; never given twice.
        box: (4,) float64, smoothed x1, y1, x2, y2 in pixels; where it is thought to be while it is not found.
        velocity: (4,) float64, what an update adds to the box.
        found: in how many updates it was found.
        missed: in how many updates it was not found since it last was.
        place: row of the box among those of the last update, None where it was not found there.
    """

    number: int
    box: np.ndarray
    velocity: np.ndarray
    found: int = 1
    missed: int = 0
    place: int | None = None


class Tracker:
    """Carries boxes from one update to the next.

    Each track foretells its box at constant velocity; boxes found are given to tracks so that the sum of
    their overlaps with what was foretold is largest (Hungarian method). A track's box is then a g-h filter's
    estimate, critically damped (g = 1 - s^2, h = (1 - s)^2 for steadiness s): it follows a steady movement
    without lag, and the detector's jitter reaches it damped.

    Args:
        overlap: least intersection over union of a box with a track's foretold box, in (0, 1].
        patience: updates without being found after which a track ends; one found only once ends at the first.
        steadiness: 0 takes boxes as found, towards 1 they move ever more slowly.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(self, overlap: float = 0.2, patience: int = 8, steadiness: float = 0.6) -> None:
        if not 0 < overlap <= 1 or patience < 0 or not 0 <= steadiness < 1:
            raise ValueError(f"overlap {overlap}, patience {patience}, steadiness {steadiness}")
        self.overlap = overlap
        self.patience = patience
        self._gain, self._drift = 1 - steadiness**2, (1 - steadiness) ** 2
        self._tracks: list[Track] = []
        self._count = 0

    def update(self, boxes: Sequence[Sequence[float]]) -> list[Track]:
        """Return the tracks alive after `boxes`, (N, 4) x1, y1, x2, y2 found in the next frame, by number."""
        boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
        foretold = np.array([track.box + track.velocity for track in self._tracks]).reshape(-1, 4)
        given = dict(match(foretold, boxes, self.overlap))
        kept = [
            self._corrected(track, foretold[place], boxes[given[place]], given[place])
            if place in given
            else replace(track, box=foretold[place], missed=track.missed + 1, place=None)
            for place, track in enumerate(self._tracks)
        ]
        kept = [track for track in kept if track.missed <= (self.patience if track.found > 1 else 0)]
        new = [place for place in range(len(boxes)) if place not in given.values()]
        self._tracks = kept + [self._begun(boxes[place], place) for place in new]
        return list(self._tracks)

    def _corrected(self, track: Track, foretold: np.ndarray, box: np.ndarray, place: int) -> Track:
        error = box - foretold
        velocity = track.velocity + self._drift * error
        return replace(
            track,
            box=foretold + self._gain * error,
            velocity=velocity,
            found=track.found + 1,
            missed=0,
            place=place,
        )

    def _begun(self, box: np.ndarray, place: int) -> Track:
        self._count += 1
        return Track(self._count, box, np.zeros(4), place=place)


def match(first: np.ndarray, second: np.ndarray, overlap: float) -> list[tuple[int, int]]:
    """Return the pairs (row of `first`, row of `second`) of boxes that overlap by at least `overlap`.

    Each box is in one pair at most, and the sum of the overlaps is the largest there is.
    """
    overlaps = intersection_over_union(first, second)
    possible = np.where(overlaps >= overlap, overlaps, 0.0)
    pairs = zip(*linear_sum_assignment(possible, maximize=True), strict=True)
    return [(int(one), int(other)) for one, other in pairs if possible[one, other] > 0]


def intersection_over_union(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the overlap, (N, M) in [0, 1], of boxes x1, y1, x2, y2, (N, 4) and (M, 4); 0 for empty ones."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=-1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


class RunningMean:
    """The mean of what one track's frames say.

    Who is filmed does not change, so answers are averaged: the mean of the first `memory`, then
    exponentially, so that a track that slid onto another person recovers.

    Args:
        memory: how many answers are averaged, from 1.

    Attributes:
        mean: (values,) float64; empty before the first is added.
    """

    def __init__(self, memory: int = 20) -> None:
        if memory < 1:
            raise ValueError(f"memory {memory}")
        self.mean = np.empty(0)
        self._memory = memory
        self._added = 0

    def add(self, values: np.ndarray) -> None:
        """Take in the values, (values,), of one more frame."""
        self._added += 1
        weight = 1 / min(self._added, self._memory)
        values = np.asarray(values, np.float64)
        self.mean = values if self._added == 1 else (1 - weight) * self.mean + weight * values


class Opinion:
    """The class probabilities of one track, and the class it is called.

    Probabilities are averaged as of `RunningMean`. The class called changes only where another leads by
    `lead`, so that it does not flicker between two that are equally likely.

    Args:
        classes: how many there are.
        memory: how many probabilities are averaged, from 1.
        lead: by how much another class must be more probable to be called.

    Attributes:
        probabilities: (classes,) float64; zeros before the first are added.
        called: the class, -1 before the first probabilities are added.
    """

    def __init__(self, classes: int, memory: int = 20, lead: float = 0.05) -> None:
        if classes < 1 or not 0 <= lead < 1:
            raise ValueError(f"classes {classes}, lead {lead}")
        self.probabilities = np.zeros(classes)
        self.called = -1
        self._lead = lead
        self._probabilities = RunningMean(memory)

    def add(self, probabilities: np.ndarray) -> None:
        """Take in the probabilities, (classes,), of one more frame."""
        self._probabilities.add(probabilities)
        self.probabilities = self._probabilities.mean
        best = int(self.probabilities.argmax())
        if self.called < 0 or self.probabilities[best] >= self.probabilities[self.called] + self._lead:
            self.called = best
