"""Photographs of one's own, in Python: ``from reproductions import photos``.

Needs no TensorFlow: the published networks run on ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import overload

import numpy as np

from reproductions.shared.networks.ages import Age
from reproductions.shared.networks.genders import Gender
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.networks.recognition import Likeness
from reproductions.shared.photographs.ageing import FaceAtAge, at_ages
from reproductions.shared.photographs.answers import AgedFace, Photo, ages_of
from reproductions.shared.photographs.finding import DETECTOR
from reproductions.shared.photographs.recognising import Comparison, EmbeddedFace, compared, embedded

__all__ = [
    "Age",
    "AgedFace",
    "Comparison",
    "EmbeddedFace",
    "FaceAtAge",
    "Gender",
    "Likeness",
    "age_to",
    "ages",
    "compare",
    "embed",
]


@overload
def ages(image: Photo, *, network: Path | str = ..., detector: str = ...) -> list[AgedFace]: ...
@overload
def ages(
    image: Iterable[Photo], *, network: Path | str = ..., detector: str = ...
) -> list[list[AgedFace]]: ...


def ages(image, *, network=NETWORKS, detector=DETECTOR):
    """Return the ages and genders that the faces of a photograph look, left to right.

    Args:
        image: a file, or (H, W, 3) uint8 RGB; or several of either, as a list or as (N, H, W, 3).
        network: folder of published networks, those that come with the suite unless said otherwise.
        detector: "retinaface-mobilenet", or another name of `common.faces.detection.DETECTORS`.

    Returns:
        a list of faces, or of several photographs a list of such lists.

    Raises:
        UserError: a photograph, the networks or the detector cannot be used; the sentence says why.

    Example:

    >>> from reproductions.shared.networks.example import example_picture
    >>> (face,) = ages(example_picture())
    >>> face.age.low <= face.age.years <= face.age.high
    True
    """
    if _several(image):
        return [ages_of(one, Path(network), detector) for one in image]
    return ages_of(image, Path(network), detector)


@overload
def embed(image: Photo, *, network: Path | str = ..., detector: str = ...) -> list[EmbeddedFace]: ...
@overload
def embed(
    image: Iterable[Photo], *, network: Path | str = ..., detector: str = ...
) -> list[list[EmbeddedFace]]: ...


def embed(image, *, network=NETWORKS, detector=DETECTOR):
    """Return the faces of a photograph as vectors of length one, left to right; arguments as of `ages`.

    Of two faces the product of their vectors is the cosine, which `compare` tells with what it means.

    Returns:
        a list of faces, or of several photographs a list of such lists.

    Raises:
        UserError: a photograph, the networks or the detector cannot be used; the sentence says why.

    Example:

    >>> from reproductions.shared.networks.example import example_picture
    >>> (face,) = embed(example_picture())
    >>> round(float(face.vector @ face.vector), 3)
    1.0
    """
    if _several(image):
        return [embedded(one, Path(network), detector) for one in image]
    return embedded(image, Path(network), detector)


def compare(
    first: Photo, second: Photo, *, network: Path | str = NETWORKS, detector: str = DETECTOR
) -> list[Comparison]:
    """Return how alike each face of one photograph is to each of another, both left to right.

    Args:
        first, second: a file, or (H, W, 3) uint8 RGB.
        network, detector: as of `ages`.

    Raises:
        UserError: a photograph cannot be used or shows no face, or the networks or the detector cannot be
            used; the sentence says why.

    Example:

    >>> from reproductions.shared.networks.example import example_picture
    >>> (one,) = compare(example_picture(), example_picture()[:, ::-1].copy())
    >>> one.likeness.same, one.likeness.cosine > one.likeness.threshold
    (True, True)
    """
    return compared(first, second, Path(network), detector)


@overload
def age_to(
    image: Photo, group: str, *, face: int | None = ..., network: Path | str = ..., detector: str = ...
) -> FaceAtAge: ...
@overload
def age_to(
    image: Photo, group: None = ..., *, face: int | None = ..., network: Path | str = ..., detector: str = ...
) -> list[FaceAtAge]: ...


def age_to(image, group=None, *, face=None, network=NETWORKS, detector=DETECTOR):
    """Return a photograph with a face at another age, or at every age.

    Args:
        image: a file, or (H, W, 3) uint8 RGB.
        group: "0-10", "11-20", "21-30", "31-40", "41-50", "51-60" or "61+"; None is all, one after another.
        face: number of the face, from 1, left to right; None is the only one.
        network, detector: as of `ages`.

    Returns:
        the face at that age with its picture; of all ages a list.

    Raises:
        UserError: something given cannot be used, or several faces are found and `face` does not say which.

    Example:

    >>> from reproductions.shared.networks.example import example_picture
    >>> older = age_to(example_picture(), "61+")
    >>> older.group, older.picture.shape
    ('61+', (192, 192, 3))
    """
    made = at_ages(image, None if group is None else [group], face, Path(network), detector)
    return made if group is None else made[0]


def _several(image: Photo | Iterable[Photo]) -> bool:
    return image.ndim == 4 if isinstance(image, np.ndarray) else not isinstance(image, str | Path)
