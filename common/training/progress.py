"""What a run shows while it trains: a bar or plain lines, a CSV file and TensorBoard curves."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import TextIO

import keras
import tensorflow as tf
from tqdm import tqdm

from common.files import atomic_write
from common.training.run_state import RunState

SECONDS_BETWEEN_LINES = 30.0


def readable_time(seconds: float) -> str:
    """Return a duration in its two largest units: "42 s", "3 min 20 s", "2 h 5 min", "1 d 4 h"."""
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount or parts or unit == "s":
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2])


class Progress(keras.callbacks.Callback):
    """Shows images a second and the time left of the whole run; goes after the `Recorder`.

    A terminal gets a bar; a log file gets a line an epoch, and one every half a minute of a long epoch.

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
        self._stream = stream or sys.stderr
        self._bar = None

    def _done(self) -> int:
        return (self._state.epoch * self._steps + self._state.step) * self._batch_size

    @property
    def _total(self) -> int:
        return self._epochs * self._steps * self._batch_size

    def on_train_begin(self, logs=None):
        self._last_line = time.monotonic()
        if 0 < self._done() < self._total:
            print(f"resuming after {self._done():,} of {self._total:,} images", file=self._stream, flush=True)
        if self._stream.isatty():
            self._bar = tqdm(
                total=self._total, initial=self._done(), unit=" images", file=self._stream, dynamic_ncols=True
            )

    def on_train_batch_end(self, batch, logs=None):
        if self._bar is not None:
            self._bar.set_description(f"epoch {self._state.epoch + 1}/{self._epochs}", refresh=False)
            self._bar.set_postfix(_short(logs), refresh=False)
            self._bar.update(self._done() - self._bar.n)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._line(f"epoch {self._state.epoch + 1}/{self._epochs}, batch {self._state.step}", logs)

    def on_epoch_end(self, epoch, logs=None):
        if self._bar is None:
            self._line(f"epoch {epoch + 1}/{self._epochs}", logs)

    def close(self) -> None:
        """Leave the bar as it stands, so that what is printed next starts a line of its own."""
        if self._bar is not None:
            self._bar.close()

    def _line(self, where: str, logs: dict) -> None:
        rate = self._state.images_per_second
        left = f", {readable_time((self._total - self._done()) / rate)} left" if rate else ""
        values = "  ".join(f"{name} {value}" for name, value in _short(logs).items())
        print(f"{where}  {values}  {rate:.0f} images/s{left}", file=self._stream, flush=True)
        self._last_line = time.monotonic()


def _short(logs: dict) -> dict[str, str]:
    return {name: f"{float(value):.4g}" for name, value in logs.items()}


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
