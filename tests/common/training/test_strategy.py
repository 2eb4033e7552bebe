"""How replicas are found and how a batch is dealt out to them; what comes of it is in test_replicas.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.errors import UserError
from common.training import strategy
from common.training.strategy import (
    describe_device,
    distribute,
    make_strategy,
    require_replicable,
    share_of_batch,
    step_in_one_graph,
)
from tests.support import forked


def shares(batch, replicas):
    size = tf.constant(len(batch[0]), tf.int64)
    indices = (tf.constant(i, tf.int64) for i in range(replicas))
    return [[part.numpy() for part in share_of_batch(batch, size, index, replicas)] for index in indices]


@pytest.mark.parametrize(
    ("size", "sizes"), [(8, [2, 2, 2, 2]), (10, [3, 3, 2, 2]), (5, [2, 1, 1, 1]), (4, [1, 1, 1, 1])]
)
def test_a_batch_is_dealt_out_whole_and_in_order(size, sizes):
    x, y = tf.range(size), tf.range(size) * 10
    dealt = shares((x, y), 4)
    assert [len(part[0]) for part in dealt] == sizes
    np.testing.assert_array_equal(np.concatenate([part[0] for part in dealt]), x)
    np.testing.assert_array_equal(np.concatenate([part[1] for part in dealt]), y)


def test_a_batch_of_fewer_images_than_replicas_goes_whole_to_every_one():
    """Batch statistics over copies of the batch are its own; over a padded share they would not be."""
    for x, _, weight in shares((tf.range(3), tf.range(3)), 4):
        np.testing.assert_array_equal(x, [0, 1, 2])
        np.testing.assert_array_equal(weight, [1, 1, 1])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 10])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_mean_of_the_replicas_means_is_the_mean_over_the_batch(size, weighted):
    random = np.random.default_rng(size)
    losses = tf.constant(random.normal(size=size), tf.float32)
    weights = random.uniform(0, 2, size).astype("float32")
    batch = (losses, losses, tf.constant(weights)) if weighted else (losses, losses)
    means = [np.mean(x * weight) for x, _, weight in shares(batch, 4)]
    expected = np.mean(losses * (weights if weighted else 1))
    np.testing.assert_allclose(np.mean(means), expected, rtol=1e-5)


def test_one_replica_gets_the_dataset_as_it_is():
    dataset = tf.data.Dataset.range(3)
    assert distribute(dataset, make_strategy(1)) is dataset


@pytest.mark.parametrize("replicas", [0, -2])
def test_no_replica_is_refused(replicas):
    with pytest.raises(UserError, match=f"must be 1 or more, not {replicas}"):
        make_strategy(replicas)


def test_more_replicas_than_gpus_are_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(strategy.tf.config, "list_physical_devices", lambda kind: ["GPU:0"])
    with pytest.raises(
        UserError, match="this machine has 1 GPU: use --replicas 1, or set CUDA_VISIBLE_DEVICES"
    ):
        make_strategy(2)


def test_replicas_asked_for_after_tensorflow_has_started_are_refused():
    tf.constant(0) + 1
    with pytest.raises(
        UserError, match="already started with 1 logical processor: run this in a process of its"
    ):
        make_strategy(64)


@pytest.mark.parametrize("clipping", [{"clipnorm": 1.0}, {"global_clipnorm": 1.0}, {"clipvalue": 1.0}])
def test_clipped_gradients_are_refused_on_several_replicas_only(clipping):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, **clipping), "mse")
    require_replicable(model, 1)
    with pytest.raises(UserError, match=r"clips gradients.*Use --replicas 1"):
        require_replicable(model, 2)


def test_the_device_is_named_with_its_cores():
    assert "core" in describe_device()


def check_sums_over_replicas() -> None:
    mirrored = make_strategy(2)

    @tf.function
    def run():
        def of_replica():
            context = tf.distribute.get_replica_context()
            number = tf.cast(context.replica_id_in_sync_group + 1, tf.float32)
            x = 2 * number
            with tf.GradientTape() as tape:
                tape.watch(x)
                both = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.square(x))
                loss = number * tf.square(both)
            return both, tape.gradient(loss, x)

        return mirrored.run(of_replica)

    both, gradients = (mirrored.experimental_local_results(one) for one in run())
    # Losses are 1 s^2 and 2 s^2 of s = 4 + 16, which change by (2 + 4) s 2 x with either x.
    assert [float(one) for one in both] == [20, 20]
    assert [float(one) for one in gradients] == [6 * 20 * 2 * 2, 6 * 20 * 2 * 4]
    sums = [one for one in run.get_concrete_function().graph.get_operations() if one.type == "AddN"]
    assert {after.type for one in sums for after in one.outputs[0].consumers()} == {"StopGradient"}


def test_sums_over_replicas_have_gradients_but_nothing_to_look_through():
    forked.run(check_sums_over_replicas)


def compare_train_functions() -> None:
    mirrored = make_strategy(2)
    random = np.random.default_rng(0)
    batches = tf.data.Dataset.from_tensor_slices(
        (random.normal(size=(12, 3)).astype("float32"), random.integers(0, 2, 12))
    ).batch(4)
    ended = []
    for whole in (False, True):
        with mirrored.scope():
            layers = [keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
            model = keras.Sequential(layers)
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
            model.build((None, 3))
            model.set_weights([np.full(one.shape, 0.5, "float32") for one in model.weights])
        if whole:
            step_in_one_graph(model, mirrored)
            step = model.train_function
        history = model.fit(mirrored.experimental_distribute_dataset(batches), epochs=2, verbose=0).history
        ended.append((history, model.get_weights()))
    assert model.train_function is step
    (history, weights), (own_history, own_weights) = ended
    assert history == own_history
    for theirs, own in zip(weights, own_weights, strict=True):
        np.testing.assert_array_equal(theirs, own)
    (traced,) = step._list_all_concrete_functions()
    assert not [one for one in traced.graph.get_operations() if one.type.endswith("PartitionedCall")]


def test_the_step_of_replicas_is_one_graph_that_does_what_keras_does():
    forked.run(compare_train_functions)
