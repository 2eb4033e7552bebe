"""One network for several trainings from one start: its training step is traced once."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np


class Restarted:
    """A `build` for `common.training.fit.fit` that gives the same network each time, put back to its start.

    To trace a training step takes longer than a short fine-tuning. A training that gets the network from here
    ends as it would with a network of its own: weights, moving statistics, random states and the optimizer's
    slots are all as they were before the first one. The model that `fit` returned for one training is
    the next one's too: use it before the next begins.

    Args:
        build: returns a compiled model.
        replicas: with more than one, whose variables belong to the strategy of one fit, `build` is called
            each time.
    """

    def __init__(self, build: Callable[[], keras.Model], replicas: int = 1):
        self._make = build
        self._replicas = replicas
        self._network: keras.Model | None = None
        self._start: list[np.ndarray] = []

    def __call__(self) -> keras.Model:
        if self._network is None:
            network = self._make()
            if self._replicas > 1:
                return network
            network.optimizer.build(network.trainable_variables)
            self._network = network
            self._start = [variable.numpy() for variable in _state(network)]
        for variable, value in zip(_state(self._network), self._start, strict=True):
            variable.assign(value)
        return self._network


def _state(network: keras.Model) -> list[keras.Variable]:
    """All that a training changes."""
    return [*network.variables, *network.optimizer.variables]
