"""Views of a face, against pixels written out."""

import numpy as np

from common.faces.views import views


def test_a_face_is_enlarged_about_its_centre():
    face = np.zeros((1, 5, 5, 3), np.uint8)
    face[0, 2, 2] = 200
    same, larger = views(face, mirrored=False, zooms=(1.0, 2.0))
    assert same is face
    assert larger[0, 2, 2, 0] == 200
    np.testing.assert_array_equal(larger[0, :, 2, 0], [0, 100, 200, 100, 0])
    np.testing.assert_array_equal(larger, larger[:, ::-1, ::-1])


def test_a_face_is_widened_alone():
    face = np.zeros((1, 5, 5, 3), np.uint8)
    face[0, 2, 2] = 200
    (wider,) = views(face, mirrored=False, across=2.0)
    np.testing.assert_array_equal(wider[0, 2, :, 0], [0, 100, 200, 100, 0])
    np.testing.assert_array_equal(wider[0, :, 2, 0], [0, 0, 200, 0, 0])


def test_each_view_is_followed_by_its_mirror_image():
    faces = np.random.default_rng(0).integers(0, 256, (2, 6, 6, 3), np.uint8)
    found = list(views(faces, mirrored=True, zooms=(1.0, 0.9)))
    assert len(found) == 4
    for plain, mirrored in (found[:2], found[2:]):
        np.testing.assert_array_equal(mirrored, plain[:, :, ::-1])
