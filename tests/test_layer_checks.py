"""The shared checks must pass a sound layer or loss and name the fault of an unsound one."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.layers import check_layer, check_loss, gradient


@keras.saving.register_keras_serializable(package="layer_checks")
class Scale(keras.layers.Layer):
    """Multiplies by one trained number a channel."""

    def __init__(self, start: float = 1.0, **options):
        super().__init__(**options)
        self.start = start

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer=keras.initializers.Constant(self.start))

    def call(self, inputs):
        return inputs * ops.cast(self.scale, inputs.dtype)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), "start": self.start}


@keras.saving.register_keras_serializable(package="layer_checks")
class Forgetful(Scale):
    """Its configuration lacks an argument that it was built with."""

    def get_config(self):
        config = super().get_config()
        del config["start"]
        return config


@keras.saving.register_keras_serializable(package="layer_checks")
class Frozen(Scale):
    """Stops the gradient on the way to its weight."""

    def call(self, inputs):
        return inputs * ops.stop_gradient(ops.cast(self.scale, inputs.dtype))


@keras.saving.register_keras_serializable(package="layer_checks")
class Widening(Scale):
    """Gives float32 whatever the policy says."""

    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


class Unregistered(Scale):
    """Cannot be loaded without help."""


@keras.saving.register_keras_serializable(package="layer_checks")
class Power(keras.losses.Loss):
    """Mean absolute difference to a power."""

    def __init__(self, power: float = 2.0, **options):
        super().__init__(**options)
        self.power = power

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - ops.cast(y_true, y_pred.dtype)) ** self.power, axis=-1)

    def get_config(self):
        return {**super().get_config(), "power": self.power}


@keras.saving.register_keras_serializable(package="layer_checks")
class Collapsed(Power):
    """Averages over the batch itself, so that weights an example are lost."""

    def call(self, y_true, y_pred):
        return ops.mean(super().call(y_true, y_pred))


INPUTS = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
TARGETS = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")


def test_sound_layer_passes_and_is_returned():
    layer = check_layer(Scale, {"start": 2.0}, INPUTS, output_shape=(4, 3), trainable_weights=1)
    np.testing.assert_allclose(layer(INPUTS), 2 * INPUTS)


@pytest.mark.parametrize(
    ("layer", "expected", "fault"),
    [
        (Forgetful, {"trainable_weights": 1}, "lacks 'start'"),
        (Frozen, {"trainable_weights": 1}, "not reached by training"),
        (Widening, {"trainable_weights": 1}, "under mixed_bfloat16"),
        (Unregistered, {"trainable_weights": 1}, "not registered"),
        (Scale, {"trainable_weights": 2}, "scale"),
        (Scale, {"trainable_weights": 1, "output_shape": (4, 5)}, "symbolic output"),
    ],
)
@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_unsound_layer_is_named(layer, expected, fault):
    with pytest.raises(AssertionError, match=fault):
        check_layer(layer, {"start": 2.0}, INPUTS, **{"output_shape": (4, 3), **expected})


def test_sound_loss_passes():
    check_loss(Power, {"power": 2.0}, TARGETS, INPUTS, tolerances={"bfloat16": 0.03})


def test_loss_that_averages_the_batch_is_named():
    with pytest.raises(AssertionError, match="one loss an example"):
        check_loss(Collapsed, {"power": 2.0}, TARGETS, INPUTS)


def test_gradient_is_the_closed_form():
    expected = 2 * (INPUTS - TARGETS) / INPUTS.size
    np.testing.assert_allclose(gradient(Power(2.0), TARGETS, INPUTS), expected, rtol=1e-5)
