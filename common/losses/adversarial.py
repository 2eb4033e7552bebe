"""Losses of generated images: least squares against a discriminator, and total variation."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="common")
class LeastSquaresAdversarialLoss(keras.losses.Loss):
    """Half the squared distance of a discriminator's answers from what they should be.

    With D the answers for one image, a map of any shape, and t what it should be called,

        L = 1/2 mean (D - t)^2.

    A discriminator learns t = 1 for real images and 0 for generated ones; a generator wants 1 for its own.

    Args:
        name, reduction, dtype: as of `keras.losses.Loss`.

    Call arguments:
        y_true: t, (B,) or (B, 1).
        y_pred: answers, (B, ...).
        sample_weight: optional factors (B,).

    Example:

    >>> answers = keras.ops.array([[[0.0], [1.0]]])
    >>> float(LeastSquaresAdversarialLoss()(keras.ops.array([1.0]), answers))  # (1 + 0) / 2 / 2
    0.25

    Reference: Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017, Eq. 9.
    """

    def __init__(self, name="least_squares_adversarial_loss", reduction="sum_over_batch_size", dtype=None):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        answers = ops.reshape(y_pred, (ops.shape(y_pred)[0], -1))
        wanted = ops.cast(ops.reshape(y_true, (-1, 1)), answers.dtype)
        return ops.mean(ops.square(answers - wanted), axis=1) / 2


def total_variation(images):
    """Return the mean absolute difference of neighbouring pixels of each image, (B,).

    The sum over both directions of each one's mean: a constant image has 0, whatever its size.

    Args:
        images: (B, H, W, C), H and W at least 2.

    Reference: Rudin, Osher and Fatemi, "Nonlinear total variation based noise removal algorithms", 1992.
    """
    down = ops.mean(ops.abs(images[:, 1:] - images[:, :-1]), axis=(1, 2, 3))
    right = ops.mean(ops.abs(images[:, :, 1:] - images[:, :, :-1]), axis=(1, 2, 3))
    return down + right
