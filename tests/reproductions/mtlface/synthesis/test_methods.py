"""What each side pays, against NumPy; what is frozen stays so; every method makes faces."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import correlate1d
from scipy.special import expit, log_softmax

from common.training.adversarial import SIDES
from common.training.optimizers import Adam
from reproductions.mtlface.network import Parts, recogniser
from reproductions.mtlface.synthesis.features import feature_shapes, frozen_features
from reproductions.mtlface.synthesis.generator import GeneratorParts
from reproductions.mtlface.synthesis.methods import CAAE, IPCGAN, MTLFace, another_group, softened

RANDOM = np.random.default_rng(0)
SIZE, ROWS = 48, 4
BATCH = {
    "faces": RANDOM.integers(0, 256, (ROWS, SIZE, SIZE, 3), np.uint8),
    "group": np.array([0, 2, 5, 6], "int32"),
    "target": np.array([2, 6, 5, 0], "int32"),
    "prior": RANDOM.uniform(-1, 1, (ROWS, 50)).astype("float32"),
}
X = {name: tf.constant(value) for name, value in BATCH.items()}
FACES = BATCH["faces"] / 127.5 - 1


@pytest.fixture(scope="module")
def features():
    keras.utils.set_random_seed(0)
    return frozen_features(recogniser(Parts(5, 10, 0.125, SIZE)))


@pytest.fixture(scope="module")
def methods(features):
    keras.utils.set_random_seed(1)
    return {
        "mtlface": MTLFace(GeneratorParts(SIZE, 0.125, reading="code"), features, 0.125),
        "ipcgan": IPCGAN(SIZE, 0.125, features, 2.0, 0.125),
        "caae": CAAE(SIZE, 0.125, 0.125),
    }


def arrays(tensors):
    return tf.nest.map_structure(lambda one: np.asarray(one, np.float64), tensors)


def halved(answers, wanted):
    return ((answers - wanted) ** 2).reshape(ROWS, -1).mean(axis=1) / 2


def entropy(logits, labels):
    return -log_softmax(logits, axis=1)[np.arange(ROWS), labels]


def close(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=2e-4, atol=1e-6, err_msg=name)


def test_mtlface_pays_what_is_printed(methods):
    model = methods["mtlface"]
    made = model.make(X)
    seen, own = (arrays(model.features(one, training=False)) for one in (made["made"], made["faces"]))
    answers = np.asarray(
        model.discriminator({"faces": made["made"], "group": X["target"]}, training=False), np.float64
    )
    paid = arrays(model.generator_losses(X, made))
    expected = {
        "adversarial": 75 * halved(answers, 1),
        "age": 10 * entropy(seen["groups"], BATCH["target"]),
        "identity": 0.002 * ((seen["x_id"] - own["x_id"]) ** 2).mean(axis=(1, 2, 3)),
    }
    close(paid, expected)
    # The kernels are normalised before the answers are given, and stay so.
    paid = arrays(model.discriminator_losses(X, made))
    kernels = [
        layer.layer.kernel for layer in model.discriminator.layers if hasattr(layer, "power_iterations")
    ]
    assert len(kernels) == 4
    real, fake = (
        np.asarray(model.discriminator({"faces": one, "group": group}, training=False), np.float64)
        for one, group in ((made["faces"], X["group"]), (made["made"], X["target"]))
    )
    close(paid, {"real": halved(real, 1), "made": halved(fake, 0)})


def test_softened_faces_lose_what_alternates_from_pixel_to_pixel():
    faces = RANDOM.normal(size=(2, 6, 8, 3))
    expected = correlate1d(faces, [0.25, 0.5, 0.25], axis=1, mode="nearest")
    expected = correlate1d(expected, [0.25, 0.5, 0.25], axis=2, mode="nearest")
    np.testing.assert_allclose(softened(tf.constant(faces)), expected, atol=1e-12)
    striped = np.broadcast_to((-1.0) ** np.arange(8)[None, :, None, None], (1, 8, 8, 3))
    np.testing.assert_allclose(softened(tf.constant(striped))[:, 1:-1], 0, atol=1e-12)


def test_a_soft_guide_is_asked_of_softened_faces(features):
    keras.utils.set_random_seed(1)
    parts = GeneratorParts(SIZE, 0.125, reading="code")
    model = MTLFace(parts, features, 0.125, identity=5.0, soft=True, halvings=3, smooth=4.0)
    assert model.discriminator.output.shape == (None, 3, 3, 1)
    made = model.make(X)
    seen = arrays(model.features(softened(made["made"]), training=False))
    own = arrays(model.features(made["faces"], training=False))
    paid = arrays(model.generator_losses(X, made))
    expected = {
        "age": 10 * entropy(seen["groups"], BATCH["target"]),
        "identity": 5 * ((seen["x_id"] - own["x_id"]) ** 2).mean(axis=(1, 2, 3)),
        "smooth": 4 * variation(arrays(made["made"]) - arrays(made["faces"])),
    }
    close({name: paid[name] for name in expected}, expected)


def test_the_average_is_of_the_generator_alone(features):
    keras.utils.set_random_seed(1)
    model = MTLFace(GeneratorParts(SIZE, 0.125, reading="code"), features, 0.125)
    model.compile(Adam(1e-2, use_ema=True, ema_momentum=0.5), Adam(1e-2))
    kept = []
    for _ in range(3):
        model.train_step((X, X["group"]))
        kept.append({side: arrays([v.value for v in model.variables_of(side)]) for side in SIDES})
    model.optimizer.finalize_variable_values(model.trainable_variables)
    first, second, third = (arrays_of["generator"] for arrays_of in kept)
    for variable, *values in zip(model.variables_of("generator"), first, second, third, strict=True):
        expected = values[0] / 4 + values[1] / 4 + values[2] / 2
        np.testing.assert_allclose(variable, expected, rtol=1e-4, atol=1e-6)
    for variable, value in zip(model.variables_of("discriminator"), kept[-1]["discriminator"], strict=True):
        np.testing.assert_array_equal(variable, value.astype("float32"))


def test_ipcgan_pays_what_its_code_says(methods):
    model = methods["ipcgan"]
    made = model.make(X)
    seen, own = (arrays(model.features(one, training=False)) for one in (made["made"], made["faces"]))

    def answers(faces, group):
        return np.asarray(model.discriminator({"faces": faces, "group": group}, training=True), np.float64)

    paid = arrays(model.generator_losses(X, made))
    expected = {
        "adversarial": 75 * halved(answers(made["made"], X["target"]), 1),
        "age": 30 * entropy(seen["groups"], BATCH["target"]),
        "identity": 2.0 * ((seen["stage3"] - own["stage3"]) ** 2).mean(axis=(1, 2, 3)),
    }
    close(paid, expected)
    paid = arrays(model.discriminator_losses(X, made))
    wrong = tf.constant([2, 6, 4, 0], tf.int32)
    expected = {
        "real": 75 * halved(answers(made["faces"], X["group"]), 1),
        "wrong": 37.5 * halved(answers(made["faces"], wrong), 0),
        "made": 37.5 * halved(answers(made["made"], X["target"]), 0),
    }
    close(paid, expected)


def test_caae_pays_what_its_code_says(methods):
    model = methods["caae"]
    made = model.make(X)
    of_faces = {
        name: np.asarray(
            model.face_discriminator({"faces": made[name], "group": X["group"]}, training=True), np.float64
        )[:, 0]
        for name in ("faces", "made")
    }
    of_codes = [
        np.asarray(model.code_discriminator(one, training=True), np.float64)[:, 0]
        for one in (X["prior"], made["code"])
    ]
    face, made_face = (np.asarray(made[name], np.float64) for name in ("faces", "made"))
    np.testing.assert_allclose(face, FACES, atol=1e-6)
    close(
        arrays(model.discriminator_losses(X, made)),
        {
            "real": -np.log(expit(of_faces["faces"])),
            "made": -np.log(1 - expit(of_faces["made"])),
            "prior": -np.log(expit(of_codes[0])),
            "code": -np.log(1 - expit(of_codes[1])),
        },
    )
    close(
        arrays(model.generator_losses(X, made)),
        {
            "reconstruction": np.abs(made_face - face).mean(axis=(1, 2, 3)),
            "adversarial": -1e-4 * np.log(expit(of_faces["made"])),
            "code": -1e-4 * np.log(expit(of_codes[1])),
            "smooth": 1e-4 * variation(made_face),
        },
    )
    # What an untrained network makes hardly varies; of rough faces the term is no rounding error.
    rough = np.random.default_rng(1).uniform(-1, 1, made_face.shape).astype("float32")
    paid = arrays(model.generator_losses(X, made | {"made": tf.constant(rough)}))["smooth"]
    expected = 1e-4 * variation(rough.astype(np.float64))
    assert expected.min() > 1e-5
    np.testing.assert_allclose(paid, expected, rtol=1e-4)


def variation(faces):
    """As `tf.image.total_variation` or its mean: differences of neighbours in both directions."""
    down, across = np.abs(np.diff(faces, axis=1)), np.abs(np.diff(faces, axis=2))
    return down.mean(axis=(1, 2, 3)) + across.mean(axis=(1, 2, 3))


@pytest.mark.parametrize("name", ["mtlface", "ipcgan", "caae"])
def test_a_step_moves_both_sides_and_leaves_the_frozen_alone(methods, name):
    model = methods[name]
    model.compile(*(keras.optimizers.Adam(1e-3, 0.5) for _ in range(2)))
    frozen = model.features.variables if hasattr(model, "features") else []
    before = [np.asarray(variable) for variable in frozen]
    moved = {side: model.variables_of(side) for side in ("generator", "discriminator")}
    old = {side: [np.asarray(variable) for variable in several] for side, several in moved.items()}
    assert not {id(variable) for variable in frozen} & {id(v) for several in moved.values() for v in several}
    logs = model.train_step((X, X["group"]))
    assert all(np.isfinite(float(value)) for value in logs.values())
    for variable, value in zip(frozen, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    for side, variables in moved.items():
        changed = [not np.array_equal(v, o) for v, o in zip(variables, old[side], strict=True)]
        assert np.mean(changed) > 0.9, side
    made = model({"faces": X["faces"], "group": X["target"]})
    assert made.shape == (ROWS, SIZE, SIZE, 3)
    assert made.dtype == "float32"


def test_features_are_those_of_the_recogniser(features):
    model = recogniser(Parts(5, 10, 0.125, SIZE))
    again = frozen_features(model)
    inner = keras.Model(
        model.input["faces"],
        [*model.get_layer("decomposition").output, model.output["age_group"]],
    )
    found = again(tf.constant(FACES, tf.float32), training=False)
    for name, expected in zip(("x_id", "x_age", "groups"), inner(X["faces"]), strict=True):
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5)
    assert feature_shapes(features) == {
        "x_id": (3, 3, 64),
        "stage3": (6, 6, 32),
        "stage2": (12, 12, 16),
        "stage1": (24, 24, 8),
        "stem": (48, 48, 8),
    }
    assert not features.trainable_variables


def test_another_group_is_another():
    own, proposed = np.array([0, 0, 3, 6, 6]), np.array([0, 4, 3, 6, 1])
    np.testing.assert_array_equal(another_group(own, proposed), [1, 4, 2, 5, 1])
