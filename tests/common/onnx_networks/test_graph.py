"""The layer that computes what an ONNX file holds is one as others are, and needs no package of ONNX."""

import keras
import numpy as np
import pytest

from common.onnx_networks.graph import Node, OnnxGraph
from tests.support.layers import check_layer

IMAGES = np.random.default_rng(0).normal(size=(2, 3, 5, 5)).astype(np.float32)
CONV = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
NODES = [
    {"operation": "Conv", "inputs": ["images", "kernel"], "output": "hidden", "attributes": CONV},
    {"operation": "Mul", "inputs": ["hidden", "slope"], "output": "answer", "attributes": {}},
]
SHAPES = {"kernel": [4, 3, 3, 3], "slope": [4, 1, 1]}


def test_it_is_a_layer_as_others_are():
    arguments = {"nodes": NODES, "shapes": SHAPES, "given": "images", "asked": "answer"}
    options = {"output_shape": (2, 4, 3, 3), "non_trainable_weights": 2, "half_precision": False}
    check_layer(OnnxGraph, arguments, IMAGES, **options)


def test_it_computes_float32_under_any_policy_and_any_number_of_faces():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = OnnxGraph(NODES, SHAPES, "images", "answer")
    finally:
        keras.config.set_dtype_policy("float32")
    layer.assign({"kernel": np.ones((4, 3, 3, 3)), "slope": np.arange(4).reshape(4, 1, 1)})
    given = keras.Input((3, 5, 5))
    model = keras.Model(given, layer(given))
    assert model.output.shape == (None, 4, 3, 3) and model.output.dtype == "float32"
    answers = model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(answers[:, 2, 1, 1], 2 * IMAGES[:, :, 1:4, 1:4].sum((1, 2, 3)), rtol=1e-5)
    assert not answers[:, 0].any()


def test_between_two_convolutions_nothing_is_transposed():
    import tensorflow as tf

    nodes = [
        Node("Transpose", ("faces",), "images", {"perm": [0, 3, 1, 2]}),
        *(Node(**node) for node in NODES),
        Node("Relu", ("answer",), "positive", {}),
        Node("Concat", ("positive", "answer"), "both", {"axis": 1}),
        Node("Conv", ("both", "point"), "end", {"kernel_shape": [1, 1]}),
        Node("Transpose", ("end",), "turned", {"perm": [0, 2, 3, 1]}),
    ]
    layer = OnnxGraph(nodes, {**SHAPES, "point": [2, 8, 1, 1]}, "faces", "turned")
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec((None, 5, 5, 3))).graph
    transposed = [one.inputs[0].shape for one in graph.get_operations() if one.type == "Transpose"]
    assert all(shape[0] is not None for shape in transposed)  # weights, whose transpositions are constant


@pytest.mark.parametrize("axis", [1, -3])
def test_axes_of_images_are_counted_as_onnx_counts_them(axis):
    nodes = [
        Node(**NODES[0]),
        Node("Slice", ("hidden",), "answer", {"starts": [1], "ends": [2**63 - 1], "axes": [axis]}),
    ]
    layer = OnnxGraph(nodes, {"kernel": [4, 3, 3, 3]}, "images", "answer")
    whole = OnnxGraph(nodes[:1], {"kernel": [4, 3, 3, 3]}, "images", "hidden")
    whole.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(IMAGES), np.asarray(whole(IMAGES))[:, 1:])


def test_a_weight_that_images_and_vectors_share_widens_no_vector():
    nodes = [
        Node(**NODES[0]),
        Node("Mul", ("hidden", "factor"), "scaled", {}),
        Node("ReduceMean", ("scaled",), "vectors", {"axes": [2, 3], "keepdims": 0}),
        Node("Mul", ("vectors", "factor"), "answer", {}),
    ]
    layer = OnnxGraph(nodes, {"kernel": [4, 3, 3, 3], "factor": [1]}, "images", "answer")
    layer.assign({"kernel": np.ones((4, 3, 3, 3)), "factor": [2.0]})
    once = OnnxGraph(nodes[:1], {"kernel": [4, 3, 3, 3]}, "images", "hidden")
    once.assign({"kernel": np.ones((4, 3, 3, 3))})
    expected = 4 * once(IMAGES).numpy().mean((2, 3))
    np.testing.assert_allclose(layer(IMAGES).numpy(), expected, rtol=1e-5)
