"""Aligning a face to a named template by a similarity transform, and the papers' ways of scaling pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from common.errors import unknown
from common.faces.face import require_image

BORDERS = {
    "black": cv2.BORDER_CONSTANT,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT_101,
}

# A face whose five points lie this near one line (ratio of their spreads) is no face but a failed detection;
# real profiles stay above 0.1.
_FLATTEST = 0.02


@dataclass(frozen=True)
class Template:
    """Where the five landmarks come to lie, in a unit square whose corners are the outer corners of the crop.

    Attributes:
        name: the name it goes by.
        points: five (x, y) in the order of `Face.landmarks`.
    """

    name: str
    points: tuple[tuple[float, float], ...]

    def at(self, size: int, margin: float = 0.0) -> np.ndarray:
        """Return the points, (5, 2) float64 pixels, in a crop of `size` px with `margin` more on each side.

        The crop covers [-0.5, size - 0.5]: pixel centres are whole numbers, so that crops of different sizes
        show the same square of the face, and one is the resized other.
        """
        unit = (np.asarray(self.points) + margin) / (1 + 2 * margin)
        return unit * size - 0.5


def _from_pixels(name: str, size: int, points: tuple[tuple[float, float], ...]) -> Template:
    return Template(name, tuple(((x + 0.5) / size, (y + 0.5) / size) for x, y in points))


# The five points of a 112 px crop to which ArcFace, CosFace and their successors align.
_ARCFACE = _from_pixels(
    "arcface",
    112,
    ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)),
)
# Medians of MTCNN's landmarks over UTKFace's aligned chips of 200 px, found in 2,989 of 3,000 drawn by lot;
# standard errors are below 0.2 px, half of the chips lie within 2 (eyes) to 5 px (mouth) of these.
_UTKFACE = _from_pixels(
    "utkface",
    200,
    ((59.4, 57.9), (136.9, 58.2), (97.9, 103.7), (62.7, 137.1), (132.9, 137.3)),
)
# Medians of FG-NET's hand-marked landmarks in the boxes of OpenCV's frontal cascade, found in 319 of every
# third image, 334; half of them lie within 2% of the side (eyes) to 3% (mouth) of these.
_VIOLA_JONES = Template(
    "viola-jones",
    ((0.302, 0.379), (0.707, 0.379), (0.503, 0.633), (0.347, 0.792), (0.671, 0.792)),
)
TEMPLATES = {template.name: template for template in (_ARCFACE, _UTKFACE, _VIOLA_JONES)}
BOXES = ("viola-jones",)
"""Detectors that find boxes alone; the template of that name says where landmarks usually lie in them."""


def usual_landmarks(box: tuple[float, float, float, float], detector: str) -> np.ndarray:
    """Return where the landmarks of a face usually lie in a detector's box, (5, 2) float64 pixels.

    Args:
        box: x1, y1, x2, y2 as of `common.faces.detection.Face`: first and last pixel.
        detector: a name of `BOXES`.
    """
    x1, y1, x2, y2 = box
    sides = np.array([x2 - x1 + 1, y2 - y1 + 1])
    return np.array([x1, y1]) - 0.5 + np.asarray(TEMPLATES[detector].points) * sides


def similarity_transform(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the similarity, (2, 3) float64, that takes `source` nearest to `target`, both (N, 2).

    Umeyama's least squares in closed form (PAMI 1991). In the plane a similarity without reflection is
    w = a z + b with complex a and b, so that the solution is a = sum(conj(z) w) / sum(|z|^2) over the centred
    points: |a| is the scale and arg a the angle.

    Raises:
        ValueError: the shapes differ, or `source` is not finite, all one point or (nearly) on one line.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if source.ndim != 2 or source.shape[1] != 2 or source.shape != target.shape:
        raise ValueError(f"landmarks are two (N, 2) arrays alike, not {source.shape} and {target.shape}")
    if not np.isfinite(source).all():
        raise ValueError("landmarks are not finite")
    centred = source - source.mean(axis=0)
    longest, shortest = np.linalg.svd(centred, compute_uv=False)
    if longest <= 1e-9 * max(1.0, np.abs(source).max()):
        raise ValueError("landmarks are all the same point")
    if shortest < _FLATTEST * longest:
        raise ValueError("landmarks lie on one line")
    z = centred @ (1, 1j)
    w = (target - target.mean(axis=0)) @ (1, 1j)
    a = np.vdot(z, w) / np.vdot(z, z)
    linear = np.array([[a.real, -a.imag], [a.imag, a.real]])
    return np.column_stack([linear, target.mean(axis=0) - linear @ source.mean(axis=0)])


def align(
    image: np.ndarray,
    landmarks: np.ndarray,
    template: str = "arcface",
    size: int = 112,
    margin: float = 0.0,
    border: str = "black",
) -> np.ndarray:
    """Cut the face out of `image`, turned, scaled and shifted so that its landmarks lie on the template's.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (5, 2), in the order of `Face.landmarks`, pixels of `image`.
        template: a name of `TEMPLATES`.
        size: side of the crop in pixels.
        margin: the crop shows the template's square enlarged by this fraction of its side on each side.
        border: what lies outside `image`: "black" (as in published aligned sets), "replicate" or "reflect".

    Returns:
        (size, size, 3) uint8. Where the face shrinks, each pixel of the crop is the mean of a grid of samples
        at least as dense as the image's pixels, so that fine texture does not alias.

    Raises:
        UserError: unknown template or border.
        ValueError: `landmarks` cannot be aligned (see `similarity_transform`), or `image` is not an image.
    """
    if template not in TEMPLATES:
        raise unknown("template", template, TEMPLATES)
    require_image(image)
    return warp(image, similarity_transform(landmarks, TEMPLATES[template].at(size, margin)), size, border)


def warp(image: np.ndarray, transform: np.ndarray, size: int, border: str = "black") -> np.ndarray:
    """Return the square of `image` that a similarity takes to (size, size, 3) uint8.

    Args:
        image: (H, W, 3) uint8.
        transform: (2, 3), from pixels of `image` to those of the crop, see `similarity_transform`.
        size, border: as of `align`, which says how pixels are averaged.

    Raises:
        UserError: unknown border.
        ValueError: `image` is not an image.
    """
    require_image(image)
    if border not in BORDERS:
        raise unknown("border", border, BORDERS)
    samples = max(1, math.ceil(1 / math.hypot(*transform[:, 0]) - 1e-6))
    # p -> (p + 0.5) * samples - 0.5 takes pixel centres of the crop to those of the finer grid.
    fine = transform * samples
    fine[:, 2] += (samples - 1) / 2
    crop = cv2.warpAffine(
        image, fine, (size * samples, size * samples), flags=cv2.INTER_LINEAR, borderMode=BORDERS[border]
    )
    return crop if samples == 1 else cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)


LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the luma of ITU-R BT.601."""


def to_grey(images: np.ndarray) -> np.ndarray:
    """Return the luma (ITU-R BT.601) of RGB `images` (..., 3) uint8 as (..., 1) uint8."""
    luma = np.asarray(images, np.float32) @ np.array(LUMA, np.float32)
    return np.rint(luma).astype(np.uint8)[..., None]


NORMALISATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cosface": lambda pixels: (pixels - 127.5) / 128,
    "symmetric": lambda pixels: pixels / 127.5 - 1,
    "unit": lambda pixels: pixels / 255,
}


def normalise(images: np.ndarray, name: str) -> np.ndarray:
    """Scale pixels in [0, 255] to float32 as the named paper habit does.

    "cosface": (x - 127.5) / 128, within (-1, 1); "symmetric": to [-1, 1]; "unit": to [0, 1].

    Raises:
        UserError: unknown normalisation.
    """
    if name not in NORMALISATIONS:
        raise unknown("normalisation", name, NORMALISATIONS)
    return NORMALISATIONS[name](np.asarray(images, np.float32))
