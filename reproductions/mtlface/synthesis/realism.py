"""How far made faces lie from real ones of the group asked for, as a recogniser from outside sees both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.evidence.records import Data, Measurement
from common.faces.alignment import TEMPLATES
from common.metrics.realism import pair_sums
from data_prep.prepared.index import Prepared
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.pseudo_labels.balanced import group_names
from reproductions.shared.recognition import outside
from reproductions.shared.recognition.evaluation import Embed

METRIC = "KID"
SCALE = 1000
"""Distances are told in thousandths."""

MOST = 400
"""Faces of a sample; of more some are drawn by lot, the same for every method. Those of the few people of a
test set tell little more, and the recogniser takes a twentieth of a second for each."""

FEWEST = 10
"""People of whom a group needs real faces: how those of a few differ from others is chance."""

DRAWS = 1000
"""Draws of people for the interval."""


def recogniser(faces: Prepared, data: Data, size: int) -> Embed | None:
    """Return what faces are compared by: (N, size, size, 3) uint8 RGB -> (N, 128).

    Args:
        faces: the set that is aged; its template says where landmarks lie, in real and in made faces.
        data: what it is.
        size: side of the faces in pixels.

    Returns:
        None for generated faces, which stand in for real ones, and where the recogniser is not installed,
        which is said.
    """
    if data.stand_in:
        return None
    if lacking := outside.lacking_packages():
        tell_once(f"{METRIC} is not measured, since it takes {lacking}")
        return None
    return outside.aligned_features(TEMPLATES[faces.manifest["settings"]["template"]].at(size))


def measure_distances(
    column: str,
    decision: str,
    data: Data,
    made: Mapping[int, np.ndarray],
    faces: np.ndarray,
    own: np.ndarray,
    people: np.ndarray,
    features: Embed,
) -> tuple[Measurement, ...]:
    """Measure the kernel inception distance of the faces made for a group from the real ones of that group.

    Args:
        column, decision: of the measurement of the mean over groups; that of a group is decided by its name.
        data: what the faces are.
        made: group -> (N, S, S, 3) uint8 RGB, all faces taken to it; those of the group itself are left out.
        faces: (N, S, S, 3) uint8 RGB, real.
        own: (N,) the groups of the real faces.
        people: (N,) labels.
        features: of the recogniser.

    Returns:
        The mean over groups, then each group; a group with faces of fewer than `FEWEST` people is left out,
        and where no group is left there is no measurement. Intervals are of people drawn again: a draw
        leaves out the groups of which it holds no two people.
    """
    codes = np.unique(people.astype(str), return_inverse=True)[1]
    weights = _draws(int(codes.max()) + 1)
    found = {}
    for group, images in made.items():
        asked, real = _by_lot(np.flatnonzero(own != group)), _by_lot(np.flatnonzero(own == group))
        if min(len(set(codes[rows])) for rows in (asked, real)) < FEWEST:
            continue
        sums = pair_sums(features(images[asked]), features(faces[real]), codes[asked], codes[real])
        found[group_names()[group]] = SCALE * sums.distances(weights)
    if not found:
        return ()
    # Each draw has its mean: over the groups that it can measure.
    together = np.stack(list(found.values()))
    counts = np.isfinite(together).sum(axis=0)
    mean = np.nansum(together, axis=0)[counts > 0] / counts[counts > 0]
    return tuple(_measured(column, name, data, values) for name, values in ({decision: mean} | found).items())


def _draws(people: int) -> np.ndarray:
    """Return how often each is drawn, (1 + DRAWS, people); once in the first, the sample itself."""
    drawn = np.random.default_rng(0).multinomial(people, np.full(people, 1 / people), DRAWS)
    return np.concatenate([np.ones((1, people), drawn.dtype), drawn])


def _by_lot(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= MOST:
        return rows
    return np.sort(np.random.default_rng(len(rows)).choice(rows, MOST, replace=False))


def _measured(column: str, decision: str, data: Data, distances: np.ndarray) -> Measurement:
    """The first is the value; between what 95% of the others lie is the interval, which holds the value."""
    value, drawn = float(distances[0]), distances[1:]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Measurement(column, METRIC, decision, value, min(float(low), value), max(float(high), value), data)
