"""One training on several machines: the strategy, the step, and a network of this machine's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from weakref import WeakKeyDictionary

import keras
import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.workers import REGISTER_SECONDS, Cluster, cluster, gathered, lost_told, say

_TWINS: WeakKeyDictionary[keras.Model, keras.Model] = WeakKeyDictionary()
"""Network of all workers -> this one's own; as an attribute Keras would take it for a part of the network."""


def cluster_strategy(replicas: int, here: Cluster) -> tf.distribute.Strategy:
    """Return the strategy that shares each batch among `replicas` devices of all workers, as many on each.

    On processors a worker is one device. There is one such strategy in a process: it is made before
    TensorFlow has done anything, and waits for the last worker.

    Raises:
        UserError: the workers cannot have as many devices each.
    """
    each, rest = divmod(replicas, here.size)
    if rest or not each:
        raise UserError(
            f"{replicas} replicas cannot be dealt out to {here.size} workers: give a multiple of "
            f"{here.size} (REPLICAS={max(1, each) * here.size}), or nothing for one on each."
        )
    gpus = tf.config.list_physical_devices("GPU")
    most = len(gpus) or 1
    if each > most:
        kind = "GPU" if gpus else "processor, which is one replica on each of several machines"
        raise UserError(
            f"{replicas} replicas are {each} on each of {here.size} workers, and this one has {most} {kind}: "
            f"use REPLICAS={most * here.size}, or more machines."
        )
    return _made(here, each)


@cache
def _made(here: Cluster, each: int) -> tf.distribute.Strategy:
    from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2 as protobuf
    from tensorflow.python.eager import context

    if gpus := tf.config.list_physical_devices("GPU"):
        tf.config.set_visible_devices(gpus[:each], "GPU")
    leader = here.jobs[0][0]
    context.context().configure_coordination_service(
        service_type="standalone",
        service_leader=f"/job:{leader}/replica:0/task:0",
        cluster_register_timeout_in_ms=REGISTER_SECONDS * 1000,
        coordinated_jobs=[protobuf.CoordinatedJob(name=job, num_tasks=count) for job, count in here.jobs],
    )
    say(f"{here.addresses[here.number]}, waiting for all {here.size} workers")
    try:
        with lost_told():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.UnknownError, RuntimeError) as error:
        raise UserError(
            f"worker {here.number} cannot listen at {here.addresses[here.number]}: its name must be this "
            "machine's, and no other program may use that port."
        ) from error


class ClusterStep:
    """The step of a training by several workers, in the place of Keras' own `train_function`.

    Keras reduces what a step returns as if it had an axis of examples, which fails on several workers (keras
    issue 20585). Here numbers are averaged over all replicas in one message, and a wish of any worker goes
    along.

    Attributes:
        wish: this worker wants the others to do something after the next step.
        granted: one of them wanted it before the last.
    """

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy):
        self.wish = False
        self.granted = False
        names: list[str] = []

        def of_replica(batch, wish):
            logs = model.train_step(batch)
            names[:] = logs
            row = tf.stack([wish, *(tf.cast(value, tf.float32) for value in logs.values())])
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, row)

        @tf.function(reduce_retracing=True)
        @tf.autograph.experimental.do_not_convert
        def step(iterator, wish):
            row = strategy.run(of_replica, args=(next(iterator), wish))
            return strategy.experimental_local_results(row)[0]

        self._names, self._step = names, step

    def __call__(self, iterator) -> dict[str, np.ndarray]:
        """Make a step on the next batch; return the means of what is measured, by name."""
        with lost_told():
            wish, *values = self._step(iterator, tf.constant(float(self.wish))).numpy()
        self.wish, self.granted = False, bool(wish > 0)
        return dict(zip(self._names, values, strict=True))


def own_network(model: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """Give a network of all workers a twin of this one's own, which `measurable` keeps up to date.

    Prediction by the former would have every worker do the same and share what comes of it.

    Args:
        model: made in the scope of the strategy.
        build: makes another, outside of it.
    """
    _TWINS[model] = build()
    return measurable(model)


def measurable(model: keras.Model) -> keras.Model:
    """Return what is asked for predictions in the place of a network that is being trained."""
    twin = _TWINS.get(model)
    if twin is None:
        return model
    twin.set_weights(model.get_weights())
    return twin


def devices(own: str) -> str:
    """Return what trains, for the record: a device's name, those of all workers with where they are."""
    here = cluster()
    if here is None:
        return own
    each = [name.decode() for name in gathered(own.encode())]
    if len(set(each)) == 1:
        return f"{own}, on each of {here.size} workers: {', '.join(here.addresses)}"
    told = "; ".join(f"{address}: {name}" for address, name in zip(here.addresses, each, strict=True))
    return f"{here.size} workers, {told}"


def of_all_workers(metrics: list[np.ndarray], each: int) -> list[np.ndarray]:
    """Return the replicas' copies of every metric, those of all workers: as many replicas of one would.

    Args:
        metrics: `each` copies of the first, then of the next; of this worker.
        each: replicas of a worker.
    """
    if cluster() is None:
        return metrics
    packed = io.BytesIO()
    np.savez(packed, *metrics)
    given = []
    for content in gathered(packed.getvalue()):
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            given.append([stored[f"arr_{i}"] for i in range(len(metrics))])
    firsts = range(0, len(metrics), each)
    return [one for first in firsts for worker in given for one in worker[first : first + each]]


def of_this_worker(metrics: list[np.ndarray], each: int) -> list[np.ndarray]:
    """Return what `of_all_workers` got from this one."""
    here = cluster()
    if here is None:
        return metrics
    firsts = range(here.number * each, len(metrics), here.size * each)
    return [one for first in firsts for one in metrics[first : first + each]]
