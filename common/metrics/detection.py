"""Whether a face that was marked by hand is found, and how far off its eyes are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from common.faces.face import Face

WIDEST = 4.0
"""A box wider than so many times the distance between the eyes has not found the face but the picture."""


@dataclass(frozen=True)
class Judgement:
    """What a detector made of one image.

    Attributes:
        faces: all it returned, best first.
        found: the one of `faces` that is the marked face, or None.
        eye_error: mean distance of its two eyes from the marked ones over the distance between those; None
            where nothing is found or the detector finds no landmarks.
    """

    faces: tuple[Face, ...]
    found: Face | None
    eye_error: float | None


def judge(faces: Sequence[Face], landmarks: ArrayLike, widest: float = WIDEST) -> Judgement:
    """Compare detected faces with landmarks marked by hand, (5, 2) in the order of `Face.landmarks`.

    The marked face counts as found where a box holds both marked eyes and is at most `widest` times as wide
    as they are apart; the same holds for detectors with landmarks and without.
    """
    eyes = np.asarray(landmarks, np.float64)[:2]
    apart = float(np.linalg.norm(eyes[1] - eyes[0]))
    for face in faces:
        x1, y1, x2, y2 = face.box
        inside = (eyes >= (x1, y1)).all() and (eyes <= (x2, y2)).all()
        if inside and x2 - x1 <= widest * apart:
            return Judgement(tuple(faces), face, _eye_error(face, eyes, apart))
    return Judgement(tuple(faces), None, None)


def _eye_error(face: Face, eyes: np.ndarray, apart: float) -> float | None:
    if face.landmarks is None:
        return None
    return float(np.linalg.norm(face.landmarks[:2] - eyes, axis=1).mean() / apart)
