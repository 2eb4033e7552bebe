"""A photograph of one's own taken to another age: found, aligned, aged, and pasted back.

python -m reproductions mtlface age PHOTO --to 61+
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError, unknown
from common.faces.alignment import TEMPLATES, align, similarity_transform
from common.faces.detection import make_detector
from common.faces.face import Detector, Face
from common.files import atomic_write, expanded, require_writable_file
from data_prep.datasets.walking import names_in
from reproductions.mtlface.photographs import open_photo
from reproductions.mtlface.synthesis.evaluate import Age
from reproductions.shared.pseudo_labels.balanced import group_names
from reproductions.shared.recognition.identity_sets import TEMPLATE

SMALLEST = 40
"""Pixels between the edges of a face's box, at least: less does not show an age."""

_SURE = 0.9
_FEATHER = 0.12


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
    out = beside(photo, group) if out is None else expanded(out)
    if out.resolve() == photo.resolve():
        raise UserError(f"{out} is the photograph itself: choose another file with --out.")
    pixels = open_photo(photo)
    _require_writable(out)
    face = the_face(pixels, photo, detector or make_detector("mtcnn"))
    crop = align(pixels, face.landmarks, template, size, border="replicate")
    aged = age(crop[None], np.array([group]))[0]
    _write(out, paste(pixels, face, crop, aged, template))
    return out


def beside(photo: Path, group: int) -> Path:
    """Return the file beside a photograph that takes it at another age: me.jpg gives me-61-and-over.png.

    Where other files there differ in their ending alone (me.png), the ending stays: me.jpg-61-and-over.png.
    """
    others = (name for name in names_in(photo.parent) if name != photo.name)
    alone = all(Path(name).stem.casefold() != photo.stem.casefold() for name in others)
    age = group_names()[group].replace("+", "-and-over")
    return photo.with_name(f"{photo.stem if alone else photo.name}-{age}.png")


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


def paste(
    pixels: np.ndarray, face: Face, crop: np.ndarray, aged: np.ndarray, template: str = TEMPLATE
) -> np.ndarray:
    """Return a photograph with what has changed in its face, (H, W, 3) uint8 RGB.

    The difference of the aged crop from the crop is laid over the photograph, fading out towards the crop's
    edges: where nothing changes, the photograph keeps its own sharpness.

    Args:
        pixels: the photograph.
        face: where the crop was cut.
        crop, aged: (S, S, 3) uint8 RGB, before and after.
        template: of the crop.
    """
    size = len(crop)
    there = similarity_transform(face.landmarks, TEMPLATES[template].at(size))
    ramp = np.clip(np.minimum(np.arange(size), np.arange(size)[::-1]) / (_FEATHER * size), 0, 1)
    change = (aged.astype(np.float32) - crop) * np.outer(ramp, ramp)[..., None].astype(np.float32)
    height, width = pixels.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(change, there, (width, height), flags=flags, borderValue=0)
    return np.clip(np.rint(pixels + laid), 0, 255).astype(np.uint8)


def _require_writable(out: Path) -> None:
    if not (out.suffix and cv2.haveImageWriter(out.name)):
        raise UserError(f"{out} has no ending of a picture: let it end in .png or .jpg.")
    require_writable_file(out, "another file with --out (OUT=...)")


def _write(out: Path, pixels: np.ndarray) -> None:
    done, data = cv2.imencode(out.suffix, pixels[..., ::-1])
    if not done:
        raise UserError(f"{out} cannot hold the picture: let it end in .png or .jpg.")
    with atomic_write(out, "wb") as file:
        file.write(data.tobytes())
