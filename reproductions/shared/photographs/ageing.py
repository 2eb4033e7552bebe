"""A face of a photograph at another age, as a typed answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from common.errors import UserError, unknown
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.networks.synthesis import SynthesisNetwork
from reproductions.shared.photographs.answers import Photo
from reproductions.shared.photographs.finding import (
    DETECTOR,
    Found,
    aligned,
    chosen,
    counted,
    find,
    opened,
    required,
)
from reproductions.shared.photographs.pasting import paste

SMALLEST = 32
"""Pixels between the edges of a face's box, at least: less does not show an age."""


@dataclass(frozen=True, eq=False)
class FaceAtAge:
    """A face of a photograph, taken to an age group.

    Attributes:
        number: of the face, from 1, left to right.
        box: x1, y1, x2, y2 in pixels of the photograph.
        group: name of the age group.
        picture: the photograph with that face, (H, W, 3) uint8 RGB.
    """

    number: int
    box: tuple[float, float, float, float]
    group: str
    picture: np.ndarray


def at_ages(
    photo: Photo,
    groups: Sequence[str] | None = None,
    face: int | None = None,
    network: Path = NETWORKS,
    detector: str = DETECTOR,
) -> list[FaceAtAge]:
    """Return a face of a photograph at each of some age groups.

    Args:
        photo: a file, or (H, W, 3) uint8 RGB.
        groups: names of age groups ("61+"); None is all, the youngest first.
        face: number of the face, from 1, left to right; None is the only one.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: the photograph, the networks or the detector cannot be used, a group is none of the
            network's, or it is not clear which face is meant.
    """
    synthesis = network_of(Path(network))
    one = synthesis.published
    for group in groups or ():
        if group not in one.groups:
            raise unknown("age group", group, one.groups)
    pixels = opened(photo)
    faces = required(find(pixels, detector), photo)
    if face is None and len(faces) > 1:
        raise UserError(f"{counted(faces, photo)}: say which with --face (FACE=1).")
    number = 1 if face is None else face
    one_face = chosen(faces, number, photo)
    _require_large(one_face)
    (crop,) = aligned(pixels, [one_face], one.input.size, one.input.template, one.border)
    made = synthesis.aged(crop[None])[0]
    return [
        FaceAtAge(
            number,
            one_face.box,
            group,
            paste(pixels, one_face.landmarks, crop, made[one.groups.index(group)], one.input.template),
        )
        for group in groups or one.groups
    ]


def _require_large(face: Found) -> None:
    x1, y1, x2, y2 = face.box
    side = min(x2 - x1, y2 - y1)
    if side < SMALLEST:
        raise UserError(
            f"the face is {side:.0f} pixels wide, {SMALLEST} are the least: give a larger picture of it."
        )


@cache
def network_of(folder: Path) -> SynthesisNetwork:
    """Return the network of a folder that takes faces to other ages, opened once.

    Raises:
        UserError: the folder holds none, or another than was published.
    """
    return SynthesisNetwork(folder)
