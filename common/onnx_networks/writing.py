"""A Keras network written as an ONNX file: needs the packages of requirements-export.txt."""

from __future__ import annotations

import logging
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from common.files import atomic_write
from common.onnx_networks.packages import require
from common.standard_error import hidden_errors

OPSET = 17
"""Of ONNX: what browsers' and telephones' runtimes of the last years read."""

_LEAST = 1024
"""Numbers in a weight from which on it is stored in half precision."""


def write_onnx(model: keras.Model, path: Path, about: dict[str, str] | None = None) -> None:
    """Write a network with one input and one output as an ONNX file, whole or not at all.

    The input keeps its name, the output has that of the model's last layer, the first axis of both is called
    "N". Large weights are stored in float16, which halves the file; all arithmetic is float32.

    Args:
        model: computes in float32; inputs in any format.
        path: of the file.
        about: texts to be kept in the file, by name.

    Raises:
        UserError: the packages that this needs are not installed.
    """
    tf2onnx, onnx = (require(module, "writing ONNX") for module in ("tf2onnx", "onnx"))
    (faces,) = model.inputs
    name = model.layers[-1].name
    signature = [tf.TensorSpec(faces.shape, faces.dtype, name=faces.name)]

    @tf.function(input_signature=signature)
    def answer(inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: model(inputs, training=False)}

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with hidden_errors():
        proto, _ = tf2onnx.convert.from_function(answer, input_signature=signature, opset=OPSET)
    graph = proto.graph
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    _order_weights(graph)
    _halve(onnx, graph)
    _rename(graph, {graph.input[0].name: faces.name, graph.output[0].name: name})
    graph.name, graph.doc_string = model.name, ""
    onnx.helper.set_model_props(proto, about or {})
    proto.producer_name, proto.producer_version = "faceage-reproductions", ""
    onnx.checker.check_model(proto)
    with atomic_write(path, "wb") as file:
        file.write(proto.SerializeToString(deterministic=True))


def _order_weights(graph: Any) -> None:
    """Put the weights into the order of their first use."""
    used = [name for node in graph.node for name in node.input]
    weights = sorted(graph.initializer, key=lambda weight: used.index(weight.name))
    copies = [type(weight).FromString(weight.SerializeToString()) for weight in weights]
    del graph.initializer[:]
    graph.initializer.extend(copies)


def _rename(graph: Any, names: dict[str, str]) -> None:
    """Number what is inside in the order of its use, for the converter counts on from one call to the next.

    Args:
        graph: of the ONNX model, changed in place.
        names: of input and output: what they are called, and what they are to be called.
    """
    names = dict(names)
    for number, weight in enumerate(graph.initializer):
        names[weight.name] = f"weight_{number}"
        weight.name = names[weight.name]
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{number}"
        for place, one in enumerate(node.output):
            names.setdefault(one, f"value_{number}_{place}")
            node.output[place] = names[one]
        for place, one in enumerate(node.input):
            node.input[place] = names.get(one, one)
    for value in (*graph.input, *graph.output):
        value.name = names[value.name]
    del graph.value_info[:]


def _halve(onnx: ModuleType, graph: Any) -> None:
    """Store large float32 weights as float16 with a cast behind each."""
    casts = []
    for weight in graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _LEAST:
            continue
        name, stored = weight.name, f"{weight.name}_half"
        weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(onnx.helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
