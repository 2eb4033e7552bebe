"""Viola-Jones finds the drawn faces, gives boxes and no landmarks, and says what it lacks."""

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.faces.viola_jones import ViolaJones
from tests.support.cartoon import cartoon


def test_faces_are_found_as_boxes_best_first():
    image, drawn = cartoon(300, 420, ((0.35, 0.5, 0.2), (1.0, 0.55, 0.15)))
    faces = ViolaJones().detect(image)
    assert len(faces) == 2
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    assert all(face.landmarks is None for face in faces)
    for face, landmarks in zip(sorted(faces, key=lambda face: face.box[0]), drawn, strict=True):
        x1, y1, x2, y2 = face.box
        assert (landmarks > (x1, y1)).all()
        assert (landmarks < (x2, y2)).all()


def test_a_face_smaller_than_the_fraction_is_not_looked_for():
    image, _ = cartoon(300, 420, ((0.35, 0.5, 0.2),))
    assert len(ViolaJones(min_face=0.2).detect(image)) == 1
    assert ViolaJones(min_face=0.6).detect(image) == []


def test_where_there_is_no_face_the_list_is_empty():
    assert ViolaJones().detect(np.full((100, 100, 3), 90, np.uint8)) == []


@pytest.mark.parametrize("options", [{"min_face": 0}, {"scale_step": 1.0}, {"neighbours": -1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=r"min_face|scale_step|neighbours"):
        ViolaJones(**options)


def test_an_opencv_without_cascades_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(UserError, match="comes without haarcascade_frontalface"):
        ViolaJones()
