"""Where a run stands and what it has measured so far: all of a checkpoint that is not a variable."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field

import keras

from common.training.epochs import EpochData

_MOST = 2**53
"""Most that is counted: up to here every whole number is a float too."""


@dataclass
class RunState:
    """Position, history and time of a run; times carry on where an interrupted process left them."""

    epoch: int = 0
    step: int = 0
    stopped: bool = False
    history: dict[str, list[float]] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    stepping_seconds: float = 0.0
    stepped_images: int = 0

    def __post_init__(self) -> None:
        counts = (self.epoch, self.step, self.stepped_images)
        if min(counts) < 0 or max(counts) > _MOST:
            raise ValueError(f"a run cannot stand at {counts}")

    def as_dict(self) -> dict:
        """Return the state as JSON values; `RunState(**state.as_dict())` is equal to it."""
        return asdict(self)

    @property
    def images_per_second(self) -> float:
        """Training speed, data included; tracing, checkpoints and callbacks left out."""
        return self.stepped_images / self.stepping_seconds if self.stepping_seconds else 0.0


class RestOfEpoch(keras.callbacks.Callback):
    """Ends an epoch that was taken up in its middle where its data end; must be the first callback.

    Keras counts a whole epoch's batches and would ask for one too many. That step would fail for want of
    data, but not before it had advanced the random generators, whose next numbers would then differ from an
    undisturbed run's.
    """

    def __init__(self, state: RunState, steps: int):
        super().__init__()
        self._state = state
        self._steps = steps

    def on_train_batch_begin(self, batch, logs=None):
        if self._state.step == self._steps:
            raise StopIteration


class Recorder(keras.callbacks.Callback):
    """Moves `state` along with the training and chooses the data of each epoch.

    Args:
        state: what to keep up to date.
        data: the data, told which epoch begins.
        batch_size: images in a global batch; every batch counts as whole.
        started: `time.monotonic()` at the start of this process' share of the run.
    """

    def __init__(self, state: RunState, data: EpochData, batch_size: int, started: float):
        super().__init__()
        self.state = state
        self._data = data
        self._batch_size = batch_size
        self._last = started
        self._traced = False

    @property
    def epoch_is_over(self) -> bool:
        """Whether all batches of the epoch are done."""
        return self.state.step == self._data.num_batches

    def tick(self) -> None:
        """Bring the times up to date."""
        now = time.monotonic()
        self.state.seconds += now - self._last
        self.state.epoch_seconds += now - self._last
        self._last = now

    def on_epoch_begin(self, epoch, logs=None):
        shape = self._data.element_spec
        self._data.select(epoch)
        self._traced = self._traced and self._data.element_spec == shape

    def on_train_batch_begin(self, batch, logs=None):
        self._begin = time.monotonic()
        self._first = batch

    def on_train_batch_end(self, batch, logs=None):
        steps = min(batch - self._first + 1, self._data.num_batches - self.state.step)
        self.state.step += steps
        # The first step, and that of images of another size, traces the network: no part of its speed.
        if self._traced:
            self.state.stepping_seconds += time.monotonic() - self._begin
            self.state.stepped_images += steps * self._batch_size
        self._traced = True

    def on_epoch_end(self, epoch, logs=None):
        state = self.state
        if not self.epoch_is_over and not self.model.stop_training:
            raise ValueError(f"data({epoch}, ...) gave {state.step} of {self._data.num_batches} batches")
        rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        measured = {name: float(value) for name, value in {**logs, "learning_rate": rate}.items()}
        for name, value in measured.items():
            state.history.setdefault(name, []).append(value)
        self.tick()
        speed = state.step * self._batch_size / state.epoch_seconds
        state.epochs.append(
            {"epoch": epoch + 1, "seconds": state.epoch_seconds, "images_per_second": speed, **measured}
        )
        state.epoch, state.step, state.epoch_seconds = epoch + 1, 0, 0.0
        state.stopped = self.model.stop_training
