"""What a layer or loss gives under the backend of this process, for `benchmarks.backends`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.src.backend.common.stateless_scope import get_stateless_scope

from benchmarks.backend_cases import Case
from benchmarks.backends import STEPS

Arrays = list[np.ndarray]


def answers(case: Case, folder: Path, reference: bool) -> dict[str, Arrays | str]:
    """Return by question what a case answers: arrays, or the first line of the error. See `QUESTIONS`.

    Args:
        case: what is asked.
        folder: where the reference leaves its model for the others to load.
        reference: whether this backend is the one that others are compared with.
    """
    thing = case.make()
    asked: dict[str, Callable[[], Arrays]] = {"output": lambda: _outputs(case)}
    if any(map(_is_float, case.inputs)):
        asked["gradient"] = lambda: _gradients(case)
    if isinstance(thing, keras.Layer | keras.losses.Loss):
        path = folder / f"{case.title}.keras"
        asked["training"] = lambda: _trained(case, path if reference else None)
        asked["file"] = lambda: _loaded(case, path)
    found: dict[str, Arrays | str] = {}
    for question, answer in asked.items():
        try:
            found[question] = answer()
        except Exception as error:
            found[question] = f"{type(error).__name__}: {(str(error).strip() or ' ').splitlines()[0][:80]}"
    return found


def _is_float(array: np.ndarray) -> bool:
    return array.dtype.kind == "f"


def _built(case: Case) -> Any:
    """Return the layer, its weights set to the same numbers everywhere, or the loss or function."""
    thing = case.make()
    if isinstance(thing, keras.Layer):
        inputs = list(map(ops.convert_to_tensor, case.inputs))
        thing(inputs if len(inputs) > 1 else inputs[0])
        _set(thing)
    return thing


def _set(thing: keras.Layer) -> None:
    """Give every trained weight numbers between 0.1 and 0.5, by its place; kernels have both signs."""
    for place, variable in enumerate(thing.trainable_variables):
        rng = np.random.default_rng([7, place])
        signs = rng.choice([-1, 1], variable.shape) if len(variable.shape) > 1 else 1
        variable.assign(signs * rng.uniform(0.1, 0.5, variable.shape))


def _called(thing: Any, tensors: Sequence[Any]) -> list[Any]:
    """Return the outputs of a call in training, and the losses that a layer adds."""
    if not isinstance(thing, keras.Layer):
        return [thing(*tensors)]
    training = {"training": True} if "training" in inspect.signature(thing.call).parameters else {}
    outputs = thing(list(tensors) if len(tensors) > 1 else tensors[0], **training)
    scope = get_stateless_scope()
    added = scope.losses if scope else thing.losses
    return [*(outputs if isinstance(outputs, list) else [outputs]), *added]


def _numpy(tensors: Sequence[Any]) -> Arrays:
    return [np.asarray(ops.convert_to_numpy(one), np.float64) for one in tensors]


def _outputs(case: Case) -> Arrays:
    """Return outputs, and the weights and states after the call."""
    thing = _built(case)
    outputs = _called(thing, list(map(ops.convert_to_tensor, case.inputs)))
    states = [one.value for one in thing.non_trainable_variables] if isinstance(thing, keras.Layer) else []
    return _numpy([*outputs, *states])


def _scalar(outputs: Sequence[Any]) -> Any:
    """Return a sum of all outputs, each number with a factor of its own."""
    total = 0.0
    for place, one in enumerate(outputs):
        factors = np.random.default_rng([9, place]).normal(size=tuple(one.shape)).astype("float32")
        total += ops.sum(one * ops.convert_to_tensor(factors))
    return total


def _gradients(case: Case) -> Arrays:
    """Return the gradients of `_scalar` by every float input and trained weight."""
    thing = _built(case)
    variables = thing.trainable_variables if isinstance(thing, keras.Layer) else []
    places = [place for place, array in enumerate(case.inputs) if _is_float(array)]

    def filled(floats: Sequence[Any]) -> list[Any]:
        tensors: list[Any] = list(map(ops.convert_to_tensor, case.inputs))
        for place, one in zip(places, floats, strict=True):
            tensors[place] = one
        return tensors

    floats = [ops.convert_to_tensor(case.inputs[place]) for place in places]
    by = {"tensorflow": _by_tensorflow, "jax": _by_jax, "torch": _by_torch}[keras.backend.backend()]
    return _numpy(by(thing, filled, floats, variables))


def _by_tensorflow(thing: Any, filled: Callable, floats: list, variables: list) -> list[Any]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(floats)
        value = _scalar(_called(thing, filled(floats)))
    return tape.gradient(value, [*floats, *(one.value for one in variables)])


def _by_torch(thing: Any, filled: Callable, floats: list, variables: list) -> list[Any]:
    import torch

    floats = [one.detach().clone().requires_grad_() for one in floats]
    value = _scalar(_called(thing, filled(floats)))
    return list(torch.autograd.grad(value, [*floats, *(one.value for one in variables)]))


def _by_jax(thing: Any, filled: Callable, floats: list, variables: list) -> list[Any]:
    import jax

    def value(floats: list, weights: list) -> Any:
        if not isinstance(thing, keras.Layer):
            return _scalar(_called(thing, filled(floats)))
        mapping = list(zip(variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True):
            return _scalar(_called(thing, filled(floats)))

    by_floats, by_weights = jax.grad(value, argnums=(0, 1))(floats, [one.value for one in variables])
    return [*by_floats, *by_weights]


def _trained(case: Case, path: Path | None) -> Arrays:
    """Return weights and states of a model of the case after some steps; save it if a path is given."""
    thing = case.make()
    if isinstance(thing, keras.Layer):
        symbols = [keras.Input(one.shape[1:], dtype=one.dtype.name) for one in case.inputs]
        outputs = thing(symbols if len(symbols) > 1 else symbols[0])
        flat = [keras.layers.Flatten()(one) for one in (outputs if isinstance(outputs, list) else [outputs])]
        model = keras.Model(symbols, keras.layers.Dense(1)(ops.concatenate(flat, axis=-1)))
        given, wanted, loss = list(case.inputs), np.linspace(-1, 1, 6, dtype="float32")[:, None], "mse"
    else:
        wanted, answers = case.inputs
        given, loss = np.eye(6, dtype="float32"), thing
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(answers.shape[1])])
    _set(model)
    model.compile(keras.optimizers.SGD(0.01), loss)
    for _ in range(STEPS):
        model.train_on_batch(given, wanted)
    if path:
        model.save(path)
    return _numpy([one.value for one in model.weights])


def _loaded(case: Case, path: Path) -> Arrays:
    """Return the answers of the model that the reference saved."""
    model = keras.saving.load_model(path)
    loss = isinstance(case.make(), keras.losses.Loss)
    given = np.eye(6, dtype="float32") if loss else list(case.inputs)
    return [np.asarray(model.predict(given, verbose=0), np.float64)]
