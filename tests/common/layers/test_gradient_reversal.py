"""The gradient against the one without the layer, and the schedule through training and saving."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import GradientReversal
from common.training.schedules import SigmoidRamp
from tests.support.gradients import central_differences
from tests.support.layers import check_layer

FEATURES = np.random.default_rng(0).normal(size=(4, 3))


def gradient_of(layer, training=None, dtype="float32"):
    features = tf.cast(tf.constant(FEATURES), dtype)
    with tf.GradientTape() as tape:
        tape.watch(features)
        outputs = layer(features, training=training)
        total = tf.reduce_sum(tf.sin(outputs))
    np.testing.assert_array_equal(outputs, features)
    return tape.gradient(total, features).numpy()


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 1.0, 3.0])
def test_the_gradient_is_reversed_and_weighed(coefficient):
    expected = -coefficient * central_differences(lambda x: np.sin(x).sum(), FEATURES)
    np.testing.assert_allclose(gradient_of(GradientReversal(coefficient)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("dtype", "exact"), [("float64", 1e-12), ("float16", 2e-3), ("bfloat16", 2e-2)])
def test_so_it_is_in_every_number_format(dtype, exact):
    policy = dtype if dtype == "float64" else f"mixed_{dtype}"
    found = gradient_of(GradientReversal(0.75, dtype=policy), dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found.astype("float64"), -0.75 * np.cos(FEATURES), rtol=exact, atol=exact)


def test_the_schedule_counts_training_steps_alone():
    layer = GradientReversal(2.0, SigmoidRamp(10))
    plain = np.cos(FEATURES)
    for step in range(3):
        gradient_of(layer)
        share = 2 / (1 + np.exp(-10 * step / 10)) - 1
        np.testing.assert_allclose(
            gradient_of(layer, training=True), -2 * share * plain, rtol=1e-4, atol=1e-6
        )
    assert float(layer.step) == 3


def test_what_is_before_the_layer_unlearns():
    """One step of gradient descent, by hand: the head goes down the loss, the features go up."""
    inputs = keras.Input((3,))
    before = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    after = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Model(inputs, after(GradientReversal(0.5, SigmoidRamp(4))(before(inputs))))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, y = FEATURES.astype("float32"), np.ones((4, 1), "float32")
    model.layers[-2].step.assign(2)
    model.train_on_batch(x, y)
    features = x.sum(axis=1, keepdims=True)
    error = 2 * (features - y) / 4
    share = 2 / (1 + np.exp(-5)) - 1
    np.testing.assert_allclose(after.kernel, 1 - 0.1 * np.sum(error * features).reshape(1, 1), rtol=1e-5)
    np.testing.assert_allclose(before.kernel, 1 + 0.1 * 0.5 * share * x.T @ error, rtol=1e-5)
    assert float(model.layers[-2].step) == 3


def test_what_every_layer_promises():
    features = FEATURES.astype("float32")
    check_layer(GradientReversal, {"coefficient": 0.5}, features, output_shape=(4, 3))


def test_the_schedule_survives_saving(tmp_path):
    inputs = keras.Input((3,))
    model = keras.Model(inputs, GradientReversal(0.5, SigmoidRamp(10, 5.0))(inputs))
    model.layers[-1].step.assign(7)
    model.save(tmp_path / "model.keras")
    layer = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert (layer.coefficient, layer.schedule.steps, layer.schedule.steepness) == (0.5, 10, 5.0)
    assert float(layer.step) == 7


@pytest.mark.parametrize("coefficient", [-1, float("nan"), float("inf")])
def test_senseless_coefficients_are_refused(coefficient):
    with pytest.raises(ValueError, match="coefficient is a finite number from 0 up"):
        GradientReversal(coefficient)
