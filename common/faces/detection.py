"""Which face detectors there are, and how one is made by name."""

from __future__ import annotations

from typing import Any

from common.errors import unknown
from common.faces.face import Detector

DETECTORS = ("viola-jones", "mtcnn", "retinaface-mobilenet", "retinaface")


def make_detector(name: str, **options: Any) -> Detector:
    """Make the detector called `name`, one of `DETECTORS`.

    `options` go to the detector's constructor. Only the chosen detector's libraries are imported.

    Raises:
        UserError: the name is unknown, or the detector's files are not on this machine.
    """
    if name == "viola-jones":
        from common.faces.viola_jones import ViolaJones

        return ViolaJones(**options)
    if name == "mtcnn":
        from common.faces.mtcnn import MTCNN

        return MTCNN(**options)
    if name == "retinaface-mobilenet":
        from common.faces.retinaface_mobilenet import RetinaFaceMobileNet

        return RetinaFaceMobileNet(**options)
    if name == "retinaface":
        from common.faces.retinaface import RetinaFace

        return RetinaFace(**options)
    raise unknown("detector", name, DETECTORS)
