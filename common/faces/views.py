"""Several views of one face, over which a network's answers are averaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np


def views(
    images: np.ndarray, mirrored: bool, zooms: Sequence[float] = (1.0,), across: float = 1.0
) -> Iterator[np.ndarray]:
    """Yield the faces enlarged by each zoom, and after each the mirror image of that.

    Args:
        images: (N, S, S, 3) uint8.
        mirrored: whether mirror images are wanted too.
        zooms: factors about the centre; what a factor below one shows beyond the edge is reflected.
        across: a further factor on the width of each.

    Yields:
        (N, S, S, 3) uint8, as many times as there are views.

    Example:
        >>> faces = np.zeros((2, 8, 8, 3), np.uint8)
        >>> sum(1 for _ in views(faces, mirrored=True, zooms=(0.9, 1.0)))
        4
    """
    for zoom in zooms:
        zoomed = _enlarged(images, zoom * across, zoom)
        yield zoomed
        if mirrored:
            yield zoomed[:, :, ::-1]


def _enlarged(images: np.ndarray, across: float, down: float) -> np.ndarray:
    if across == down == 1:
        return images
    size = images.shape[1]
    centre = (size - 1) / 2
    warp = np.array([[across, 0, (1 - across) * centre], [0, down, (1 - down) * centre]])
    enlarged = np.empty_like(images)
    for row, image in enumerate(images):
        enlarged[row] = cv2.warpAffine(
            image, warp, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
    return enlarged
