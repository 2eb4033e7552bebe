"""Losses of generated images against NumPy."""

import numpy as np
import pytest

from common.losses import LeastSquaresAdversarialLoss, total_variation
from tests.support.layers import check_loss, gradient

RANDOM = np.random.default_rng(0)
ANSWERS = RANDOM.normal(size=(4, 3, 2, 1)).astype("float32")
WANTED = np.array([1, 0, 1, 1], "float32")


def test_least_squares_is_a_sound_loss():
    loss = check_loss(LeastSquaresAdversarialLoss, {}, WANTED, ANSWERS)
    expected = [((answer - wanted) ** 2).mean() / 2 for answer, wanted in zip(ANSWERS, WANTED, strict=True)]
    assert float(loss(WANTED, ANSWERS)) == pytest.approx(np.mean(expected), rel=1e-6)


def test_the_gradient_is_the_closed_form():
    expected = (ANSWERS - WANTED[:, None, None, None]) / ANSWERS.size
    np.testing.assert_allclose(gradient(LeastSquaresAdversarialLoss(), WANTED, ANSWERS), expected, rtol=1e-5)


def test_total_variation_is_a_loop_over_pixels():
    images = RANDOM.normal(size=(2, 3, 4, 3))
    for image, found in zip(images, np.asarray(total_variation(images)), strict=True):
        down = [
            abs(image[i + 1, j, c] - image[i, j, c]) for i in range(2) for j in range(4) for c in range(3)
        ]
        right = [
            abs(image[i, j + 1, c] - image[i, j, c]) for i in range(3) for j in range(3) for c in range(3)
        ]
        assert found == pytest.approx(np.mean(down) + np.mean(right))
    assert not np.any(total_variation(np.full((1, 2, 2, 3), 7.0)))
