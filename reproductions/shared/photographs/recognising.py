"""The faces of photographs as vectors, and how alike those of two photographs are, as typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.networks.recognition import Likeness, RecognitionNetwork
from reproductions.shared.photographs.answers import Photo
from reproductions.shared.photographs.finding import DETECTOR, aligned, find, opened, required


@dataclass(frozen=True, eq=False)
class EmbeddedFace:
    """One face of a photograph as a vector.

    Attributes:
        number: from 1, left to right.
        box: x1, y1, x2, y2 in pixels of the photograph.
        score: the detector's: of MTCNN and RetinaFace the probability that it is a face.
        vector: (D,) float32, of length one: products of two of one network are cosines.
    """

    number: int
    box: tuple[float, float, float, float]
    score: float
    vector: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """A face of one photograph beside a face of another.

    Attributes:
        first, second: their numbers, from 1, left to right.
        likeness: how alike they are.
    """

    first: int
    second: int
    likeness: Likeness


def embedded(photo: Photo, network: Path = NETWORKS, detector: str = DETECTOR) -> list[EmbeddedFace]:
    """Return all faces of one photograph as vectors, left to right.

    Args:
        photo: a file, or (H, W, 3) uint8 RGB.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: the photograph, the networks or the detector cannot be used.
    """
    pixels = opened(photo)
    recogniser = network_of(Path(network))
    faces = find(pixels, detector)
    one = recogniser.published
    cut = aligned(pixels, faces, one.input.size, one.input.template, one.border)
    vectors = recogniser.vectors(cut)
    return [
        EmbeddedFace(number, face.box, face.score, vector)
        for number, (face, vector) in enumerate(zip(faces, vectors, strict=True), 1)
    ]


def compared(
    first: Photo, second: Photo, network: Path = NETWORKS, detector: str = DETECTOR
) -> list[Comparison]:
    """Return each face of one photograph beside each of another; arguments as of `embedded`.

    Raises:
        UserError: as `embedded`, and where a photograph shows no face.
    """
    recogniser = network_of(Path(network))
    ours, theirs = (faces_in(one, network, detector) for one in (first, second))
    return [
        Comparison(one.number, other.number, recogniser.likeness(one.vector, other.vector))
        for one in ours
        for other in theirs
    ]


def faces_in(photo: Photo, network: Path = NETWORKS, detector: str = DETECTOR) -> Sequence[EmbeddedFace]:
    """Return what `embedded` returns, which is not empty.

    Raises:
        UserError: as `embedded`, and where the photograph shows no face.
    """
    return required(embedded(photo, network, detector), photo)


@cache
def network_of(folder: Path) -> RecognitionNetwork:
    """Return the network of a folder that tells people apart, opened once.

    Raises:
        UserError: the folder holds none, or another than was published.
    """
    return RecognitionNetwork(folder)
