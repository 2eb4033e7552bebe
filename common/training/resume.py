"""Checkpoints from which a killed run goes on to the weights and history of an undisturbed one."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import keras
import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.evidence import strict
from common.files import atomic_write
from common.locking import take_lock
from common.training.callback_states import callback_state, fits_callback, restore_callback
from common.training.cluster import of_all_workers, of_this_worker
from common.training.guards import require_finite_state
from common.training.optimizers import optimizers_of
from common.training.run_state import Recorder, RunState
from common.workers import agreed, cluster, is_chief

log = logging.getLogger(__name__)

KEPT = 2
"""Checkpoints kept: the newest, and one to fall back on where that one cannot be read."""

WRITING_SHARE = 0.05
"""Most of the time that checkpoints at the ends of short epochs may take."""


def exclusive(run_dir: Path) -> TextIO:
    """Hold `run_dir` (made if missing) for this process alone, until what is returned is closed.

    Where another process holds it, as when two commands share a training, this one waits and says so.
    """
    return take_lock(run_dir / ".lock", f"training in {run_dir}")


@dataclass(frozen=True)
class _About:
    """All of a checkpoint that is no array."""

    identity: dict[str, Any]
    state: RunState
    callbacks: list[dict[str, Any]]
    metrics: int = 0


@dataclass(frozen=True)
class Snapshot:
    """One checkpoint read back: the values of `state_variables`, the run's state, the callbacks' states.

    The last `metrics` of the values are those of metrics.
    """

    arrays: list[np.ndarray]
    state: RunState
    callbacks: list[dict]
    metrics: int = 0

    @property
    def finite(self) -> bool:
        """Whether all that is trained is finite."""
        trained = self.arrays[: len(self.arrays) - self.metrics]
        return all(np.isfinite(array).all() for array in trained if array.dtype.kind == "f")


class CheckpointStore:
    """Writes and reads the checkpoints of one run.

    A checkpoint is a NumPy archive followed by the SHA-256 of its bytes, written beside and renamed: a file
    under its own name is whole, and one that a disk has since damaged is recognised.

    Args:
        folder: where they lie.
        identity: JSON values that tell this run from every other, such as its configuration's hash.
    """

    def __init__(self, folder: Path, identity: dict):
        self._folder = folder
        self._identity = identity

    def save(
        self,
        arrays: Sequence[np.ndarray],
        state: RunState,
        callbacks: Sequence[dict] = (),
        metrics: int = 0,
    ) -> None:
        """Write a checkpoint, then remove all but the newest `KEPT`.

        The last `metrics` of the arrays are measurements, the only ones that may be infinite or not a number.
        """
        about = {"identity": self._identity, "state": state.as_dict(), "callbacks": list(callbacks)}
        about["metrics"] = metrics
        buffer = io.BytesIO()
        np.savez(buffer, *arrays, about=np.array(json.dumps(about)))
        content = buffer.getbuffer()
        with atomic_write(self._folder / f"epoch-{state.epoch:05d}-step-{state.step:07d}.npz", "wb") as file:
            file.write(content)
            file.write(hashlib.sha256(content).digest())
        for path in self._newest_first()[KEPT:]:
            path.unlink()

    def load(self) -> Snapshot | None:
        """Return the newest checkpoint that can be read and is finite, or None where there is none.

        Others that are newer are removed, lest they count among those kept. One of a finished training
        is read whatever the replicas, whose number has no part in its weights any more.

        Raises:
            UserError: it is of another run, or there are checkpoints and not one is of use.
        """
        useless = {}
        for path in self._newest_first():
            about, arrays = _unpacked(path)
            if about is None:
                useless[path] = "is damaged"
                continue
            snapshot = Snapshot(arrays, about.state, about.callbacks, about.metrics)
            if not snapshot.finite:
                useless[path] = "holds what is infinite or not a number"
                continue
            self._refuse_other_runs(about)
            for other, reason in useless.items():
                log.warning("%s %s: going back to the checkpoint before it.", other, reason)
                other.unlink()
            return snapshot
        if useless:
            raise UserError(
                f"no checkpoint in {self._folder} is finite and can be read: delete the folder to train from "
                "the start."
            )
        return None

    def clear(self) -> None:
        """Remove all checkpoints."""
        for path in self._newest_first():
            path.unlink()

    def remove_leftovers(self) -> None:
        """Remove what a kill left of half-written checkpoints."""
        for path in self._folder.glob(".*.part"):
            path.unlink()

    def _newest_first(self) -> list[Path]:
        found = sorted(self._folder.glob("epoch-*.npz"), reverse=True)
        for path in found:
            if not path.is_file():
                raise UserError(f"{path} stands where a checkpoint belongs and is no file: remove it.")
        return found

    def _refuse_other_runs(self, about: _About) -> None:
        names = about.identity.keys() | self._identity.keys()
        if about.state.stopped or about.state.epoch == self._identity.get("epochs"):
            names -= {"replicas"}
        differences = [
            f"{name} {about.identity.get(name)} there, {self._identity.get(name)} here"
            for name in sorted(names)
            if about.identity.get(name) != self._identity.get(name)
        ]
        for name, reached in (("epochs", about.state.epoch), ("steps per epoch", about.state.step)):
            if reached > self._identity.get(name, reached):
                differences.append(f"{name} {reached} there, {self._identity[name]} here")
        if differences:
            raise UserError(
                f"the checkpoints in {self._folder} are of another run ({'; '.join(differences)}): choose "
                "another folder, or start over with --no-resume (make ... RESUME=no)."
            )


def _unpacked(path: Path) -> tuple[_About | None, list[np.ndarray]]:
    """Return what a checkpoint says and its arrays; None where it is damaged, or says what no run writes."""
    try:
        content = path.read_bytes()
        archive, digest = content[:-32], content[-32:]
        if hashlib.sha256(archive).digest() != digest:
            return None, []
        with np.load(io.BytesIO(archive), allow_pickle=False) as stored:
            told = json.loads(str(stored["about"]))
            strict.refuse_surrogates(told)
            # As it was written: the built one's whole numbers would be written back as 1.0.
            about = replace(strict.build(_About, told, "it"), state=RunState(**told["state"]))
            return about, [stored[f"arr_{i}"] for i in range(len(stored.files) - 1)]
    # A file with the right hash may hold anything; what NumPy and the archive raise then has no common class.
    except Exception:
        log.debug("%s cannot be read", path, exc_info=True)
        return None, []


def state_variables(model: keras.Model) -> list[list[tf.Variable]]:
    """Return every variable a run of a built, compiled `model` depends on: for each, the copies of one value.

    Weights, the states of random generators, the optimizers' slots, step counts, loss scales and moving
    averages, and the metrics of the epoch so far. Metrics differ between replicas, so each replica's copy
    counts as a variable.
    """
    return _copies(model, *optimizers_of(model), *model.metrics)


def _copies(*owners) -> list[list[tf.Variable]]:
    unique = {id(variable): variable.value for owner in owners for variable in owner.variables}
    groups = []
    for variable in unique.values():
        copies = list(getattr(variable, "values", [variable]))
        apart = variable.synchronization == tf.VariableSynchronization.ON_READ
        groups.extend([copy] for copy in copies) if apart else groups.append(copies)
    return groups


class Checkpoints(keras.callbacks.Callback):
    """Restores a run at its begin and stores it as it goes; must be the last callback.

    A checkpoint is written at the end of an epoch, and within one whenever `seconds` have passed since the
    last. Where epochs are so short that writing would take more than `WRITING_SHARE` of the time, some ends
    are passed over: when checkpoints are written changes nothing of what is trained.

    Args:
        store: where checkpoints go.
        recorder: keeps the state that goes with the variables.
        snapshot: what to restore, or None for a new run.
        callbacks: those whose state is kept too.
        epochs: how many epochs the run has; the end of the last is always stored.
        seconds: longest time between two checkpoints.
    """

    def __init__(
        self,
        store: CheckpointStore,
        recorder: Recorder,
        snapshot: Snapshot | None,
        callbacks: Sequence[keras.callbacks.Callback],
        epochs: int,
        seconds: float,
    ):
        super().__init__()
        self._store = store
        self._recorder = recorder
        self._snapshot = snapshot
        self._callbacks = callbacks
        self._epochs = epochs
        self._seconds = seconds
        self._written = time.monotonic()
        self._cost = 0.0

    def on_train_begin(self, logs=None):
        self._restore()

    def on_epoch_begin(self, epoch, logs=None):
        # Keras has just reset the metrics, and callbacks their sums; within an epoch they go on instead.
        if self._recorder.state.step:
            self._restore()
        self._snapshot = None

    def on_train_batch_begin(self, batch, logs=None):
        if cluster():
            self.model.train_function.wish = self._due()

    def on_train_batch_end(self, batch, logs=None):
        # After the last batch the epoch's metrics are not in the history yet: that is for the epoch's end.
        # A stop that a callback asks for is told at the end too: a checkpoint before it would go on.
        # Of several workers each has clocks of its own.
        due = self.model.train_function.granted if cluster() else self._due()
        if due and not self._recorder.epoch_is_over and not self.model.stop_training:
            state = self._recorder.state
            require_finite_state(self.model, f"after batch {state.step} of epoch {state.epoch + 1}")
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        worth_it = self._cost <= WRITING_SHARE * (time.monotonic() - self._written)
        due = worth_it or self._due() or self.model.stop_training or epoch + 1 == self._epochs
        if agreed("a checkpoint", lambda: bool(due)):
            self._save()

    def _due(self) -> bool:
        return time.monotonic() - self._written >= self._seconds

    def _save(self) -> None:
        begin = time.monotonic()
        self._recorder.tick()
        arrays = [copies[0].numpy() for copies in state_variables(self.model)]
        trained = len(_copies(self.model, *optimizers_of(self.model)))
        metrics = of_all_workers(arrays[trained:], self._local_replicas)
        states = [callback_state(callback) for callback in self._callbacks]
        if is_chief():
            self._store.save([*arrays[:trained], *metrics], self._recorder.state, states, len(metrics))
        self._written = time.monotonic()
        self._cost = self._written - begin

    @property
    def _local_replicas(self) -> int:
        here = cluster()
        return self.model.distribute_strategy.num_replicas_in_sync // here.size if here else 1

    def _restore(self) -> None:
        if self._snapshot is None:
            return
        variables = state_variables(self.model)
        arrays, callbacks = self._snapshot.arrays, self._snapshot.callbacks
        trained = len(arrays) - self._snapshot.metrics
        arrays = [*arrays[:trained], *of_this_worker(arrays[trained:], self._local_replicas)]
        here = [(tuple(copies[0].shape), copies[0].dtype.as_numpy_dtype) for copies in variables]
        fitting = len(callbacks) == len(self._callbacks) and all(
            map(fits_callback, self._callbacks, callbacks)
        )
        if here != [(array.shape, array.dtype.type) for array in arrays] or not fitting:
            raise UserError(
                "the checkpoint does not fit this network and its callbacks, although their configuration is "
                "the same: the code has changed since, so start over without resuming (RESUME=no)."
            )
        for copies, array in zip(variables, arrays, strict=True):
            for copy in copies:
                copy.assign(array)
        for callback, state in zip(self._callbacks, callbacks, strict=True):
            restore_callback(callback, state)
