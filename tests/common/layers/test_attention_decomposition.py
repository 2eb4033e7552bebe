"""Nothing is lost between the parts; masks and gradients against a reading in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from common.layers import AttentionFeatureDecomposition
from tests.support.gradients import central_differences
from tests.support.layers import check_layer

RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(3, 4, 4, 5))
WIDE = RANDOM.normal(size=(4, 7, 7, 16)) * 10.0 ** RANDOM.uniform(-3, 3, (4, 7, 7, 16))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_parts_add_up_to_the_last_bit(dtype, compiled):
    layer = AttentionFeatureDecomposition(dtype=dtype)
    maps = tf.cast(WIDE, dtype)
    layer.build(maps.shape)
    layer.channel_norm.gamma.assign(tf.fill([16], tf.cast(30.0, layer.channel_norm.gamma.dtype)))
    call = tf.function(lambda x: layer(x, training=True)) if compiled else lambda x: layer(x, training=True)
    x_id, x_age = call(maps)
    assert x_id.dtype == x_age.dtype == maps.dtype
    assert bool(tf.reduce_all(x_id + x_age == maps))
    share = np.asarray(tf.cast(x_age, "float64")) / np.asarray(tf.cast(maps, "float64"))
    assert share.min() >= -1e-2
    assert share.max() <= 1 + 1e-2
    assert share.std() > 0.1


def reading(x, weights, training):
    """The masks as they are defined, loop by loop, in float64: (x_id, x_age)."""
    pyramid = []
    for count in (1, 2, 3):
        for i in range(count):
            for j in range(count):
                rows = slice(i * 4 // count, -(-(i + 1) * 4 // count))
                columns = slice(j * 4 // count, -(-(j + 1) * 4 // count))
                bin_ = x[:, rows, columns]
                pyramid.append(bin_.mean(axis=(1, 2)) + bin_.max(axis=(1, 2)))
    hidden = np.maximum(np.concatenate(pyramid, axis=1) @ weights["squeeze"], 0)
    channel = _norm(hidden @ weights["excite"], weights, "channel_norm", (0,), training)
    seen = np.stack([x.max(axis=-1), x.mean(axis=-1)], axis=-1)
    padded = np.pad(seen, ((0, 0), (3, 3), (3, 3), (0, 0)))
    looked = sum(padded[:, i : i + 4, j : j + 4] @ weights["look"][i, j] for i in range(7) for j in range(7))
    spatial = _norm(looked, weights, "spatial_norm", (0, 1, 2), training)
    x_age = (x * _sigmoid(channel)[:, None, None] + x * _sigmoid(spatial)) / 2
    return x - x_age, x_age


def _norm(x, weights, name, axes, training):
    gamma, beta, mean, variance = weights[name]
    if training:
        mean, variance = x.mean(axis=axes), x.var(axis=axes)
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def layer():
    made = AttentionFeatureDecomposition(reduction=7, dtype="float64")
    made.build(MAPS.shape)
    random = np.random.default_rng(1)
    for variable in made.variables:
        variable.assign(np.abs(random.normal(0.7, 0.3, variable.shape)) + 0.1)
    for kernel in (made.squeeze.kernel, made.excite.kernel, made.look.kernel):
        kernel.assign(random.normal(0, 0.3, kernel.shape))
    return made


def weights_of(layer):
    norms = {name: getattr(layer, name) for name in ("channel_norm", "spatial_norm")}
    return {
        **{name: getattr(layer, name).kernel.numpy() for name in ("squeeze", "excite", "look")},
        **{
            name: [v.numpy() for v in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)]
            for name, norm in norms.items()
        },
    }


@pytest.mark.parametrize("training", [False, True])
def test_the_masks_are_the_readings(layer, training):
    expected = reading(MAPS, weights_of(layer), training)
    for found, part in zip(layer(MAPS, training=training), expected, strict=True):
        np.testing.assert_allclose(found, part, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("training", [False, True])
def test_gradients_agree_with_central_differences(layer, training):
    weigh = np.random.default_rng(2).normal(size=(2, *MAPS.shape))
    weights = weights_of(layer)

    def total(x, **changed):
        x_id, x_age = reading(x, {**weights, **changed}, training)
        return np.sum(weigh[0] * x_id) + np.sum(weigh[1] * x_age)

    maps = tf.constant(MAPS)
    kernels = {name: getattr(layer, name).kernel for name in ("squeeze", "excite", "look")}
    with tf.GradientTape() as tape:
        tape.watch(maps)
        x_id, x_age = layer(maps, training=training)
        value = tf.reduce_sum(weigh[0] * x_id) + tf.reduce_sum(weigh[1] * x_age)
    found = tape.gradient(value, [maps, *(kernel.value for kernel in kernels.values())])
    np.testing.assert_allclose(found[0], central_differences(total, MAPS), rtol=1e-5, atol=1e-7)
    for gradient, name in zip(found[1:], kernels, strict=True):
        expected = central_differences(lambda k, name=name: total(MAPS, **{name: k}), weights[name])
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-7, err_msg=name)


def test_what_every_layer_promises():
    maps = MAPS.astype("float32")
    check_layer(
        AttentionFeatureDecomposition,
        {"reduction": 7, "kernel_size": 3, "momentum": 0.5, "synchronized": False},
        maps,
        output_shape=[maps.shape, maps.shape],
        trainable_weights=7,
        non_trainable_weights=4,
    )


def test_the_full_size_has_the_papers_numbers():
    layer = AttentionFeatureDecomposition()
    layer.build((None, 7, 7, 512))
    assert layer.squeeze.kernel.shape == (7168, 448)
    assert layer.excite.kernel.shape == (448, 512)
    assert layer.look.kernel.shape == (7, 7, 2, 1)


def test_senseless_arguments_and_maps_are_refused():
    with pytest.raises(ValueError, match="from 1 up"):
        AttentionFeatureDecomposition(reduction=0)
    with pytest.raises(ValueError, match="of known size"):
        AttentionFeatureDecomposition().build((None, None, None, 8))
