"""Operations of ONNX by those of TensorFlow.

Those of `IMAGES` take and give images with the channels last, (N, H, W, C), as TensorFlow convolves them on a
processor; in ONNX the channels stand before the sides. All others take values as they come.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Operation = Callable[..., tf.Tensor]


def _conv(
    images: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    pads: Sequence[int] = (0, 0, 0, 0),
    dilations: Sequence[int] = (1, 1),
) -> tf.Tensor:
    padding = _padding(images, pads, kernel_shape, strides, dilations)
    kernel = tf.transpose(kernel, (2, 3, 1, 0))
    outputs = tf.nn.conv2d(images, kernel, list(strides), padding, dilations=list(dilations))
    return outputs if bias is None else tf.nn.bias_add(outputs, bias)


def _max_pool(
    images: tf.Tensor,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    pads: Sequence[int] = (0, 0, 0, 0),
) -> tf.Tensor:
    padding = _padding(images, pads, kernel_shape, strides, (1, 1))
    return tf.nn.max_pool2d(images, list(kernel_shape), list(strides), padding)


def _average_pool(
    images: tf.Tensor, *, kernel_shape: Sequence[int], strides: Sequence[int] = (1, 1)
) -> tf.Tensor:
    return tf.nn.avg_pool2d(images, list(kernel_shape), list(strides), "VALID")


def _padding(
    images: tf.Tensor,
    pads: Sequence[int],
    kernel_shape: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> str | list[list[int]]:
    """Return what TensorFlow calls pads (top, left, bottom, right): a word, where it has one for them."""
    if not any(pads):
        return "VALID"
    pairs = [[pads[0], pads[2]], [pads[1], pads[3]]]
    same = []
    for side, kernel, stride, apart in zip(images.shape[1:3], kernel_shape, strides, dilations, strict=True):
        lacking = max((math.ceil(side / stride) - 1) * stride + (kernel - 1) * apart + 1 - side, 0)
        same.append([lacking // 2, lacking - lacking // 2])
    return "SAME" if pairs == same else [[0, 0], *pairs, [0, 0]]


def _batch_normalization(
    images: tf.Tensor,
    scale: tf.Tensor,
    offset: tf.Tensor,
    mean: tf.Tensor,
    variance: tf.Tensor,
    *,
    epsilon: float = 1e-5,
) -> tf.Tensor:
    return tf.nn.batch_normalization(images, mean, variance, offset, scale, epsilon)


def _resize(images: tf.Tensor, *, scales: Sequence[float]) -> tf.Tensor:
    sides = [math.floor(side * scale) for side, scale in zip(images.shape[1:3], scales[2:], strict=True)]
    return tf.image.resize(images, sides, "bilinear")


def _slice(
    values: tf.Tensor,
    *,
    starts: Sequence[int],
    ends: Sequence[int],
    axes: Sequence[int],
    steps: Sequence[int] | None = None,
) -> tf.Tensor:
    where = [slice(None)] * len(values.shape)
    for start, end, axis, step in zip(starts, ends, axes, steps or [1] * len(axes), strict=True):
        # Ends beyond all sizes stand for the last one; TensorFlow takes none beyond 32 bits.
        where[axis] = slice(start, None if end >= 2**31 - 1 else end, step)
    return values[tuple(where)]


def _reduced(reduce: Operation, values: tf.Tensor, *, axes: Sequence[int], keepdims: int = 1) -> tf.Tensor:
    return reduce(values, list(axes), keepdims=bool(keepdims))


def _unsqueeze(values: tf.Tensor, *, axes: Sequence[int]) -> tf.Tensor:
    rank = len(values.shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        values = tf.expand_dims(values, axis)
    return values


IMAGES: dict[str, Operation] = {
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Conv": _conv,
    "GlobalAveragePool": lambda images: tf.reduce_mean(images, (1, 2), keepdims=True),
    "GlobalMaxPool": lambda images: tf.reduce_max(images, (1, 2), keepdims=True),
    "MaxPool": _max_pool,
    "Resize": _resize,
}
"""Of images with the channels last; what follows the image is as ONNX has it."""

ALIKE: dict[str, Operation] = {
    "Add": lambda one, other: one + other,
    "Cast": lambda values: tf.cast(values, tf.float32),
    "Concat": lambda *several, axis: tf.concat(several, axis),
    "Min": lambda *several: functools.reduce(tf.minimum, several),
    "Mul": lambda one, other: one * other,
    "Neg": lambda values: -values,
    "Pow": lambda one, other: one**other,
    "Reciprocal": lambda values: 1 / values,
    "Relu": lambda values: tf.nn.relu(values),
    "Sigmoid": lambda values: tf.sigmoid(values),
    "Slice": _slice,
    "Sqrt": lambda values: tf.sqrt(values),
    "Sub": lambda one, other: one - other,
}
"""Which give images with the channels last where they take them so; axes are counted as the image's are."""

OTHERS: dict[str, Operation] = {
    "MatMul": lambda one, other: one @ other,
    "ReduceMax": functools.partial(_reduced, tf.reduce_max),
    "ReduceMean": functools.partial(_reduced, tf.reduce_mean),
    "ReduceSum": functools.partial(_reduced, tf.reduce_sum),
    "Reshape": lambda values, *, shape: tf.reshape(values, shape),
    "Softmax": lambda values, *, axis=-1: tf.nn.softmax(values, axis),
    "Squeeze": lambda values, *, axes: tf.squeeze(values, list(axes)),
    "Tile": lambda values, *, repeats: tf.tile(values, repeats),
    "Transpose": lambda values, *, perm: tf.transpose(values, perm),
    "Unsqueeze": _unsqueeze,
}
"""Of values whose axes are in the order of ONNX."""

OPERATIONS = {**IMAGES, **ALIKE, **OTHERS}

PARAMETERS = {
    "ReduceSum": ("axes",),
    "Reshape": ("shape",),
    "Resize": ("roi", "scales"),
    "Slice": ("starts", "ends", "axes", "steps"),
    "Squeeze": ("axes",),
    "Tile": ("repeats",),
    "Unsqueeze": ("axes",),
}
"""By operation, the names of the inputs behind the first, which are known before any face is."""

SETTLED: dict[str, dict[str, Any]] = {
    "Cast": {"to": 1},
    "Conv": {"auto_pad": "NOTSET", "group": 1},
    "ReduceSum": {"noop_with_empty_axes": 1},
    "Resize": {
        "coordinate_transformation_mode": "half_pixel",
        "exclude_outside": 0,
        "mode": "linear",
        "nearest_mode": "floor",
        "roi": [],
    },
}
"""By operation, what may be asked of it in this one way alone. (For `Cast` 1 is float32.)"""
