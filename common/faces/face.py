"""What every face detector takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, eq=False)
class Face:
    """One detected face, in pixels of the image it was found in; the centre of the first pixel is (0, 0).

    Attributes:
        box: x1, y1, x2, y2; it may reach over the edge of the image.
        landmarks: (5, 2) float32, the left eye, right eye, nose, left and right corner of the mouth *as seen
            in the image* (left is the smaller x of an upright face); None where the detector finds none.
        score: on the detector's own scale, larger is better; comparable within one detector only.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray | None
    score: float


class Detector(Protocol):
    """A face detector. Not thread-safe, and cheap to run in many processes: each makes its own."""

    name: str

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the faces in `image`, (H, W, 3) uint8 RGB, best score first; an empty list if there is none.

        Raises:
            ValueError: `image` has another shape or type.
        """
        ...


def require_image(image: np.ndarray) -> None:
    """Raise ValueError unless `image` is an (H, W, 3) uint8 array with at least one pixel."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise ValueError(f"an image is a uint8 array, not {getattr(image, 'dtype', type(image).__name__)}")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image has shape (height, width, 3), not {image.shape}")
