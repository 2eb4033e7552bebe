"""Alignment beside independent solutions of the same least squares, and pixels that land as they should."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from common.errors import UserError
from common.faces.alignment import NORMALISATIONS, TEMPLATES, align, normalise, similarity_transform, to_grey
from tests.support.cartoon import cartoon

RNG = np.random.default_rng(0)


def test_the_arcface_template_has_its_published_points_at_112():
    published = [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
    np.testing.assert_allclose(TEMPLATES["arcface"].at(112), published, atol=1e-9)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_covers_the_same_square_at_every_size(name):
    template = TEMPLATES[name]
    np.testing.assert_allclose((template.at(128) + 0.5) / 128, (template.at(112) + 0.5) / 112)
    # With a quarter more on each side the old square is the middle two thirds.
    old, new = (template.at(60) + 0.5) / 60, (template.at(90, margin=0.25) + 0.5) / 90
    np.testing.assert_allclose(new, (old + 0.25) / 1.5)
    left_eye, right_eye, nose, left_mouth, right_mouth = template.at(100)
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert left_eye[1] < nose[1] < left_mouth[1]


def solved_as_linear_system(source, target):
    """The four unknowns a, b, tx, ty of [[a, -b], [b, a]] p + t by numpy.linalg.lstsq."""
    x, y = source.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    system = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    a, b, tx, ty = np.linalg.lstsq(system, target.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, tx], [b, a, ty]])


@pytest.mark.parametrize("noise", [0.0, 1.0, 8.0])
def test_the_transform_is_the_least_squares_similarity(noise):
    target = TEMPLATES["arcface"].at(112)
    for _ in range(20):
        angle, scale = RNG.uniform(-np.pi, np.pi), RNG.uniform(0.2, 5)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        source = (target + RNG.normal(0, noise, (5, 2))) @ turn.T + RNG.uniform(-500, 500, 2)
        found = similarity_transform(source, target)
        np.testing.assert_allclose(found, solved_as_linear_system(source, target), rtol=1e-8, atol=1e-8)
        # The rotation alone is that of SciPy's orthogonal Procrustes solution.
        rotation, _ = orthogonal_procrustes(source - source.mean(0), target - target.mean(0))
        np.testing.assert_allclose(found[:, :2] / np.hypot(*found[:, 0]), rotation.T, atol=1e-8)


@pytest.mark.parametrize(
    ("landmarks", "said"),
    [
        (np.full((5, 2), 7.0), "all the same point"),
        (np.zeros((5, 2)), "all the same point"),
        (np.stack([np.arange(5.0), 3 * np.arange(5.0)], 1), "on one line"),
        (np.full((5, 2), np.nan), "not finite"),
        (np.full((5, 2), np.inf), "not finite"),
        (np.zeros((4, 2)), "alike"),
        (np.zeros(10), "alike"),
    ],
)
def test_landmarks_that_make_no_face_are_named(landmarks, said):
    with pytest.raises(ValueError, match=said):
        align(np.zeros((64, 64, 3), np.uint8), landmarks)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize(("size", "margin"), [(112, 0.0), (128, 0.2), (224, 0.0), (64, 0.1)])
def test_landmarks_land_on_the_template(name, size, margin):
    image, (landmarks,) = cartoon(400, 500, ((0.6, 0.55, 0.28),))
    image = (image // 4) + 60
    landmarks = TEMPLATES[name].at(200) @ np.array([[0.9, 0.3], [-0.3, 0.9]]) + (140, 60)
    for x, y in np.rint(landmarks).astype(int):
        image[y - 4 : y + 5, x - 4 : x + 5] = 255
    crop = align(image, np.rint(landmarks), name, size, margin)
    assert (crop.shape, crop.dtype) == ((size, size, 3), np.uint8)
    bright = np.argwhere(crop[..., 1] > 180)
    for x, y in TEMPLATES[name].at(size, margin):
        near = bright[np.abs(bright - (y, x)).max(axis=1) < size / 12]
        np.testing.assert_allclose(near.mean(axis=0), (y, x), atol=0.8)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_shrinking_by_a_whole_factor_is_the_mean_of_the_pixels(factor):
    image = RNG.integers(0, 256, (64 * factor, 64 * factor, 3), dtype=np.uint8)
    crop = align(image, TEMPLATES["utkface"].at(64 * factor), "utkface", 64)
    means = image.reshape(64, factor, 64, factor, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(crop, means, atol=0.51)


def test_fine_stripes_do_not_alias_when_a_turned_face_shrinks():
    image = np.zeros((600, 600, 3), np.uint8)
    image[:, ::2] = 255
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    landmarks = (TEMPLATES["arcface"].at(400) - 200) @ turn.T + 300
    crop = align(image, landmarks, "arcface", 64)
    assert np.abs(crop[8:-8, 8:-8].astype(int) - 127).max() < 25


@pytest.mark.parametrize(("border", "outside"), [("black", 0), ("replicate", 200), ("reflect", 200)])
def test_what_lies_outside_the_image(border, outside):
    image = np.full((112, 112, 3), 200, np.uint8)
    crop = align(image, TEMPLATES["arcface"].at(112), "arcface", 112, margin=0.5, border=border)
    assert (crop[:20] == outside).all()
    assert (crop[40:70, 40:70] == 200).all()


def test_misspelt_names_are_refused_with_the_nearest():
    image, points = np.zeros((9, 9, 3), np.uint8), TEMPLATES["arcface"].at(9)
    with pytest.raises(UserError, match="did you mean 'arcface'"):
        align(image, points, "arc-face")
    with pytest.raises(UserError, match="did you mean 'black'"):
        align(image, points, border="blak")
    with pytest.raises(UserError, match="did you mean 'symmetric'"):
        normalise(image, "symetric")


def test_grey_is_the_luma():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]], np.uint8)
    assert to_grey(colours).tolist() == [[[76], [150], [29], [255], [0]]]
    assert to_grey(np.zeros((3, 8, 9, 3), np.uint8)).shape == (3, 8, 9, 1)


@pytest.mark.parametrize(
    ("name", "ends"),
    [("cosface", (-127.5 / 128, 127.5 / 128)), ("symmetric", (-1, 1)), ("unit", (0, 1))],
)
def test_normalisations_reach_their_ends(name, ends):
    scaled = normalise(np.array([0, 255], np.uint8), name)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, ends, atol=1e-7)


def test_every_normalisation_has_a_test():
    assert set(NORMALISATIONS) == {"cosface", "symmetric", "unit"}
