"""A face is found where a box of its size holds both marked eyes; its eye error is plain geometry."""

import numpy as np
import pytest

from common.faces.face import Face
from common.metrics.detection import judge

EYES = [(40.0, 50.0), (60.0, 50.0), (50.0, 62.0), (43.0, 72.0), (57.0, 72.0)]


def face(box, shift=(0.0, 0.0), score=0.9):
    points = None if shift is None else np.array(EYES, np.float32) + np.float32(shift)
    return Face(box, points, score)


@pytest.mark.parametrize(
    ("faces", "which", "error"),
    [
        ([], None, None),
        ([face((30, 30, 70, 80))], 0, 0.0),
        ([face((30, 30, 70, 80), (3, 4))], 0, 0.25),
        ([face((30, 30, 70, 80), None)], 0, None),
        ([face((45, 30, 70, 80))], None, None),  # one eye only
        ([face((5, 5, 95, 95))], None, None),  # wider than four times the distance between the eyes
        ([face((10, 10, 90, 95))], 0, 0.0),  # just so
        ([face((100, 30, 140, 80)), face((30, 30, 70, 80), (0, 2))], 1, 0.1),
        ([face((30, 30, 70, 80), (2, 0)), face((29, 29, 71, 81), (0, 0), 0.5)], 0, 0.1),
    ],
)
def test_a_face_is_found_where_a_box_of_its_size_holds_both_eyes(faces, which, error):
    judgement = judge(faces, EYES)
    assert judgement.found is (None if which is None else faces[which])
    assert judgement.eye_error == (None if error is None else pytest.approx(error))
    assert judgement.faces == tuple(faces)


def test_how_wide_a_box_may_be_is_asked_for():
    assert judge([face((30, 30, 70, 80))], EYES, widest=1.9).found is None
