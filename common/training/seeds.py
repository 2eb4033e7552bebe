"""One seed for everything that is random, and seeds that depend only on where in the run they are used."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf


def seed_everything(seed: int, deterministic: bool = True) -> None:
    """Seed Python, NumPy, TensorFlow and Keras, and make TensorFlow's operations deterministic.

    Args:
        seed: a whole number from 0 to 2**32 - 1.
        deterministic: use kernels whose result does not depend on the order in which threads finish; equality
            of an interrupted run with an undisturbed one needs them. Once on, it stays on in the process.
    """
    keras.utils.set_random_seed(seed)
    if deterministic:
        tf.config.experimental.enable_op_determinism()


def stateless_seed(seed: int, epoch: int | tf.Tensor, index: int | tf.Tensor) -> tf.Tensor:
    """Return the (2,) int64 seed of `tf.random.stateless_*` for draw number `index` of `epoch`.

    A function of its arguments alone, so an image is augmented in the same way whatever came before it, in
    whatever thread, before or after a restart. `epoch` and `index` may be scalar tensors inside `tf.data`.
    """
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.fold_in(key, tf.cast(index, tf.int64))


def epoch_order(seed: int, epoch: int, count: int) -> np.ndarray:
    """Return the (count,) int64 order in which `epoch` visits `count` items, a function of these alone."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def epoch_seed(seed: int, epoch: int) -> int:
    """Return the seed of what is drawn once for `epoch`, in [0, 2^32), a function of these alone."""
    return int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])
