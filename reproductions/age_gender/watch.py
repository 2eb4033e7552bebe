"""What is looked at while a network trains: p and q, and the accuracy on the validation images."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np

from common.losses import TaskWeight
from common.pipelines import batches
from reproductions.age_gender.networks import probabilities

TRACE = ("step", "p", "q")
"""Names under which a record's history holds p, of age, and q, of gender, with the steps they are of."""

_POINTS = 100
_BATCH = 256


class WeightWatch(keras.callbacks.Callback):
    """Keeps the weights p and q of Eq. 5 as the training goes, and stops it before it trains backwards.

    Under the form "text" a weight falls without end, and below 0 its task is trained to be wrong: the
    training stops as soon as one is there.

    Args:
        steps: of the whole training; about a hundred of them are kept, and the last.
    """

    def __init__(self, steps: int):
        super().__init__()
        self._every = max(1, steps // _POINTS)
        self._step = 0
        self.trace: list[list[float]] = []

    def on_train_begin(self, logs=None):
        if not self.trace:
            self._keep()

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        stops = any(layer.form == "text" and layer.factor() <= 0 for layer in self._layers())
        if stops:
            self.model.stop_training = True
        if stops or self._step % self._every == 0:
            self._keep()

    def history(self) -> dict[str, list[float]]:
        """Return the trace by the names of `TRACE`."""
        return {name: [point[place] for point in self.trace] for place, name in enumerate(TRACE)}

    def get_state(self) -> dict:
        """Return the trace so far."""
        return {"step": self._step, "trace": self.trace}

    def set_state(self, state: dict) -> None:
        """Take back what `get_state` returned."""
        self._step, self.trace = state["step"], [list(point) for point in state["trace"]]

    def _layers(self) -> list[TaskWeight]:
        return [self.model.get_layer(f"{task}_weight") for task in ("age", "gender")]

    def _keep(self) -> None:
        self.trace.append([float(self._step), *(_printed(layer) for layer in self._layers())])


def _printed(layer: TaskWeight) -> float:
    """Return the weight as Eq. 5 has it: what is trained in its stead is a logarithm, where constrained."""
    return layer.factor() if layer.form == "constrained" else float(layer.weight.numpy())


def validate(faces: np.ndarray, classes: dict[str, np.ndarray]) -> Callable[[keras.Model], dict[str, float]]:
    """Return what `common.training.validation.Validation` calls after each epoch.

    Args:
        faces: (N, size, size, 1) uint8.
        classes: (N,) true classes by task.

    Returns:
        model -> "val_age_accuracy" and "val_gender_accuracy", of the tasks it answers, and their mean
        "val_accuracy"; shares from 0 to 1, of the weights as they are, without a moving average.
    """

    # One classifier for all epochs: to trace it costs more than to ask it.
    classifier = functools.cache(probabilities)

    def measure(model: keras.Model) -> dict[str, float]:
        answers = classifier(model).predict(batches(faces, _BATCH), verbose=0)
        found = {
            f"val_{task}_accuracy": float(np.mean(rows.argmax(axis=1) == classes[task]))
            for task, rows in answers.items()
        }
        return found | {"val_accuracy": float(np.mean(list(found.values())))}

    return measure
