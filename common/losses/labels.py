"""Labels as losses and heads take them: whole numbers that name a class, or an error."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


def checked_labels(labels, num_classes: int, dtype: str = "float32", unit: str = "years"):
    """Return `labels` as a (B,) tensor of `dtype`, after checking that each one names a class.

    A label is invalid when it is negative, `num_classes` or more, not a whole number, or not finite.
    What happens then depends on where the call runs:

    - eagerly: `ValueError` that names the label and its row (this copies the labels to the host);
    - in a TensorFlow graph: an assertion fails, `tf.errors.InvalidArgumentError`, naming the label;
    - elsewhere (a JAX trace, XLA, which drops assertions): the label becomes NaN, and so must any
      loss made of it. The same holds behind the assertion, should it be compiled away.

    Args:
        labels: whole numbers, (B,) or (B, 1).
        num_classes: K; the classes are 0 to K - 1.
        dtype: the float type of the result.
        unit: what the labels count, for the sentence: "whole years".

    Raises:
        ValueError: the labels' shape is another one, their type is of 16 bits and so does not hold every
            whole number, or (eagerly) a label is invalid.
    """
    labels = ops.convert_to_tensor(labels)
    if len(labels.shape) == 2 and labels.shape[1] == 1:
        labels = ops.squeeze(labels, axis=1)
    if len(labels.shape) != 1:
        raise ValueError(f"labels are of shape (B,) or (B, 1), not of shape {tuple(labels.shape)}")
    if (given := keras.backend.standardize_dtype(labels.dtype)) in ("float16", "bfloat16"):
        raise ValueError(f"labels are given as integers: {given} rounds one to another")
    labels = ops.cast(labels, dtype)
    if _is_concrete(labels):
        _raise_if_invalid(ops.convert_to_numpy(labels), num_classes, unit)
        return labels
    # Every comparison with NaN is false, so NaN is invalid without a test of its own.
    valid = (labels >= 0) & (labels <= num_classes - 1) & (labels == ops.floor(labels))
    if keras.backend.backend() == "tensorflow" and not isinstance(labels, keras.KerasTensor):
        labels = _assert_in_graph(labels, valid, num_classes, unit)
    return ops.where(valid, labels, float("nan"))


def checked_one_hot(labels, num_classes: int, dtype: str = "float32", unit: str = "numbers"):
    """Return 1 in the place of each label and 0 elsewhere, (B, num_classes), after `checked_labels`.

    Where that can raise nothing, the row of an invalid label is NaN: never another class, nor none.
    Arguments and errors are those of `checked_labels`.
    """
    labels = checked_labels(labels, num_classes, dtype, unit)[:, None]
    return ops.cast(labels == ops.arange(num_classes, dtype=dtype), dtype) + 0 * labels


def _is_concrete(tensor) -> bool:
    """Tell whether the values of `tensor` can be read now, outside any graph or trace."""
    if isinstance(tensor, keras.KerasTensor):
        return False
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.executing_eagerly()
    if keras.backend.backend() == "jax":
        import jax

        return not isinstance(tensor, jax.core.Tracer)
    if keras.backend.backend() == "torch":
        import torch

        return not torch.compiler.is_compiling()
    return True


def _raise_if_invalid(labels: np.ndarray, num_classes: int, unit: str) -> None:
    with np.errstate(invalid="ignore"):
        valid = (labels >= 0) & (labels <= num_classes - 1) & (labels == np.floor(labels))
    if not valid.all():
        row = int(np.argmin(valid))
        raise ValueError(
            f"label {labels[row]:g} in row {row} is not one of the {num_classes} classes: "
            f"labels are whole {unit} from 0 to {num_classes - 1}"
        )


def _assert_in_graph(labels, valid, num_classes: int, unit: str):
    import tensorflow as tf

    # One offender has a static shape, which XLA needs; the added row stands for an empty batch.
    row = tf.argmin(tf.cast(tf.concat([valid, [True]], axis=0), "int32"))
    offender = tf.gather(tf.concat([labels, tf.zeros([1], labels.dtype)], axis=0), row)
    message = f"a label is not one of the {num_classes} classes, whole {unit} from 0 to {num_classes - 1}:"
    check = tf.debugging.Assert(tf.reduce_all(valid), [message, offender, "in row", row])
    with tf.control_dependencies([check]):
        return tf.identity(labels)
