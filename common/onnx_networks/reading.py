"""A Keras network out of an ONNX file: needs the packages of requirements-export.txt, the network none."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from common.errors import UserError, clause, unknown
from common.onnx_networks.graph import Node, OnnxGraph
from common.onnx_networks.operations import OPERATIONS, PARAMETERS, SETTLED
from common.onnx_networks.packages import require


def read_onnx(path: Path) -> keras.Model:
    """Return the network of an ONNX file with one input and one output, (N, ...) each, any number of faces.

    Input and output keep their names, the latter as that of the model's last layer; weights that are stored
    in float16 become float32. What is computed of the number of faces alone, to say shapes, is left out.

    Args:
        path: of a file that ONNX Runtime runs.

    Raises:
        UserError: the packages that this needs are not installed, the file holds no such network, or an
            operation that is not known.
    """
    onnx = require("onnx", "reading ONNX")
    proto = _loaded(onnx, path)
    weights = {one.name: onnx.numpy_helper.to_array(one) for one in proto.graph.initializer}
    (given,), (asked,) = proto.graph.input, proto.graph.output
    faces = _input(onnx, given)
    kept = _needed(proto.graph.node, asked.name)
    for one in kept:
        if one.op_type not in OPERATIONS:
            raise unknown("ONNX operation", one.op_type, OPERATIONS)
    numbers = _numbers(onnx, proto, kept, weights, faces)
    nodes = []
    for one in kept:
        node = _node(onnx, one, numbers)
        if node.operation == "Cast" and node.inputs[0] in weights:
            weights[node.output] = weights[node.inputs[0]]
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.inputs}
    held = {name: weight.astype(np.float32) for name, weight in weights.items() if name in used}
    shapes = {name: list(weight.shape) for name, weight in held.items()}
    layer = OnnxGraph(nodes, shapes, given.name, asked.name, name=asked.name)
    layer.assign(held)
    return keras.Model(faces, layer(faces), name=path.stem)


def _loaded(onnx: ModuleType, path: Path) -> Any:
    """Return what a file holds: one input, which is no weight, and one output."""
    try:
        proto = onnx.load(path)
        (_,), (_,) = proto.graph.input, proto.graph.output
    # A damaged file is told of by errors that have no class in common.
    except Exception as error:
        raise UserError(
            f"{path} holds no network with one input and one output ({clause(error)[:200]}): name another "
            "file."
        ) from error
    return proto


def _input(onnx: ModuleType, given: Any) -> keras.KerasTensor:
    """Return Keras' input for that of a graph."""
    told = given.type.tensor_type
    shape = [one.dim_value for one in told.shape.dim][1:]
    if 0 in shape:
        raise UserError(f"the network's input {given.name} has no fixed size: write the network for one.")
    kind = onnx.helper.tensor_dtype_to_np_dtype(told.elem_type)
    return keras.Input(shape, dtype=kind.name, name=given.name)


def _takes(node: Any) -> list[str]:
    """Return the values that a node takes, without those that are its parameters."""
    inputs = node.input[:1] if node.op_type in PARAMETERS else node.input
    return [name for name in inputs if name]


def _needed(nodes: Any, asked: str) -> list[Any]:
    """Return the nodes, in order, that what is asked for is made of, those left out that only say shapes."""
    names, kept = {asked}, []
    for node in reversed(nodes):
        if names & set(node.output):
            names.update(_takes(node))
            kept.append(node)
    return kept[::-1]


def _numbers(
    onnx: ModuleType,
    proto: Any,
    nodes: list[Any],
    weights: dict[str, np.ndarray],
    faces: keras.KerasTensor,
) -> dict[str, list[Any]]:
    """Return the values of the nodes' parameters by name, with -1 for what follows from the number of faces.

    Those that the graph computes are asked of ONNX Runtime twice: where they differ, they follow from it.
    """
    import onnxruntime

    names = {name for node in nodes if node.op_type in PARAMETERS for name in node.input[1:] if name}
    computed = sorted(names - weights.keys())
    found = {name: weights[name].tolist() for name in names & weights.keys()}
    if not computed:
        return found
    asked = type(proto).FromString(proto.SerializeToString())
    asked.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in computed)
    session = onnxruntime.InferenceSession(asked.SerializeToString(), providers=["CPUExecutionProvider"])
    blank = (np.zeros((count, *faces.shape[1:]), faces.dtype) for count in (2, 3))
    of_two, of_three = (session.run(computed, {faces.name: one}) for one in blank)
    for one, two, three in zip(computed, of_two, of_three, strict=True):
        found[one] = np.where(two == three, two, -1).tolist()
    for node in nodes:
        varying = [name for name in node.input[1:] if name in computed and -1 in found[name]]
        if varying and (node.op_type != "Reshape" or found[varying[0]].count(-1) > 1):
            raise UserError(
                f"the ONNX operation {node.op_type} is not known with {varying[0]} that follows from the "
                "number of faces: write the network without it."
            )
    return found


def _node(onnx: ModuleType, node: Any, numbers: dict[str, list[Any]]) -> Node:
    """Return a node of the file as the layer has it.

    Raises:
        UserError: its operation is not known as it is used.
    """
    name = node.op_type
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    parameters = zip(PARAMETERS.get(name, ()), node.input[1:], strict=False)
    attributes |= {parameter: numbers[one] for parameter, one in parameters if one}
    plain = {one: _plain(value) for one, value in attributes.items()}
    settled = SETTLED.get(name, {})
    for one in plain.keys() & settled:
        if plain[one] != settled[one]:
            raise UserError(
                f"the ONNX operation {name} is known with {one} {settled[one]!r} alone, not {plain[one]!r}: "
                "write the network without it."
            )
    kept = {one: value for one, value in plain.items() if one not in settled}
    inputs = tuple(_takes(node))
    try:
        inspect.signature(OPERATIONS[name]).bind(*inputs, **kept)
        (output,) = node.output
    except (TypeError, ValueError) as error:
        raise UserError(
            f"the ONNX operation {name} is not known as it is used here ({error}): write the network without "
            "it."
        ) from error
    return Node(name, inputs, output, kept)


def _plain(value: Any) -> Any:
    """Return an attribute as JSON has it."""
    if isinstance(value, bytes):
        return value.decode()
    return list(value) if not isinstance(value, int | float | str) else value
