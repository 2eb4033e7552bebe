"""How far the strided 1x1 convolutions of the networks are from float64, over a grid of shapes.

    python -m benchmarks.strided_gradients [--quick] [--installed]

Networks sample their maps by `common.layers.every_nth` before a 1x1 convolution of stride 1, because oneDNN's
own weight gradient of a strided one writes beyond its memory. The first line is the largest error of value
and gradients of all shapes, in roundings of the number format; where one is above `TOLERANCE` the shape is
named and the exit status is 1. `--installed` asks instead whether the installed TensorFlow still has the
fault: its own gradient runs in a process of its own, which it may end. The exit status is 1 where it has.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from common.layers import every_nth

TOLERANCE = 16.0
"""Largest error in roundings of the result's largest number: sums over many pixels add up several."""

FILTERS = 8

ROUNDINGS = {"float32": 2.0**-23, "bfloat16": 2.0**-8}

FAULT = """
import numpy as np
import tensorflow as tf

random = np.random.default_rng(0)
x, back = (random.normal(size=(17, side, side, 8)).astype("float32") for side in (20, 10))
expected = np.einsum("bijc,bijd->cd", x[:, ::2, ::2].astype(float), back.astype(float))
for _ in range(30):
    found = tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=[1, 1, 8, 8], out_backprop=back, strides=[1, 2, 2, 1], padding="SAME"
    )
    np.testing.assert_allclose(found[0, 0], expected, rtol=1e-3, atol=1e-3)
"""


class Shape(NamedTuple):
    """One convolution."""

    batch: int
    height: int
    width: int
    channels: int
    stride: int
    dtype: str
    padding: str


def grid(quick: bool) -> Iterator[Shape]:
    """Yield the shapes: 7,616, or 48 quick ones."""
    batches = (2, 13) if quick else (1, 2, 8, 13, 16, 17, 32, 33)
    sides = ((9, 6),) if quick else ((1, 1), (5, 8), (7, 7), (9, 6), (20, 20), (31, 46), (46, 46))
    channels = (1, 8, 17) if quick else range(1, 18)
    for batch, (height, width), *rest in itertools.product(
        batches, sides, channels, (2, 3), ROUNDINGS, ("same", "valid")
    ):
        yield Shape(batch, height, width, *rest)


def errors(shape: Shape) -> dict[str, float]:
    """Return the largest error of "value" and of the gradients by "maps" and "kernel", in roundings.

    The reference is the definition in float64, of the same rounded numbers.
    """
    random = np.random.default_rng(0)
    x = _rounded(random, (shape.batch, shape.height, shape.width, shape.channels), shape.dtype)
    kernel = _rounded(random, (shape.channels, FILTERS), shape.dtype)
    rows, columns = (-(-side // shape.stride) for side in (shape.height, shape.width))
    back = _rounded(random, (shape.batch, rows, columns, FILTERS), shape.dtype)
    layer = keras.layers.Conv2D(FILTERS, 1, padding=shape.padding, use_bias=False, dtype=shape.dtype)
    layer.build((None, None, None, shape.channels))
    layer.kernel.assign(kernel[None, None])
    maps = tf.cast(x, shape.dtype)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = layer(every_nth(maps, shape.stride))
    gradients = tape.gradient(value, [maps, layer.kernel.value], tf.cast(back, shape.dtype))
    kept = x[:, :: shape.stride, :: shape.stride]
    to_maps = np.zeros_like(x)
    to_maps[:, :: shape.stride, :: shape.stride] = back @ kernel.T
    to_kernel = np.einsum("bijc,bijd->cd", kept, back)[None, None]
    expected = {"value": kept @ kernel, "maps": to_maps, "kernel": to_kernel}
    found = dict(zip(expected, (value, *gradients), strict=True))
    return {name: _difference(found[name], expected[name]) / ROUNDINGS[shape.dtype] for name in expected}


def still_faulty() -> bool:
    """Tell whether TensorFlow's own gradient of a strided 1x1 convolution is wrong or ends its process."""
    return subprocess.run([sys.executable, "-c", FAULT], capture_output=True, timeout=600).returncode != 0


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; the exit status is 1 where a shape is too far off, or the fault is still there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the tests' small grid")
    parser.add_argument("--installed", action="store_true", help="ask for the fault instead")
    options = parser.parse_args(arguments)
    if options.installed:
        faulty = still_faulty()
        print(f"TensorFlow {tf.__version__}: the fault is {'still there' if faulty else 'not seen'}")
        return int(faulty)
    start, worst, wrong = time.perf_counter(), {}, []
    shapes = list(grid(options.quick))
    for shape in shapes:
        found = errors(shape)
        for name, error in found.items():
            key = (shape.dtype, name)
            worst[key] = max(worst.get(key, 0.0), error)
        if max(found.values()) > TOLERANCE:
            wrong.append((shape, found))
    largest = ", ".join(f"{dtype} {name} {error:.2f}" for (dtype, name), error in worst.items())
    seconds = time.perf_counter() - start
    print(f"{len(shapes):,} shapes in {seconds:.0f} s; largest error in roundings: {largest}")
    for shape, found in wrong:
        print(f"too far off: {shape}: {found}")
    return int(bool(wrong))


def _rounded(random: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return tf.cast(tf.cast(random.normal(size=shape), dtype), "float64").numpy()


def _difference(found: tf.Tensor, expected: np.ndarray) -> float:
    return float(np.abs(tf.cast(found, "float64").numpy() - expected).max() / np.abs(expected).max())


if __name__ == "__main__":
    sys.exit(main())
