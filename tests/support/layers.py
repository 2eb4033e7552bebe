"""The same questions put to every layer and every loss.

`check_layer` and `check_loss` build the object from plain arguments and check what users rely on without
thinking of it: that it survives saving, that symbolic and eager calls agree, that it has the weights it says,
that it trains, and that it computes in every precision. What a layer or loss computes is for its own test.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

HALF_POLICIES = ("mixed_bfloat16", "mixed_float16")


def check_layer(
    layer_class: type[keras.layers.Layer],
    arguments: dict[str, Any],
    inputs: Any,
    *,
    output_shape: tuple[int, ...] | list[tuple[int, ...]],
    trainable_weights: int = 0,
    non_trainable_weights: int = 0,
    seed_generators: int = 0,
    trains: bool = True,
    half_precision: bool = True,
) -> keras.layers.Layer:
    """Check a layer, and return the one that was built on `inputs`.

    Args:
        layer_class: the class under test.
        arguments: what its ``__init__`` is called with.
        inputs: one array, or a list of arrays, with the batch first.
        output_shape: the shape of the output, with the batch of `inputs` first; a list of several.
        trainable_weights: how many trainable variables it has (tensors, not numbers).
        non_trainable_weights: the same for those that are not trained, without those of random generators.
        seed_generators: how many random generators it owns.
        trains: whether one step of training must change every trainable weight.
        half_precision: whether it must also work under the mixed policies.
    """
    layer = layer_class(**arguments)
    _check_config(layer, arguments)
    _check_symbolic(layer_class(**arguments), inputs, output_shape)

    for output, shape in zip(_listed(layer(inputs)), _listed_shapes(output_shape), strict=True):
        assert tuple(output.shape) == tuple(shape), f"eager output has shape {tuple(output.shape)}"
        assert keras.backend.standardize_dtype(output.dtype) == layer.compute_dtype
    assert len(layer.trainable_variables) == trainable_weights, [v.path for v in layer.trainable_variables]
    state = [v for v in layer.non_trainable_variables if "seed_generator" not in v.path]
    assert len(state) == non_trainable_weights, [v.path for v in state]
    random = len(layer.non_trainable_variables) - len(state)
    assert random == seed_generators, f"{random} random generators"

    _check_saved_model(layer, inputs)
    if trains:
        _check_training(layer_class(**arguments), inputs)
    if half_precision:
        for policy in HALF_POLICIES:
            _check_policy(layer_class(**arguments, dtype=policy), inputs)
    return layer


def check_loss(
    loss_class: type[keras.losses.Loss],
    arguments: dict[str, Any],
    y_true: np.ndarray,
    y_pred: np.ndarray,
    *,
    tolerances: dict[str, float] | None = None,
) -> keras.losses.Loss:
    """Check a loss on one batch, and return it.

    Args:
        loss_class: the class under test.
        arguments: what its ``__init__`` is called with, without ``reduction``.
        y_true: the targets, (B, ...).
        y_pred: the predictions, (B, ...), float32.
        tolerances: relative error allowed in "bfloat16" and "float16" against float32 on the same rounded
            predictions; 0.01 each by default.
    """
    loss = loss_class(**arguments)
    _check_config(loss, arguments)
    batch = len(y_pred)

    each = loss_class(**arguments, reduction="none")(y_true, y_pred)
    assert tuple(each.shape) == (batch,), f"one loss an example is expected, not shape {tuple(each.shape)}"
    each = keras.ops.convert_to_numpy(each)
    total = float(loss(y_true, y_pred))
    np.testing.assert_allclose(total, each.mean(), rtol=1e-5, err_msg="the mean over the batch")
    np.testing.assert_allclose(
        float(loss_class(**arguments, reduction="sum")(y_true, y_pred)), each.sum(), rtol=1e-5
    )
    weight = np.linspace(0.0, 1.0, batch, dtype="float32")
    np.testing.assert_allclose(
        float(loss(y_true, y_pred, sample_weight=weight)), (each * weight).mean(), rtol=1e-5, atol=1e-7
    )

    restored = keras.losses.deserialize(json.loads(json.dumps(keras.losses.serialize(loss))))
    np.testing.assert_allclose(float(restored(y_true, y_pred)), total, rtol=1e-6)
    _check_graph(loss, y_true, y_pred, total)
    for dtype in ("bfloat16", "float16"):
        _check_half_loss(loss_class, arguments, y_true, y_pred, dtype, (tolerances or {}).get(dtype, 0.01))
    _check_loss_trains(loss, y_true, y_pred)
    return loss


def gradient(loss: Any, y_true: Any, y_pred: Any) -> np.ndarray:
    """Return the gradient of ``loss(y_true, y_pred)`` with respect to `y_pred`, by TensorFlow, as float32."""
    import tensorflow as tf

    predictions = tf.convert_to_tensor(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(predictions)
        value = loss(y_true, predictions)
    return tf.cast(tape.gradient(value, predictions), "float32").numpy()


def _check_config(thing: Any, arguments: dict[str, Any]) -> None:
    """Each argument is an attribute and in the configuration, which is JSON and rebuilds the class."""
    config = thing.get_config()
    for name in arguments:
        assert hasattr(thing, name), (
            f"{type(thing).__name__} does not keep its argument {name!r} as an attribute"
        )
        assert name in config, f"{type(thing).__name__}.get_config() lacks {name!r}"
    assert type(thing).from_config(json.loads(json.dumps(config))).get_config() == config
    saved = json.loads(json.dumps(keras.saving.serialize_keras_object(thing)))
    assert ">" in (saved["registered_name"] or ""), (
        f"{type(thing).__name__} is not registered with a package name"
    )
    restored = keras.saving.deserialize_keras_object(saved)
    assert type(restored) is type(thing)
    assert restored.get_config() == config


def _check_symbolic(
    layer: keras.layers.Layer, inputs: Any, output_shape: tuple[int, ...] | list[tuple[int, ...]]
) -> None:
    expected = [(None, *shape[1:]) for shape in _listed_shapes(output_shape)]
    outputs = _listed(layer(keras.tree.map_structure(_symbolic, inputs)))
    found = [tuple(output.shape) for output in outputs]
    assert found == expected, f"symbolic output has shape {found}"
    shapes = keras.tree.map_structure(lambda x: (None, *np.shape(x)[1:]), inputs)
    known = [tuple(shape) for shape in _listed_shapes(layer.compute_output_shape(shapes))]
    assert known == expected, f"compute_output_shape says {known}"


def _check_saved_model(layer: keras.layers.Layer, inputs: Any) -> None:
    """A model around the layer gives the same output after saving, and loading without help."""
    model = _around(layer, inputs)
    before = model.predict(_as_data(inputs), verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        after = keras.saving.load_model(path).predict(_as_data(inputs), verbose=0)
    for one, other in zip(_listed(after), _listed(before), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def _check_training(layer: keras.layers.Layer, inputs: Any) -> None:
    """One step on random targets must give a finite loss and reach every trainable weight."""
    model = _around(layer, inputs)
    # A trained layer on top keeps Keras from refusing a model in which no weight has a gradient.
    outputs = _listed(model.output)
    together = keras.layers.Concatenate()(outputs) if len(outputs) > 1 else outputs[0]
    model = keras.Model(model.inputs, keras.layers.Dense(2)(together))
    before = [variable.numpy() for variable in layer.trainable_variables]
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    targets = (
        np.random.default_rng(0).normal(size=(_batch(inputs), *model.output_shape[1:])).astype("float32")
    )
    assert np.isfinite(model.train_on_batch(_as_data(inputs), targets))
    for old, variable in zip(before, layer.trainable_variables, strict=True):
        new = variable.numpy()
        assert np.isfinite(new).all(), f"{variable.path} is not finite after one step"
        assert not np.array_equal(old, new), f"{variable.path} was not reached by training"


def _check_policy(layer: keras.layers.Layer, inputs: Any) -> None:
    for output in _listed(layer(inputs)):
        assert keras.backend.standardize_dtype(output.dtype) == layer.compute_dtype, (
            f"output is {output.dtype} under {layer.dtype_policy.name}"
        )
        assert np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(output, "float32"))).all()
    for variable in layer.trainable_variables:
        assert keras.backend.standardize_dtype(variable.dtype) == "float32", f"{variable.path} is not float32"


def _check_graph(loss: keras.losses.Loss, y_true: np.ndarray, y_pred: np.ndarray, expected: float) -> None:
    """Inside a compiled graph whose batch size is unknown the value must be the eager one."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in (y_true, y_pred)]
    compiled = tf.function(lambda true, pred: loss(true, pred), input_signature=signature)
    np.testing.assert_allclose(float(compiled(y_true, y_pred)), expected, rtol=1e-5)


