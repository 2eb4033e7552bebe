"""The memory of a training, told from the network: against a network whose numbers are counted by hand."""

import keras
import pytest

from common.training.memory import activation_bytes, training_bytes

WEIGHTS = 3 * 3 * 3 * 4 + 4 + 4 * 4 + 6 * 6 * 4 * 5 + 5
"""Of a convolution, a normalisation (two of its four vectors are not trained) and a dense layer."""

TRAINED = WEIGHTS - 2 * 4
OUTPUTS = 6 * 6 * 4 * 3 + 5
"""Of convolution, normalisation, flattening and dense layer, for an 8 px image."""


def network():
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.Flatten()]
    )
    return keras.Sequential([keras.Input((8, 8, 3)), inner, layers.Dense(5)])


@pytest.mark.parametrize(("policy", "size"), [("float32", 4), ("mixed_bfloat16", 2), ("mixed_float16", 2)])
def test_what_layers_give_counts_in_their_number_format(policy, size):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        assert activation_bytes(network()) == size * OUTPUTS
    finally:
        keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("built", [False, True])
def test_weights_gradients_and_slots_count_beside_a_batch(built):
    model = network()
    model.compile(keras.optimizers.Adam(), "mse")
    if built:
        model.optimizer.build(model.trainable_variables)
    slots = 2 * TRAINED + 2 * built  # and the optimizer's count of steps and learning rate
    assert training_bytes(model, 7) == 4 * (WEIGHTS + TRAINED + slots) + 7 * 4 * OUTPUTS
