"""The rows of the comparison, one detector each: nothing is trained."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from common.faces.detection import make_detector
from common.faces.face import Detector, Face
from common.faces.pose import NOSE
from common.metrics.detection import WIDEST
from reproductions.shared.harness.experiments import Experiment

PROFILE = "cpu"
"""Detectors come in one size; their times are those of a processor."""

YAWS = (10.0, 20.0)
"""Degrees of yaw, to either side, that divide the images in three.

FG-NET's people look at the camera: 699 of its 1,002 images are within 10 degrees, 210 more within 20, and 17
beyond 30, too few for a range. The bounds were set by these counts, before any detector was asked.
"""

_PACKAGE = "mtcnn-package"


@dataclass(frozen=True)
class Recipe:
    """How detectors are judged: see `WIDEST`, `NOSE` and `YAWS`."""

    widest: float = WIDEST
    nose: float = NOSE
    yaws: tuple[float, ...] = YAWS


@dataclass(frozen=True)
class DetectorExperiment(Experiment):
    """One detector: a name for `make_detector`, or that of the mtcnn package's own."""

    recipes: ClassVar[Mapping[str, Any]] = {PROFILE: Recipe()}

    detector: str

    @property
    def trained(self) -> bool:
        return False

    def make(self) -> Detector:
        """Make the detector; raises UserError where its files are not on this machine."""
        return _Package() if self.detector == _PACKAGE else make_detector(self.detector)


class _Package:
    """MTCNN as the mtcnn package's documentation uses it."""

    name = _PACKAGE
    _points = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")  # as seen in the image

    def __init__(self) -> None:
        self._detector = importlib.import_module("mtcnn").MTCNN()

    def detect(self, image: np.ndarray) -> list[Face]:
        faces = []
        for found in self._detector.detect_faces(image):
            x, y, width, height = map(float, found["box"])
            points = np.array([found["keypoints"][point] for point in self._points], np.float32)
            faces.append(Face((x, y, x + width, y + height), points, float(found["confidence"])))
        return faces


EXPERIMENTS = tuple(
    DetectorExperiment(name, label, name)
    for name, label in (
        ("viola-jones", "Viola-Jones"),
        ("mtcnn", "MTCNN"),
        (_PACKAGE, "MTCNN, the loop of its package"),
        ("retinaface-mobilenet", "RetinaFace, MobileNet-0.25"),
        ("retinaface", "RetinaFace, ResNet-50"),
    )
)
