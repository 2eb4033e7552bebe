"""Viola-Jones: a cascade of Haar features (Viola and Jones, 2001), as trained by the OpenCV project."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError
from common.faces.face import Face, require_image

CASCADE = "haarcascade_frontalface_alt2.xml"


class ViolaJones:
    """Frontal faces by OpenCV's cascade `CASCADE`; boxes only, no landmarks.

    A face's score is the last stage's sum of weights over its threshold (level weight), unbounded.

    Args:
        min_face: side of the smallest face looked for, as a fraction of the image's shorter side, in (0, 1].
        scale_step: ratio of one size looked for to the next, above 1.
        neighbours: how many overlapping windows it takes to make a face.

    Raises:
        ValueError: an argument is out of range.
        UserError: this build of OpenCV comes without the cascade.
    """

    name = "viola-jones"

    def __init__(self, min_face: float = 0.2, scale_step: float = 1.1, neighbours: int = 3) -> None:
        if not 0 < min_face <= 1:
            raise ValueError(f"min_face is a fraction of the shorter side in (0, 1], not {min_face}")
        if scale_step <= 1 or neighbours < 0:
            raise ValueError(f"scale_step {scale_step} must be above 1, neighbours {neighbours} not below 0")
        self.min_face = min_face
        self.scale_step = scale_step
        self.neighbours = neighbours
        self._cascade = cv2.CascadeClassifier(str(cascade_path()))

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the frontal faces in `image`, (H, W, 3) uint8 RGB, best score first."""
        require_image(image)
        side = max(1, round(self.min_face * min(image.shape[:2])))
        boxes, _, weights = self._cascade.detectMultiScale3(
            cv2.cvtColor(image, cv2.COLOR_RGB2GRAY),
            scaleFactor=self.scale_step,
            minNeighbors=self.neighbours,
            minSize=(side, side),
            outputRejectLevels=True,
        )
        faces = [
            Face((float(x), float(y), float(x + width - 1), float(y + height - 1)), None, float(weight))
            for (x, y, width, height), weight in zip(boxes, np.ravel(weights), strict=True)
        ]
        return sorted(faces, key=lambda face: -face.score)


def cascade_path() -> Path:
    """Return the file of `CASCADE`.

    Raises:
        UserError: this build of OpenCV comes without it.
    """
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / CASCADE
    if not folder or not path.is_file():
        raise UserError(
            f"OpenCV {cv2.__version__} comes without {CASCADE}: install opencv-contrib-python-headless 4.14 "
            "(make setup), which has it."
        )
    return path
