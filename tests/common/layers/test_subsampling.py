"""LeNet's subsampling against its sentence, written out; every n-th pixel before a 1x1 convolution."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.strided_gradients import TOLERANCE, errors, grid, still_faulty
from common.layers import TrainableSubsampling, every_nth
from tests.support.layers import check_layer

FAULTY = ("2.21.0",)
"""Versions of TensorFlow whose own gradient was seen to be wrong or to end the process."""

MAPS = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype("float32")


def test_is_a_sound_layer():
    check_layer(TrainableSubsampling, {"size": 2}, MAPS, output_shape=(2, 2, 3, 3), trainable_weights=2)


def test_it_sums_weighs_shifts_and_squashes_each_window():
    layer = TrainableSubsampling(2)
    layer.build(MAPS.shape)
    weight, bias = np.random.default_rng(1).normal(size=(2, 3))
    layer.set_weights([weight, bias])
    expected = np.empty((2, 2, 3, 3))
    for y in range(2):
        for x in range(3):
            total = MAPS[:, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2].astype(float).sum(axis=(1, 2))
            expected[:, y, x] = 1 / (1 + np.exp(-(weight * total + bias)))
    np.testing.assert_allclose(layer(MAPS), expected, rtol=1e-5, atol=1e-6)


def test_six_maps_take_the_papers_twelve_parameters():
    layer = TrainableSubsampling()
    layer.build((None, 124, 124, 6))
    assert layer.count_params() == 12
    assert layer.compute_output_shape((None, 124, 124, 6)) == (None, 62, 62, 6)


def test_impossible_sizes_and_shapes_are_refused():
    with pytest.raises(ValueError, match="size is a whole number of pixels from 1 up, not 0"):
        TrainableSubsampling(0)
    with pytest.raises(ValueError, match=r"takes maps \(B, H, W, C\), not of shape \(2, 3\)"):
        TrainableSubsampling()(MAPS[0, 0, :2])


@pytest.mark.parametrize("stride", [1, 2, 3, 9])
def test_every_nth_pixel_is_kept_whatever_it_holds(stride):
    maps = MAPS.copy()
    maps[0, 0, 0], maps[0, 0, 3], maps[1, 2, 6] = np.nan, np.inf, -np.inf
    np.testing.assert_array_equal(every_nth(maps, stride), maps[:, ::stride, ::stride])


@pytest.mark.parametrize("stride", [0, 1.5])
def test_no_pixel_between_is_kept(stride):
    with pytest.raises(ValueError, match=f"stride is a whole number of pixels from 1 up, not {stride}"):
        every_nth(MAPS, stride)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_strided_1x1_convolution_has_the_value_and_gradients_of_float64(dtype):
    shapes = [shape for shape in grid(quick=True) if shape.dtype == dtype]
    assert len(shapes) == 24
    found = {shape: errors(shape) for shape in shapes}
    assert {shape: error for shape, error in found.items() if max(error.values()) > TOLERANCE} == {}


def test_whether_a_later_tensorflow_has_mended_its_own_gradient():
    """Says by a skip, never by a failure, that the sampling of maps may be needed no more."""
    if tf.__version__ not in FAULTY and not still_faulty():
        pytest.skip(
            f"TensorFlow {tf.__version__} does not show oneDNN's issue 6035 here: if it does not with AVX2 "
            "and AVX-512 either, a strided 1x1 convolution needs `every_nth` no more"
        )
