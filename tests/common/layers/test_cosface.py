"""The head against its formula in float64 and its gradient against central differences."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import CosFaceHead
from tests.support.gradients import central_differences

RANDOM = np.random.default_rng(0)
EMBEDDING = RANDOM.normal(size=(6, 5))
LABELS = np.array([0, 3, 1, 3, 2, 0])


def formula(embedding, kernel, labels, scale=64.0, margin=0.35):
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    cosines = unit @ (kernel / np.linalg.norm(kernel, axis=0))
    cosines[np.arange(len(labels)), labels] -= margin
    return scale * cosines


def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels])


@pytest.mark.parametrize("margin", [0.0, 0.35])
def test_the_logits_are_the_formulas(margin):
    head = CosFaceHead(4, scale=30.0, margin=margin)
    logits = head([EMBEDDING.astype("float32"), LABELS])
    expected = formula(EMBEDDING, head.kernel.numpy().astype(float), LABELS, 30.0, margin)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


def test_the_margin_is_on_the_true_class_alone():
    with_margin, without = CosFaceHead(4, margin=0.5), CosFaceHead(4, margin=0.0)
    for head in (with_margin, without):
        head.build([(None, 5), (None,)])
    without.set_weights(with_margin.get_weights())
    inputs = [EMBEDDING.astype("float32"), LABELS]
    difference = np.asarray(without(inputs)) - np.asarray(with_margin(inputs))
    np.testing.assert_allclose(difference, 64 * 0.5 * np.eye(4)[LABELS], atol=1e-4)


def test_gradients_agree_with_central_differences():
    head = CosFaceHead(4, scale=16.0, dtype="float64")
    embedding = tf.constant(EMBEDDING)
    with tf.GradientTape() as tape:
        tape.watch(embedding)
        logits = head([embedding, LABELS])
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits))
    found = tape.gradient(loss, [embedding, head.kernel.value])
    kernel = head.kernel.numpy()
    expected = (
        central_differences(lambda e: cross_entropy(formula(e, kernel, LABELS, 16.0), LABELS), EMBEDDING),
        central_differences(lambda k: cross_entropy(formula(EMBEDDING, k, LABELS, 16.0), LABELS), kernel),
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_computes_in_float32(policy):
    half = CosFaceHead(4, dtype=policy)
    logits = half([EMBEDDING.astype("float32"), LABELS])
    assert logits.dtype == "float32"
    full = CosFaceHead(4)
    full.build([(None, 5), (None,)])
    full.set_weights(half.get_weights())
    np.testing.assert_array_equal(logits, full([EMBEDDING.astype("float32"), LABELS]))


@pytest.mark.parametrize(("precision", "rounding"), [("bfloat16", 2**-7), ("float16", 2**-10)])
def test_half_an_embedding_gets_the_gradient_of_float32_rounded_once(precision, rounding):
    """Of what the layer before it hands on in 16 bits: nothing more is lost than by rounding the result."""
    half = tf.cast(EMBEDDING, precision)
    widened = np.asarray(tf.cast(half, tf.float64))
    head = CosFaceHead(4, 16.0, dtype=f"mixed_{precision}")
    head.build([(None, 5), (None,)])
    with tf.GradientTape() as tape:
        tape.watch(half)
        logits = head([half, LABELS])
        loss = keras.losses.sparse_categorical_crossentropy(LABELS, logits, from_logits=True)
        loss = tf.reduce_mean(loss)
    kernel = np.asarray(head.get_weights()[0], np.float64)
    expected = central_differences(lambda e: cross_entropy(formula(e, kernel, LABELS, 16.0), LABELS), widened)
    found = tape.gradient(loss, half)
    assert found.dtype == precision and logits.dtype == "float32"
    scale = np.abs(expected).max()
    np.testing.assert_allclose(tf.cast(found, tf.float64), expected, rtol=rounding, atol=1e-5 * scale)


def test_a_zero_embedding_gives_finite_logits_and_gradients():
    head = CosFaceHead(4)
    zeros = tf.zeros((2, 5))
    with tf.GradientTape() as tape:
        tape.watch(zeros)
        total = tf.reduce_sum(head([zeros, np.array([0, 1])]))
    assert np.isfinite(total)
    assert np.isfinite(tape.gradient(total, zeros)).all()


@pytest.mark.parametrize("label", [-1, 4, 1.5, float("nan")])
def test_a_label_that_names_no_class_is_refused(label):
    head = CosFaceHead(4)
    labels = np.array([0, label])
    with pytest.raises(ValueError, match="in row 1 is not one of the 4 classes: labels are whole numbers"):
        head([np.ones((2, 5), "float32"), labels])
    compiled = tf.function(lambda embedding, labels: head([embedding, labels]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="not one of the 4 classes"):
        compiled(tf.ones((2, 5)), tf.constant(labels, tf.float32))


def test_it_trains_and_survives_saving(tmp_path):
    inputs = [keras.Input((5,)), keras.Input((), dtype="int32")]
    model = keras.Model(inputs, CosFaceHead(4, 16.0, 0.2)([keras.layers.Dense(8)(inputs[0]), inputs[1]]))
    model.compile(keras.optimizers.Adam(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = [EMBEDDING.astype("float32"), LABELS]
    losses = [float(model.train_on_batch(data, LABELS)) for _ in range(60)]
    assert losses[-1] < 0.5 * losses[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(data), model(data), rtol=1e-5)
    head = loaded.layers[-1]
    assert (head.num_classes, head.scale, head.margin) == (4, 16.0, 0.2)
    assert CosFaceHead.from_config(json.loads(json.dumps(head.get_config()))).margin == 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 1}, "num_classes is at least 2, not 1"),
        ({"num_classes": 4, "scale": 0}, "scale is a finite number above 0"),
        ({"num_classes": 4, "margin": -0.1}, "margin is a finite number from 0 up"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CosFaceHead(**arguments)


def test_inputs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="takes an embedding"):
        CosFaceHead(4).build([(None, 5, 2), (None,)])
