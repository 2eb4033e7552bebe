"""VGG-16's convolutions stage by stage, parameters counted by hand, and the formats it computes in."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from common.networks import residual_age_network, vgg_age_network

CHANNELS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
SIDES = {"pool1": 112, "pool2": 56, "pool3": 28, "pool4": 14, "pool5": 7}


@pytest.mark.usefixtures("undrawn")
def test_published_shapes_and_counted_weights():
    model = vgg_age_network()
    assert {name: model.get_layer(name).output.shape[1] for name in SIDES} == SIDES
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert tuple(layer.filters for layer in convolutions) == CHANNELS
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    kernels = sum(9 * a * b for a, b in zip((3, *CHANNELS), CHANNELS, strict=False))
    # Simonyan and Zisserman's 138 million less the three dense layers and the biases, normalised instead.
    assert kernels == 14_710_464
    assert model.count_params() == kernels + 4 * sum(CHANNELS) + 512 * 100 + 100


@pytest.mark.usefixtures("undrawn")
def test_it_has_a_third_more_parameters_than_18_residual_layers():
    wide, narrow = ({"width": width, "size": 96} for width in (1.0, 0.25))
    for shape in (wide, narrow):
        ratio = vgg_age_network(**shape).count_params() / residual_age_network(18, **shape).count_params()
        assert ratio == pytest.approx(1.31, abs=0.01)


@pytest.mark.usefixtures("undrawn")
def test_any_size_from_32_pixels_on_and_not_below():
    assert vgg_age_network(size=None, width=0.1).input_shape == (None, None, None, 3)
    assert vgg_age_network(size=32, width=0.1).get_layer("pool5").output.shape[1:3] == (1, 1)
    with pytest.raises(ValueError, match="at least 32 pixels"):
        vgg_age_network(size=31)


def test_the_answer_is_float32_under_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = vgg_age_network(7, 32, 0.1)
    finally:
        keras.config.set_dtype_policy("float32")
    answer = model(np.zeros((2, 32, 32, 3), np.float32))
    assert answer.shape == (2, 7) and answer.dtype == "float32"
