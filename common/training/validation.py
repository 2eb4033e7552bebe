"""What a run looks at between its epochs: a measure of its own, and whether it still gets better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras

from common.training.cluster import measurable
from common.training.weights import load_weights, save_weights
from common.workers import agreed

BEST = "best.weights.h5"


class Validation(keras.callbacks.Callback):
    """Measures the network after every epoch and adds the numbers to the epoch's logs, and so to the history.

    Args:
        measure: takes the model, returns numbers by name ("val_age_accuracy").
    """

    def __init__(self, measure: Callable[[keras.Model], dict[str, float]]):
        super().__init__()
        self._measure = measure

    def on_epoch_end(self, epoch, logs=None):
        network = measurable(self.model)
        logs.update(agreed("a measure", lambda: self._measure(network)))

    def get_state(self) -> dict:
        """Return nothing: each epoch is measured by itself."""
        return {}

    def set_state(self, state: dict) -> None:
        """Take back what `get_state` returned."""


class EarlyStopping(keras.callbacks.Callback):
    """Stops a run that has not got better for some epochs, and ends it with the weights of its best one.

    Keras' own keeps those weights in memory, where a killed run loses them; here they are in a file of the
    run's folder, and a run that is taken up again ends as an undisturbed one. It comes after the callback
    that adds the metric to the logs, and not with a moving average of the weights, whose epochs differ from
    what is measured.

    Args:
        metric: name in the epoch's logs; higher is better.
        patience: epochs without a new best after which the run ends.
        folder: of the run.
    """

    def __init__(self, metric: str, patience: int, folder: Path):
        super().__init__()
        if patience < 1:
            raise ValueError(f"patience is at least one epoch, not {patience}")
        self._metric = metric
        self._patience = patience
        self._path = Path(folder) / BEST
        self._best: float | None = None
        self._waited = 0

    def on_epoch_end(self, epoch, logs=None):
        value = float(logs[self._metric])
        if self._best is None or value > self._best:
            self._best, self._waited = value, 0
            save_weights(measurable(self.model), self._path)
            return
        self._waited += 1
        if self._waited >= self._patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self._best is not None:
            load_weights(self.model, self._path)

    def get_state(self) -> dict:
        """Return the best value so far and how long ago it was."""
        return {"best": self._best, "waited": self._waited}

    def set_state(self, state: dict) -> None:
        """Take back what `get_state` returned."""
        self._best, self._waited = state["best"], state["waited"]
