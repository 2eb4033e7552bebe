"""Batch normalisation in one kernel where TensorFlow has one."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="common")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` of images in one pass of TensorFlow's fused kernel.

    Keras 3 composes batch normalisation from means, variances and products, each of which walks over the
    whole activation, forwards and backwards: on a CPU more than a quarter of a small residual network's
    training step, and a third in bfloat16, which it widens to float32. This layer has the same arguments,
    weights, outputs and moving statistics and calls the fused kernel (oneDNN's or cuDNN's) instead. Where
    there is none - another Keras backend, `renorm`, a mask, float64, other than four axes with channels last,
    a scale or centre turned off, or, in training, `synchronized` - it is Keras' own layer. With TensorFlow
    synchronized replicas send each other their sums in one message, where Keras sends three.

    Args:
        As of `keras.layers.BatchNormalization`.

    Input and output shape: (B, H, W, C).

    Example:

    >>> images = keras.random.normal((4, 8, 8, 3))
    >>> normalised = FusedBatchNormalization(momentum=0.9)(images, training=True)
    >>> bool(abs(keras.ops.mean(normalised)) < 1e-3)
    True

    Reference: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift", ICML 2015.
    """

    def call(self, inputs, training=None, mask=None):
        by_batch = training and self.trainable
        if mask is not None or not self._has_kernel(inputs) or (by_batch and self.synchronized):
            return super().call(inputs, training=training, mask=mask)
        if by_batch:
            return self._normalise_by_batch(inputs)
        return self._kernel(inputs, self.moving_mean, self.moving_variance, is_training=False)[0]

    def _moments(self, inputs, mask):
        tensorflow = keras.backend.backend() == "tensorflow" and not isinstance(inputs, keras.KerasTensor)
        if mask is not None or not self.synchronized or not tensorflow:
            return super()._moments(inputs, mask)
        import tensorflow as tf

        replica = tf.distribute.get_replica_context()
        if replica is None:
            return super()._moments(inputs, mask)
        axes = list(self._reduction_axes)
        count = tf.cast(tf.reduce_prod(tf.gather(tf.shape(inputs), axes)), inputs.dtype)
        sums = [tf.reduce_sum(inputs, axes), tf.reduce_sum(tf.square(inputs), axes), count[None]]
        told = replica.all_reduce(tf.distribute.ReduceOp.SUM, tf.concat(sums, 0))
        total, squares, count = tf.split(told, [inputs.shape[self.axis]] * 2 + [1])
        mean = total / count
        return mean, tf.maximum(squares / count - tf.square(mean), 0.0)

    def _has_kernel(self, inputs) -> bool:
        return (
            keras.backend.backend() == "tensorflow"
            and not isinstance(inputs, keras.KerasTensor)
            and not self.renorm
            and self.scale
            and self.center
            and len(inputs.shape) == 4
            and self.axis in (-1, 3)
            and self.compute_dtype in ("float32", "float16", "bfloat16")
        )

    def _normalise_by_batch(self, inputs):
        outputs, mean, variance = self._kernel(inputs, [], [], is_training=True)
        # The kernel's variance is the unbiased estimate, Keras' moving variance an average of biased ones.
        count = ops.cast(ops.prod(ops.shape(inputs)[:3]), variance.dtype)
        variance *= (count - 1) / count
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return outputs

    def _kernel(self, inputs, mean, variance, is_training: bool):
        import tensorflow as tf

        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, self.compute_dtype),
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.convert_to_tensor(mean, "float32"),
            variance=tf.convert_to_tensor(variance, "float32"),
            epsilon=self.epsilon,
            is_training=is_training,
        )
        return outputs, mean, variance
