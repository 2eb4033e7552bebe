"""Networks read from ONNX answer as ONNX Runtime does. Needs the packages of requirements-export.txt."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.onnx_networks.reading import read_onnx
from common.onnx_networks.running import OnnxNetwork

onnx = pytest.importorskip("onnx", reason="requirements-export.txt is not installed")
NETWORKS = Path(__file__).resolve().parents[3] / "networks"
RANDOM = np.random.default_rng(0)


def weights(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def whole(*numbers):
    return np.array(numbers, np.int64)


def write(path, nodes, shape, **constants):
    """Write a graph of (operation, inputs, output, attributes) from "x", (N, *shape), to "y"."""
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(name, given, [output], **more) for name, given, output, more in nodes],
        "graph",
        [value("x", onnx.TensorProto.FLOAT, ["N", *shape])],
        [value("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, path)
    return path


def far(path, inputs):
    """Return how far the network read is from ONNX Runtime's, at most."""
    model = read_onnx(path)
    expected = OnnxNetwork(path)(inputs)
    given = model.predict(inputs, verbose=0)
    assert given.shape == expected.shape and given.dtype == expected.dtype
    assert model.output.shape[1:] == expected.shape[1:]
    return float(np.abs(given - expected).max())


@pytest.mark.parametrize("name", ["age", "gender", "recognition", "synthesis"])
def test_published_networks_answer_as_they_do(name):
    path = NETWORKS / f"{name}.onnx"
    shape = OnnxNetwork(path).shape
    difference = far(path, RANDOM.integers(0, 256, (3, *shape), np.uint8))
    print(f"{name}: {difference:.1e}")
    assert difference <= 1e-5


def test_what_is_saved_is_loaded_without_the_packages_that_read_it(tmp_path, monkeypatch):
    model = read_onnx(NETWORKS / "gender.onnx")
    assert model.inputs[0].name == "faces" and model.layers[-1].name == "genders"
    assert not model.trainable_weights and {one.dtype for one in model.weights} == {"float32"}
    faces = RANDOM.integers(0, 256, (5, *model.input.shape[1:]), np.uint8)
    before = model.predict(faces, verbose=0)
    model.save(tmp_path / "gender.keras")
    monkeypatch.setitem(sys.modules, "onnx", None)
    again = keras.models.load_model(tmp_path / "gender.keras", compile=False)
    np.testing.assert_array_equal(again.predict(faces, verbose=0), before)
    with pytest.raises(UserError, match="reading ONNX needs the packages"):
        read_onnx(NETWORKS / "gender.onnx")


def conv(output, **more):
    return "Conv", ["x", "kernel", "bias"], output, {"kernel_shape": [3, 3], **more}


CONV = conv("c", pads=[1, 1, 1, 1])
KERNEL = {"kernel": weights(4, 3, 3, 3), "bias": weights(4)}


