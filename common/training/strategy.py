"""Several replicas that share a batch: on GPUs, on logical CPUs, or on several machines."""

from __future__ import annotations

import keras
import tensorflow as tf

from common.errors import UserError
from common.evidence.provenance import processor
from common.training.cluster import cluster_strategy
from common.training.optimizers import optimizers_of
from common.workers import cluster


def make_strategy(replicas: int) -> tf.distribute.Strategy:
    """Return the strategy for `replicas` devices: TensorFlow's default one for 1, else a mirrored one.

    Where TF_CONFIG names several machines, they are those of all of them.

    Where there is no GPU the processor is divided into logical devices, which TensorFlow allows only before
    it has done anything: a program that asks for several replicas calls this, or `fit`, first.

    Raises:
        UserError: fewer GPUs than replicas, or TensorFlow already started with fewer logical processors.
    """
    if replicas < 1:
        raise UserError(f"the number of replicas must be 1 or more, not {replicas}.")
    if here := cluster():
        return cluster_strategy(replicas, here)
    gpus = tf.config.list_physical_devices("GPU")
    if gpus and replicas > len(gpus):
        raise UserError(
            f"{replicas} replicas were asked for, but this machine has {_counted(len(gpus), 'GPU')}: use "
            f"--replicas {len(gpus)}, or set CUDA_VISIBLE_DEVICES= to train on logical processors."
        )
    if replicas == 1:
        return tf.distribute.get_strategy()
    if gpus:
        return tf.distribute.MirroredStrategy([f"GPU:{i}" for i in range(replicas)])
    _divide_processor(replicas)
    return tf.distribute.MirroredStrategy(
        [f"CPU:{i}" for i in range(replicas)],
        # What TensorFlow would choose too, but without a warning that there is no NCCL.
        cross_device_ops=tf.distribute.ReductionToOneDevice(accumulation_fn=_sum),
    )


def _sum(tensors: list[tf.Tensor]) -> tf.Tensor:
    """Return the sum over the replicas, at which TensorFlow stops to look for what it depends on.

    The gradient of an all-reduce is an all-reduce by definition, whatever computed the sum. But TensorFlow
    looks for variables behind each, through the graphs of all replicas but one, and takes the square of their
    length for it: with synchronized batch normalisation, for each of its statistics, minutes in all.
    """
    return tf.stop_gradient(tf.add_n(tensors))


def _divide_processor(replicas: int) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = len(tf.config.get_logical_device_configuration(cpu) or [None])
    if devices >= replicas:
        return
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * replicas)
    except RuntimeError as error:
        raise UserError(
            f"{replicas} replicas were asked for, but TensorFlow has already started with "
            f"{_counted(devices, 'logical processor')}: run this in a process of its own."
        ) from error


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def require_replicable(model: keras.Model, replicas: int) -> None:
    """Refuse a compiled `model` that several replicas would train differently from one.

    Raises:
        UserError: an optimizer clips gradients; Keras does so on each replica, before they are summed.
    """
    inner = [getattr(one, "inner_optimizer", one) for one in optimizers_of(model)]
    if replicas > 1 and any(one.clipnorm or one.global_clipnorm or one.clipvalue for one in inner):
        raise UserError(
            "this recipe clips gradients, and Keras clips those of each replica before they are summed: "
            f"{replicas} replicas would train another network than one does. Use --replicas 1."
        )


def distribute(dataset: tf.data.Dataset, strategy: tf.distribute.Strategy):
    """Deal each global batch of `dataset` out to the replicas so that losses average over the global batch.

    Args:
        dataset: batches (x, y) or (x, y, weight); x and y may be nested.
        strategy: what `make_strategy` returned.

    Returns:
        `dataset` itself for one replica, else a distributed dataset of (x, y, weight).

    Keras averages the loss over each replica's images and then over the n replicas. Where n does not divide
    the B images of a batch, that is not the mean over the batch; weighting the b images of a replica by
    n * b / B makes it so: sum_i (1/n) (1/b_i) sum_j (n b_i / B) loss_ij = (1/B) sum_ij loss_ij. A batch of
    fewer images than replicas goes whole to every one, which is the same mean and leaves batch statistics
    as they are; no image at all would have no mean, and TensorFlow's own rebatching would leave replicas so.
    That holds for losses with Keras' default reduction. Of what is logged, such a batch counts once for every
    replica.
    """
    if strategy.num_replicas_in_sync == 1:
        return dataset
    replicas = strategy.num_replicas_in_sync

    def dealt(context: tf.distribute.InputContext) -> tf.data.Dataset:
        each = replicas // context.num_input_pipelines
        first = each * context.input_pipeline_id

        def pieces(*batch):
            size = tf.shape(tf.nest.flatten(batch)[0], out_type=tf.int64)[0]
            return tf.data.Dataset.range(first, first + each).map(
                lambda replica: share_of_batch(batch, size, replica, replicas)
            )

        return dataset.flat_map(pieces).prefetch(2 * each)

    return strategy.distribute_datasets_from_function(
        dealt,
        # Without a GPU there is nowhere to fetch to, and TensorFlow's device iterator only adds copies.
        tf.distribute.InputOptions(experimental_fetch_to_device=bool(tf.config.list_physical_devices("GPU"))),
    )


