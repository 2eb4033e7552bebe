"""The number formats of a run, and loss scaling that holds on several replicas."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from common.errors import unknown
from common.evidence.provenance import instructions

PRECISIONS = {
    "float32": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
    "float64": "float64",
}
"""Precision -> Keras dtype policy. The mixed ones compute in 16 bits and keep weights and loss in float32;
float64 is for checks, which tell an error from rounding by it, and no run's."""


def is_native(precision: str) -> bool:
    """Whether this machine has instructions for `precision`, a key of `PRECISIONS`.

    A processor without them imitates them and is several times slower than in float32. Of GPUs it is taken
    for granted.
    """
    if precision in ("float32", "float64") or tf.config.list_physical_devices("GPU"):
        return True
    return precision == "bfloat16" and "BF16" in instructions()


@contextlib.contextmanager
def precision_policy(precision: str) -> Iterator[None]:
    """Make layers created in the block compute in `precision`, a key of `PRECISIONS`, and no others.

    Raises:
        UserError: the precision is not known.
    """
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(PRECISIONS[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@keras.saving.register_keras_serializable("common.training")
class ReplicaLossScaleOptimizer(keras.optimizers.LossScaleOptimizer):
    """Dynamic loss scaling in which all replicas agree whether the gradients of a step are finite.

    Keras takes the first replica's word for it, although the gradients are not summed yet at that point: an
    overflow on another replica would reach the weights. Here a step that overflows anywhere is skipped
    everywhere.
    """

    def check_finite(self, grads):
        finite = super().check_finite(grads)
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return finite
        votes = replica.all_reduce(tf.distribute.ReduceOp.SUM, tf.cast(finite, tf.float32))
        return tf.equal(votes, float(replica.num_replicas_in_sync))


def agree_on_loss_scale(model: keras.Model) -> None:
    """Replace Keras' loss scaling of a freshly compiled `model` by the one that holds on several replicas."""
    optimizer = model.optimizer
    if type(optimizer) is keras.optimizers.LossScaleOptimizer:
        model.optimizer = ReplicaLossScaleOptimizer(
            optimizer.inner_optimizer,
            initial_scale=optimizer.initial_scale,
            dynamic_growth_steps=optimizer.dynamic_growth_steps,
            name=optimizer.name,
        )
