"""Labels of people, ages that are left out, and that several replicas train the network that one trains."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from common.evidence.records import Data
from common.layers import CosFaceHead, CosineRegularizer
from common.training.fit import fit
from data_prep.prepared.faces import Faces, identity_labels
from reproductions.jmcnn.age_groups import IGNORED
from reproductions.jmcnn.experiments import JMCNN, RECIPES, Stage
from reproductions.jmcnn.model import base_network, imprint, tuned_network
from reproductions.jmcnn.train import class_means, identity_batches
from tests.support import forked
from tests.support.prepared_sets import write_prepared

STAGE = Stage(epochs=1, batch=8, optimizer="muon", learning_rate=1e-3, weight_decay=0.1)
RECIPE = dataclasses.replace(RECIPES["smoke"], size=32, base=STAGE, tuned=STAGE)
GROUPS = np.array([0, 3, 8, IGNORED] * 6, np.int32)


def people(folder) -> Faces:
    """Twenty-four images of six people; the last is not among the faces."""
    prepared = write_prepared(folder, images=24)
    prepared.index["identity"] = [f"person {5 - row // 4}" for row in range(24)]
    data = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 20, 5, "all", stand_in=True)
    return Faces(prepared, np.arange(20), data)


def test_people_are_classes_in_the_order_of_their_names(tmp_path):
    labels = identity_labels(people(tmp_path))
    assert labels.tolist() == [4] * 4 + [3] * 4 + [2] * 4 + [1] * 4 + [0] * 4 + [-1] * 4


def test_ages_that_are_left_out_weigh_nothing(tmp_path):
    batches = identity_batches(people(tmp_path), RECIPE, STAGE, seed=0, groups=GROUPS)
    inputs, targets, weights = next(batches.source(0, 0).as_numpy_iterator())
    assert set(inputs) == {"faces", "identity"}
    np.testing.assert_array_equal(inputs["identity"], targets["identity"])
    assert targets["age_group"].min() >= 0
    assert set(weights["age_group"]) == {0.0, 1.0}
    np.testing.assert_array_equal(weights["identity"], 1)
    plain = identity_batches(people(tmp_path), dataclasses.replace(RECIPE, margin=None), STAGE, seed=0)
    inputs, targets = next(plain.source(0, 0).as_numpy_iterator())
    assert (set(inputs), set(targets)) == ({"faces"}, {"identity"})


def test_stage_2_starts_from_stage_1_but_for_its_answers(tmp_path):
    before = base_network(RECIPE, people=7, steps=10)
    before.save_weights(tmp_path / "base.weights.h5")
    after = tuned_network(JMCNN, RECIPE, 5, 10, tmp_path / "base.weights.h5", 7)
    for name in ("backbone", "F2", "F2_norm", "F4"):
        for one, other in zip(
            before.get_layer(name).get_weights(), after.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    assert after.output["identity"].shape == (None, 5)
    assert after.get_layer("regulariser").weight == 0.1


def test_class_vectors_begin_as_the_mean_directions_of_their_people(tmp_path):
    features = np.array([[2.0, 0], [0, 3], [5, 0], [0, -1]])
    np.testing.assert_allclose(
        class_means(features, np.array([0, 0, 1, 2])), [[0.5**0.5, 0.5**0.5], [1, 0], [0, -1]]
    )
    base_network(RECIPE, people=7, steps=10).save_weights(tmp_path / "base.weights.h5")
    network = tuned_network(JMCNN, RECIPE, 5, 10, tmp_path / "base.weights.h5", 7)
    head = network.get_layer("identity_logits")
    before = np.array(keras.ops.convert_to_numpy(head.kernel))
    vectors = np.eye(3, before.shape[0])
    imprint(network, vectors)
    after = keras.ops.convert_to_numpy(head.kernel)
    np.testing.assert_array_equal(after[:, :3], vectors.T)
    np.testing.assert_array_equal(after[:, 3:], before[:, 3:])


def _train_heads(folder, replicas):
    """Train the two heads alone, on features, on one global batch after the other."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(24, 6)).astype("float32")
    labels = {"identity": rng.integers(0, 5, 24), "age_group": rng.integers(0, 9, 24)}
    weights = {"identity": np.ones(24, "float32"), "age_group": (np.arange(24) % 3 > 0).astype("float32")}

    def build():
        inputs = {"faces": keras.Input((6,)), "identity": keras.Input((), dtype="int32")}
        hidden = [keras.layers.Dense(4)(inputs["faces"]) for _ in range(2)]
        identity, age = CosineRegularizer(0.5)(hidden)
        outputs = {
            "identity": CosFaceHead(5, 16.0)([identity, inputs["identity"]]),
            "age_group": keras.layers.Dense(9)(age),
        }
        model = keras.Model(inputs, outputs)
        losses = {name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in outputs}
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), losses)
        return model

    def source(epoch, skip):
        inputs = {"faces": features, "identity": labels["identity"]}
        return tf.data.Dataset.from_tensor_slices((inputs, labels, weights)).batch(8).skip(skip)

    run = {"epochs": 3, "steps_per_epoch": 3, "batch_size": 8, "config_hash": "", "seed": 1}
    fitted = fit(build, source, run_dir=folder, replicas=replicas, **run)
    np.savez(folder / "weights.npz", *fitted.model.get_weights())


def test_four_replicas_train_the_heads_that_one_trains(tmp_path):
    """With the regulariser, the margin, and images that weigh nothing, unevenly spread over the replicas."""
    for replicas in (1, 4):
        forked.run(_train_heads, tmp_path / str(replicas), replicas)
    one, four = (np.load(tmp_path / str(replicas) / "weights.npz") for replicas in (1, 4))
    for name in one.files:
        np.testing.assert_allclose(four[name], one[name], rtol=1e-4, atol=1e-6)
