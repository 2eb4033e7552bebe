"""How real faces look, against loops, scikit-learn, closed forms, and faces whose flaws are known."""

import cv2
import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel as reference_kernel

from common.metrics import metric
from common.metrics.realism import (
    kernel_distance,
    pair_sums,
    polynomial_kernel,
    relative_streaks,
    streak_shares,
)
from reproductions.shared.networks.example import example_face

RANDOM = np.random.default_rng(0)
MADE, REAL = RANDOM.normal(0.2, 1, (14, 5)), RANDOM.normal(0, 1, (11, 5))
MADE_PEOPLE, REAL_PEOPLE = RANDOM.integers(0, 5, 14), RANDOM.integers(0, 5, 11)


def looped(made, real, made_people, real_people):
    """The mean kernel of pairs of two people, pair by pair."""

    def mean(first, second, of_first, of_second):
        kernels = [
            (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3
            for x, p in zip(first, of_first, strict=True)
            for y, q in zip(second, of_second, strict=True)
            if p != q
        ]
        return sum(kernels) / len(kernels)

    within = mean(made, made, made_people, made_people) + mean(real, real, real_people, real_people)
    return within - 2 * mean(made, real, made_people, real_people)


def test_the_kernel_is_scikit_learns():
    np.testing.assert_allclose(
        polynomial_kernel(MADE, REAL), reference_kernel(MADE, REAL, degree=3, gamma=1 / 5, coef0=1)
    )


def test_the_distance_is_a_loop_over_pairs_of_two_people():
    found = kernel_distance(MADE, REAL, MADE_PEOPLE, REAL_PEOPLE)
    assert found == pytest.approx(looped(MADE, REAL, MADE_PEOPLE, REAL_PEOPLE))


def test_of_people_with_one_face_it_is_the_usual_estimate():
    """The sums of Gretton et al. (2012, Eq. 3), without the diagonals of a sample with itself."""
    own, real, across = (
        reference_kernel(a, b, 3, 1 / 5, 1) for a, b in ((MADE, MADE), (REAL, REAL), (MADE, REAL))
    )
    expected = (own.sum() - own.trace()) / (14 * 13) + (real.sum() - real.trace()) / (11 * 10)
    found = kernel_distance(MADE, REAL, np.arange(14), np.arange(14, 25))
    assert found == pytest.approx(expected - 2 * across.mean())


def test_two_points_are_as_far_apart_as_the_closed_form():
    """Everybody at a, or at b: k(a, a) + k(b, b) - 2 k(a, b) = 8 + 8 - 2."""
    a, b = np.array([1.0, -1.0]), np.array([1.0, 1.0])
    people = np.arange(4)
    assert kernel_distance(np.tile(a, (4, 1)), np.tile(b, (4, 1)), people, people) == pytest.approx(14)


def test_over_draws_of_one_distribution_it_is_nothing_and_of_another_it_is_not():
    """Unbiased: the mean over draws is 0, although five faces a person are alike."""

    def drawn(offset):
        people = np.repeat(np.arange(8), 5)
        faces = RANDOM.normal(offset, 1, (8, 4))[people] + RANDOM.normal(0, 0.2, (40, 4))
        return faces, people

    def mean(offset):
        found = []
        for _ in range(200):
            (made, of_made), (real, of_real) = drawn(offset), drawn(0)
            found.append(kernel_distance(made, real, of_made, of_real + 8))
        return np.mean(found), np.std(found) / np.sqrt(len(found))

    alike, error = mean(0)
    assert abs(alike) < 4 * error
    apart, error = mean(1)
    assert apart > 10 * error


def test_a_draw_of_people_is_the_distance_of_their_faces_so_often():
    """People drawn twice count so in either sample, and are not paired with themselves."""
    weights = np.array([[2, 0, 1, 3, 1], [1, 1, 1, 1, 1], [0, 0, 0, 4, 0]])
    found = pair_sums(MADE, REAL, MADE_PEOPLE, REAL_PEOPLE).distances(weights)
    often_made, often_real = weights[0][MADE_PEOPLE], weights[0][REAL_PEOPLE]
    expected = looped(
        np.repeat(MADE, often_made, axis=0),
        np.repeat(REAL, often_real, axis=0),
        np.repeat(MADE_PEOPLE, often_made),
        np.repeat(REAL_PEOPLE, often_real),
    )
    assert found[0] == pytest.approx(expected)
    assert found[1] == pytest.approx(kernel_distance(MADE, REAL, MADE_PEOPLE, REAL_PEOPLE))
    assert np.isnan(found[2])


@pytest.mark.parametrize("period", [2, 3, 4, 8])
def test_the_filter_has_the_gain_that_is_said(period):
    """A wave along the rows passes by sin^2(w / 2), its square by the fourth power."""
    rows = 127.5 + 100 * np.cos(2 * np.pi * np.arange(240) / period)
    image = np.broadcast_to(np.rint(rows)[None, :, None, None], (1, 240, 4, 3)).astype(np.uint8)
    assert streak_shares(image)[0] == pytest.approx(np.sin(np.pi / period) ** 4, rel=0.03)


def test_stripes_along_columns_and_ramps_are_no_streaks():
    columns = np.tile(np.array([0, 200], np.uint8), 8)
    assert streak_shares(np.broadcast_to(columns[None, None, :, None], (1, 9, 16, 3)))[0] == 0
    ramp = np.arange(0, 160, 10, dtype=np.uint8)
    assert streak_shares(np.broadcast_to(ramp[None, :, None, None], (1, 16, 5, 3)))[0] == 0
    assert streak_shares(np.full((1, 8, 8, 3), 77, np.uint8))[0] == 0


def worse(faces, pattern):
    return np.clip(faces + pattern[None, :, :, None], 0, 255).astype(np.uint8)


def test_streaks_and_lattices_rise_above_one_and_blur_falls_below():
    faces = np.stack([example_face(64, "utkface", seed) for seed in range(4)])
    rows, columns = np.indices((64, 64))
    thin = np.where(rows % 8 == 0, 25.0, 0.0)
    streaks = relative_streaks(worse(faces, thin), faces).mean()
    lattice = relative_streaks(worse(faces, 10.0 * (-1.0) ** (rows + columns)), faces).mean()
    blurred = relative_streaks(np.stack([cv2.GaussianBlur(one, (0, 0), 1) for one in faces]), faces).mean()
    assert relative_streaks(faces, faces).mean() == pytest.approx(1)
    assert blurred < 0.5
    assert streaks > 2
    assert lattice > 2


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: kernel_distance(MADE, REAL[:, :3], MADE_PEOPLE, REAL_PEOPLE), "features are"),
        (lambda: kernel_distance(MADE * np.nan, REAL, MADE_PEOPLE, REAL_PEOPLE), "not finite"),
        (lambda: kernel_distance(MADE, REAL, MADE_PEOPLE, REAL_PEOPLE[:3]), "people of shapes"),
        (lambda: streak_shares(np.zeros((1, 2, 8, 3), np.uint8)), "three rows"),
        (lambda: relative_streaks(*[np.zeros((1, 8, 8, 3), np.uint8)] * 2), "the same in all rows"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, why):
    with pytest.raises(ValueError, match=why):
        call()


def test_the_catalogue_knows_them():
    assert metric("KID").format(-0.004) == "0.00"
    assert metric("KID").lowest < 0
    assert metric("streaks").format(1) == "1.00"
