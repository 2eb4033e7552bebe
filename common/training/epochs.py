"""The data of a run, one dataset an epoch, in the shape in which one call of Keras' `fit` takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import tensorflow as tf
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

from common.pipelines import without_autotuning
from common.training.strategy import distribute

EpochSource = Callable[[int, int], tf.data.Dataset]
"""`data(epoch, skip)`: the batches of an epoch, counted from 0, less its first `skip`."""


class EpochData(DataAdapter, tf.distribute.DistributedDataset):
    """Hands Keras' `fit` a new dataset every epoch, which a plain `tf.data.Dataset` cannot be.

    A run that starts in the middle of an epoch gets the rest of that epoch first. `fit` accepts a data
    adapter in place of a dataset, and iterates a distributed dataset as it stands: this is both, so nothing
    lies between the network and `tf.data`.

    Args:
        source: the data; see `EpochSource`.
        strategy: the replicas among which each batch is dealt out.
        steps: batches in a whole epoch.
        start: (epoch, step) of the first batch to train on.
    """

    def __init__(
        self, source: EpochSource, strategy: tf.distribute.Strategy, steps: int, start: tuple[int, int]
    ):
        self._source = source
        self._strategy = strategy
        self._steps = steps
        self._start = start
        self._unread = False
        self._epoch = None
        self.select(start[0])

    def select(self, epoch: int) -> None:
        """Make `epoch` the one that is read next."""
        if epoch == self._epoch:
            return
        skip = self._start[1] if epoch == self._start[0] else 0
        dataset = self._source(epoch, skip).take(self._steps - skip)
        self._dataset = distribute(without_autotuning(dataset), self._strategy)
        self._epoch = epoch

    @property
    def element_spec(self):
        """The structure, shapes and types of a batch as one replica sees it."""
        return _of_one_replica(self._dataset.element_spec)

    def __iter__(self) -> Iterator:
        # Keras asks for another iterator at the end of an epoch and drops it unread.
        if not self._unread:
            return iter(())
        self._unread = False
        return iter(self._dataset)

    def on_epoch_begin(self) -> None:
        self._unread = True

    def get_tf_dataset(self) -> EpochData:
        return self

    @property
    def num_batches(self) -> int:
        return self._steps

    @property
    def batch_size(self) -> None:
        return None


def _of_one_replica(spec):
    values = getattr(spec, "_value_specs", None)
    if values is not None:
        return values[0]
    return tf.nest.map_structure(_of_one_replica, spec) if isinstance(spec, (tuple, list, dict)) else spec
