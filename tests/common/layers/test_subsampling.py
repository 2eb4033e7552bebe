"""LeNet's subsampling against its sentence, written out."""

import numpy as np
import pytest

from common.layers import TrainableSubsampling, every_nth
from tests.support.layers import check_layer

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
