"""One run in this process: what it returns, writes, refuses, and how it goes on; kills are in
test_kill.py."""

import contextlib
import csv
import dataclasses
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism

from common.errors import UserError
from common.interruption import Interrupted, Interruption
from common.training.fit import fit
from common.training.guards import NonFiniteLoss
from tests.support.training_runs import BATCH, STEPS, Recipe, build, source, train

RECIPE = Recipe(epochs=2, norm="none", checkpoint_seconds=1000.0)


@pytest.fixture(autouse=True, scope="module")
def _leave_other_tests_as_they_were():
    yield
    disable_op_determinism()


class Watch(keras.callbacks.Callback):
    """Keeps the weights after every step, and adds a value to each epoch's logs."""

    def __init__(self):
        super().__init__()
        self.weights = []
        self.traces = []

    def on_train_batch_end(self, batch, logs=None):
        self.weights.append([weight.numpy() for weight in self.model.trainable_weights])

    def on_epoch_end(self, epoch, logs=None):
        logs["added"] = 10.0 + epoch
        self.traces.append(self.model.layers[-1].traces)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    watch = Watch()
    return folder, watch, train(folder, RECIPE, [watch])


def test_the_result_says_what_the_run_took(run):
    _, _, result = run
    assert set(result.history) == {"loss", "accuracy", "learning_rate", "added"}
    assert all(len(values) == 2 for values in result.history.values())
    assert result.history["added"] == [10.0, 11.0]
    assert result.history["learning_rate"] == pytest.approx([0.005, 0.005])
    assert result.seconds > 0
    assert result.images_per_second > 0
    assert 50 < result.peak_memory_mb < 100_000
    assert (result.replicas, result.precision) == (1, "float32")


def test_the_network_is_traced_in_the_first_epoch_only(run):
    _, watch, _ = run
    first, second = watch.traces
    assert first == second


def test_the_final_weights_are_the_moving_average_of_the_steps(run):
    folder, watch, result = run
    average = watch.weights[0]
    for weights in watch.weights[1:]:
        average = [0.9 * a + 0.1 * w for a, w in zip(average, weights, strict=True)]
    stored = build(RECIPE)
    stored.load_weights(folder / "final.weights.h5")
    for model in (result.model, stored):
        for ours, expected in zip(model.trainable_weights, average, strict=True):
            np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_the_log_has_a_row_an_epoch(run):
    folder, _, result = run
    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["loss"]) for row in rows] == result.history["loss"]
    assert sum(float(row["seconds"]) for row in rows) == pytest.approx(result.seconds, rel=0.05)
    assert len(list((folder / "tensorboard").iterdir())) == 1


def test_a_finished_run_is_returned_and_not_trained_again(run):
    folder, _, result = run
    watch = Watch()
    again = train(folder, RECIPE, [watch])
    assert watch.weights == []
    assert (again.history, again.seconds) == (result.history, result.seconds)
    for a, b in zip(again.model.get_weights(), result.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_with_other_arguments_is_refused(run):
    folder, _, _ = run
    with pytest.raises(UserError, match=r"of another run \(seed 7 there, 8 here\)"):
        train(folder, dataclasses.replace(RECIPE, seed=8), [Watch()])


def test_a_changed_network_is_refused(run):
    folder, _, _ = run
    with pytest.raises(UserError, match="does not fit this network"):
        train(folder, dataclasses.replace(RECIPE, norm="batch"), [Watch()])


def test_without_resume_a_run_starts_over(run, tmp_path):
    once, twice = (train(tmp_path, RECIPE, [Watch()], resume=resume).history for resume in (True, False))
    assert once == twice == run[2].history


def test_a_run_stopped_early_stays_stopped(tmp_path):
    recipe = dataclasses.replace(RECIPE, epochs=3)
    results = [
        train(
            tmp_path, recipe, [keras.callbacks.EarlyStopping("loss", patience=0, min_delta=100.0, mode="min")]
        )
        for _ in range(2)
    ]
    assert [len(result.history["loss"]) for result in results] == [2, 2]


def simple_fit(tmp_path, data, **options):
    return fit(
        lambda: build(RECIPE), data, epochs=2, steps_per_epoch=STEPS, batch_size=BATCH, run_dir=tmp_path,
        config_hash="x", seed=1, **options,
    )  # fmt: skip


def test_data_that_end_early_are_an_error(tmp_path):
    whole = source(RECIPE)
    with pytest.raises(ValueError, match=r"data\(1, ...\) gave 3 of 5 batches"):
        simple_fit(tmp_path, lambda epoch, skip: whole(epoch, skip).take(3 if epoch == 1 else STEPS))


def test_a_loss_that_is_not_a_number_stops_the_run_and_names_the_files(tmp_path):
    whole = source(RECIPE)

    def poisoned(epoch, skip):
        spoil = np.ones(STEPS, "float32")
        spoil[2] = np.nan if epoch == 1 else 1.0
        factors = tf.data.Dataset.from_tensor_slices(spoil)
        return tf.data.Dataset.zip(whole(epoch, skip), factors).map(
            lambda batch, by: (batch[0] * by, batch[1])
        )

    with pytest.raises(NonFiniteLoss, match=r"nan in epoch 2, batch 3 \(1-2.jpg\): lower") as caught:
        simple_fit(tmp_path, poisoned, describe_batch=lambda epoch, step: [f"{epoch}-{step}.jpg"])
    assert (caught.value.epoch, caught.value.step) == (1, 2)


class Swallow(keras.callbacks.Callback):
    """Asks for an end at the second batch, and swallows what comes of it."""

    def get_state(self):
        return {}

    def set_state(self, state):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)


def test_an_end_that_was_asked_for_and_lost_comes_with_the_next_batch(tmp_path):
    with pytest.raises(Interrupted), Interruption():
        simple_fit(tmp_path, source(RECIPE), callbacks=[Swallow()], checkpoint_seconds=0.0)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["epoch-00000-step-0000001.npz"]
