"""Shapes at the printed size, weights counted by hand, and what the masks let through."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import router_masks
from reproductions.mtlface.age_groups import GROUPS
from reproductions.mtlface.synthesis import caae, ipcgan
from reproductions.mtlface.synthesis.conditioning import KINDS, identity_conditional_module
from reproductions.mtlface.synthesis.discriminator import patch_discriminator
from reproductions.mtlface.synthesis.generator import LEVELS, GeneratorParts, generator

RANDOM = np.random.default_rng(0)
FEATURES = {
    "x_id": (7, 7, 512),
    "stage3": (14, 14, 256),
    "stage2": (28, 28, 128),
    "stage1": (56, 56, 64),
    "stem": (112, 112, 64),
}
TINY = {
    "x_id": (2, 2, 6),
    "stage3": (4, 4, 5),
    "stage2": (8, 8, 4),
    "stage1": (16, 16, 3),
    "stem": (32, 32, 3),
}


def trained(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def norm(channels):
    return 2 * channels


def convolution(side, channels, outputs, bias=True):
    return side * side * channels * outputs + outputs * bias


@pytest.mark.usefixtures("undrawn")
def test_the_module_has_the_papers_sizes():
    """800 = 128 + 6 * 112 channels; a PReLU has one slope a channel."""
    module = identity_conditional_module((7, 7, 512))
    enter = convolution(1, 512, 800, False) + norm(800) + 800
    block = 2 * (convolution(3, 800, 800, False) + norm(800) + 800)
    leave = convolution(1, 800, 512, False) + norm(512) + 512
    assert trained(module) == enter + 4 * block + leave
    assert module.output.shape == (None, 7, 7, 512)


@pytest.mark.usefixtures("undrawn")
def test_one_hot_has_the_channels_of_one_group():
    module = identity_conditional_module((7, 7, 512), "one-hot")
    enter = convolution(1, 512 + 7, 128, False) + norm(128) + 128
    block = 2 * (convolution(3, 128, 128, False) + norm(128) + 128)
    leave = convolution(1, 128, 512, False) + norm(512) + 512
    assert trained(module) == enter + 4 * block + leave


@pytest.mark.parametrize(("kind", "overlap"), [("router", 0.125), ("router", 0.1)])
def test_a_group_trains_its_own_channels_alone(kind, overlap):
    module = identity_conditional_module((2, 2, 6), kind, 0.125, overlap)
    masks = router_masks(GROUPS, 16, overlap)
    x_id = tf.constant(RANDOM.normal(size=(4, 2, 2, 6)).astype("float32"))
    group = tf.fill([4], 3)
    kernels = [module.get_layer(name).kernel for name in ("block1_a_conv", "block4_b_conv", "leave_conv")]
    with tf.GradientTape() as tape:
        out = module({"x_id": x_id, "group": group}, training=True)
        loss = tf.reduce_sum(out * tf.constant(RANDOM.normal(size=out.shape).astype("float32")))
    first, last, leave = (np.abs(g) for g in tape.gradient(loss, [kernel.value for kernel in kernels]))
    own = masks[3] > 0
    for gradient in (first, last):
        assert gradient[..., ~own].max() == gradient[:, :, ~own].max() == 0
        assert gradient[..., own].max() > 0
    np.testing.assert_array_equal(leave.max(axis=(0, 1, 3)) > 0, own)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("reading", "last"), [("supplement", 64), ("code", 3)])
def test_the_decoder_has_the_papers_sizes(reading, last):
    parts = GeneratorParts(reading=reading)
    model = generator(parts, FEATURES)
    assert model.output.shape == (None, 112, 112, 3)
    slope = 1 if reading == "code" else 0
    expected = trained(identity_conditional_module((7, 7, 512)))
    before = 512
    for beside, count in ((256, 256), (128, 128), (64, 64), (last, 32)):
        both = before + beside
        expected += convolution(1, before, count)
        expected += norm(both) + slope * both + convolution(3, both, count)
        expected += 3 * (norm(count) + slope * count + convolution(3, count, count))
        before = count
    assert trained(model) == expected + convolution(1, 32, 3)


def inputs(rows=2):
    random = np.random.default_rng(1)
    maps = {name: random.normal(size=(rows, *shape)).astype("float32") for name, shape in TINY.items()}
    faces = random.uniform(-1, 1, (rows, 32, 32, 3)).astype("float32")
    return {"faces": faces, **maps, "group": np.arange(rows)}


@pytest.mark.parametrize("kind", ["router", "one-hot"])
@pytest.mark.parametrize("reading", ["supplement", "code"])
def test_the_generator_listens_to_face_group_and_every_level(kind, reading):
    model = generator(GeneratorParts(32, 0.125, kind, 0.125, reading), TINY)
    # Kernels start so small that what comes from far below hardly shows.
    for variable in model.trainable_variables:
        if variable.name == "kernel":
            variable.assign(variable * 20)
    before = np.asarray(model(inputs()))
    for name in ("x_id", "group", *LEVELS[:-1], "faces" if reading == "code" else "stem"):
        changed = inputs()
        changed[name] = (changed[name] + 1) % GROUPS if name == "group" else changed[name] * 0.5 + 0.1
        assert np.abs(np.asarray(model(changed)) - before).max() > 1e-5, name


@pytest.mark.parametrize("kind", KINDS)
def test_the_codes_generator_starts_near_the_face(kind):
    keras.utils.set_random_seed(0)
    model = generator(GeneratorParts(32, 0.125, kind, 0.125, "code"), TINY)
    given = inputs()
    np.testing.assert_allclose(model(given, training=True), given["faces"], atol=0.05)


def test_the_codes_generator_adds_the_face():
    model = generator(GeneratorParts(32, 0.125, reading="code"), TINY)
    model.get_layer("pixels").set_weights([np.zeros_like(w) for w in model.get_layer("pixels").get_weights()])
    given = inputs()
    np.testing.assert_array_equal(model(given), given["faces"])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("reading", "side"), [("supplement", 7), ("code", 5)])
def test_the_discriminators_map(reading, side):
    model = patch_discriminator(112, reading=reading)
    assert model.output.shape == (None, side, side, 1)
    pairs = ((3, 64), (64 + 7, 128), (128, 256), (256, 512), (512, 512), (512, 1))
    assert trained(model) == sum(convolution(4, *pair) for pair in pairs)
    normalised = [layer for layer in model.layers if isinstance(layer, keras.layers.SpectralNormalization)]
    assert len(normalised) == (5 if reading == "supplement" else 4)


@pytest.mark.usefixtures("undrawn")
def test_at_64_px_three_halvings_leave_the_map_of_four_at_112():
    wide = patch_discriminator(112, reading="code").output.shape
    assert patch_discriminator(64, 0.25, "code", halvings=3).output.shape == wide
    assert patch_discriminator(32, 0.25, "code", halvings=3).output.shape == (None, 1, 1, 1)
    with pytest.raises(ValueError, match=r"of 31 px .* 32 px are the least"):
        patch_discriminator(31, 0.25, "code", halvings=3)


def test_the_discriminators_kernels_have_norm_one():
    model = patch_discriminator(32, 0.125)
    faces = {"faces": inputs()["faces"], "group": np.arange(2)}
    for _ in range(60):
        model(faces, training=True)
    for number in range(1, 6):
        kernel = np.asarray(model.get_layer(f"normalised{number}").layer.kernel)
        largest = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]
        assert largest == pytest.approx(1, rel=0.02)


def test_caae_has_the_published_sizes():
    """At 128 px and width 1: 8x8x1024 from the code and six repetitions of the label."""
    encoder = caae.encoder(128)
    pairs = ((3, 64), (64, 128), (128, 256), (256, 512))
    assert trained(encoder) == sum(convolution(5, *pair) for pair in pairs) + (8 * 8 * 512 + 1) * 50
    generator_ = caae.generator(128)
    pairs = ((1024, 512), (512, 256), (256, 128), (128, 64), (64, 3))
    dense = (50 + 7 * 7 + 1) * 8 * 8 * 1024
    assert trained(generator_) == dense + sum(convolution(5, *pair) for pair in pairs)
    assert generator_.output.shape == (None, 128, 128, 3)
    code = (50 + 1) * 64 + (64 + 1) * 32 + (32 + 1) * 16 + 17 + norm(64 + 32 + 16)
    assert trained(caae.code_discriminator()) == code
    face = caae.face_discriminator(128)
    pairs = ((3, 16), (16 + 7, 32), (32, 64), (64, 128))
    dense = (8 * 8 * 128 + 1) * 1024 + 1025
    assert trained(face) == dense + norm(16 + 32 + 64 + 128) + sum(convolution(5, *pair) for pair in pairs)


def test_ipcgan_has_the_published_sizes():
    model = ipcgan.generator(128)
    expected = convolution(7, 3 + 7, 32) + convolution(3, 32, 64) + convolution(3, 64, 128)
    expected += 12 * (convolution(3, 128, 128) + norm(128))
    expected += convolution(3, 128, 64) + convolution(3, 64, 32) + convolution(7, 32, 3)
    assert trained(model) == expected + 2 * norm(32) + 2 * norm(64) + norm(128)
    critic = ipcgan.patch_discriminator(128)
    pairs = ((3, 64), (64 + 7, 128), (128, 256), (256, 512), (512, 512))
    assert trained(critic) == sum(convolution(4, *pair) for pair in pairs) + norm(128 + 256 + 512)
    assert critic.output.shape == (None, 16, 16, 512)


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: identity_conditional_module((2, 2, 6), "masks"), "kind is one of"),
        (lambda: generator(GeneratorParts(40), TINY), "multiple of 16"),
        (lambda: generator(GeneratorParts(32, reading="mine"), TINY), "reading is one of"),
        (lambda: patch_discriminator(32, reading="mine"), "reading is one of"),
        (lambda: patch_discriminator(32, reading="code"), "48 px are the least"),
        (lambda: caae.generator(40), "multiple of 16"),
        (lambda: ipcgan.generator(30), "multiple of 4"),
    ],
)
def test_what_cannot_be_built_is_refused(build, why):
    with pytest.raises(ValueError, match=why):
        build()


def test_kernels_of_the_framework_are_even_within_one_over_the_root_of_the_fan_in():
    keras.utils.set_random_seed(0)
    model = patch_discriminator(64, 1.0, "code", "framework")
    kernel = model.get_layer("conv1").kernel.numpy()
    bound = 1 / np.sqrt(4 * 4 * 3)
    assert np.abs(kernel).max() <= bound
    assert kernel.std() == pytest.approx(bound / np.sqrt(3), rel=0.02)
