"""Pictures of faces that may be shown: a portrait in the public domain, and a generated face beside it."""

from __future__ import annotations

import cv2
import numpy as np
from matplotlib import cbook

from reproductions.shared.networks.example import example_picture
from reproductions.shared.photographs.finding import opened


def portrait() -> np.ndarray:
    """Grace Hopper in 1984, in the public domain, (600, 512, 3)."""
    return opened(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))


def pair() -> np.ndarray:
    """A generated face to the left of the portrait, (480, 640, 3)."""
    picture = np.full((480, 640, 3), 200, np.uint8)
    picture[150:342, 40:232] = example_picture()
    picture[:, 232:] = cv2.resize(portrait(), (408, 480), interpolation=cv2.INTER_AREA)
    return picture
