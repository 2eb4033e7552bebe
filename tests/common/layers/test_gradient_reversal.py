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


def two_heads(schedule=True):
    """A model of two heads behind one reversal each, of which only the kernel before them is trained."""
    inputs = keras.Input((3,))
    reversal = GradientReversal(0.5, SigmoidRamp(4) if schedule else None)
    features = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name="before")(inputs)
    heads = [
        keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", trainable=False)(reversal(features))
        for _ in range(2)
    ]
    return keras.Model(inputs, keras.layers.Add()(heads)), reversal


@pytest.mark.parametrize("eager", [True, False])
def test_two_heads_count_a_batch_once_and_turn_it_alike(eager):
    model, reversal = two_heads()
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=eager)
    x, y = FEATURES.astype("float32"), np.ones((4, 1), "float32")
    kernel = np.ones((3, 1))
    for step in range(3):
        model.train_on_batch(x, y)
        model.test_on_batch(x, y)
        model.predict_on_batch(x)
        share = 2 / (1 + np.exp(-10 * step / 4)) - 1
        kernel = kernel + 0.1 * 0.5 * share * 2 * x.T @ (2 * (2 * x @ kernel - y) / 4)
        assert float(reversal.step) == step + 1
    np.testing.assert_allclose(model.get_layer("before").kernel, kernel, rtol=1e-4)


def test_every_accumulated_batch_counts_once():
    model, reversal = two_heads()
    model.compile(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2), "mse", run_eagerly=True)
    for _ in range(6):
        model.train_on_batch(FEATURES.astype("float32"), np.ones((4, 1), "float32"))
    assert (float(reversal.step), int(model.optimizer.iterations)) == (6, 3)


def test_two_heads_count_once_where_the_state_is_handed_around():
    """As the trainer of Keras' JAX backend calls a model."""
    model, reversal = two_heads()
    state = [variable.value for variable in model.non_trainable_variables]
    place = next(i for i, one in enumerate(model.non_trainable_variables) if one is reversal.step)
    for step in range(1, 4):
        _, state = model.stateless_call(model.trainable_variables, state, FEATURES, training=True)
        assert float(state[place]) == step
        _, state = model.stateless_call(model.trainable_variables, state, FEATURES, training=False)
        assert float(state[place]) == step


def test_calls_outside_any_model_count_each():
    layer = GradientReversal(1.0, SigmoidRamp(4))
    layer(FEATURES, training=True)
    layer.call(FEATURES, training=True)
    layer(FEATURES, training=True)
    assert float(layer.step) == 3
    model, reversal = two_heads()
    for _ in range(2):
        model(FEATURES, training=True)
    assert float(reversal.step) == 2


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
