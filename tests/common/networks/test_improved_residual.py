"""The networks against parameters counted by hand and against a reading in NumPy, unit by unit."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from common.networks import embedding_of, improved_residual

UNITS = {34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 64: (3, 4, 10, 3), 101: (3, 13, 30, 3)}
SIZE = 20  # halves to 10, 5, 3 and 2: even and odd sides


def weights_by_hand(depth: int) -> int:
    """Count the numbers of a full-width network: kernels, four of each normalised channel, slopes."""
    kernels, normalised, slopes = 27 * 64, 64, 64
    before = 64
    for count, units in zip((64, 128, 256, 512), UNITS[depth], strict=True):
        kernels += 9 * before * count + 9 * count * count + (units - 1) * 18 * count * count
        normalised += before + 2 * count + (units - 1) * 3 * count
        slopes += units * count
        if before != count:
            kernels += before * count
            normalised += count
        before = count
    return kernels + 4 * normalised + slopes


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("depth", "weights"), [(34, 21_311_168), (50, 30_774_976), (64, 26_043_072), (101, 52_371_776)]
)
def test_weights_of_the_full_networks(depth, weights):
    assert weights_by_hand(depth) == weights
    model = improved_residual(depth)
    assert model.count_params() == weights
    assert {name: model.get_layer(name).output.shape[1:] for name in ("stem", "stage1", "stage4")} == {
        "stem": (112, 112, 64),
        "stage1": (56, 56, 64),
        "stage4": (7, 7, 512),
    }


@pytest.mark.usefixtures("undrawn")
def test_weights_of_the_embedding():
    images = keras.Input((7, 7, 512))
    model = keras.Model(images, embedding_of(images))
    assert model.output_shape == (None, 512)
    assert model.count_params() == 4 * 512 + 25088 * 512 + 512 + 4 * 512


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """IR-34, narrow, in float64, with weights and moving statistics that tell mistakes apart."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        model = improved_residual(34, SIZE, 0.125)
    finally:
        keras.config.set_dtype_policy(before)
    random = np.random.default_rng(0)
    for variable in model.variables:
        spread = np.sqrt(1 / np.prod(variable.shape[:-1])) if variable.name == "kernel" else 0.3
        value = random.normal(0, spread, variable.shape)
        positive = variable.name in ("gamma", "moving_variance")
        variable.assign(np.abs(value) + 0.5 if positive else value)
    return model


def test_every_unit_is_the_definitions(network):
    images = np.random.default_rng(1).uniform(-1, 1, (2, SIZE, SIZE, 3)).astype("float32")
    units = {f"stage{s}_{u}": f"stage{s}" if u == n else f"stage{s}_{u}" for s, u, n in _numbered(34)}
    outputs = keras.Model(network.input, [network.get_layer(n).output for n in ("stem", *units.values())])
    found = [np.asarray(one) for one in outputs(images, training=False)]
    weights = {f"{layer.name}/{v.name}": v.numpy() for layer in network.layers for v in layer.weights}
    x = _prelu(
        _norm(_convolved(images.astype(float), weights["stem_conv/kernel"], 1), weights, "stem"),
        weights,
        "stem",
    )
    np.testing.assert_allclose(found[0], x, rtol=1e-9, atol=1e-11)
    for output, label in zip(found[1:], units, strict=True):
        x = _unit(x, weights, label, 2 if label.endswith("_1") else 1)
        np.testing.assert_allclose(output, x, rtol=1e-8, atol=1e-10, err_msg=label)
    assert x.shape == (2, 2, 2, 64)


def _numbered(depth):
    return [(s, u, n) for s, n in enumerate(UNITS[depth], start=1) for u in range(1, n + 1)]


def _unit(x, weights, label, stride):
    y = _convolved(_norm(x, weights, f"{label}_in"), weights[f"{label}_a/kernel"], 1)
    y = _prelu(_norm(y, weights, f"{label}_a"), weights, f"{label}_prelu")
    y = _norm(_convolved(y, weights[f"{label}_b/kernel"], stride), weights, f"{label}_b")
    shortcut = x[:, ::stride, ::stride]
    if f"{label}_shortcut/kernel" in weights:
        shortcut = _norm(shortcut @ weights[f"{label}_shortcut/kernel"][0, 0], weights, f"{label}_shortcut")
    return shortcut + y


def _convolved(x, kernel, stride):
    """Correlate with a 3x3 kernel after padding one pixel on each side, offset by offset."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows, columns = x.shape[1], x.shape[2]
    y = sum(
        padded[:, i : i + rows, j : j + columns] @ kernel[i, j] for i in range(3) for j in range(3)
    )  # stride 1
    return y[:, ::stride, ::stride]


def _norm(x, weights, name):
    gamma, beta, mean, variance = (
        weights[f"{name}_norm/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def _prelu(x, weights, name):
    return np.where(x > 0, x, x * weights[f"{name}/alpha"])


def test_it_trains_every_weight_and_survives_saving(tmp_path):
    keras.utils.set_random_seed(0)
    base = improved_residual(10, 32, 0.1)
    model = keras.Model(base.input, embedding_of(base.output, size=8, dropout=0.0))
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    images = np.random.default_rng(0).normal(size=(8, 32, 32, 3)).astype("float32")
    before = [variable.numpy() for variable in model.trainable_variables]
    targets = np.random.default_rng(1).normal(size=(8, 8))
    for _ in range(2):
        model.train_on_batch(images, targets)
    kept = {
        variable.path
        for old, variable in zip(before, model.trainable_variables, strict=True)
        if np.array_equal(old, variable.numpy())
    }
    # What batch normalisation subtracts again has no gradient.
    assert kept <= {v.path for v in model.trainable_variables if v.path.endswith("embedding_dense/bias")}
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(restored(images), model(images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 51}, "depth is one of 10, 18, 34, 50, 64, 101, not 51"),
        ({"size": 15}, "size is at least 16 pixels"),
    ],
)
def test_senseless_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        improved_residual(**arguments)
