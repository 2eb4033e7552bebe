"""Value and gradient against closed forms, and what every loss promises."""

import numpy as np
from scipy.special import softmax

from common.losses import SquaredExpectationError
from tests.support.layers import check_loss, gradient

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 20))
AGES = np.array([0, 5, 19, 10, 7, 7])


def test_value_and_gradient_are_the_closed_forms():
    probabilities = softmax(LOGITS, axis=1)
    mean = probabilities @ np.arange(20)
    loss = SquaredExpectationError(20, dtype="float64")
    np.testing.assert_allclose(loss(AGES, LOGITS), np.mean((mean - AGES) ** 2), rtol=1e-10)
    expected = 2 * (mean - AGES)[:, None] * probabilities * (np.arange(20) - mean[:, None]) / 6
    np.testing.assert_allclose(gradient(loss, AGES, LOGITS), expected, rtol=1e-5, atol=1e-7)


def test_what_every_loss_promises():
    logits = LOGITS.astype("float32")
    check_loss(SquaredExpectationError, {"num_classes": 20}, AGES, logits)
