"""The layer against a loop over channels, TensorFlow's own op, and central differences."""

import numpy as np
import pytest
import tensorflow as tf

from common.layers import LocalResponseNormalization
from tests.support.gradients import central_differences
from tests.support.layers import check_layer

MAPS = np.random.default_rng(0).normal(0, 3, size=(2, 3, 4, 12)).astype("float32")
AS_TENSORFLOW = {"radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.75}


def loop(x, radius, bias, alpha, beta):
    out = np.empty_like(x)
    last = x.shape[-1] - 1
    for i in range(last + 1):
        window = x[..., max(0, i - radius) : min(last, i + radius) + 1]
        out[..., i] = x[..., i] / (bias + alpha * np.sum(window**2, axis=-1)) ** beta
    return out


def test_is_a_sound_layer():
    check_layer(LocalResponseNormalization, AS_TENSORFLOW, MAPS, output_shape=MAPS.shape)


@pytest.mark.parametrize("radius", [0, 1, 5, 11, 40])
def test_it_is_the_loop_to_the_first_and_last_channel(radius):
    options = {**AS_TENSORFLOW, "radius": radius}
    expected = loop(MAPS.astype(float), **options)
    np.testing.assert_allclose(LocalResponseNormalization(**options)(MAPS), expected, rtol=1e-5, atol=1e-6)


def test_it_is_tensorflows_own_op():
    expected = tf.nn.local_response_normalization(MAPS, depth_radius=2, bias=1.5, alpha=0.3, beta=0.75)
    np.testing.assert_allclose(LocalResponseNormalization(**AS_TENSORFLOW)(MAPS), expected, rtol=1e-5)


def test_equation_6_as_printed_has_no_exponent():
    layer = LocalResponseNormalization(radius=0, bias=2.0, alpha=1.0, beta=1.0)
    np.testing.assert_allclose(layer(MAPS), MAPS / (2 + MAPS**2), rtol=1e-5)


def test_the_gradient_is_that_of_central_differences():
    maps = MAPS[:1, :1, :2].astype(float)
    weights = np.sin(np.arange(maps.size)).reshape(maps.shape)
    x = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(LocalResponseNormalization(**AS_TENSORFLOW, dtype="float64")(x) * weights)
    numeric = central_differences(lambda at: float(np.sum(loop(at, **AS_TENSORFLOW) * weights)), maps)
    np.testing.assert_allclose(tape.gradient(total, x), numeric, rtol=1e-6, atol=1e-9)


def test_large_activations_stay_finite_in_half_precision():
    large = np.full((1, 1, 1, 8), 60000.0, "float16")
    out = LocalResponseNormalization(alpha=1.0, dtype="float16")(large)
    assert out.dtype == "float16"
    assert np.isfinite(np.asarray(out)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": -1}, "radius is a whole number of channels from 0 up, not -1"),
        ({"radius": 1.5}, "radius is a whole number"),
        ({"bias": 0}, "bias is above 0, not 0"),
        ({"alpha": -1e-4}, "alpha is 0 or more"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNormalization(**arguments)
