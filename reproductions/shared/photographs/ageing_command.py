"""``python -m reproductions age-to PHOTO``: a face at another age, or at all of them in a row."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from common.faces.drawing import contact_sheet
from common.files import expanded
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.photographs.ageing import FaceAtAge, at_ages
from reproductions.shared.photographs.finding import DETECTOR, opened
from reproductions.shared.photographs.pasting import age_word, beside, require_picture_file, write_picture

TILE = 192
"""Pixels of each picture of a row."""

_MARGIN = 0.1
"""Of the face's box that is shown around it in a row."""


def age_to(
    photo: Path,
    *,
    to: str | None = None,
    out: Path | None = None,
    face: int | None = None,
    network: Path = NETWORKS,
    detector: str = DETECTOR,
) -> None:
    """Write a photograph with a face at another age, or a row of the face at all ages, and print its path.

    Args:
        photo: a file.
        to: name of the age group; None is a row of all.
        out: the picture's file, by default beside the photograph; the ending says the format.
        face: number of the face, from 1, left to right; None is the only one.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: something given cannot be used; the sentence says why.
    """
    photo = expanded(photo)
    out = beside(photo, "all-ages" if to is None else age_word(to)) if out is None else expanded(out)
    pixels = opened(photo)
    require_picture_file(photo, out)
    made = at_ages(photo, None if to is None else [to], face, network, detector)
    write_picture(out, row(pixels, made) if to is None else made[0].picture)
    print(out)


def row(pixels: np.ndarray, made: list[FaceAtAge]) -> np.ndarray:
    """Return a face as it is and at each age beside one another, its ages below, (H, W, 3) uint8 RGB."""
    several = [("as it is", pixels), *((one.group, one.picture) for one in made)]
    tiles = [_around(picture, made[0].box) for _, picture in several]
    return contact_sheet(tiles, columns=len(tiles), captions=[name for name, _ in several], tile=TILE)


def _around(picture: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Return the square about a face, (TILE, TILE, 3); what lies outside the photograph repeats its edge."""
    x1, y1, x2, y2 = box
    side = max(x2 - x1, y2 - y1) * (1 + 2 * _MARGIN)
    scale = TILE / side
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    there = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.warpAffine(picture, there, (TILE, TILE), flags=shrinks, borderMode=cv2.BORDER_REPLICATE)