@pytest.mark.parametrize(
    ("nodes", "constants"),
    [
        ([conv("y", pads=[0, 0, 1, 1], strides=[2, 2])], KERNEL),
        ([conv("y", pads=[1, 1, 0, 0], strides=[2, 2])], KERNEL),
        ([conv("y", pads=[2, 1, 0, 3], strides=[1, 2])], KERNEL),
        ([conv("y", dilations=[2, 2])], KERNEL),
        ([("MaxPool", ["x"], "y", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]})], {}),
        ([("MaxPool", ["x"], "y", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]})], {}),
        ([("AveragePool", ["x"], "y", {"kernel_shape": [3, 2], "strides": [2, 1]})], {}),
        ([CONV, ("Mul", ["c", "slope"], "y", {})], {**KERNEL, "slope": weights(4, 1, 1)}),
        ([CONV, ("Add", ["row", "c"], "y", {})], {**KERNEL, "row": weights(8)}),
        ([CONV, ("Sub", ["c", "column"], "y", {})], {**KERNEL, "column": weights(1, 1, 8, 1)}),
        ([CONV, ("Min", ["c", "one", "c"], "y", {})], {**KERNEL, "one": np.float32(0.1)}),
        ([CONV, ("Concat", ["c", "x"], "y", {"axis": 1})], KERNEL),
        ([CONV, ("Concat", ["c", "c"], "y", {"axis": -1})], KERNEL),
        ([CONV, ("Softmax", ["c"], "y", {"axis": 1})], KERNEL),
        ([CONV, ("ReduceMean", ["c"], "y", {"axes": [2], "keepdims": 0})], KERNEL),
        ([CONV, ("ReduceMax", ["c"], "y", {"axes": [1]})], KERNEL),
        (
            [CONV, ("Slice", ["c", "starts", "ends", "axes", "steps"], "y", {})],
            {
                **KERNEL,
                "starts": whole(1, 0),
                "ends": whole(-1, 1000),
                "axes": whole(2, -3),
                "steps": whole(1, 2),
            },
        ),
        (
            [CONV, ("Unsqueeze", ["c", "axes"], "u", {}), ("Tile", ["u", "times"], "y", {})],
            {**KERNEL, "axes": whole(2), "times": whole(1, 1, 3, 1, 2)},
        ),
        (
            [CONV, ("Resize", ["c", "", "scales"], "y", {"mode": "linear"})],
            {**KERNEL, "scales": np.array([1, 1, 2, 3], np.float32)},
        ),
        (
            [
                ("Shape", ["x"], "shape", {}),
                ("Mul", ["shape", "times"], "larger", {}),
                ("Div", ["larger", "parts"], "other", {}),
                ("Transpose", ["x"], "t", {"perm": [0, 2, 3, 1]}),
                ("Reshape", ["t", "other"], "y", {}),
            ],
            {"times": whole(6, 1, 1, 1), "parts": whole(1, 3, 2, 1)},
        ),
    ],
    ids=lambda given: given[-1][0] if isinstance(given, list) else "",
)
def test_operations_answer_as_onnx_runtime_does(tmp_path, nodes, constants):
    path = write(tmp_path / "net.onnx", nodes, (3, 8, 8), **constants)
    assert far(path, weights(2, 3, 8, 8)) <= 1e-5


def test_what_only_reshaping_may_take_from_the_number_of_faces_is_refused_elsewhere(tmp_path):
    nodes = [("Shape", ["x"], "shape", {}), ("Tile", ["x", "shape"], "y", {})]
    with pytest.raises(UserError, match="Tile is not known with shape that follows from the number of faces"):
        read_onnx(write(tmp_path / "net.onnx", nodes, (3, 2, 2)))


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (("Erf", ["x"], "y", {}), "unknown ONNX operation 'Erf'"),
        (
            ("Conv", ["x", "k"], "y", {"kernel_shape": [1, 1], "group": 3}),
            "operation Conv is known with group 1 alone, not 3",
        ),
        (("ReduceMax", ["x"], "y", {}), "operation ReduceMax is not known as it is used here"),
        (
            ("MaxPool", ["x"], "y", {"kernel_shape": [2, 2], "ceil_mode": 1}),
            "operation MaxPool is not known as",
        ),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path, node, said):
    path = write(tmp_path / "net.onnx", [node], (3, 8, 8), k=weights(3, 1, 1, 1))
    with pytest.raises(UserError, match=said):
        read_onnx(path)


def test_files_that_hold_no_such_network_are_refused(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"no network")
    for path in (tmp_path / "net.onnx", NETWORKS / "retinaface-mobilenet.onnx"):
        with pytest.raises(UserError, match="holds no network with one input and one output"):
            read_onnx(path)


def test_an_input_of_any_size_is_refused(tmp_path):
    path = write(tmp_path / "net.onnx", [("Relu", ["x"], "y", {})], (3, "height", 8))
    with pytest.raises(UserError, match="input x has no fixed size"):
        read_onnx(path)
