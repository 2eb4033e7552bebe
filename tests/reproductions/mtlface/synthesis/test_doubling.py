"""Maps of twice the side agree with OpenCV's and TensorFlow's, and keep float64."""

from __future__ import annotations

import cv2
import keras
import numpy as np
import pytest

from reproductions.mtlface.synthesis.doubling import BilinearDoubling


@pytest.mark.parametrize("shape", [(4, 6), (1, 5), (3, 1), (1, 1), (7, 7)])
def test_it_is_bilinear_interpolation_between_the_middles_of_pixels(shape):
    maps = np.random.default_rng(0).normal(size=(2, *shape, 3))
    found = np.asarray(BilinearDoubling(dtype="float64")(maps))
    wanted = [cv2.resize(one, (2 * shape[1], 2 * shape[0]), interpolation=cv2.INTER_LINEAR) for one in maps]
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-15)


def test_it_is_what_keras_does_in_float32():
    maps = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype(np.float32)
    keras_own = keras.layers.UpSampling2D(2, interpolation="bilinear")
    np.testing.assert_allclose(BilinearDoubling()(maps), keras_own(maps), rtol=0, atol=1e-6)


def test_its_gradient_is_the_transposed_interpolation():
    tf = pytest.importorskip("tensorflow")
    layer, random = BilinearDoubling(dtype="float64"), np.random.default_rng(0)
    maps, upstream = (
        tf.constant(random.normal(size=(1, 3, 4, 2))),
        tf.constant(random.normal(size=(1, 6, 8, 2))),
    )
    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = tf.reduce_sum(layer(maps) * upstream)
    found = tape.gradient(value, maps).numpy()
    step = np.zeros(maps.shape)
    for place in np.ndindex(*maps.shape):
        step[...] = 0
        step[place] = 1
        # It is linear: its value at a unit vector is the gradient's component.
        np.testing.assert_allclose(found[place], np.sum(np.asarray(layer(step)) * upstream), atol=1e-13)


def test_networks_of_any_size_are_built_and_read_back(tmp_path):
    images = keras.Input((4, 4, 2))
    model = keras.Model(images, BilinearDoubling(name="up")(images))
    assert model.output_shape == (None, 8, 8, 2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    maps = np.ones((3, 4, 4, 2), np.float32)
    np.testing.assert_array_equal(model(maps), again(maps))
