"""The three task weights against their formulas, and the proof of what each does to a network."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, softmax

from common.losses import NegativeScore, TaskWeight
from common.losses.task_weighting import FORMS
from tests.support.gradients import central_differences
from tests.support.layers import check_layer, check_loss

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 4))
LABELS = np.array([0, 3, 1, 3, 2, 0])
ONE_HOT = np.eye(4)[LABELS]
CROSS_ENTROPY = -np.mean(log_softmax(LOGITS, axis=1)[np.arange(6), LABELS])

SHARES = {
    "text": lambda w, loss: w * loss,
    "code": lambda w, loss: loss - np.log(w),
    "constrained": lambda w, loss: np.exp(-w) * loss + w / 2,
}
DERIVATIVES = {
    "text": lambda w, loss: loss,
    "code": lambda w, loss: -1 / w,
    "constrained": lambda w, loss: -np.exp(-w) * loss + 0.5,
}
FACTORS = {"text": lambda w: w, "code": lambda w: 1.0, "constrained": lambda w: np.exp(-w)}


def weighted(form, weight):
    layer = TaskWeight(form, dtype="float64")
    layer.build(LOGITS.shape)
    layer.weight.assign(weight)
    return layer


def value_and_gradients(form, weight):
    """Return the share, its gradient by the logits and its derivative by the weight."""
    layer, loss = weighted(form, weight), NegativeScore(4, dtype="float64")
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(LABELS, layer(logits))
    return (float(value), *(np.array(one) for one in tape.gradient(value, [logits, layer.weight.value])))


@pytest.mark.parametrize("form", FORMS)
def test_is_a_sound_layer(form):
    inputs = LOGITS.astype("float32")
    check_layer(
        TaskWeight, {"form": form}, inputs, output_shape=(6, 4), trainable_weights=1, half_precision=False
    )
    scores = TaskWeight(form, dtype="mixed_bfloat16")(inputs)
    assert keras.backend.standardize_dtype(scores.dtype) == "float32"


def test_is_a_sound_loss():
    check_loss(NegativeScore, {"num_classes": 4}, LABELS, LOGITS.astype("float32"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("weight", [0.3, 1.0, 2.5])
def test_share_and_gradients_are_the_formulas(form, weight):
    value, by_logits, by_weight = value_and_gradients(form, weight)
    assert value == pytest.approx(SHARES[form](weight, CROSS_ENTROPY), rel=1e-6)
    assert by_weight == pytest.approx(DERIVATIVES[form](weight, CROSS_ENTROPY), rel=1e-6)
    expected = FACTORS[form](weight) * (softmax(LOGITS, axis=1) - ONE_HOT) / 6
    np.testing.assert_allclose(by_logits, expected, rtol=1e-6, atol=1e-9)
    assert weighted(form, weight).factor() == pytest.approx(FACTORS[form](weight), rel=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_agree_with_central_differences(form):
    _, by_logits, by_weight = value_and_gradients(form, 0.7)

    def share(logits, weight):
        loss = -np.mean(log_softmax(logits, axis=1)[np.arange(6), LABELS])
        return SHARES[form](float(weight), loss)

    numeric = central_differences(lambda logits: share(logits, 0.7), LOGITS)
    np.testing.assert_allclose(by_logits, numeric, rtol=1e-6, atol=1e-8)
    numeric = central_differences(lambda weight: share(LOGITS, weight[0]), np.array([0.7]))
    assert by_weight == pytest.approx(numeric[0], rel=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_a_weight_starts_where_its_task_counts_once(form):
    layer = TaskWeight(form)
    layer.build((None, 4))
    assert layer.factor() == 1.0


def train_two_tasks(form, start, steps, rate=0.1):
    """Train two linear tasks on shared features by plain descent from the weights `start`, in float64.

    Returns:
        The kernel of the shared layer, the weights of each step (steps, 2), and the total losses.
    """
    keras.utils.set_random_seed(0)
    features = tf.constant(RANDOM_FEATURES)
    shared = keras.layers.Dense(5, dtype="float64")
    heads = [keras.layers.Dense(4, dtype="float64"), keras.layers.Dense(2, dtype="float64")]
    tasks = [TaskWeight(form, dtype="float64") for _ in heads]
    losses = [NegativeScore(4, dtype="float64"), NegativeScore(2, dtype="float64")]
    optimizer = keras.optimizers.SGD(rate)

    def total():
        x = shared(features)
        parts = (
            loss(labels, task(head(x)))
            for head, task, loss, labels in zip(heads, tasks, losses, TWO_LABELS, strict=True)
        )
        return tf.add_n(list(parts))

    total()
    for task, value in zip(tasks, start, strict=True):
        task.weight.assign(value)
    variables = [v for layer in (shared, *heads, *tasks) for v in layer.trainable_variables]
    optimizer.build(variables)

    @tf.function
    def descend():
        with tf.GradientTape() as tape:
            value = total()
        optimizer.apply(tape.gradient(value, [v.value for v in variables]), variables)
        return value

    path, values = [], []
    for _ in range(steps):
        values.append(float(descend()))
        path.append([float(task.weight.numpy()) for task in tasks])
    return shared.kernel.numpy(), np.array(path), np.array(values)


RANDOM_FEATURES = np.random.default_rng(1).normal(size=(12, 3))
TWO_LABELS = [np.random.default_rng(2).integers(0, k, 12) for k in (4, 2)]


def test_as_in_the_code_the_weights_change_nothing_in_the_network():
    one, path, _ = train_two_tasks("code", (1.0, 1.0), steps=30)
    other, _, _ = train_two_tasks("code", (7.0, 0.2), steps=30)
    np.testing.assert_array_equal(one, other)
    # Their own derivative is -1 / w, whatever the network does: both grow, along sqrt(1 + 2 rate n).
    assert (np.diff(path, axis=0) > 0).all()
    np.testing.assert_allclose(path[:, 0], path[:, 1], rtol=1e-12)
    np.testing.assert_allclose(path[-1], np.sqrt(1 + 2 * 0.1 * 30), rtol=0.02)


def test_as_in_the_text_the_weights_change_the_network_and_the_loss_has_no_minimum():
    short, path, _ = train_two_tasks("text", (1.0, 1.0), steps=5)
    other, _, _ = train_two_tasks("text", (2.0, 0.5), steps=5)
    assert np.abs(other - short).max() > 1e-2
    assert (np.diff(path, axis=0) < 0).all()
    _, path, values = train_two_tasks("text", (1.0, 1.0), steps=50)
    # Beyond every bound, and then beyond what a number can be.
    endless = np.flatnonzero(~(values > -100 * values[0]))[0]
    assert path[endless - 1].min() < 0
    assert (np.diff(values[:endless]) < 0).all()


def test_constrained_weights_go_to_their_closed_form():
    """At a fixed cross entropy L the least share is at exp(w) = 2 L."""
    layer, loss = weighted("constrained", 0.0), NegativeScore(4, dtype="float64")
    optimizer = keras.optimizers.SGD(0.5)
    for _ in range(200):
        with tf.GradientTape() as tape:
            value = loss(LABELS, layer(LOGITS))
        optimizer.apply(tape.gradient(value, [layer.weight.value]), [layer.weight])
    assert float(layer.weight.numpy()) == pytest.approx(np.log(2 * CROSS_ENTROPY), rel=1e-6)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TaskWeight("free"), "form is one of text, code, constrained, not 'free'"),
        (lambda: TaskWeight()(np.zeros((2, 3, 4), "float32")), r"take logits \(B, K\), not of shape"),
        (lambda: NegativeScore(1), "num_classes is at least 2, not 1"),
        (lambda: NegativeScore(3)(LABELS, LOGITS), r"takes scores of shape \(B, 3\), not \(6, 4\)"),
        (lambda: NegativeScore(4)([0, 4, 1, 1, 1, 1], LOGITS), "label 4 in row 1 is not one of the 4"),
    ],
)
def test_what_cannot_be_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
