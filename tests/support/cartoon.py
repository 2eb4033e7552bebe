"""A drawn face just like one enough for the detectors, with its landmarks known exactly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

# As seen in the image, in units of half the face's width about its centre.
LANDMARKS = np.array([(-0.42, -0.28), (0.42, -0.28), (0.0, 0.22), (-0.33, 0.62), (0.33, 0.62)])


def cartoon(
    height: int = 240, width: int = 240, faces: tuple[tuple[float, float, float], ...] = ((0.5, 0.5, 0.25),)
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `faces`, each (x, y, half width) in units of the image's shorter side from its top left corner.

    Returns:
        the image (height, width, 3) uint8 RGB, and the landmarks (faces, 5, 2) in its pixels.
    """
    side = min(height, width)
    image = np.empty((height, width, 3), np.float32)
    image[:] = np.linspace(140, 175, width)[None, :, None] + np.linspace(-10, 10, height)[:, None, None]
    landmarks = []
    for x, y, half in faces:
        centre, unit = np.array([x, y]) * side, half * side
        _face(image, centre, unit)
        landmarks.append(centre + unit * LANDMARKS)
    grain = np.random.default_rng(0).normal(0, 3, (height, width, 1))
    return np.clip(image + grain, 0, 255).astype(np.uint8), np.array(landmarks)


def write_photo(path: Path, tint: float) -> None:
    """Write a drawn face that darkens from left to right, to `tint` of its brightness, with its folders."""
    image, _ = cartoon(160, 160)
    path.parent.mkdir(parents=True, exist_ok=True)
    shaded = np.clip(image * np.linspace(1, tint, 160)[None, :, None], 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), cv2.cvtColor(shaded, cv2.COLOR_RGB2BGR))


def _face(image: np.ndarray, centre: np.ndarray, unit: float) -> None:
    def blot(
        x: float,
        y: float,
        across: float,
        down: float,
        colour: tuple[int, int, int],
        blur: float,
        cover: float = 1,
    ) -> None:
        mask = np.zeros(image.shape[:2], np.float32)
        middle = tuple(np.rint(16 * (centre + unit * np.array([x, y]))).astype(int).tolist())
        axes = (round(16 * unit * across), round(16 * unit * down))
        cv2.ellipse(mask, middle, axes, 0, 0, 360, cover, cv2.FILLED, cv2.LINE_AA, shift=4)
        mask = cv2.GaussianBlur(mask, None, blur * unit + 0.1)[..., None]
        image[:] = image * (1 - mask) + np.float32(colour) * mask

    blot(0, -0.2, 1.08, 1.3, (52, 38, 32), 0.04)  # hair
    blot(0, 1.35, 0.5, 0.6, (160, 116, 94), 0.04)  # neck
    blot(0, 0.1, 0.9, 1.2, (196, 148, 122), 0.03)  # face
    blot(0, 0.0, 0.55, 0.8, (222, 178, 152), 0.2, 0.8)  # its lit middle
    for side in (-1, 1):
        blot(0.42 * side, -0.3, 0.3, 0.17, (138, 94, 76), 0.06, 0.8)  # socket
        blot(0.42 * side, -0.52, 0.27, 0.045, (60, 42, 34), 0.03, 0.9)  # brow
        blot(0.42 * side, -0.28, 0.2, 0.085, (226, 220, 214), 0.015)  # eye
        blot(0.42 * side, -0.37, 0.22, 0.035, (52, 34, 30), 0.02)  # lashes
        blot(0.42 * side, -0.28, 0.085, 0.085, (44, 32, 28), 0.015)  # iris
        blot(0.13 * side, 0.3, 0.06, 0.035, (86, 50, 44), 0.02)  # nostril
        blot(0.17 * side, 0.05, 0.05, 0.3, (164, 116, 94), 0.07, 0.7)  # side of the nose
        blot(0.55 * side, 0.3, 0.22, 0.2, (222, 150, 130), 0.12, 0.5)  # cheek
    blot(0, 0.62, 0.33, 0.1, (164, 76, 74), 0.025)  # lips
    blot(0, 0.62, 0.31, 0.018, (78, 32, 34), 0.015)  # between them
    blot(0, 0.8, 0.2, 0.04, (160, 112, 92), 0.05, 0.7)  # above the chin
