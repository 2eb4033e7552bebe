"""The neighborhood loss against Eq. 4 and 5 written out, and its gradient, which fused losses have wrong."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, softmax

from common.losses import NeighborhoodLoss, gaussian_targets

LOGITS = np.random.default_rng(0).normal(size=(5, 100)) * 3
AGES = np.array([0, 1, 37, 98, 99])


def equation_4(age, classes=100, sigma=5.0):
    return np.array([np.exp(-((k - age) ** 2) / sigma**2) for k in range(classes)])


def gradients(loss, labels, outputs):
    outputs = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        value = tf.reduce_sum(loss(labels, outputs))
    return tape.gradient(value, outputs).numpy()


@pytest.mark.parametrize("sigma", [0.5, 1.0, 5.0, 8.0])
def test_targets_are_equation_4(sigma):
    expected = np.stack([equation_4(age, sigma=sigma) for age in AGES])
    np.testing.assert_allclose(gaussian_targets(AGES, 100, sigma), expected, rtol=1e-4, atol=1e-30)
    np.testing.assert_allclose(
        gaussian_targets(AGES.astype(float), 100, sigma), expected, rtol=1e-12, atol=1e-300
    )


@pytest.mark.parametrize("age", [-1, 100, 30.5])
def test_an_age_outside_the_classes_has_no_targets(age):
    with pytest.raises(ValueError, match="in row 1 is not one of the 100 classes"):
        gaussian_targets(np.array([30, age]))


def test_sum_of_the_targets_is_the_gaussian_integral_inside_and_half_of_it_at_the_ends():
    sums = np.sum(gaussian_targets(np.array([0.0, 50.0, 99.0]), 100, 5.0), axis=1)
    assert sums[1] == pytest.approx(5 * np.sqrt(np.pi), rel=1e-9)
    assert sums[1] == pytest.approx(8.86, abs=0.005)
    # Half of the neighborhood and half of the middle class are left.
    assert sums[0] == sums[2] == pytest.approx((5 * np.sqrt(np.pi) + 1) / 2, rel=1e-9)


def test_normalised_targets_sum_to_one_and_keep_their_ratios():
    plain = gaussian_targets(AGES.astype(float), 100, 5.0)
    normalised = gaussian_targets(AGES.astype(float), 100, 5.0, normalize=True)
    np.testing.assert_allclose(np.sum(normalised, axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(normalised, plain / np.sum(plain, axis=1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize("normalize", [False, True])
def test_value_is_equation_5(normalize):
    expected = []
    for age, logits in zip(AGES, LOGITS, strict=True):
        targets = equation_4(age)
        targets /= targets.sum() if normalize else 1
        expected.append(-(targets * log_softmax(logits)).sum())
    loss = NeighborhoodLoss(normalize=normalize, reduction="none")
    np.testing.assert_allclose(loss(AGES, LOGITS), expected, rtol=1e-5)


def test_uniform_outputs_have_a_closed_form():
    value = NeighborhoodLoss(reduction="none", dtype="float64")([50], np.zeros((1, 100)))
    np.testing.assert_allclose(value, 5 * np.sqrt(np.pi) * np.log(100), rtol=1e-9)


def test_gradient_is_sum_of_targets_times_softmax_minus_targets():
    targets = np.stack([equation_4(age) for age in AGES])
    expected = targets.sum(1, keepdims=True) * softmax(LOGITS, axis=1) - targets
    np.testing.assert_allclose(
        gradients(NeighborhoodLoss(reduction="sum", dtype="float64"), AGES, LOGITS), expected, atol=1e-12
    )
    # The trap: with targets that sum to 8.86 the fused gradient is another vector.
    assert np.abs(expected - (softmax(LOGITS, axis=1) - targets)).max() > 1


def test_gradient_vanishes_at_the_targets_distribution():
    targets = equation_4(40)
    logits = np.log(targets / targets.sum())[None]
    np.testing.assert_allclose(gradients(NeighborhoodLoss(dtype="float64"), [40], logits), 0, atol=1e-12)


def test_fused_gradient_is_tensorflows_beside_the_same_value():
    options = {"reduction": "sum", "dtype": "float64"}
    fused = NeighborhoodLoss(fused_gradient=True, **options)
    targets = tf.constant(np.stack([equation_4(age) for age in AGES]))
    np.testing.assert_allclose(
        gradients(fused, AGES, LOGITS), softmax(LOGITS, axis=1) - targets.numpy(), atol=1e-12
    )
    # The kernel itself: where operations are deterministic TensorFlow computes the loss without it.
    _, kernels = tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=LOGITS, labels=targets)
    np.testing.assert_allclose(gradients(fused, AGES, LOGITS), kernels, atol=1e-12)
    assert float(fused(AGES, LOGITS)) == float(NeighborhoodLoss(**options)(AGES, LOGITS))


def test_fused_and_true_gradient_agree_for_normalised_targets():
    options = {"normalize": True, "dtype": "float64"}
    np.testing.assert_allclose(
        gradients(NeighborhoodLoss(fused_gradient=True, **options), AGES, LOGITS),
        gradients(NeighborhoodLoss(**options), AGES, LOGITS),
        atol=1e-12,
    )


def test_both_ends_of_the_range_mirror_each_other():
    loss = NeighborhoodLoss(reduction="none", dtype="float64")
    np.testing.assert_allclose(loss(99 - AGES, LOGITS[:, ::-1].copy()), loss(AGES, LOGITS), rtol=1e-12)


def test_narrow_neighborhood_is_cross_entropy():
    value = NeighborhoodLoss(sigma=0.05, reduction="none")(AGES, LOGITS)
    np.testing.assert_allclose(value, -log_softmax(LOGITS, axis=1)[np.arange(5), AGES], rtol=1e-5)


def test_probabilities_give_the_loss_of_their_logits():
    logits = LOGITS / 3  # none below the floor
    value = NeighborhoodLoss(from_logits=False, dtype="float64")(AGES, softmax(logits, axis=1))
    np.testing.assert_allclose(value, NeighborhoodLoss(dtype="float64")(AGES, logits), rtol=1e-9)


def test_probability_of_zero_counts_as_the_floor():
    probabilities = np.eye(100)[[50]]
    targets = equation_4(40)
    expected = -np.delete(targets, 50).sum() * np.log(1e-7)
    value = NeighborhoodLoss(from_logits=False)([40], probabilities)
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_decoding_is_the_expectation_of_either_output():
    probabilities = softmax(LOGITS, axis=1)
    expected = probabilities @ np.arange(100)
    for loss, outputs in ((NeighborhoodLoss(), LOGITS), (NeighborhoodLoss(from_logits=False), probabilities)):
        decoded = loss.decode(outputs)
        np.testing.assert_allclose(decoded.probabilities, probabilities, rtol=1e-12)
        np.testing.assert_allclose(decoded.ages, expected, rtol=1e-12)
