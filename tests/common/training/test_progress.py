"""What a run shows: lines in a log file, a bar in a terminal, CSV rows, TensorBoard scalars."""

import csv
import io
import re

import tensorflow as tf

from common import progress
from common.training import progress as training_progress
from common.training.progress import CsvLog, TensorBoardLog, TrainingProgress
from common.training.run_state import RunState


class Terminal(io.StringIO):
    def isatty(self):
        return True


def show(stream, state):
    """One epoch of four batches of eight images, of which the process finds two done."""
    shown = TrainingProgress(state, epochs=2, steps=4, batch_size=8, stream=stream)
    shown.on_train_begin()
    for step in (3, 4):
        state.step, state.stepped_images, state.stepping_seconds = step, 8 * (step - 2), 0.5 * (step - 2)
        shown.on_train_batch_end(step - 3, {"loss": 2.34567})
    state.epoch, state.step = 1, 0
    shown.on_epoch_end(0, {"loss": 2.34567, "mae": 7.0})
    shown.close()
    return stream.getvalue()


def test_a_log_file_gets_a_line_an_epoch(monkeypatch):
    monkeypatch.setattr(training_progress, "SECONDS_APART", 0.0)
    text = show(io.StringIO(), RunState(step=2))
    first, line = text.splitlines()
    assert first == "resuming after 16 of 64 images"
    assert re.fullmatch(r"epoch 1/2: 32 of 64 images, .* left; loss 2\.346, mae 7", line)


def test_a_long_epoch_gets_lines_of_its_own(monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    text = show(io.StringIO(), RunState())
    assert "epoch 1/2: 24 of 64 images" in text


def test_a_terminal_gets_a_bar_with_rate_and_time_left():
    text = show(Terminal(), RunState(step=2))
    assert "epoch 1/2" in text
    assert "32/64" in text
    assert "images/s" in text
    assert "loss 2.346" in text


ROWS = [
    {"epoch": 1, "seconds": 2.5, "images_per_second": 100.0, "loss": 3.0, "learning_rate": 0.5},
    {"epoch": 2, "seconds": 1.5, "images_per_second": 120.0, "loss": 2.0, "learning_rate": 0.25},
]


def test_the_csv_file_has_a_row_an_epoch_and_none_twice(tmp_path):
    state = RunState(epoch=2, epochs=list(ROWS))
    for _ in range(2):
        CsvLog(state, tmp_path / "log.csv").on_epoch_end(1)
    with open(tmp_path / "log.csv", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == ROWS


def test_tensorboard_gets_the_same_scalars_and_a_new_session_after_a_resume(tmp_path):
    state = RunState(epoch=1, epochs=[ROWS[0]])
    log = TensorBoardLog(state, tmp_path / "tensorboard")
    log.on_train_begin()
    state.epochs.append(ROWS[1])
    log.on_epoch_end(1)
    log.on_train_end()
    (path,) = (tmp_path / "tensorboard").iterdir()
    events = [tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    assert events[0].file_version == "brain.Event:2"
    assert (events[1].step, events[1].session_log.status) == (2, tf.compat.v1.SessionLog.START)
    assert events[2].step == 2
    scalars = {value.tag: value.simple_value for value in events[2].summary.value}
    assert scalars == {name: value for name, value in ROWS[1].items() if name != "epoch"}
