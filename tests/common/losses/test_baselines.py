"""The losses that the neighborhood loss is compared with, against closed forms and other people's code."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import expit, softmax

from common.losses import AgeCrossEntropy, AgeL1, MeanVarianceLoss, OrdinalLoss, decode_ordinal

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 20)) * 3
AGES = np.array([0, 5, 19, 10, 7, 7])


def test_cross_entropy_is_keras_sparse_cross_entropy():
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(AGES, LOGITS)
    np.testing.assert_allclose(AgeCrossEntropy(20)(AGES, LOGITS), expected, rtol=1e-5)


def test_l1_is_the_mean_absolute_error_in_years():
    outputs = RANDOM.normal(size=(6, 1))
    value = AgeL1(20, centre=30, scale=12)(AGES, outputs)
    np.testing.assert_allclose(value, np.abs(30 + 12 * outputs[:, 0] - AGES).mean(), rtol=1e-6)


def test_l1_decoding_scales_and_clips():
    decoded = AgeL1(100, centre=40, scale=20).decode(np.array([[0.0], [1.5], [-9.0], [9.0]]))
    assert decoded.probabilities is None
    assert decoded.ages.tolist() == [40, 70, 0, 99]


def test_ordinal_loss_is_the_sum_of_binary_cross_entropies():
    logits = LOGITS[:, :-1]
    older = (AGES[:, None] > np.arange(19)).astype(float)
    expected = -(older * np.log(expit(logits)) + (1 - older) * np.log(expit(-logits))).sum(1)
    np.testing.assert_allclose(OrdinalLoss(20, reduction="none")(AGES, logits), expected, rtol=1e-5)


def test_ordinal_decoding_of_consistent_answers_is_their_difference():
    probabilities = RANDOM.dirichlet(np.ones(20), size=50)
    above = probabilities[:, ::-1].cumsum(1)[:, ::-1][:, 1:]
    decoded = decode_ordinal(np.log(above) - np.log1p(-above))
    np.testing.assert_allclose(decoded.probabilities, probabilities, atol=1e-12)
    medians = [np.searchsorted(row.cumsum(), 0.5) for row in probabilities]
    assert decoded.ages.tolist() == medians


def test_ordinal_decoding_of_inconsistent_answers_is_still_a_distribution():
    logits = RANDOM.normal(size=(200, 19)) * 4
    decoded = decode_ordinal(logits)
    assert decoded.probabilities.shape == (200, 20)
    assert (decoded.probabilities >= 0).all()
    np.testing.assert_allclose(decoded.probabilities.sum(1), 1, rtol=1e-12)
    np.testing.assert_allclose(decoded.probabilities @ np.arange(20), expit(logits).sum(1), rtol=1e-12)
    assert decoded.ages.tolist() == (expit(logits) > 0.5).sum(1).tolist()


@pytest.mark.parametrize(("sign", "age"), [(-1, 0), (1, 19)])
def test_ordinal_decoding_reaches_both_ends(sign, age):
    decoded = decode_ordinal(np.full((1, 19), sign * 1e4, dtype="float32"))
    assert decoded.ages == [age]
    assert decoded.probabilities[0].tolist() == np.eye(20)[age].tolist()


def test_mean_variance_is_its_three_terms():
    probabilities = softmax(LOGITS, axis=1)
    mean = probabilities @ np.arange(20)
    variance = probabilities @ np.arange(20) ** 2 - mean**2
    entropy = -np.log(probabilities[np.arange(6), AGES])
    expected = entropy + 0.2 * (mean - AGES) ** 2 / 2 + 0.05 * variance
    np.testing.assert_allclose(MeanVarianceLoss(20, reduction="none")(AGES, LOGITS), expected, rtol=1e-5)


def test_mean_variance_without_weights_is_cross_entropy():
    value = MeanVarianceLoss(20, mean_weight=0, variance_weight=0)(AGES, LOGITS)
    np.testing.assert_allclose(value, AgeCrossEntropy(20)(AGES, LOGITS), rtol=1e-6)
