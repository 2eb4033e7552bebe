"""Two players trained against each other in one step, each by an optimizer of its own, through `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from common.errors import UserError

SIDES = ("generator", "discriminator")


def refused_float16() -> UserError:
    """Return the error for float16, in which each of two players would need a loss scale of its own."""
    return UserError("synthesis cannot compute in float16: choose --precision float32 or bfloat16.")


class AdversarialModel(keras.Model):
    """A generator and a discriminator, each of one or several networks, and what each of them wants.

    A step makes images once; the discriminator learns from them as they are, and then the generator from what
    the discriminator, so improved, says of them. Losses are means over the global batch whatever the number
    of replicas. `common.training.fit.fit` trains it like any model; "loss" is the sum of both sides', and
    for each side there are the columns "generator_loss", "generator_<term>", "generator_gradient_norm" (over
    the global batch, before the optimizer) and "generator_learning_rate".

    A subclass says what is made and what each side pays, an example at a time, weights included:

        make(x): from the batch to whatever the losses need; called in training
        generator_losses(x, made), discriminator_losses(x, made): {term: (B,)}

    and what the trained generator does in `call`. What is random must come with the batch.

    Args:
        generator, discriminator: networks of each side, built.
        terms: names of what each side pays, by side; a side's losses have these keys.
        name: as of `keras.Model`.

    Reference: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, Algorithm 1, with k = 1 and
    both sides on one batch.
    """

    def __init__(
        self,
        generator: list[keras.Model],
        discriminator: list[keras.Model],
        terms: Mapping[str, tuple[str, ...]],
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.players = {"generator": list(generator), "discriminator": list(discriminator)}
        self.terms = {side: tuple(terms[side]) for side in SIDES}
        self.watched = {
            f"{side}_{what}": keras.metrics.Mean(name=f"{side}_{what}")
            for side in SIDES
            for what in dict.fromkeys(("loss", *self.terms[side], "gradient_norm", "learning_rate"))
        }
        self.built = True

    def make(self, x: Any) -> Any:
        """Return what is made of a batch in training."""
        raise NotImplementedError

    def generator_losses(self, x: Any, made: Any) -> dict[str, Any]:
        """Return what the generator pays for each example, (B,) by term."""
        raise NotImplementedError

    def discriminator_losses(self, x: Any, made: Any) -> dict[str, Any]:
        """Return what the discriminator pays for each example, (B,) by term."""
        raise NotImplementedError

    def compile(self, optimizer, discriminator_optimizer) -> None:
        """Give each side its optimizer, whose slots are made at once.

        Raises:
            UserError: the networks compute in float16, for which each side would need a loss scale.
        """
        if any(player.compute_dtype == "float16" for side in SIDES for player in self.players[side]):
            raise refused_float16()
        # XLA makes these small networks slower on a CPU.
        super().compile(optimizer=optimizer, jit_compile=False)
        self.optimizers = (optimizer, discriminator_optimizer)
        for side, one in zip(SIDES, self.optimizers, strict=True):
            one.build(self.variables_of(side))

    def variables_of(self, side: str) -> list[keras.Variable]:
        """Return the trainable variables of a side."""
        return [variable for player in self.players[side] for variable in player.trainable_variables]

    def train_step(self, data):
        x, _, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            made = self.make(x)
            with tape.stop_recording():
                theirs = self._teach_discriminator(x, made, weight)
            losses = self.generator_losses(x, made)
            loss = self._mean(losses, weight)
        self._learn("generator", tape, loss, losses, weight)
        # Not `loss + theirs`: what was tracked then differed by its last bit from process to process.
        self._loss_tracker.update_state(tf.reduce_sum(tf.stack([loss, theirs])))
        return self.get_metrics_result()

    def _teach_discriminator(self, x, made, weight):
        made = tf.nest.map_structure(tf.stop_gradient, made)
        with tf.GradientTape() as tape:
            losses = self.discriminator_losses(x, made)
            loss = self._mean(losses, weight)
        self._learn("discriminator", tape, loss, losses, weight)
        return loss

    def _learn(self, side: str, tape: tf.GradientTape, loss, losses, weight) -> None:
        optimizer = self.optimizers[SIDES.index(side)]
        variables = self.variables_of(side)
        # The optimizer sums over the replicas; each holds the mean over its own share.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        gradients = tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        norm, shares = self._global_norm(gradients, replicas)
        # Before the step, as the rate that it is made with.
        rate = tf.cast(optimizer.learning_rate, tf.float32)
        optimizer.apply(shares, variables)
        self._watch(side, "loss", loss)
        for term in self.terms[side]:
            self._watch(side, term, self._mean({term: losses[term]}, weight))
        self._watch(side, "gradient_norm", norm)
        self._watch(side, "learning_rate", rate)

    def _global_norm(self, gradients: list[tf.Tensor], replicas: int):
        """Return the norm of the global batch's gradient, and what sums to it over the replicas."""
        if replicas == 1:
            return tf.linalg.global_norm(gradients), gradients
        context = tf.distribute.get_replica_context()
        mean = [one / replicas for one in context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)]
        return tf.linalg.global_norm(mean), [one / replicas for one in mean]

    def _watch(self, side: str, what: str, value) -> None:
        self.watched[f"{side}_{what}"].update_state(value)

    def _mean(self, losses: Mapping[str, Any], weight):
        """Return the sum over the terms of each one's mean over the examples."""
        each = tf.add_n([tf.cast(loss, tf.float32) for loss in losses.values()])
        return tf.reduce_mean(each if weight is None else each * weight)
