"""Eq. 3 to 6 against float64 arithmetic and central differences, and rows that overflow or are zero."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import CosineRegularizer, cosine_similarity, cosine_similarity_gradient
from tests.support.gradients import central_differences

RANDOM = np.random.default_rng(0)
F, G = RANDOM.normal(size=(2, 6, 8))
TINY, HUGE = 1e-25, 1e30


def cosine(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    return np.sum(f * g, axis=-1) / np.linalg.norm(f, axis=-1) / np.linalg.norm(g, axis=-1)


def autodiff(f, g) -> np.ndarray:
    f = tf.convert_to_tensor(f)
    with tf.GradientTape() as tape:
        tape.watch(f)
        total = tf.reduce_sum(cosine_similarity(f, g))
    return tape.gradient(total, f).numpy()


def relative_error(one, other) -> float:
    return float(np.max(np.linalg.norm(one - other, axis=-1) / np.linalg.norm(other, axis=-1)))


def test_the_value_is_that_of_equation_3():
    np.testing.assert_allclose(cosine_similarity(F, G), cosine(F, G), rtol=1e-12)
    np.testing.assert_allclose(cosine_similarity(F, 3 * F), 1, rtol=1e-12)
    np.testing.assert_allclose(cosine_similarity(F, -F), -1, rtol=1e-12)


def test_the_gradient_is_the_printed_one():
    norm_f, norm_g = (np.linalg.norm(x, axis=-1, keepdims=True) for x in (F, G))
    dot = np.sum(F * G, axis=-1, keepdims=True)
    printed = G / (norm_f * norm_g) - dot * F / (norm_f**3 * norm_g)
    np.testing.assert_allclose(cosine_similarity_gradient(F, G), printed, rtol=1e-10, atol=1e-14)


def test_gradients_agree_with_central_differences_in_float64():
    numeric = central_differences(lambda f: float(np.sum(cosine(f, G))), F, step=1e-5)
    assert relative_error(np.asarray(cosine_similarity_gradient(F, G)), numeric) < 1e-7
    assert relative_error(autodiff(F, G), numeric) < 1e-7


def test_the_gradient_is_orthogonal_to_the_features():
    gradient = np.asarray(cosine_similarity_gradient(F, G))
    np.testing.assert_allclose(np.sum(gradient * F, axis=-1), 0, atol=1e-14)


@pytest.mark.parametrize("scale", [TINY, 1.0, HUGE])
def test_norms_that_overflow_when_squared_change_nothing_but_the_scale(scale):
    f, g = F.astype("float32"), G.astype("float32")
    scaled = (f * np.float32(scale)).astype("float32")
    np.testing.assert_allclose(cosine_similarity(scaled, g), cosine(F, G), rtol=1e-5)
    exact = np.asarray(cosine_similarity_gradient(F, G)) / scale
    np.testing.assert_allclose(cosine_similarity_gradient(scaled, g), exact, rtol=1e-4, atol=1e-6 / scale)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_zeros_and_extremes_give_finite_numbers_in_every_precision(dtype):
    highest = float(tf.as_dtype(dtype).max)
    rows = np.array([[0, 0, 0], [highest, highest, -highest], [1e-7, 0, 0], [1e-3, 2e-3, 0], [1, 2, 3]])
    f, g = tf.cast(rows, dtype), tf.cast(rows[::-1].copy(), dtype)
    for values in (cosine_similarity(f, g), cosine_similarity_gradient(f, g), autodiff(f, g)):
        assert np.isfinite(np.asarray(tf.cast(values, "float64"))).all()
    assert float(cosine_similarity(f, g)[0]) == 0
    assert not np.any(tf.cast(cosine_similarity_gradient(f, g), "float32")[0])
    assert cosine_similarity_gradient(f, g).dtype == dtype


@pytest.mark.parametrize(
    ("form", "of"), [("signed", lambda c: c), ("absolute", np.abs), ("squared", np.square)]
)
def test_the_layer_adds_the_weighted_mean_and_hands_its_inputs_on(form, of):
    layer = CosineRegularizer(0.3, form)
    f, g = F.astype("float32"), G.astype("float32")
    outputs = layer([f, g])
    for output, given in zip(outputs, (f, g), strict=True):
        np.testing.assert_array_equal(output, given)
    np.testing.assert_allclose(float(sum(layer.losses)), 0.3 * of(cosine(F, G)).mean(), rtol=1e-6)


def test_no_weight_adds_no_loss():
    layer = CosineRegularizer(0.0)
    layer([F.astype("float32"), G.astype("float32")])
    assert layer.losses == []


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_inputs_keep_their_type_under_mixed_precision(policy):
    layer = CosineRegularizer(0.3, dtype=policy)
    for dtype in ("float16", "float32"):
        outputs = layer([tf.cast(F, dtype), tf.cast(G, dtype)])
        assert [output.dtype for output in outputs] == [dtype, dtype]
    assert keras.backend.standardize_dtype(layer.losses[0].dtype) == "float32"


def test_training_turns_the_features_apart():
    inputs = keras.Input((4,))
    features = [keras.layers.Dense(5, name=name)(inputs) for name in ("identity", "age")]
    model = keras.Model(inputs, CosineRegularizer(1.0)(features))
    model.compile(keras.optimizers.Adam(0.05))
    x = RANDOM.normal(size=(32, 4)).astype("float32")
    for _ in range(150):
        model.train_on_batch(x)
    assert np.mean(cosine(*model.predict(x, verbose=0))) < -0.95


def test_it_survives_saving(tmp_path):
    inputs = [keras.Input((8,)), keras.Input((8,))]
    model = keras.Model(inputs, CosineRegularizer(0.2, "squared")(inputs))
    model.save(tmp_path / "model.keras")
    layer = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert (layer.weight, layer.form) == (0.2, "squared")
    config = json.loads(json.dumps(layer.get_config()))
    assert CosineRegularizer.from_config(config).get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weight": -1}, "weight is a finite number from 0 up, not -1"),
        ({"weight": float("nan")}, "weight is a finite number"),
        ({"form": "cubed"}, "form is one of signed, absolute, squared, not 'cubed'"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CosineRegularizer(**arguments)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 4)), ((2, 3, 1), (2, 3, 1)), ((2, 3),)])
def test_features_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="features"):
        CosineRegularizer(0.1)([np.zeros(shape, "float32") for shape in shapes])
