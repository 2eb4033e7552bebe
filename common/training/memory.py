"""How much memory a training takes, told from the network before its first step."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras

from common.training.optimizers import optimizers_of

_SLOTS = 2
"""Variables an optimizer keeps for each weight, as Adam does, where it has not made them yet."""

_WEIGHT_BYTES = 4


def training_bytes(model: keras.Model, images: int) -> int:
    """Return the bytes that a training takes on one device, roughly.

    Counted are all weights, a gradient and the optimizer's variables of each that is trained, and what each
    layer gives for a batch, once, as the way back needs it: what kernels take beside them is not.

    Args:
        model: compiled; its layers have been called on inputs of known size.
        images: of a batch that one device computes.
    """
    trained = sum(_numbers(weight.shape) for weight in model.trainable_variables)
    kept = sum(_numbers(weight.shape) for weight in model.variables)
    made = [one for optimizer in optimizers_of(model) if optimizer.built for one in optimizer.variables]
    slots = sum(_numbers(one.shape) for one in made) or _SLOTS * trained
    return _WEIGHT_BYTES * (kept + trained + slots) + images * activation_bytes(model)


def activation_bytes(model: keras.Model) -> int:
    """Return the bytes of what all layers of a model give for one image."""
    given = (output for layer in _layers(model) for output in _outputs(layer))
    return sum(_numbers(output.shape[1:]) * _size(output.dtype) for output in given)


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yield the layers that compute, those of networks in networks too."""
    for layer in model._flatten_layers(include_self=False):
        if not isinstance(layer, (keras.Model, keras.layers.InputLayer)):
            yield layer


def _outputs(layer: keras.layers.Layer) -> Iterator[keras.KerasTensor]:
    for node in layer._inbound_nodes:
        yield from (output for output in node.output_tensors if None not in output.shape[1:])


def _numbers(shape: tuple[int, ...]) -> int:
    return math.prod(shape)


def _size(dtype: str) -> int:
    return {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "bfloat16": 2, "float16": 2}.get(dtype, 1)
