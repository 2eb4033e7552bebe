"""Checkpoints on disk: whole or refused, of this run or refused, the newest two kept."""

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.training.callback_states import callback_state, fits_callback, restore_callback
from common.training.resume import (
    CheckpointStore,
    exclusive,
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


def reseal(path, change):
    """Change what a checkpoint says, or its arrays, under a right hash."""
    with np.load(io.BytesIO(path.read_bytes()[:-32])) as stored:
        parts = dict(stored)
    about = json.loads(str(parts.pop("about")))
    text = change(about, parts)
    buffer = io.BytesIO()
    np.savez(buffer, **parts, about=np.array(text if isinstance(text, str) else json.dumps(about)))
    path.write_bytes(buffer.getvalue() + hashlib.sha256(buffer.getvalue()).digest())


HOSTILE = {
    "no text": lambda about, parts: "[",
    "deep": lambda about, parts: "[" * 3000 + "]" * 3000,
    "a list": lambda about, parts: "[]",
    "no state": lambda about, parts: about.pop("state") and None,
    "more": lambda about, parts: about["state"].update(more=1),
    "text for epoch": lambda about, parts: about["state"].update(epoch="1"),
    "before the start": lambda about, parts: about["state"].update(step=-1),
    "uncountable": lambda about, parts: about["state"].update(stepped_images=10**400),
    "history": lambda about, parts: about["state"].update(history=[]),
    "losses": lambda about, parts: about["state"].update(history={"loss": ["low"]}),
    "identity": lambda about, parts: about.update(identity=3),
    "callbacks": lambda about, parts: about.update(callbacks=[3]),
    "objects": lambda about, parts: parts.update(arr_0=np.array([{}], object)),
    "other arrays": lambda about, parts: parts.update(arr_7=parts.pop("arr_0")) or None,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_checkpoint_that_says_what_no_run_writes_is_damaged(store, case):
    fill(store)
    reseal(store._folder / names(store)[1], HOSTILE[case])
    assert (store.load().state.epoch, store.load().state.step) == (1, 0)
    reseal(store._folder / names(store)[0], HOSTILE[case])
    with pytest.raises(UserError, match=r"no checkpoint in .* can be read: delete the folder"):
        store.load()


def test_a_packed_archive_that_is_none_is_damaged(store):
    fill(store)
    path = store._folder / names(store)[1]
    path.write_bytes(b"PK" + hashlib.sha256(b"PK").digest())
    assert store.load().state.step == 0


def test_what_lies_beyond_the_run_is_of_another(store):
    fill(store)
    reseal(store._folder / names(store)[1], lambda about, parts: about["state"].update(epoch=9))
    with pytest.raises(UserError, match=r"of another run \(epochs 9 there, 3 here\)"):
        store.load()


def test_a_folder_in_the_place_of_a_checkpoint_is_named(store):
    fill(store)
    (store._folder / "epoch-00002-step-0000000.npz").mkdir()
    with pytest.raises(UserError, match=r"epoch-00002-step-0000000\.npz stands where a checkpoint belongs"):
        store.load()


class Watch(keras.callbacks.Callback):
    """Keeps a list that grows."""

    def __init__(self, trace):
        super().__init__()
        self.trace = trace

    def get_state(self):
        return {"trace": self.trace, "best": None}

    def set_state(self, state):
        self.trace = state["trace"]


@pytest.mark.parametrize(
    ("stored", "fits"),
    [
        ({"trace": [[1.0, 2]], "best": 0.5}, True),
        ({"trace": [[1.0, "2"]], "best": 0.5}, False),
        ({"trace": {}, "best": 0.5}, False),
        ({"trace": [], "best": "good"}, False),
        ({"trace": []}, False),
        ({"trace": [], "best": None, "more": 1}, False),
    ],
)
def test_a_callback_takes_back_only_what_it_could_have_said(stored, fits):
    assert fits_callback(Watch([]), stored) == fits


def test_plain_attributes_come_back_where_there_are_such(tmp_path):
    stopping = keras.callbacks.EarlyStopping("loss", patience=3, mode="min")
    assert fits_callback(stopping, {"best": 0.25, "wait": 1})
    assert not fits_callback(stopping, {"on_epoch_end": 3})
    assert not fits_callback(stopping, {"wait": "x"})


def test_a_checkpoint_that_is_not_finite_falls_back_to_the_one_before(store, caplog):
    fill(store, ((0, 5), (1, 0)))
    store.save([np.full((2, 2), np.nan, "float32"), np.uint32(3)], RunState(epoch=1, step=7))
    assert (store.load().state.epoch, store.load().state.step) == (1, 0)
    assert "holds what is infinite or not a number: going back to the checkpoint before it" in caplog.text


def test_a_metric_alone_may_be_no_number(store):
    store.save([np.ones(2, "float32"), np.float32(np.nan)], RunState(epoch=1), metrics=1)
    assert np.isnan(store.load().arrays[1])


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
