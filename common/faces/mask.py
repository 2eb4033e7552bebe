"""A face without what is about it: all but an ellipse made grey, for aligned faces."""

from __future__ import annotations

import numpy as np

OUTSIDE = 127
"""What stands in place of the background: the grey that networks see as zero."""

_CENTRE, _AXES = (0.5, 0.47), (0.38, 0.47)
"""Of the ellipse, across and down, as shares of the side. It was drawn about the mean of UTKFace's faces as
they are published, which the `utkface` template follows: from the hairline to the chin, cheeks within."""


def face_ellipse(size: int) -> np.ndarray:
    """Return where the face is in an image aligned to the `utkface` template, (size, size) bool.

    Example:
        >>> face_ellipse(64)[32, 32], face_ellipse(64)[0, 0]
        (np.True_, np.False_)
    """
    down, across = (np.mgrid[:size, :size] + 0.5) / size
    return ((across - _CENTRE[0]) / _AXES[0]) ** 2 + ((down - _CENTRE[1]) / _AXES[1]) ** 2 <= 1


def outside_grey(images: np.ndarray) -> np.ndarray:
    """Return aligned faces with everything outside `face_ellipse` at `OUTSIDE`.

    Args:
        images: (N, size, size, channels) uint8, left as they are.
    """
    return np.where(face_ellipse(images.shape[1])[:, :, None], images, np.uint8(OUTSIDE))
