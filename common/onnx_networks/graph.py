"""A Keras layer that computes what an ONNX file holds, and needs no package of ONNX for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from common.onnx_networks.operations import ALIKE, IMAGES, OPERATIONS

_LAST, _FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Axes of (N, C, H, W) that put the channels last, and of (N, H, W, C) that put them first."""


@dataclass(frozen=True)
class Node:
    """An operation with one output.

    Attributes:
        operation: a name of `common.onnx_networks.operations.OPERATIONS`.
        inputs: names of the values that it takes.
        output: name of the value that it gives.
        attributes: numbers and lists of numbers by name.
    """

    operation: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]


@keras.saving.register_keras_serializable(package="common")
class OnnxGraph(keras.layers.Layer):
    """The operations of an ONNX graph, one after the other, in float32.

    Its weights are not trainable: an ONNX file does not tell weights from constants.

    Args:
        nodes: in an order in which they can be computed: a `Node`, or its fields by name, each.
        shapes: of the weights, by name; their values are those that `assign` is given, or a file's.
        given, asked: names of the input and of the output among the values.

    Input and output shape: as the graph has them, the batch first.

    Example:

    >>> layer = OnnxGraph([Node("Add", ("x", "one"), "y", {})], {"one": []}, "x", "y")
    >>> layer.assign({"one": 1.0})
    >>> layer(np.zeros((1, 2), "float32")).numpy().tolist()
    [[1.0, 1.0]]
    """

    def __init__(
        self,
        nodes: Iterable[Node | Mapping[str, Any]],
        shapes: Mapping[str, Sequence[int]],
        given: str,
        asked: str,
        **options: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **options})
        self.nodes = tuple(one if isinstance(one, Node) else Node(**one) for one in nodes)
        self.shapes = {name: list(shape) for name, shape in shapes.items()}
        self.given, self.asked = given, asked
        self._held = [
            self.add_weight(name=f"weight_{number}", shape=tuple(shape), trainable=False)
            for number, shape in enumerate(self.shapes.values())
        ]
        self.built = True

    def assign(self, weights: Mapping[str, Any]) -> None:
        """Set all weights: arrays by name."""
        self.set_weights([np.asarray(weights[name], np.float32) for name in self.shapes])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        known = dict(zip(self.shapes, map(tf.convert_to_tensor, self._held), strict=True))
        values = _Values({self.given: inputs, **known})
        for node in self.nodes:
            values.run(node)
        return values.plain(self.asked)

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, ...]:
        traced = tf.function(self.call).get_concrete_function(tf.TensorSpec(shape))
        return tuple(traced.output_shapes)

    def get_config(self) -> dict[str, Any]:
        own = {"shapes": dict(self.shapes), "given": self.given, "asked": self.asked}
        return {**super().get_config(), "nodes": [dataclasses.asdict(node) for node in self.nodes], **own}


class _Values:
    """The values of a graph by name, each held as ONNX has it, with the channels last, or both.

    It is turned round where it is asked for as it is not held, once: nothing is transposed between two
    convolutions.

    Args:
        plain: those known, as ONNX has them.
    """

    def __init__(self, plain: dict[str, tf.Tensor]) -> None:
        self._plain: dict[str, tf.Tensor] = plain
        self._last: dict[str, tf.Tensor] = {}

    def plain(self, name: str) -> tf.Tensor:
        """Return a value with its axes in the order of ONNX."""
        if name not in self._plain:
            self._plain[name] = tf.transpose(self._last[name], _FIRST)
        return self._plain[name]

    def last(self, name: str) -> tf.Tensor:
        """Return a value with the channels last: of four axes, which fewer are widened to, or a number."""
        if name not in self._last:
            value = self._plain[name]
            if value.shape.rank == 0:
                return value
            if value.shape.rank < 4:
                # Not kept: beside values of fewer axes it has as many as ONNX says.
                return tf.transpose(tf.reshape(value, (*[1] * (4 - value.shape.rank), *value.shape)), _LAST)
            self._last[name] = tf.transpose(value, _LAST)
        return self._last[name]

    def run(self, node: Node) -> None:
        """Add the output of a node."""
        inputs, attributes, operation = node.inputs, node.attributes, OPERATIONS[node.operation]
        if node.operation in IMAGES:
            weights = map(self.plain, inputs[1:])
            self._last[node.output] = operation(self.last(inputs[0]), *weights, **attributes)
        elif node.operation in ALIKE and self._are_images(inputs):
            self._last[node.output] = operation(*map(self.last, inputs), **_moved(attributes))
        # These two transpositions change nothing but how a value is held.
        elif node.operation == "Transpose" and tuple(attributes["perm"]) == _FIRST:
            self._last[node.output] = self.plain(inputs[0])
        elif node.operation == "Transpose" and tuple(attributes["perm"]) == _LAST:
            self._plain[node.output] = self.last(inputs[0])
        else:
            self._plain[node.output] = operation(*map(self.plain, inputs), **attributes)

    def _are_images(self, names: tuple[str, ...]) -> bool:
        """Return whether one is held with the channels last, and none has more axes than an image."""
        return any(name in self._last for name in names) and all(
            self._plain[name].shape.rank <= 4 for name in names if name in self._plain
        )


def _moved(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes with axes counted in (N, H, W, C) in place of (N, C, H, W)."""
    moved = dict(attributes)
    if "axis" in moved:
        moved["axis"] = _LAST.index(moved["axis"] % 4)
    if "axes" in moved:
        moved["axes"] = [_LAST.index(axis % 4) for axis in moved["axes"]]
    return moved
