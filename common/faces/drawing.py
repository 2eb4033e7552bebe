"""Looking at faces: what a detector found drawn on the image, and many small images on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

Colour = tuple[int, int, int]

GREEN: Colour = (60, 200, 60)
RED: Colour = (230, 50, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_PAPER, _INK = 255, 40


def draw_box(image: np.ndarray, box: Sequence[float], colour: Colour = GREEN, label: str = "") -> None:
    """Draw x1, y1, x2, y2 and a label above it onto `image`, (H, W, 3) uint8 RGB, in place."""
    line = _line_width(image)
    x1, y1, x2, y2 = (round(float(value)) for value in box)
    cv2.rectangle(image, (x1, y1), (x2, y2), colour, line)
    if label:
        draw_label(image, label, (x1, y1 - 2 * line), colour)


def draw_landmarks(image: np.ndarray, landmarks: np.ndarray, colour: Colour = GREEN) -> None:
    """Draw points (N, 2) onto `image`, (H, W, 3) uint8 RGB, in place."""
    for x, y in np.rint(landmarks).astype(int).tolist():
        cv2.circle(image, (x, y), 2 * _line_width(image), colour, cv2.FILLED, cv2.LINE_AA)


def draw_label(image: np.ndarray, text: str, corner: tuple[int, int], colour: Colour = GREEN) -> None:
    """Write `text` (ASCII) onto `image` in place, its lower left corner at `corner` or as near as it fits."""
    line = _line_width(image)
    (width, height), below = cv2.getTextSize(text, _FONT, 0.5 * line, line)
    x = max(0, min(corner[0], image.shape[1] - width))
    y = max(height, min(corner[1], image.shape[0] - below))
    cv2.putText(image, text, (x, y), _FONT, 0.5 * line, colour, line, cv2.LINE_AA)


def contact_sheet(
    images: Sequence[np.ndarray], columns: int = 10, captions: Sequence[str] = (), tile: int | None = None
) -> np.ndarray:
    """Lay images out row by row on white, each fitted into a square tile with its caption below.

    Args:
        images: at least one, (H, W, 3) uint8 RGB or (H, W, 1) grey, of any sizes.
        columns: images a row.
        captions: none, or one an image; ASCII, cut where longer than the tile is wide.
        tile: side of a tile in pixels, the first image's longer side unless given.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: no images, or as many captions as images are not given.
    """
    if not len(images) or columns < 1 or (len(captions) and len(captions) != len(images)):
        raise ValueError(f"{len(images)} images in {columns} columns with {len(captions)} captions")
    tile = tile or max(images[0].shape[:2])
    strip = 16 if len(captions) else 0
    gap = 4
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    sheet = np.full((rows * (tile + strip + gap) + gap, columns * (tile + gap) + gap, 3), _PAPER, np.uint8)
    for index, image in enumerate(images):
        top = gap + index // columns * (tile + strip + gap)
        left = gap + index % columns * (tile + gap)
        fitted = _fit(image, tile)
        height, width = fitted.shape[:2]
        down, right = top + (tile - height) // 2, left + (tile - width) // 2
        sheet[down : down + height, right : right + width] = fitted
        if len(captions):
            place = sheet[top + tile : top + tile + strip, left : left + tile]
            cv2.putText(place, captions[index], (0, 12), _FONT, 0.38, (_INK,) * 3, 1, cv2.LINE_AA)
    return sheet


def _fit(image: np.ndarray, tile: int) -> np.ndarray:
    height, width = image.shape[:2]
    scale = tile / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return cv2.cvtColor(fitted, cv2.COLOR_GRAY2RGB) if fitted.ndim == 2 else fitted


def _line_width(image: np.ndarray) -> int:
    return max(1, round(max(image.shape[:2]) / 400))
