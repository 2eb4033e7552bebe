"""Bins against PyTorch's, values and gradients against loops and central differences."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import AdaptivePyramidPooling, adaptive_bins
from tests.support.gradients import central_differences
from tests.support.layers import check_layer

MAPS = np.random.default_rng(0).normal(size=(2, 7, 5, 3))


@pytest.mark.parametrize(
    ("size", "count", "bins"),
    [
        # As torch.nn.functional.adaptive_avg_pool1d takes them, read off its result on unit vectors.
        (7, 1, [(0, 7)]),
        (7, 2, [(0, 4), (3, 7)]),
        (7, 3, [(0, 3), (2, 5), (4, 7)]),
        (6, 3, [(0, 2), (2, 4), (4, 6)]),
        (5, 3, [(0, 2), (1, 4), (3, 5)]),
        (2, 3, [(0, 1), (0, 2), (1, 2)]),
        (1, 3, [(0, 1), (0, 1), (0, 1)]),
    ],
)
def test_bins_are_pytorchs(size, count, bins):
    assert adaptive_bins(size, count) == bins


def by_loops(maps, mode):
    reduce = {"average": np.mean, "max": np.max}[mode]
    pooled = []
    for count in (1, 2, 3):
        for i in range(count):
            for j in range(count):
                rows = slice(i * maps.shape[1] // count, -(-(i + 1) * maps.shape[1] // count))
                columns = slice(j * maps.shape[2] // count, -(-(j + 1) * maps.shape[2] // count))
                pooled.append(reduce(maps[:, rows, columns], axis=(1, 2)))
    return np.concatenate(pooled, axis=-1)


@pytest.mark.parametrize("mode", ["average", "max"])
@pytest.mark.parametrize("size", [(7, 5), (3, 3), (2, 1)])
def test_values_are_the_loops(mode, size):
    maps = MAPS[:, : size[0], : size[1]]
    found = AdaptivePyramidPooling(mode=mode, dtype="float64")(maps)
    np.testing.assert_allclose(found, by_loops(maps, mode), rtol=1e-12)


@pytest.mark.parametrize("mode", ["average", "max"])
def test_gradients_agree_with_central_differences(mode):
    layer = AdaptivePyramidPooling(mode=mode, dtype="float64")
    maps = tf.constant(MAPS)
    weights = np.random.default_rng(1).normal(size=(2, 42))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        total = tf.reduce_sum(weights * layer(maps))
    expected = central_differences(lambda x: np.sum(weights * by_loops(x, mode)), MAPS)
    np.testing.assert_allclose(tape.gradient(total, maps), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("mode", ["average", "max"])
def test_what_every_layer_promises(mode):
    maps = MAPS.astype("float32")
    check_layer(AdaptivePyramidPooling, {"bins": (1, 3), "mode": mode}, maps, output_shape=(2, 30))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bins": ()}, "bins are whole numbers from 1 up"),
        ({"bins": (0,)}, "bins are whole numbers from 1 up"),
        ({"mode": "least"}, "mode is one of average, max, not 'least'"),
    ],
)
def test_senseless_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdaptivePyramidPooling(**arguments)


def test_a_map_of_unknown_size_is_refused():
    with pytest.raises(ValueError, match="of known size"):
        AdaptivePyramidPooling()(keras.Input((None, None, 3)))
