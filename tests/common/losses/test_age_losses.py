"""What all age losses share: checked labels, the true gradient, sums that half precision would lose."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.losses import (
    AgeCrossEntropy,
    AgeL1,
    MeanVarianceLoss,
    NeighborhoodLoss,
    OrdinalLoss,
    decode_softmax,
)
from tests.support.gradients import central_differences
from tests.support.layers import check_loss

CLASSES = 12

LOSSES = [
    pytest.param(NeighborhoodLoss, {"sigma": 2.0}, id="neighborhood"),
    pytest.param(NeighborhoodLoss, {"sigma": 2.0, "normalize": True}, id="normalised"),
    pytest.param(AgeCrossEntropy, {}, id="cross-entropy"),
    pytest.param(MeanVarianceLoss, {"mean_weight": 0.3, "variance_weight": 0.1}, id="mean-variance"),
    pytest.param(OrdinalLoss, {}, id="ordinal"),
    pytest.param(AgeL1, {"centre": 5.0, "scale": 3.0}, id="l1"),
]

BAD_LABELS = [-1, CLASSES, np.nan, 3.5, np.inf, -np.inf]


def make(loss_class, arguments, **options):
    return loss_class(num_classes=CLASSES, **arguments, **options)


def outputs_for(loss, batch, seed=0, scale=2.0):
    return np.random.default_rng(seed).normal(size=(batch, loss.outputs)) * scale


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_is_a_sound_loss(loss_class, arguments):
    labels = np.array([0, 3, CLASSES - 1, 6])
    outputs = outputs_for(make(loss_class, arguments), 4).astype("float32")
    check_loss(loss_class, {"num_classes": CLASSES, **arguments}, labels, outputs)


def test_fused_gradient_is_a_sound_loss():
    arguments = {"num_classes": CLASSES, "fused_gradient": True}
    outputs = np.random.default_rng(0).normal(size=(4, CLASSES)).astype("float32")
    check_loss(NeighborhoodLoss, arguments, np.array([0, 3, CLASSES - 1, 6]), outputs)


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_gradient_is_that_of_the_value(loss_class, arguments):
    loss = make(loss_class, arguments, dtype="float64")
    labels = np.array([0, 4, CLASSES - 1])
    weights = np.array([1.0, 0.25, 3.0])
    at = outputs_for(loss, 3)
    logits = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(labels, logits, sample_weight=weights)
    assert value.dtype == tf.float64
    expected = central_differences(lambda x: float(loss(labels, x, sample_weight=weights)), at)
    np.testing.assert_allclose(tape.gradient(value, logits), expected, atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_column_of_labels_is_a_vector_of_labels(loss_class, arguments):
    loss = make(loss_class, arguments)
    labels, outputs = np.array([1, 2, 3]), outputs_for(loss, 3)
    assert float(loss(labels[:, None], outputs)) == float(loss(labels, outputs))


@pytest.mark.parametrize("bad", BAD_LABELS)
@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_label_outside_the_classes_is_named(loss_class, arguments, bad):
    loss = make(loss_class, arguments)
    expected = rf"label {bad:g} in row 1 is not one of the 12 classes: labels are whole years from 0 to 11"
    with pytest.raises(ValueError, match=expected):
        loss(np.array([3, bad, bad], dtype="float64"), outputs_for(loss, 3))


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_label_outside_the_classes_stops_a_graph(loss_class, arguments):
    loss = make(loss_class, arguments)
    signature = [tf.TensorSpec((None,), tf.float32), tf.TensorSpec((None, loss.outputs), tf.float32)]
    graph = tf.function(loss.__call__, input_signature=signature)
    outputs = outputs_for(loss, 3).astype("float32")
    assert np.isfinite(graph(np.array([0, 3, 11], "float32"), outputs))
    for bad in BAD_LABELS:
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=rf"not one of the 12 classes(.|\n)*\[{bad:g}\]"
        ):
            graph(np.array([3, bad, 5], "float32"), outputs)


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_label_outside_the_classes_spoils_what_xla_computes(loss_class, arguments):
    """XLA drops assertions: neither the value nor any gradient may look sound then."""
    loss = make(loss_class, arguments, reduction="none")

    @tf.function(jit_compile=True)
    def value_and_gradient(labels, outputs):
        with tf.GradientTape() as tape:
            tape.watch(outputs)
            value = loss(labels, outputs)
        return value, tape.gradient(value, outputs)

    outputs = tf.constant(outputs_for(loss, 2), tf.float32)
    value, gradient = value_and_gradient(tf.constant([3.0, -1.0]), outputs)
    assert np.isfinite(value[0])
    assert np.isfinite(gradient[0]).all()
    assert np.isnan(value[1])
    assert np.isnan(gradient[1]).all()


def test_fit_stops_at_a_label_outside_the_classes():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(CLASSES)])
    model.compile("sgd", NeighborhoodLoss(CLASSES), jit_compile=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="not one of the 12 classes"):
        model.fit(np.zeros((4, 2), "float32"), np.array([1, 2, 12, 3]), verbose=0)


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_empty_batch_in_a_graph(loss_class, arguments):
    loss = make(loss_class, arguments, reduction="none")
    signature = [tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None, loss.outputs), tf.float32)]
    graph = tf.function(loss.__call__, input_signature=signature)
    assert graph(np.zeros(0, "int64"), np.zeros((0, loss.outputs), "float32")).shape == (0,)


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
@pytest.mark.parametrize(
    ("labels", "outputs", "message"),
    [
        ((3,), (3, 5), r"outputs of shape \(B, \d+\), not of shape \(3, 5\)"),
        ((3,), (3,), r"outputs of shape \(B, \d+\), not of shape \(3,\)"),
        ((3, 12), None, r"labels are of shape \(B,\) or \(B, 1\), not of shape \(3, 12\)"),
        ((), None, r"labels are of shape \(B,\) or \(B, 1\), not of shape \(\)"),
        ((2,), None, "2 labels do not fit 3 outputs"),
    ],
)
def test_wrong_shape_is_an_error(loss_class, arguments, labels, outputs, message):
    loss = make(loss_class, arguments)
    with pytest.raises(ValueError, match=message):
        loss(np.ones(labels), np.zeros(outputs or (3, loss.outputs)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_extreme_half_precision_outputs(loss_class, arguments, dtype):
    """Outputs near the end of float16 and a batch whose sum exceeds it: finite, and as float64 has it."""
    batch = 256
    loss = make(loss_class, arguments, dtype=dtype)
    labels = np.arange(batch) % CLASSES
    outputs = tf.cast(outputs_for(loss, batch, scale=1e3).clip(-3e4, 3e4), dtype)
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        value = loss(labels, outputs)
    exact = make(loss_class, arguments, dtype="float64")(labels, tf.cast(outputs, "float64"))
    np.testing.assert_allclose(value, exact, rtol=1e-5)
    assert np.isfinite(tf.cast(tape.gradient(value, outputs), "float32")).all()


@pytest.mark.parametrize(("loss_class", "arguments"), LOSSES)
def test_symbolic_call_needs_no_labels(loss_class, arguments):
    loss = make(loss_class, arguments, reduction="none")
    losses = keras.ops.cast(
        loss.call(keras.KerasTensor((5,)), keras.KerasTensor((5, loss.outputs))), "float32"
    )
    assert losses.shape == (5,)


@pytest.mark.parametrize(
    ("loss_class", "arguments", "message"),
    [
        (AgeCrossEntropy, {"num_classes": 1}, "num_classes is at least 2, not 1"),
        (NeighborhoodLoss, {"sigma": 0}, "sigma is above zero, not 0"),
        (NeighborhoodLoss, {"sigma": float("nan")}, "sigma is above zero, not nan"),
        (
            NeighborhoodLoss,
            {"from_logits": False, "fused_gradient": True},
            "fused_gradient needs from_logits",
        ),
        (MeanVarianceLoss, {"variance_weight": -1}, "the weights are not below zero"),
        (AgeL1, {"scale": 0}, "scale is above zero, not 0"),
    ],
)
def test_senseless_argument_is_refused(loss_class, arguments, message):
    with pytest.raises(ValueError, match=message):
        loss_class(**arguments)


def test_softmax_decoding_against_scipy():
    from scipy.special import softmax

    logits = np.random.default_rng(0).normal(size=(6, 100)) * 30
    probabilities, ages = decode_softmax(logits.astype("float32"))
    expected = softmax(logits.astype("float32").astype("float64"), axis=1)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)
    np.testing.assert_allclose(ages, (expected * np.arange(100)).sum(1), rtol=1e-12)
    assert decode_softmax(np.array([[1e30, 0.0, -1e30]])).ages == 0
