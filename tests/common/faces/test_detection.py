"""Detectors are made by name, and refuse what is no image."""

import numpy as np
import pytest

from common.errors import UserError
from common.faces.detection import DETECTORS, make_detector
from common.faces.face import require_image


def test_an_unknown_detector_is_refused_with_the_nearest_name():
    with pytest.raises(
        UserError, match=r"unknown detector 'mtccn': did you mean 'mtcnn'\? Valid: mtcnn, ret"
    ):
        make_detector("mtccn")


@pytest.mark.parametrize("name", ["viola-jones", "mtcnn"])
def test_a_detector_bears_its_name_and_takes_options(name):
    detector = make_detector(name, min_face=0.25)
    assert (detector.name, detector.min_face) == (name, 0.25)


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "retinaface"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 64), (64, 1), (11, 12), (12, 300), (13, 13)])
def test_a_tiny_or_narrow_image_has_no_face(name, shape):
    assert make_detector(name).detect(np.full((*shape, 3), 128, np.uint8)) == []


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((8, 8, 3), np.float32), "uint8 array, not float32"),
        ([[0, 0, 0]], "uint8 array, not list"),
        (None, "uint8 array, not NoneType"),
        (np.zeros((8, 8), np.uint8), r"\(height, width, 3\), not \(8, 8\)"),
        (np.zeros((8, 8, 4), np.uint8), r"not \(8, 8, 4\)"),
        (np.zeros((0, 8, 3), np.uint8), r"not \(0, 8, 3\)"),
    ],
)
def test_what_is_no_image_is_named(image, said):
    with pytest.raises(ValueError, match=said):
        require_image(image)
