"""Number formats: which policy they set, for how long, and that float16 is loss-scaled."""

import keras
import pytest

from common.errors import UserError
from common.number_formats import wide
from common.training import precision as formats
from common.training.precision import (
    ReplicaLossScaleOptimizer,
    agree_on_loss_scale,
    is_native,
    precision_policy,
)


@pytest.mark.parametrize(
    ("precision", "compute"), [("float32", "float32"), ("bfloat16", "bfloat16"), ("float16", "float16")]
)
def test_layers_compute_in_the_precision_and_keep_float32_weights(precision, compute):
    with precision_policy(precision):
        layer = keras.layers.Dense(1)
    layer.build((None, 2))
    assert (layer.compute_dtype, layer.variable_dtype) == (compute, "float32")
    assert keras.config.dtype_policy().name == "float32"


def test_in_double_weights_and_answers_that_are_never_half_are_double_too():
    with precision_policy("float64"):
        layer = keras.layers.Dense(1, dtype=wide())
    layer.build((None, 2))
    assert (layer.compute_dtype, layer.variable_dtype) == ("float64", "float64")
    with precision_policy("bfloat16"):
        assert keras.layers.Dense(1, dtype=wide()).compute_dtype == "float32"


def test_the_policy_is_restored_after_an_error():
    with pytest.raises(RuntimeError), precision_policy("bfloat16"):
        raise RuntimeError
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("has", "gpus", "native"),
    [
        (("AVX2",), [], {"float32", "float64"}),
        (("AVX-512",), [], {"float32", "float64"}),
        (("AVX-512", "BF16"), [], {"float32", "float64", "bfloat16"}),
        (("AVX2",), ["a GPU"], {"float32", "float64", "bfloat16", "float16"}),
    ],
)
def test_a_machine_computes_in_what_it_has_instructions_for(monkeypatch, has, gpus, native):
    monkeypatch.setattr(formats, "instructions", lambda: has)
    monkeypatch.setattr(formats.tf.config, "list_physical_devices", lambda kind: gpus)
    assert {one for one in formats.PRECISIONS if is_native(one)} == native


def test_an_unknown_precision_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="unknown precision 'bfloat61': did you mean 'bfloat16'"):
        precision_policy("bfloat61").__enter__()


def compiled():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def test_keras_scales_the_loss_in_float16_and_replicas_get_their_own_scaling():
    with precision_policy("float16"):
        model = compiled()
    assert type(model.optimizer) is keras.optimizers.LossScaleOptimizer
    inner = model.optimizer.inner_optimizer
    agree_on_loss_scale(model)
    assert type(model.optimizer) is ReplicaLossScaleOptimizer
    assert model.optimizer.inner_optimizer is inner
    again = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    assert type(again) is ReplicaLossScaleOptimizer


def test_other_precisions_are_not_scaled():
    model = compiled()
    agree_on_loss_scale(model)
    assert type(model.optimizer) is keras.optimizers.SGD
