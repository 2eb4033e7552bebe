"""What a batch says of ages, files that are no network, and that four replicas train what one trains."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.errors import UserError
from common.evidence.records import Data
from common.layers import AttentionFeatureDecomposition, GradientReversal
from common.training.fit import fit
from common.training.schedules import SigmoidRamp
from common.training.weights import save_network
from data_prep.prepared.faces import Faces
from reproductions.mtlface.age_groups import UNKNOWN
from reproductions.mtlface.experiments import COSFACE, MTLFACE, RECIPES
from reproductions.mtlface.train import TrainingSet, load_recogniser, recognition_batches
from tests.support import forked
from tests.support.prepared_sets import write_prepared

RECIPE = dataclasses.replace(RECIPES["smoke"], crop=32, size=32, batch=8)
YEARS = np.array([5, 30, 70, UNKNOWN] * 6, np.int32)


@pytest.fixture
def training(tmp_path):
    """Twenty-four images of six people."""
    prepared = write_prepared(tmp_path, images=24)
    prepared.index["identity"] = [f"person {row // 4}" for row in range(24)]
    data = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 24, 6, "all", stand_in=True)
    return TrainingSet(Faces(prepared, np.arange(24), data), YEARS)


def test_unknown_ages_weigh_nothing(training):
    batches = recognition_batches(MTLFACE, RECIPE, training, seed=0)
    inputs, targets, weights = next(batches.source(0, 0).as_numpy_iterator())
    np.testing.assert_array_equal(inputs["identity"], targets["identity"])
    assert set(targets) == {"identity", "age", "age_group", "reversed_age", "reversed_age_group"}
    for head in ("", "reversed_"):
        known = weights[f"{head}age"] == 1
        assert set(targets[f"{head}age"][known]) == {5, 30, 70}
        assert set(targets[f"{head}age_group"][known]) == {0, 2, 6}
        assert set(targets[f"{head}age"][~known]) == {0}
        np.testing.assert_array_equal(weights[f"{head}age"], weights[f"{head}age_group"])
    np.testing.assert_array_equal(weights["identity"], 1)


def test_cosface_alone_needs_no_ages(training):
    batches = recognition_batches(COSFACE, RECIPE, dataclasses.replace(training, years=None), seed=0)
    inputs, targets = next(batches.source(0, 0).as_numpy_iterator())
    assert (set(inputs), set(targets)) == ({"faces", "identity"}, {"identity"})


def test_a_network_may_see_smaller_faces_than_are_kept(training):
    recipe = dataclasses.replace(RECIPE, size=16)
    inputs, *_ = next(recognition_batches(MTLFACE, recipe, training, seed=0).source(0, 0).as_numpy_iterator())
    assert inputs["faces"].shape == (8, 16, 16, 3)


def test_a_file_that_holds_no_recogniser_is_refused(tmp_path):
    path = tmp_path / "recogniser.keras"
    path.write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"recogniser\.keras does not hold the weights of this network"):
        load_recogniser(path)
    with pytest.raises(UserError, match=r"absent\.keras are not there"):
        load_recogniser(tmp_path / "absent.keras")
    faces = keras.Input((4,), name="faces")
    save_network(keras.Model(faces, keras.layers.Dense(3, name="encoder")(faces)), path)
    with pytest.raises(UserError, match=r"no trained recogniser \(it has no layer embedding\)"):
        load_recogniser(path)


def _train_parts(folder, replicas):
    """Train the decomposition with a head on each part, one turned around, on maps."""
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(24, 3, 3, 4)).astype("float32")
    targets = {name: rng.normal(size=(24, 2)).astype("float32") for name in ("age", "reversed")}
    weights = {name: (np.arange(24) % 3 > 0).astype("float32") for name in targets}

    def build():
        inputs = keras.Input((3, 3, 4))
        x_id, x_age = AttentionFeatureDecomposition(synchronized=True)(inputs)
        turned = GradientReversal(1.0, SigmoidRamp(9))(x_id)
        flat = keras.layers.Flatten()
        outputs = {
            "age": keras.layers.Dense(2)(flat(x_age)),
            "reversed": keras.layers.Dense(2)(flat(turned)),
        }
        model = keras.Model(inputs, outputs)
        model.compile(keras.optimizers.SGD(0.05, momentum=0.9), dict.fromkeys(outputs, "mse"))
        return model

    def source(epoch, skip):
        return tf.data.Dataset.from_tensor_slices((maps, targets, weights)).batch(8).skip(skip)

    run = {"epochs": 3, "steps_per_epoch": 3, "batch_size": 8, "config_hash": "", "seed": 1}
    fitted = fit(build, source, run_dir=folder, replicas=replicas, **run)
    np.savez(folder / "weights.npz", *fitted.model.get_weights())


def test_four_replicas_train_what_one_trains(tmp_path):
    for replicas in (1, 4):
        forked.run(_train_parts, tmp_path / str(replicas), replicas)
    one, four = (np.load(tmp_path / str(replicas) / "weights.npz") for replicas in (1, 4))
    for name in one.files:
        np.testing.assert_allclose(four[name], one[name], rtol=1e-4, atol=1e-5)
