"""Checkpoints on disk: whole or refused, of this run or refused, the newest two kept."""

import json
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.training.resume import (
    CheckpointStore,
    callback_state,
    exclusive,
    restore_callback,
    state_variables,
)
from common.training.run_state import RunState

IDENTITY = {"configuration": "abc", "epochs": 3}


def fill(store, positions=((0, 5), (1, 0), (1, 7))):
    for epoch, step in positions:
        state = RunState(epoch=epoch, step=step, history={"loss": [0.1, float("nan")]}, seconds=1.5)
        store.save([np.full((2, 2), epoch + step / 10, "float32"), np.uint32(step)], state, [{"best": 0.25}])


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path / "checkpoints", IDENTITY)


def names(store):
    return sorted(path.name for path in store._folder.iterdir())


def test_nothing_is_loaded_where_there_is_nothing(store):
    assert store.load() is None


def test_what_was_saved_last_is_loaded_to_the_bit(store):
    fill(store)
    snapshot = store.load()
    np.testing.assert_array_equal(snapshot.arrays[0], np.full((2, 2), np.float32(1.7)))
    assert snapshot.arrays[0].dtype == np.float32
    assert snapshot.arrays[1].dtype == np.uint32
    assert (snapshot.state.epoch, snapshot.state.step, snapshot.state.seconds) == (1, 7, 1.5)
    assert snapshot.state.history["loss"][0] == 0.1
    assert snapshot.callbacks == [{"best": 0.25}]


def test_the_two_newest_are_kept(store):
    fill(store)
    assert names(store) == ["epoch-00001-step-0000000.npz", "epoch-00001-step-0000007.npz"]


def spoil(path, how):
    content = bytearray(path.read_bytes())
    if how == "flipped":
        content[len(content) // 2] ^= 1
    path.write_bytes({"empty": b"", "truncated": content[:-1], "flipped": content, "noise": b"\0" * 999}[how])


@pytest.mark.parametrize("how", ["empty", "truncated", "flipped", "noise"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(store, how, caplog):
    fill(store)
    spoil(store._folder / "epoch-00001-step-0000007.npz", how)
    assert (store.load().state.epoch, store.load().state.step) == (1, 0)
    assert "is damaged: going back to the checkpoint before it" in caplog.text
    assert names(store) == ["epoch-00001-step-0000000.npz"]


def test_no_readable_checkpoint_is_told_in_a_sentence(store):
    fill(store)
    for name in names(store):
        spoil(store._folder / name, "truncated")
    with pytest.raises(UserError, match="can be read: delete the folder to train from the start"):
        store.load()


def test_a_checkpoint_of_another_run_is_refused_with_the_difference(store):
    fill(store)
    other = CheckpointStore(store._folder, {"configuration": "abd", "epochs": 3})
    with pytest.raises(
        UserError, match=r"of another run \(configuration abc there, abd here\): choose another"
    ):
        other.load()


def test_half_written_files_are_removed_and_checkpoints_on_demand(store):
    fill(store)
    (store._folder / ".epoch-00001-step-0000008.npz.abc.part").write_bytes(b"half")
    store.remove_leftovers()
    assert len(names(store)) == 2
    store.clear()
    assert names(store) == []


def test_a_folder_serves_one_training_at_a_time(tmp_path, capsys):
    def train():
        with exclusive(tmp_path / "run"):
            return "trained"

    with ThreadPoolExecutor(1) as pool:
        with exclusive(tmp_path / "run"):
            second = pool.submit(train)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            assert f"another process is training in {tmp_path / 'run'}: waiting" in capsys.readouterr().err
        assert second.result(timeout=60) == "trained"


def test_the_state_of_a_run_is_json():
    state = RunState(epoch=1, history={"loss": [1 / 3]}, epochs=[{"epoch": 1, "seconds": 2.0}])
    assert RunState(**json.loads(json.dumps(state.as_dict()))) == state


def test_early_stopping_remembers_what_it_waited_for():
    before, after = (keras.callbacks.EarlyStopping("loss", patience=3, mode="min") for _ in range(2))
    before.on_train_begin()
    before.best, before.wait, before.best_epoch = 0.5, 2, 4
    after.on_train_begin()
    restore_callback(after, json.loads(json.dumps(callback_state(before))))
    assert (after.best, after.wait, after.best_epoch) == (0.5, 2, 4)


def test_early_stopping_that_would_lose_weights_is_refused():
    with pytest.raises(ValueError, match="does not hold the best weights"):
        callback_state(keras.callbacks.EarlyStopping("loss", restore_best_weights=True))


def test_every_variable_of_a_run_is_kept_once():
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(2),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(use_ema=True), "mse", metrics=["mae"])
    model.fit(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0)
    kept = [copies[0] for copies in state_variables(model)]
    # Dense 2, normalisation 4, dropout's generator 1; rate, step count, 3 slots for each of 4 trainable
    # weights; 2 for each of the loss and the metric.
    assert len(kept) == len({id(variable) for variable in kept}) == 7 + 2 + 12 + 4
