"""How the suite's `tf.data` pipelines run."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def without_autotuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Return `dataset` as it is, but with its parallelism fixed where it is written.

    The thread that tunes a pipeline looks at it after 10 ms, then after twice that, and so on up to a minute,
    and an iterator is not released before the thread has slept its time out: a pass that takes 10.5 s ends
    after 20.5 s (seen with TensorFlow 2.21). A training reads one pass an epoch and would wait at the end of
    each.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def batches(images: np.ndarray, batch: int) -> tf.data.Dataset:
    """Return what `keras.Model.predict` reads: (N, ...) images in batches of `batch`, in their order."""
    return without_autotuning(tf.data.Dataset.from_tensor_slices(images).batch(batch))
