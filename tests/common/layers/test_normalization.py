"""The fused layer must be Keras' own batch normalisation in all but time."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import FusedBatchNormalization
from common.training.strategy import make_strategy
from tests.support import forked
from tests.support.layers import check_layer

IMAGES = np.random.default_rng(0).normal(3.0, 2.0, size=(4, 6, 5, 3)).astype("float32")


def pair(inputs=IMAGES, **options):
    """Build the fused layer and Keras' own with the same random weights."""
    both = [kind(**options) for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)]
    random = np.random.default_rng(1)
    for layer in both:
        layer.build(inputs.shape)
    weights = [random.uniform(0.5, 1.5, size=x.shape) for x in both[0].weights]
    for layer in both:
        layer.set_weights(weights)
    return both


def step(layer, inputs, training):
    """Return the outputs, and the gradients of a loss that weighs each of them differently."""
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=training)
        loss = tf.reduce_sum(
            tf.cast(outputs, "float64") * np.sin(np.arange(inputs.shape.num_elements())).reshape(inputs.shape)
        )
    return [outputs, *tape.gradient(loss, [inputs, layer.gamma.value, layer.beta.value])]


def assert_same(fused, own, rtol=1e-4, atol=1e-4):
    for one, other in zip(fused, own, strict=True):
        np.testing.assert_allclose(tf.cast(one, "float32"), tf.cast(other, "float32"), rtol=rtol, atol=atol)


def test_is_a_sound_layer():
    check_layer(
        FusedBatchNormalization,
        {"momentum": 0.9, "epsilon": 1e-5},
        IMAGES,
        output_shape=IMAGES.shape,
        trainable_weights=2,
        non_trainable_weights=2,
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("frozen", [False, True])
def test_outputs_gradients_and_statistics_are_those_of_keras(training, frozen):
    fused, own = pair(momentum=0.9, epsilon=1e-5)
    fused.trainable = own.trainable = not frozen
    assert_same(step(fused, IMAGES, training), step(own, IMAGES, training))
    assert_same(fused.get_weights(), own.get_weights(), rtol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near_keras(policy):
    fused, own = pair(dtype=policy)
    outputs = fused(IMAGES, training=True)
    assert outputs.dtype == policy.removeprefix("mixed_")
    assert_same([outputs], [own(IMAGES, training=True)], rtol=0.02, atol=0.02)
    assert_same(fused.get_weights(), own.get_weights(), rtol=0.01, atol=0.01)


@pytest.mark.parametrize(("training", "synchronized"), [(True, False), (False, False), (False, True)])
def test_uses_the_kernel_in_training_and_inference(training, synchronized):
    """Replicas have nothing to say to each other where batches are not looked at."""
    fused, _ = pair(synchronized=synchronized)
    graph = tf.function(lambda x: fused(x, training=training)).get_concrete_function(
        tf.TensorSpec(IMAGES.shape)
    )
    assert "FusedBatchNormV3" in {x.type for x in graph.graph.get_operations()}


@pytest.mark.parametrize(
    ("options", "inputs"),
    [
        ({"axis": 1}, IMAGES),
        ({"scale": False}, IMAGES),
        ({"center": False}, IMAGES),
        ({"renorm": True}, IMAGES),
        ({"synchronized": True}, IMAGES),
        ({}, IMAGES[0]),
        ({"dtype": "float64"}, IMAGES.astype("float64")),
    ],
    ids=["channels first", "no scale", "no centre", "renorm", "synchronized", "three axes", "float64"],
)
def test_is_keras_own_layer_where_there_is_no_kernel(options, inputs):
    fused, own = pair(inputs, **options)
    assert_same([fused(inputs, training=True)], [own(inputs, training=True)], rtol=1e-6)
    assert_same(fused.get_weights(), own.get_weights(), rtol=1e-6)


def test_mask_is_honoured():
    fused, own = pair()
    mask = np.array(np.random.default_rng(2).integers(0, 2, size=IMAGES.shape[:3]), bool)
    assert_same([fused(IMAGES, training=True, mask=mask)], [own(IMAGES, training=True, mask=mask)])


def test_one_value_a_channel_has_no_variance():
    fused, own = pair(IMAGES[:1, :1, :1])
    assert_same([fused(IMAGES[:1, :1, :1], training=True)], [own(IMAGES[:1, :1, :1], training=True)])
    assert_same(fused.get_weights(), own.get_weights())


def compare_synchronised() -> None:
    """Compare with Keras' own layer what two replicas of different shares make of a batch."""
    mirrored = make_strategy(2)
    found, messages = [], []
    with mirrored.scope():
        layers = pair(momentum=0.9, epsilon=1e-5, synchronized=True)
    for layer in layers:

        @tf.function
        def run(layer=layer):
            def of_replica():
                replica = tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group)
                share = IMAGES[1:] if replica else IMAGES[:1]
                return tuple(step(layer, share, True))

            return mirrored.run(of_replica)

        found.append([one for value in run() for one in mirrored.experimental_local_results(value)])
        operations = run.get_concrete_function().graph.get_operations()
        messages.append(sum(one.type == "AddN" and "AddN" in one.name for one in operations))
    assert_same(*found)
    assert_same(*(layer.get_weights() for layer in layers), rtol=1e-6)
    assert messages[0] < messages[1]
    _, whole = pair(momentum=0.9, epsilon=1e-5)
    outputs = step(whole, IMAGES, True)[0]
    np.testing.assert_allclose(tf.concat(found[0][:2], 0), outputs, rtol=1e-4, atol=1e-4)


def test_synchronised_it_is_keras_own_layer_in_fewer_messages():
    forked.run(compare_synchronised)
