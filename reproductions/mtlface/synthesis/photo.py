"""A photograph of one's own taken to another age: found, aligned, aged, and pasted back.

python -m reproductions mtlface age PHOTO --to 61+
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.errors import UserError, unknown
from common.faces.alignment import align
from common.faces.detection import make_detector
from common.faces.face import Detector, Face
from common.files import expanded
from reproductions.mtlface.photographs import open_photo
from reproductions.mtlface.synthesis.evaluate import Age
from reproductions.shared.photographs.pasting import (
    age_word,
    beside,
    paste,
    require_picture_file,
    write_picture,
)
from reproductions.shared.pseudo_labels.balanced import group_names
from reproductions.shared.recognition.identity_sets import TEMPLATE

SMALLEST = 40
"""Pixels between the edges of a face's box, at least: less does not show an age."""

_SURE = 0.9


def parse_group(text: str) -> int:
    """Read an age group ("61+"), or raise the UserError that names the nearest."""
    names = group_names()
    if text not in names:
        raise unknown("age group", text, names)
    return names.index(text)


def age_photo(
    photo: Path,
    group: int,
    age: Age,
    size: int,
    out: Path | None = None,
    detector: Detector | None = None,
    template: str = TEMPLATE,
) -> Path:
    """Take the face of a photograph to an age group and write the photograph anew.

    Args:
        photo: an image file that shows one face.
        group: number of the age group.
        age: what takes faces to groups.
        size: side of the faces that it takes, in pixels.
        out: where to write, by default `beside` the photograph; the ending says the format.
        detector: finds the face; None is MTCNN.
        template: where the landmarks of the faces that it takes lie.

    Raises:
        UserError: the photograph cannot be read, shows no face, several faces, or one too small; or `out` is
            the photograph itself or of no known format.
    """
    photo = expanded(photo)
    out = beside(photo, age_word(group_names()[group])) if out is None else expanded(out)
    pixels = open_photo(photo)
    require_picture_file(photo, out)
    face = the_face(pixels, photo, detector or make_detector("mtcnn"))
    crop = align(pixels, face.landmarks, template, size, border="replicate")
    aged = age(crop[None], np.array([group]))[0]
    write_picture(out, paste(pixels, face.landmarks, crop, aged, template))
    return out


def the_face(pixels: np.ndarray, photo: Path, detector: Detector) -> Face:
    """Return the one face of a photograph, (H, W, 3) uint8 RGB.

    Raises:
        UserError: there is none, there are several, or it is too small.
    """
    faces = [face for face in detector.detect(pixels) if face.score >= _SURE and face.landmarks is not None]
    if not faces:
        raise UserError(
            f"no face is found in {photo}: give a photograph that shows one from the front, upright."
        )
    if len(faces) > 1:
        raise UserError(f"{photo} shows {len(faces)} faces: cut out the one to be aged.")
    x1, y1, x2, y2 = faces[0].box
    side = min(x2 - x1, y2 - y1)
    if side < SMALLEST:
        raise UserError(
            f"the face in {photo} is {side:.0f} pixels wide, {SMALLEST} are the least: give a larger picture."
        )
    return faces[0]
