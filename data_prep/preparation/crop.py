"""What one worker does with one file: decode it, find the face, align it, encode the crop."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from common.faces.alignment import BOXES, TEMPLATES, align, usual_landmarks
from common.faces.detection import DETECTORS, make_detector
from common.faces.face import Detector, Face
from data_prep.formats import images as inspect
from data_prep.preparation.sources import Source

DETECTION = ("auto", "manual", *DETECTORS)
"""How landmarks are come by, see `Recipe`."""

JPEG_QUALITY = 95
# A face that fills a twentieth of such a picture still has the pixels of the largest crop; a 60 megapixel
# picture would keep a detector busy for minutes.
DETECTION_SIDE = 2048


@dataclass(frozen=True)
class Recipe:
    """How faces are cropped.

    Attributes:
        size: side of the crop in pixels.
        template: a name of `common.faces.alignment.TEMPLATES`.
        margin: fraction of the template's side shown beyond it, on each side.
        detector: one of `DETECTION`. "auto" takes a file that is published aligned to `template` as it is,
            else MTCNN, else landmarks marked by hand; "manual" only those. A detector that finds boxes alone
            has the landmarks where they usually lie in its boxes, so that the crop is upright and, to the
            template of its own name, the box itself.
    """

    size: int
    template: str
    margin: float
    detector: str

    def settings(self) -> dict[str, Any]:
        """Return all that decides about the pixels of a crop, JSON-able."""
        settings = {
            "size": self.size,
            "template": self.template,
            "template_points": _points(self.template),
            "margin": self.margin,
            "detector": self.detector,
            "jpeg_quality": JPEG_QUALITY,
            "detection_side": DETECTION_SIDE,
        }
        return settings | ({"box_points": _points(self.detector)} if self.detector in BOXES else {})


@dataclass(frozen=True)
class Crop:
    """An aligned face.

    Attributes:
        jpeg: the crop, encoded at quality 95 without chroma subsampling.
        landmark_source: "published", "manual" or the detector's name.
        face: where it was found, in pixels of the picture; None for a published crop.
        width, height: of the picture it came from.
        dhash, dhash256: of that picture, 64 and 256 bits (see `inspect.dhash`).
    """

    jpeg: bytes
    landmark_source: str
    face: Face | None
    width: int
    height: int
    dhash: str
    dhash256: str


def make_crop(source: Source, recipe: Recipe) -> Crop | str:
    """Return the crop of a file's face, or the reason why there is none. Reuses this process's detector.

    Raises:
        UserError: the detector is unknown or its files are not on this machine.
    """
    try:
        pixels = inspect.decode(inspect.read_bytes(source.path))
        crop, landmark_source, face = _cut(pixels, source, recipe)
    except inspect.BadImage as bad:
        return str(bad)
    height, width = pixels.shape[:2]
    hashes = inspect.dhash(pixels), inspect.dhash(pixels, 16)
    return Crop(_encode(crop), landmark_source, face, width, height, *hashes)


def choose(faces: list[Face], width: int, height: int) -> Face:
    """Return the subject of a picture: the face whose side less its distance from the centre is largest."""

    def prominence(face: Face) -> float:
        x1, y1, x2, y2 = face.box
        off_centre = math.hypot((x1 + x2 - width) / 2, (y1 + y2 - height) / 2)
        return math.sqrt(max(x2 - x1, 0) * max(y2 - y1, 0)) - off_centre

    return max(faces, key=prominence)


def _cut(pixels: np.ndarray, source: Source, recipe: Recipe) -> tuple[np.ndarray, str, Face | None]:
    if recipe.detector == "auto" and source.aligned == recipe.template:
        return _published(pixels, recipe), "published", None
    if recipe.detector != "manual":
        name = "mtcnn" if recipe.detector == "auto" else recipe.detector
        try:
            face = _find(pixels, name)
            return _align(pixels, face, recipe), name, face
        except inspect.BadImage:
            if recipe.detector != "auto" or source.landmarks is None:
                raise
    if source.landmarks is None:
        raise inspect.BadImage("no landmarks were marked by hand")
    face = Face((math.nan,) * 4, np.array(source.landmarks, np.float32), math.nan)
    return _align(pixels, face, recipe), "manual", face


def _published(pixels: np.ndarray, recipe: Recipe) -> np.ndarray:
    height, width = pixels.shape[:2]
    if height != width:
        raise inspect.BadImage(f"the image is {width} x {height} px, not the square of a published crop")
    if recipe.margin:
        points = TEMPLATES[recipe.template].at(width)
        return align(pixels, points, recipe.template, recipe.size, recipe.margin)
    shrinks = recipe.size <= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(pixels, (recipe.size, recipe.size), interpolation=how)


def _find(pixels: np.ndarray, name: str) -> Face:
    height, width = pixels.shape[:2]
    scale = min(1.0, DETECTION_SIDE / max(height, width))
    if scale < 1:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detector = _detector(name)
    try:
        faces = detector.detect(pixels)
    except Exception as error:  # one odd picture must not end a run over a hundred thousand
        raise inspect.BadImage(f"{name} failed: {type(error).__name__}: {error}") from error
    if not faces:
        raise inspect.BadImage(f"no face found by {name}")
    face = choose(faces, pixels.shape[1], pixels.shape[0])
    landmarks = usual_landmarks(face.box, name) if name in BOXES else face.landmarks
    if landmarks is None:
        raise inspect.BadImage(f"{name} found a face but no landmarks to align it by")
    box = tuple(value / scale for value in face.box)
    # Pixel centres are whole numbers: the edge of the picture, -0.5, stays where it is.
    return Face(box, (landmarks + 0.5) / scale - 0.5, face.score)


def _align(pixels: np.ndarray, face: Face, recipe: Recipe) -> np.ndarray:
    try:
        return align(pixels, face.landmarks, recipe.template, recipe.size, recipe.margin)
    except ValueError as error:
        raise inspect.BadImage(f"the face cannot be aligned: {error}") from error


def _points(template: str) -> list[list[float]]:
    return [[round(x, 6), round(y, 6)] for x, y in TEMPLATES[template].points]


def _encode(crop: np.ndarray) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), options)[1].tobytes()


@functools.cache
def _detector(name: str) -> Detector:
    return make_detector(name)
