"""A face that was changed, laid back into its photograph, and the file that this goes to."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError
from common.faces.alignment import TEMPLATES, similarity_transform
from common.files import atomic_write, require_writable_file
from data_prep.datasets.walking import names_in

_FEATHER = 0.12


def paste(
    pixels: np.ndarray, landmarks: np.ndarray, crop: np.ndarray, changed: np.ndarray, template: str
) -> np.ndarray:
    """Return a photograph with what has changed in its face, (H, W, 3) uint8 RGB.

    The difference of the changed crop from the crop is laid over the photograph, fading out towards the
    crop's edges: where nothing changes, the photograph keeps its own sharpness.

    Args:
        pixels: the photograph.
        landmarks: (5, 2) of the face, by which the crop was cut.
        crop, changed: (S, S, 3) uint8 RGB, before and after.
        template: of the crop.
    """
    size = len(crop)
    there = similarity_transform(landmarks, TEMPLATES[template].at(size))
    ramp = np.clip(np.minimum(np.arange(size), np.arange(size)[::-1]) / (_FEATHER * size), 0, 1)
    change = (changed.astype(np.float32) - crop) * np.outer(ramp, ramp)[..., None].astype(np.float32)
    height, width = pixels.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(change, there, (width, height), flags=flags, borderValue=0)
    return np.clip(np.rint(pixels + laid), 0, 255).astype(np.uint8)


def beside(photo: Path, what: str) -> Path:
    """Return the file beside a photograph that shows it changed: me.jpg gives me-WHAT.png.

    Where other files there differ in their ending alone (me.png), the ending stays: me.jpg-WHAT.png.
    """
    others = (name for name in names_in(photo.parent) if name != photo.name)
    alone = all(Path(name).stem.casefold() != photo.stem.casefold() for name in others)
    return photo.with_name(f"{photo.stem if alone else photo.name}-{what}.png")


def age_word(group: str) -> str:
    """Return the name of an age group as a part of a file's: 61-and-over of "61+"."""
    return group.replace("+", "-and-over")


def require_picture_file(photo: Path, out: Path) -> None:
    """Raise UserError where a picture cannot be written: over its photograph, or in a format that is none."""
    if out.resolve() == photo.resolve():
        raise UserError(f"{out} is the photograph itself: choose another file with --out (OUT=...).")
    if not (out.suffix and cv2.haveImageWriter(out.name)):
        raise UserError(f"{out} has no ending of a picture: let it end in .png or .jpg.")
    require_writable_file(out, "another file with --out (OUT=...)")


def write_picture(out: Path, pixels: np.ndarray) -> None:
    """Write (H, W, 3) uint8 RGB in the format that the file's ending says, whole or not at all."""
    done, data = cv2.imencode(out.suffix, pixels[..., ::-1])
    if not done:
        raise UserError(f"{out} cannot hold the picture: let it end in .png or .jpg.")
    with atomic_write(out, "wb") as file:
        file.write(data.tobytes())
