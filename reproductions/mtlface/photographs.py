"""A photograph that a user names."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.errors import UserError
from data_prep.formats import images as inspect


def open_photo(photo: Path) -> np.ndarray:
    """Return a photograph, (H, W, 3) uint8 RGB.

    Raises:
        UserError: it is not there or cannot be read; the sentence says why.
    """
    try:
        return inspect.decode(inspect.read_bytes(photo))
    except inspect.BadImage as bad:
        raise UserError(f"{photo} cannot be used: {bad}.") from bad
