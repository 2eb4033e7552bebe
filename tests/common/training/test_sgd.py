"""The steps against the recursion written out, and which weights decay."""

import keras
import numpy as np
import pytest

from common.training.sgd import DecayedSGD, decayed_sgd

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("divisor", [1.0, 65536.0])
def test_the_decay_goes_through_the_momentum(divisor):
    weight, velocity = RANDOM.normal(size=(3, 4)), np.zeros((3, 4))
    variable = keras.Variable(weight.astype("float32"), name="kernel")
    optimizer = DecayedSGD(0.1, 0.9, decay=0.5, decay_divisor=divisor)
    for _ in range(4):
        gradient = RANDOM.normal(size=(3, 4)).astype("float32")
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        velocity = 0.9 * velocity - 0.1 * (gradient + 0.5 / divisor * weight)
        weight = weight + velocity
    np.testing.assert_allclose(variable, weight, rtol=1e-5, atol=1e-6)


def test_without_decay_it_is_keras_own():
    found = []
    for make in (lambda: DecayedSGD(0.1, 0.9, decay=0.0), lambda: keras.optimizers.SGD(0.1, 0.9)):
        variable, optimizer = keras.Variable(np.ones(3, "float32")), make()
        for gradient in ([1.0, 2, 3], [0.5, 0, -1]):
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        found.append(variable.numpy())
    np.testing.assert_array_equal(*found)


def test_kernels_alone_decay():
    inputs = keras.Input((3,))
    x = keras.layers.PReLU()(keras.layers.BatchNormalization()(keras.layers.Dense(4, name="a")(inputs)))
    model = keras.Model(inputs, keras.layers.Dense(2, name="b")(x))
    optimizer = decayed_sgd(model, 0.1, decay=0.5, spared=[model.get_layer("b").kernel])
    before = [variable.numpy() + 1 for variable in model.trainable_variables]
    for variable, value in zip(model.trainable_variables, before, strict=True):
        variable.assign(value)
    zeros = [keras.ops.zeros(variable.shape) for variable in model.trainable_variables]
    optimizer.apply(zeros, model.trainable_variables)
    moved = {
        variable.path
        for old, variable in zip(before, model.trainable_variables, strict=True)
        if not np.array_equal(old, variable.numpy())
    }
    assert moved == {"a/kernel"}


def test_slopes_decay_where_they_are_asked_to():
    inputs = keras.Input((3,))
    x = keras.layers.PReLU(name="slopes")(keras.layers.Dense(4, name="a")(inputs))
    model = keras.Model(inputs, x)
    decaying = {
        names: {
            variable.path
            for variable in model.trainable_variables
            if decayed_sgd(model, 0.1, decay=0.5, decayed=names)._use_weight_decay(variable)
        }
        for names in (("kernel",), ("kernel", "alpha"))
    }
    assert decaying == {("kernel",): {"a/kernel"}, ("kernel", "alpha"): {"a/kernel", "slopes/alpha"}}


def test_it_is_rebuilt_from_its_configuration():
    optimizer = DecayedSGD(0.2, 0.8, decay=0.3, decay_divisor=4.0)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, DecayedSGD)
    assert (again.momentum, again.decay, again.decay_divisor) == (0.8, 0.3, 4.0)


def test_senseless_arguments_are_refused():
    with pytest.raises(ValueError, match="divisor 0 above 0"):
        DecayedSGD(decay_divisor=0)
