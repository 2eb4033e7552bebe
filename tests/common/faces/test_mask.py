"""The ellipse about a face, and what is left of an image."""

import numpy as np

from common.faces.mask import OUTSIDE, face_ellipse, outside_grey


def test_the_ellipse_has_the_area_of_its_axes_at_every_size():
    for size in (32, 64, 200):
        assert abs(face_ellipse(size).mean() - np.pi * 0.38 * 0.47) < 0.02


def test_the_landmarks_of_the_template_lie_within_and_the_corners_outside():
    from common.faces.alignment import TEMPLATES

    inside = face_ellipse(112)
    for x, y in TEMPLATES["utkface"].points:
        assert inside[round(y * 112), round(x * 112)]
    assert not inside[[0, 0, -1, -1], [0, -1, 0, -1]].any()


def test_only_what_is_outside_changes_and_the_input_stays():
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 1), np.uint8)
    before = images.copy()
    masked, inside = outside_grey(images), face_ellipse(64)
    assert (images == before).all() and masked.dtype == np.uint8
    assert (masked[:, inside] == images[:, inside]).all()
    assert (masked[:, ~inside] == OUTSIDE).all()