def _check_half_loss(
    loss_class: type, arguments: dict, y_true: np.ndarray, y_pred: np.ndarray, dtype: str, tolerance: float
) -> None:
    """Half-precision predictions give nearly the value that float32 gives on the same rounded numbers."""
    rounded = keras.ops.cast(y_pred, dtype)
    exact = float(loss_class(**arguments)(y_true, keras.ops.cast(rounded, "float32")))
    half = loss_class(**arguments, dtype=dtype)
    np.testing.assert_allclose(float(half(y_true, rounded)), exact, rtol=tolerance, err_msg=dtype)
    assert np.isfinite(gradient(half, y_true, rounded)).all(), f"the gradient is not finite in {dtype}"


def _check_loss_trains(loss: keras.losses.Loss, y_true: np.ndarray, y_pred: np.ndarray) -> None:
    """A dense layer trained with the loss must make it smaller."""
    features = np.eye(len(y_pred), dtype="float32")
    model = keras.Sequential(
        [
            keras.Input(features.shape[1:]),
            keras.layers.Dense(y_pred.size // len(y_pred), kernel_initializer="zeros"),
        ]
    )
    if y_pred.ndim > 2:
        model.add(keras.layers.Reshape(y_pred.shape[1:]))
    model.layers[0].set_weights([y_pred.reshape(len(y_pred), -1), model.layers[0].get_weights()[1]])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    losses = [model.train_on_batch(features, y_true) for _ in range(5)]
    assert np.isfinite(losses).all(), f"losses {losses}"
    assert losses[-1] < losses[0], f"five steps did not lower the loss: {losses}"


def _around(layer: keras.layers.Layer, inputs: Any) -> keras.Model:
    symbols = keras.tree.map_structure(lambda x: keras.Input(np.shape(x)[1:], dtype=_dtype(x)), inputs)
    return keras.Model(symbols, layer(symbols))


def _listed(outputs: Any) -> list:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _listed_shapes(shapes: Any) -> list:
    return list(shapes) if isinstance(shapes, list) else [shapes]


def _symbolic(array: Any) -> keras.KerasTensor:
    return keras.KerasTensor((None, *np.shape(array)[1:]), dtype=_dtype(array))


def _as_data(inputs: Any) -> Any:
    return keras.tree.map_structure(keras.ops.convert_to_numpy, inputs)


def _batch(inputs: Any) -> int:
    return len(keras.tree.flatten(inputs)[0])


def _dtype(array: Any) -> str:
    return keras.backend.standardize_dtype(array.dtype)
