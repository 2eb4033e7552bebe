"""The faces of a photograph: all of them, left to right, aligned for a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from common.errors import UserError
from common.faces.alignment import BOXES, align, usual_landmarks
from common.faces.detection import make_detector
from common.faces.face import Detector, Face
from data_prep.formats import images as inspect

F = TypeVar("F")
"""A face, found or answered."""

DETECTOR = "retinaface-mobilenet"
SIDE = 1600
"""Pixels of the longer side at which faces are looked for; a larger photograph is shrunk for that."""

_LEAST_SCORE = {"mtcnn": 0.9}
CLOSER: dict[str, dict[str, float]] = {
    "mtcnn": {"min_face": 0.04},
    "retinaface-mobilenet": {"side": 1024},
}
"""How each detector looks for smaller faces, where a photograph seems to show a group or none.

MTCNN: side of the smallest face in shares of the photograph's shorter side; RetinaFace: pixels of the longer
side at which it looks.
"""

GROUP = 0.3
"""Where no face is larger than this share, or several are found, smaller ones are looked for too."""


@dataclass(frozen=True, eq=False)
class Found:
    """A face in a photograph.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the photograph.
        landmarks: (5, 2) pixels, as of `common.faces.face.Face`.
        score: the detector's, see `Face.score`.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray
    score: float


def opened(photo: str | Path | np.ndarray) -> np.ndarray:
    """Return a photograph, (H, W, 3) uint8 RGB, from its file or as it is.

    Raises:
        UserError: the file is not there or cannot be read, or the array is no such picture.
    """
    if isinstance(photo, np.ndarray):
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or 0 in photo.shape:
            raise UserError(
                "a photograph is an array (height, width, 3) of uint8 in the order red, green, blue, not "
                f"{photo.shape} of {photo.dtype}."
            )
        return photo
    try:
        return inspect.decode(inspect.read_bytes(photo))
    except inspect.BadImage as bad:
        raise UserError(f"{photo} cannot be used: {bad}.") from bad


def find(pixels: np.ndarray, detector: str = DETECTOR) -> list[Found]:
    """Return the faces of a photograph, left to right.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: the detector is unknown or its files are not on this machine.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    small = pixels
    if scale < 1:
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Pixel centres are whole numbers: the edge of the photograph, -0.5, stays where it is.
    found = [
        Found(
            tuple((value + 0.5) / scale - 0.5 for value in face.box),
            (_landmarks(face, detector) + 0.5) / scale - 0.5,
            face.score,
        )
        for face in _looked_for(small, detector)
    ]
    return sorted(found, key=lambda face: face.box[0] + face.box[2])


def required(faces: Sequence[F], photo: str | Path | np.ndarray) -> Sequence[F]:
    """Return the faces of a photograph, or raise the UserError that there are none."""
    if not faces:
        raise UserError(
            f"no face is found in {_named(photo)}: choose one in which a face is larger, brighter or less "
            "turned."
        )
    return faces


def chosen(faces: Sequence[F], number: int, photo: str | Path | np.ndarray) -> F:
    """Return the face of a number, from 1, left to right, or raise the UserError that there is none."""
    if not 1 <= number <= len(faces):
        raise UserError(f"{counted(faces, photo)}: choose one with --face (FACE=...), not {number}.")
    return faces[number - 1]


def counted(faces: Sequence[Any], photo: str | Path | np.ndarray) -> str:
    """Return a clause that says how many faces a photograph shows."""
    several = "one face is" if len(faces) == 1 else f"{len(faces)} faces are"
    return f"{several} found in {_named(photo)}, numbered left to right"


def _named(photo: str | Path | np.ndarray) -> str:
    return "the picture" if isinstance(photo, np.ndarray) else str(photo)


def aligned(
    pixels: np.ndarray, faces: list[Found], size: int, template: str, border: str = "black"
) -> np.ndarray:
    """Return the faces cut out of their photograph, (N, size, size, 3) uint8 RGB; arguments as of `align`."""
    cut = [align(pixels, face.landmarks, template, size, border=border) for face in faces]
    return np.stack(cut) if cut else np.zeros((0, size, size, 3), np.uint8)


def _looked_for(pixels: np.ndarray, detector: str) -> list[Face]:
    faces = _sure(_detector(detector).detect(pixels), detector)
    if detector not in CLOSER:
        return faces
    shorter = min(pixels.shape[:2])
    largest = max((face.box[2] - face.box[0] for face in faces), default=0)
    if len(faces) == 1 and largest >= GROUP * shorter:
        return faces
    return _sure(_detector(detector, **CLOSER[detector]).detect(pixels), detector) or faces


def _sure(faces: list[Face], detector: str) -> list[Face]:
    least = _LEAST_SCORE.get(detector, -np.inf)
    return [face for face in faces if face.score >= least and _can_be_aligned(face, detector)]


def _can_be_aligned(face: Face, detector: str) -> bool:
    """Return whether the landmarks of a face span a plane: else it is a failed detection."""
    points = _landmarks(face, detector).astype(np.float64)
    longest, shortest = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(np.isfinite(points).all() and shortest > 0.05 * longest)


def _landmarks(face: Face, detector: str) -> np.ndarray:
    if detector in BOXES:
        return usual_landmarks(face.box, detector)
    assert face.landmarks is not None
    return face.landmarks


@cache
def _detector(name: str, **options: float) -> Detector:
    return make_detector(name, **options)