def share_of_batch(batch: tuple, size: tf.Tensor, replica: tf.Tensor, replicas: int) -> tuple:
    """Return (x, y, weight) of one replica's share of a batch; see `distribute`.

    Args:
        batch: (x, y) or (x, y, weight) of `size` images.
        size: int64 scalar.
        replica: int64 scalar, which one of the `replicas`.
        replicas: among how many the batch is dealt out.
    """
    least, extra = size // replicas, size % replicas
    begin = replica * least + tf.minimum(replica, extra)
    end = begin + least + tf.cast(replica < extra, tf.int64)
    few = size < replicas
    begin, end = tf.where(few, tf.zeros_like(size), begin), tf.where(few, size, end)
    x, y, *given = tf.nest.map_structure(lambda tensor: tensor[begin:end], batch)
    share = tf.where(few, 1.0, tf.cast(replicas * (end - begin), tf.float32) / tf.cast(size, tf.float32))
    if given:
        return x, y, tf.nest.map_structure(lambda weight: weight * tf.cast(share, weight.dtype), given[0])
    return x, y, tf.fill([end - begin], share)


class GlobalMean(keras.metrics.Mean):
    """Keras' tracker of the loss, for replicas: each one's shows the loss over the global batch.

    Keras logs the first replica's within an epoch, in which nothing is seen of a loss that is not finite in
    another, and weights each by its number of images, as which the weights of `distribute` count it already.
    """

    def update_state(self, values, sample_weight=None):
        replica = tf.distribute.get_replica_context()

        def mean(value):
            return replica.all_reduce(tf.distribute.ReduceOp.MEAN, tf.cast(value, tf.float32))

        if replica is not None:
            values = mean(values)
            sample_weight = None if sample_weight is None else mean(sample_weight)
        return super().update_state(values, sample_weight)


def prepare_for_shares(model: keras.Model, batch) -> None:
    """Build a freshly compiled `model` for replicas whose shares of a batch may differ in size.

    Args:
        model: made in the scope of the strategy.
        batch: structure, shapes and types of one replica's share.
    """
    model._loss_tracker = GlobalMean(name="loss")
    model._symbolic_build(data_batch=batch)
    # Keras would build it again from the mean of the shares, which there is only of equal ones.
    model._maybe_symbolic_build = lambda iterator=None, data_batch=None: None


def step_in_one_graph(model: keras.Model, strategy: tf.distribute.Strategy) -> None:
    """Give a compiled `model` of several replicas a `train_function` that is one graph.

    That of Keras does the same, but the graph that reads a batch calls another, of the step. What a graph
    calls TensorFlow takes apart several times before it runs it, and the steps of several replicas are long:
    of eight, that took as much time as all else before the first step.

    Args:
        model: made in the scope of the strategy.
        strategy: of one machine.
    """
    if model.jit_compile or model.run_eagerly or model.steps_per_execution != 1:
        return

    def mean(logged):
        return tf.reduce_mean(tf.stack(strategy.experimental_local_results(logged)), axis=0)

    @tf.function(reduce_retracing=True)
    @tf.autograph.experimental.do_not_convert
    def step(iterator):
        logs = strategy.run(model.train_step, args=(next(iterator),))
        return {name: mean(logged) for name, logged in logs.items()}

    model.train_function = step


def has_gpu() -> bool:
    """Return whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def describe_device() -> str:
    """Name what the training runs on, such as "NVIDIA H100 80GB HBM3" or "AMD EPYC 7B13 (2 cores)"."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return tf.config.experimental.get_device_details(gpus[0]).get("device_name", gpus[0].name)
    return processor()
