"""Fitting a published network's calibration on faces that it was neither trained nor tested on."""

from __future__ import annotations

import numpy as np

from common.evidence.records import Data
from common.metrics.calibration import (
    choose_pieces,
    fit_knots,
    held_out,
    recalibrated,
    recalibrated_without,
    stretches,
)
from reproductions.shared.networks.ages import raw
from reproductions.shared.networks.published import Calibration, RangeError

LEVEL = 0.8
_FEWEST = 20
"""Faces that a range of ages needs for an error of its own."""


def calibrate(
    above: np.ndarray,
    ages: np.ndarray,
    data: Data,
    level: float = LEVEL,
    pieces: int | None = None,
    others: tuple[str, np.ndarray, np.ndarray] | None = None,
) -> Calibration:
    """Fit knots, stretches and errors by range.

    The knots are fitted to all faces; stretches and errors are of faces recalibrated by knots that were
    fitted without them, so that they promise no more than new faces get.

    Args:
        above: P(age > k) as the network says it, (N, K - 1).
        ages: (N,) years, true.
        data: which faces these are.
        level: share that the intervals are to cover.
        pieces: of the curve; None takes the number that errs least on faces held out.
        others: who further people are, their answers and ages; intervals and errors are fitted to them too,
            but no knots.
    """
    answers = raw(above, level)
    pieces = pieces or choose_pieces(answers[:, 0], ages)
    fresh = np.empty_like(answers)
    for rows, knots in held_out(answers[:, 0], ages, pieces):
        fresh[rows] = recalibrated(answers[rows], knots)
    knots = fit_knots(answers[:, 0], ages, pieces)
    name, people = data.name, ages
    if others is not None:
        who, answered, theirs = others
        fresh = np.concatenate([fresh, recalibrated(raw(answered, level), knots)])
        people = np.concatenate([ages, theirs])
        name += f"; interval and errors also {len(theirs)} {who}"
    below, beyond = stretches(fresh[:, 1], fresh[:, 2], people, level)
    return Calibration(
        data=name,
        split_hash=data.split_hash,
        faces=len(ages),
        level=level,
        knots=tuple(tuple(map(float, knot)) for knot in knots),
        below=round(below, 4),
        above=round(beyond, 4),
        errors=errors_by_range(fresh[:, 0], people),
    )


def held_out_error(above: np.ndarray, ages: np.ndarray) -> float:
    """Return the mean absolute error, in years, of faces recalibrated by knots fitted without them."""
    expectation = above.sum(axis=1)
    fresh = recalibrated_without(expectation, ages, choose_pieces(expectation, ages))
    return float(np.abs(fresh - ages).mean())


def errors_by_range(said: np.ndarray, ages: np.ndarray) -> tuple[RangeError, ...]:
    """Return the error by decade of the age that is said; a decade of few faces is joined to the next."""
    decades = np.floor_divide(said, 10).astype(int)
    found: list[RangeError] = []
    waiting: list[int] = []
    last = max(int(decades.max()), 0)
    for decade in range(last + 1):
        waiting.append(decade)
        inside = np.isin(decades, waiting)
        if inside.sum() >= _FEWEST or (decade == last and inside.any()):
            error = float(np.abs(said - ages)[inside].mean())
            first, upto = waiting[0] * 10, decade * 10 + 9
            found.append(RangeError(first, upto, int(inside.sum()), round(error, 2)))
            waiting = []
    if len(found) > 1 and found[-1].faces < _FEWEST:
        few, before = found.pop(), found.pop()
        faces = few.faces + before.faces
        error = (few.error * few.faces + before.error * before.faces) / faces
        found.append(RangeError(before.first, few.last, faces, round(error, 2)))
    return tuple(found)
