"""Training stops where a loss or a weight is no finite number, and says where that happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from common.errors import UserError
from common.files import atomic_write
from common.training.optimizers import optimizers_of
from common.training.run_state import RunState

DescribeBatch = Callable[[int, int], Sequence[str]]
"""`describe_batch(epoch, step)`: the files of a batch, both counted from 0."""


class NonFiniteLoss(UserError):
    """The loss became infinite or not a number. Attributes: epoch, step (counted from 0) and files."""

    def __init__(self, message: str, epoch: int, step: int, files: Sequence[str]):
        super().__init__(message)
        self.epoch = epoch
        self.step = step
        self.files = list(files)


class FiniteLoss(keras.callbacks.Callback):
    """Raises `NonFiniteLoss` after the first batch whose loss is not finite; goes before a `Recorder`.

    It looks at the mean loss of the epoch so far, which the bad batch spoils at once. Keras copies that
    number from the device after every step as soon as a run has any callback, so the look itself costs
    nothing.

    Args:
        state: where the run stands before the batch just trained on.
        steps: batches in an epoch.
        describe_batch: names the files of a batch; without it only its number is told.
        report: text file that gets the whole list of files.
    """

    def __init__(self, state: RunState, steps: int, describe_batch: DescribeBatch | None, report: Path):
        super().__init__()
        self._state = state
        self._steps = steps
        self._describe = describe_batch
        self._report = report

    def on_train_batch_begin(self, batch, logs=None):
        self._first = batch

    def on_train_batch_end(self, batch, logs=None):
        if math.isfinite(logs["loss"]):
            return
        epoch, step = self._state.epoch, self._state.step
        steps = range(step, min(step + batch - self._first + 1, self._steps))
        files = [file for step in steps for file in self._describe(epoch, step)] if self._describe else []
        where = (
            f"batch {step + 1}" if len(steps) == 1 else f"one of the batches {step + 1} to {steps[-1] + 1}"
        )
        raise NonFiniteLoss(
            f"the loss became {logs['loss']} in epoch {epoch + 1}, {where}{self._list(files)}: "
            "lower the learning rate, or look for what is wrong with these images.",
            epoch,
            step,
            files,
        )

    def _list(self, files: Sequence[str]) -> str:
        if not files:
            return ""
        with atomic_write(self._report) as report:
            report.writelines(f"{file}\n" for file in files)
        shown = ", ".join(files[:3])
        more = f" and {len(files) - 3} more, all in {self._report}" if len(files) > 3 else ""
        return f" ({shown}{more})"


class NonFiniteWeights(UserError):
    """Weights, or what the optimizer keeps beside them, are infinite or not a number."""


class FiniteWeights(keras.callbacks.Callback):
    """Raises `NonFiniteWeights` for a network that is spoilt at the start, or at the end of an epoch.

    The loss does not tell it all: the last step comes after it, and a maximum taken by TensorFlow's CPU
    kernels makes of NaN the lowest finite number. Goes before what measures the network; within an epoch
    `common.training.resume.Checkpoints` looks before it writes.

    Args:
        state: where the run stands.
    """

    def __init__(self, state: RunState):
        super().__init__()
        self._state = state

    def on_train_begin(self, logs=None):
        if names := spoilt(self.model):
            raise NonFiniteWeights(
                f"the network to be trained has {names} infinite or not a number from the start: look at the "
                "weights that it begins with."
            )

    def on_epoch_end(self, epoch, logs=None):
        require_finite_state(self.model, f"at the end of epoch {self._state.epoch + 1}")


def require_finite_state(model: keras.Model, when: str) -> None:
    """Refuse a network in training that is spoilt, its optimizers' slots and moving averages included.

    Args:
        model: compiled and built.
        when: for the sentence ("at the end of epoch 3").

    Raises:
        NonFiniteWeights: it is; the sentence names the variables.
    """
    if names := spoilt(model, *optimizers_of(model)):
        raise NonFiniteWeights(
            f"{names} became infinite or not a number, as seen {when}, although the loss is finite. Nothing "
            "of that is kept, and the same command goes on from the last checkpoint before it: should it end "
            "here again, lower the learning rate or look for what is wrong with the images, and start over."
        )


def spoilt(*owners: keras.Model | keras.optimizers.Optimizer) -> str:
    """Name the variables of which some value is infinite or not a number; an empty text where none is."""
    variables = [variable for owner in owners for variable in owner.variables]
    names = [v.path for v in variables if not np.isfinite(keras.ops.convert_to_numpy(v)).all()]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
