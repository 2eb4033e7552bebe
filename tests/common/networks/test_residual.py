"""Table 1 stage by stage, parameters counted by hand, and the options of the network."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from common.networks import decay_exclusions, residual_age_network, scaled_channels

UNITS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
PUBLISHED = {
    "conv1_x": (112, 112, 64),
    "conv2_x": (56, 56, 64),
    "conv3_x": (28, 28, 128),
    "conv4_x": (14, 14, 256),
    "conv5_x": (7, 7, 512),
    "pool": (512,),
    "logits": (100,),
}


def weights_by_hand(depth, order):
    """Count the numbers of a full-width network: kernels, four of each normalised channel, dense."""
    kernels, normalised = 9 * 3 * 64, 64
    before = 64
    for count, units in zip((64, 128, 256, 512), UNITS[depth], strict=True):
        kernels += 9 * before * count + 9 * count * count + before * count  # first unit, its 1x1 shortcut
        kernels += (units - 1) * 2 * 9 * count * count
        # Post: after both convolutions and the shortcut. Pre: before both convolutions.
        normalised += 3 * count if order == "post" else before + count
        normalised += (units - 1) * 2 * count
        before = count
    normalised += 512 if order == "pre" else 0
    return kernels + 4 * normalised + 512 * 100 + 100


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("order", ["post", "pre"])
@pytest.mark.parametrize("depth", [18, 34])
def test_published_shapes_and_counted_weights(depth, order):
    model = residual_age_network(depth, order=order)
    assert model.input_shape == (None, 224, 224, 3)
    assert {name: model.get_layer(name).output.shape[1:] for name in PUBLISHED} == PUBLISHED
    assert model.get_layer("conv1").output.shape == (None, 224, 224, 64)
    assert model.count_params() == weights_by_hand(depth, order)


def test_weights_of_the_full_networks():
    assert weights_by_hand(18, "post") == 11_234_084
    assert weights_by_hand(34, "post") == 21_349_668


@pytest.mark.parametrize("depth", [18, 34])
def test_depth_counts_the_convolutions_and_the_dense_layer(depth):
    layers = residual_age_network(depth, size=32, width=0.1).layers
    convolutions = [x for x in layers if isinstance(x, keras.layers.Conv2D) and "shortcut" not in x.name]
    assert len(convolutions) + 1 == depth


def test_second_convolution_of_a_stages_first_unit_has_the_stride():
    model = residual_age_network(34, size=64, width=0.25)
    strided = {x.name for x in model.layers if isinstance(x, keras.layers.Conv2D) and x.strides == (2, 2)}
    assert strided == {f"conv{stage}_1_b" for stage in (2, 3, 4, 5)}
    for stage in (2, 3, 4, 5):
        second, projected = (model.get_layer(f"conv{stage}_1_{part}") for part in ("b", "shortcut"))
        assert projected.kernel_size == (1, 1)
        assert projected.output.shape == second.output.shape
    assert not any(x.use_bias for x in model.layers if isinstance(x, keras.layers.Conv2D))


@pytest.mark.parametrize(
    ("count", "width", "expected"),
    [
        (64, 1.0, 64),
        (64, 0.5, 32),
        (64, 0.25, 16),
        (64, 0.2, 16),
        (64, 0.1, 8),
        (64, 0.01, 8),
        (512, 0.25, 128),
        (128, 0.4, 48),
        (64, 0.375, 32),
        (64, 2, 128),
    ],
)
def test_channels_are_multiples_of_sixteen(count, width, expected):
    assert scaled_channels(count, width) == expected


def test_kernels_start_from_he_normal():
    keras.utils.set_random_seed(0)
    model = residual_age_network(18, size=32)
    for name in ("conv3_2_a", "conv5_2_b"):
        kernel = model.get_layer(name).kernel.numpy()
        assert kernel.std() == pytest.approx(np.sqrt(2 / np.prod(kernel.shape[:3])), rel=0.01)


@pytest.mark.parametrize("order", ["post", "pre"])
def test_trains_every_weight(order):
    keras.utils.set_random_seed(0)
    model = residual_age_network(18, outputs=7, size=32, width=0.1, order=order, dropout=0.0)
    images = np.random.default_rng(0).normal(size=(16, 32, 32, 3)).astype("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, run_eagerly=True)  # a graph takes longer than ten steps
    before = [x.numpy() for x in model.trainable_variables]
    losses = [model.train_on_batch(images, np.arange(16) % 7) for _ in range(10)]
    assert losses[-1] < losses[0] / 2
    for old, variable in zip(before, model.trainable_variables, strict=True):
        assert not np.array_equal(old, variable.numpy()), f"{variable.path} was not trained"


def test_saves(tmp_path):
    model = residual_age_network(18, size=32, width=0.1)
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras")
    assert restored.name == "residual_age_18"
    np.testing.assert_array_equal(restored(images), model(images))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_logits_are_float32_under_half_precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = residual_age_network(18, size=32, width=0.1)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("conv5_x").compute_dtype == policy.removeprefix("mixed_")
    assert model.output.dtype == "float32"


def test_only_kernels_decay():
    model = residual_age_network(18, size=32, width=0.1)
    excluded = decay_exclusions(model)
    decayed = [x for x in model.trainable_variables if not any(x is y for y in excluded)]
    assert len(decayed) == 17 + 4 + 1  # convolutions, shortcuts, dense
    assert all(x.ndim in (2, 4) for x in decayed)
    assert all(x.ndim == 1 for x in excluded)
    optimizer = keras.optimizers.AdamW(0.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=excluded)
    assert [optimizer._use_weight_decay(x) for x in model.trainable_variables] == [
        x.ndim > 1 for x in model.trainable_variables
    ]


def test_a_first_convolution_of_stride_two_halves_all_that_follows():
    shapes = [
        [
            residual_age_network(18, size=64, width=0.1, first_stride=stride)
            .get_layer(f"conv{n}_x")
            .output.shape[1]
            for n in range(1, 6)
        ]
        for stride in (1, 2)
    ]
    assert shapes == [[32, 16, 8, 4, 2], [16, 8, 4, 2, 1]]


def test_options_reach_the_layers():
    model = residual_age_network(
        18, outputs=1, size=32, width=0.1, dropout=0.4, input_channels=1, synchronized=True, slope=0.25
    )
    activations = [x for x in model.layers if isinstance(x, keras.layers.ReLU)]
    assert len(activations) == 17
    assert {x.negative_slope for x in activations} == {0.25}
    assert model.input_shape == (None, 32, 32, 1)
    assert model.output_shape == (None, 1)
    assert model.get_layer("dropout").rate == 0.4
    normalisations = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert normalisations
    assert all(x.synchronized for x in normalisations)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 50}, "depth is one of 18, 34, not 50"),
        ({"order": "mid"}, "order is one of post, pre, not 'mid'"),
        ({"size": 31}, "size is at least 32 pixels"),
        ({"width": 0}, "width is above zero, not 0"),
    ],
)
def test_senseless_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        residual_age_network(**arguments)
