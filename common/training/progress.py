"""What a run shows while it trains: a bar or plain lines, a CSV file and TensorBoard curves."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import TextIO

import keras
import tensorflow as tf

from common.files import atomic_write
from common.progress import Progress
from common.training.run_state import RunState

SECONDS_APART = 5.0
"""Least time between the lines of two epochs in a log."""


class TrainingProgress(keras.callbacks.Callback):
    """Shows images a second and the time left of the whole run; goes after the `Recorder`.

    A terminal gets a bar; a log file gets a line an epoch, fewer of short epochs and more of long ones.

    Args:
        state: where the run stands.
        epochs, steps, batch_size: the size of the run.
        stream: where to write; standard error by default.
    """

    def __init__(
        self, state: RunState, epochs: int, steps: int, batch_size: int, stream: TextIO | None = None
    ):
        super().__init__()
        self._state = state
        self._epochs = epochs
        self._steps = steps
        self._batch_size = batch_size
        self._shown = Progress("training", epochs * steps * batch_size, stream)

    def _done(self) -> int:
        return (self._state.epoch * self._steps + self._state.step) * self._batch_size

    def on_train_begin(self, logs=None):
        self._shown = Progress("training", self._shown.total, self._shown.stream, done=self._done())
        if 0 < self._done() < self._shown.total:
            sentence = f"resuming after {self._done():,} of {self._shown.total:,} images"
            print(sentence, file=self._shown.stream, flush=True)
        self._shown.__enter__()

    def on_train_batch_end(self, batch, logs=None):
        self._shown.what = f"epoch {self._state.epoch + 1}/{self._epochs}"
        self._shown.advance(self._done() - self._shown.done, _short(logs))

    def on_epoch_end(self, epoch, logs=None):
        self._shown.what = f"epoch {epoch + 1}/{self._epochs}"
        ends = epoch + 1 == self._epochs
        self._shown.tell(_short(logs), apart=0.0 if ends else SECONDS_APART)

    def close(self) -> None:
        """Leave the bar as it stands, so that what is printed next starts a line of its own."""
        self._shown.__exit__()


def _short(logs: dict | None) -> str:
    return ", ".join(f"{name} {float(value):.4g}" for name, value in (logs or {}).items())


class CsvLog(keras.callbacks.Callback):
    """Writes a row an epoch: epoch, seconds, images_per_second, the metrics, learning_rate; after the
    `Recorder`.

    The file is written anew from `state` each time, so that an interrupted run leaves no row twice.
    """

    def __init__(self, state: RunState, path: Path):
        super().__init__()
        self._state = state
        self._path = path

    def on_epoch_end(self, epoch, logs=None):
        columns = list(dict.fromkeys(name for row in self._state.epochs for name in row))
        with atomic_write(self._path) as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._state.epochs)


class TensorBoardLog(keras.callbacks.Callback):
    """Writes the columns of the CSV file as TensorBoard scalars, once an epoch; goes after the `Recorder`.

    An event file is a TFRecord file of `Event` messages; writing them so spares the suite the TensorBoard
    package, which `tf.summary.scalar` needs. The session that a resumed run opens makes TensorBoard drop the
    epochs it repeats.
    """

    def __init__(self, state: RunState, folder: Path):
        super().__init__()
        self._state = state
        self._folder = folder

    def on_train_begin(self, logs=None):
        self._folder.mkdir(parents=True, exist_ok=True)
        # Nanoseconds, because TensorBoard reads the files of a folder in the order of their names.
        self._writer = tf.io.TFRecordWriter(str(self._folder / f"events.out.tfevents.{time.time_ns()}"))
        self._write(file_version="brain.Event:2")
        session = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
        self._write(step=self._state.epoch + 1, session_log=session)

    def on_epoch_end(self, epoch, logs=None):
        row = self._state.epochs[-1]
        values = [
            tf.compat.v1.Summary.Value(tag=name, simple_value=value)
            for name, value in row.items()
            if name != "epoch"
        ]
        self._write(step=row["epoch"], summary=tf.compat.v1.Summary(value=values))

    def on_train_end(self, logs=None):
        self._writer.close()

    def _write(self, **event) -> None:
        self._writer.write(tf.compat.v1.Event(wall_time=time.time(), **event).SerializeToString())
        self._writer.flush()
