"""RetinaFace's answers as faces: priors, offsets, and boxes that vote instead of being thrown away.

RetinaFace (Deng et al., 2020, section 3.2) answers on the grid of each stride with two square priors a cell;
offsets are divided by variances as in SSD (Liu et al., 2016).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from common.faces.face import Face

PRIORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
"""Stride and the sides of its priors, in pixels of what the network sees."""

CENTRE, SIZE = 0.1, 0.2
"""Variances of centres and landmarks, and of the logarithm of sides."""

OVERLAP = 0.4
"""Intersection over union from which on two boxes are of one face."""


@lru_cache(maxsize=16)
def priors(height: int, width: int) -> np.ndarray:
    """Return the priors of a picture, (P, 3) float64: centre x, centre y and side in pixels.

    Pixel edges are whole numbers here: the centre of the first pixel is (0.5, 0.5).
    """
    levels = []
    for stride, sides in PRIORS:
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        centres = (np.stack([x, y], axis=-1).reshape(-1, 1, 2) + 0.5) * stride
        grid = np.empty((len(centres), len(sides), 3))
        grid[..., :2], grid[..., 2] = centres, sides
        levels.append(grid.reshape(-1, 3))
    found = np.concatenate(levels)
    found.flags.writeable = False
    return found


def decoded(offsets: np.ndarray, points: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes (N, 4), x1, y1, x2, y2, and landmarks (N, 5, 2) out of the network's offsets.

    Args:
        offsets: (N, 4), of centre and logarithm of width and height.
        points: (N, 10), of the landmarks.
        at: (N, 3) priors that they belong to.
    """
    centres, sides = at[:, :2], at[:, 2:]
    middles = centres + CENTRE * offsets[:, :2] * sides
    halves = sides * np.exp(SIZE * offsets[:, 2:]) / 2
    landmarks = centres[:, None] + CENTRE * points.reshape(-1, 5, 2) * sides[:, None]
    return np.concatenate([middles - halves, middles + halves], axis=1), landmarks


def merged(boxes: np.ndarray, landmarks: np.ndarray, scores: np.ndarray) -> list[Face]:
    """Return one face for each cluster of overlapping boxes, best score first.

    As in greedy suppression the best box takes all that overlap with it by `OVERLAP`; but box and landmarks
    of the face are the mean of theirs, weighted by score. On FG-NET this takes a sixth off the eye error.

    Args:
        boxes: (N, 4) in any unit.
        landmarks: (N, 5, 2) in the same.
        scores: (N,).
    """
    left = np.argsort(-scores, kind="stable")
    faces = []
    while len(left):
        same = overlaps(boxes[left[0]], boxes[left]) >= OVERLAP
        same[0] = True
        of, left = left[same], left[~same]
        box = np.average(boxes[of], axis=0, weights=scores[of])
        points = np.average(landmarks[of], axis=0, weights=scores[of])
        faces.append(Face(tuple(box.tolist()), points.astype(np.float32), float(scores[of[0]])))
    return faces


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union of a box (4,) with each of (N, 4)."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return shared / (np.prod(box[2:] - box[:2]) + areas - shared)
