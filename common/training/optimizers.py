"""Optimizers that Keras does not have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import keras
from keras import ops

from common.networks import decay_exclusions
from common.training.schedules import warmup_cosine

_WARMUP = 0.05
_ADAM_RATIO = 0.5


def optimizers_of(model: keras.Model) -> tuple[keras.optimizers.Optimizer, ...]:
    """Return all optimizers of a compiled model: its `optimizers` where it names several, else its one."""
    return tuple(getattr(model, "optimizers", ())) or (model.optimizer,)


def _on_each_replica(
    optimizer: keras.optimizers.Optimizer, step, gradients, variables, learning_rate
) -> None:
    """Call `step(gradients, learning_rate)` once on each device, with the sums over the replicas.

    Keras does so for every variable apart: where there are several replicas, as many graphs as variables and
    devices, and nothing that their steps could share.
    """
    strategy = getattr(optimizer, "_distribution_strategy", None)
    if strategy is None or strategy.num_replicas_in_sync == 1:
        step(gradients, learning_rate)
        return
    import tensorflow as tf

    def update(strategy, sums, learning_rate):
        # On the devices of the first variable, which are those of all.
        strategy.extended.update(
            variables[0].value, lambda first, *each: step(*each), args=(sums, learning_rate), group=False
        )

    pairs = optimizer._all_reduce_sum_gradients(zip(gradients, variables, strict=True))
    sums = [gradient for gradient, _ in pairs]
    tf.__internal__.distribute.interim.maybe_merge_call(update, strategy, sums, learning_rate)


def _adam_steps(optimizer, several, learning_rate, slots, betas) -> None:
    """Take the steps of Adam (Kingma and Ba, 2015, section 2) for (gradient, variable) pairs.

    Keras works the rate out again for every variable: a network is traced sooner where that is done once.
    """
    step = ops.cast(optimizer.iterations + 1, learning_rate.dtype)
    rate = learning_rate * ops.sqrt(1 - betas[1] ** step) / (1 - betas[0] ** step)
    for gradient, variable in several:
        m, v = (slot[optimizer._get_variable_index(variable)] for slot in slots)
        gradient = ops.cast(gradient, variable.dtype)
        optimizer.assign_add(m, (gradient - m) * (1 - betas[0]))
        optimizer.assign_add(v, (ops.square(gradient) - v) * (1 - betas[1]))
        moved = m * ops.cast(rate, variable.dtype) / (ops.sqrt(v) + optimizer.epsilon)
        optimizer.assign_sub(variable, moved)


@keras.saving.register_keras_serializable("common.training")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam`, traced sooner; arguments and steps are the same."""

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        if self.amsgrad:
            super()._backend_update_step(grads, trainable_variables, learning_rate)
            return

        def step(gradients, learning_rate):
            several = list(zip(gradients, trainable_variables, strict=True))
            betas = self.beta_1, self.beta_2
            _adam_steps(self, several, learning_rate, (self._momentums, self._velocities), betas)

        _on_each_replica(self, step, grads, trainable_variables, learning_rate)

    def finalize_variable_values(self, var_list):
        """Put the moving average in the place of this optimizer's own variables, not of another player's."""
        del var_list
        super().finalize_variable_values(self._trainable_variables)


@keras.saving.register_keras_serializable("common.training")
class ConvolutionalMuon(keras.optimizers.Muon):
    """`keras.optimizers.Muon` that takes the kernels of convolutions too.

    Muon replaces a matrix' momentum by the nearest orthogonal matrix, found by five Newton-Schulz steps, so
    that all directions learn at one rate; what is no matrix is left to AdamW. Keras counts the kernels of
    convolutions among the latter. Here an (h, w, in, out) kernel is the matrix (h w in, out) that multiplies
    the patches of an image.

    Args:
        exclude_layers: regular expressions; a variable whose path one of them finds is left to AdamW: the
            layer that reads pixels, and the one that gives the answer.
        orthogonal_dtype: number format of the Newton-Schulz steps, which need no more than the "bfloat16" of
            the reference; None takes the variable's own.
        Others: as of `keras.optimizers.Muon`.

    Reference: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; the scale of a
    step is that of Liu et al., "Muon is Scalable for LLM Training", 2025, arXiv 2502.16982, 2.2.
    """

    def __init__(self, *args, orthogonal_dtype: str | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.orthogonal_dtype = orthogonal_dtype

    def get_config(self) -> dict:
        return super().get_config() | {"orthogonal_dtype": self.orthogonal_dtype}

    def zeropower_via_newtonschulz5(self, x, steps: int):
        """Return the nearest orthogonal matrix, roughly: singular values of about 0.7 to 1.2."""
        narrow = ops.cast(x, self.orthogonal_dtype or x.dtype)
        return ops.cast(super().zeropower_via_newtonschulz5(narrow, steps), x.dtype)

    def _should_use_adamw(self, variable) -> bool:
        if len(variable.shape) not in (2, 4):
            return True
        return any(re.search(expression, variable.path) for expression in self.exclude_layers)

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        """Take the orthogonal steps of kernels of one shape together, and work out the rate of AdamW once.

        Variable by variable, the optimizer is what takes longest when a narrow network is traced.
        """

        def step(gradients, learning_rate):
            self._steps(gradients, trainable_variables, learning_rate)

        _on_each_replica(self, step, grads, trainable_variables, learning_rate)

    def _steps(self, gradients, variables, learning_rate):
        others, kernels = [], defaultdict(list)
        for gradient, variable in zip(gradients, variables, strict=True):
            if self._should_use_adamw(variable):
                others.append((gradient, variable))
            else:
                kernels[tuple(variable.shape), variable.dtype].append((gradient, variable))
        for several in kernels.values():
            self._muon_update_steps(several, learning_rate)
        slots = self.momentums, self.adam_velocities
        betas = self.adam_beta_1, self.adam_beta_2
        _adam_steps(self, others, learning_rate * self.adam_lr_ratio, slots, betas)

    def _muon_update_steps(self, several, lr):
        directions = []
        for gradient, variable in several:
            m = self.momentums[self._get_variable_index(variable)]
            self.assign_add(m, gradient + m * (self.momentum - 1))
            direction = gradient + self.momentum * m if self.nesterov else m
            directions.append(ops.reshape(direction, (-1, variable.shape[-1])))
        steps = self.zeropower_via_newtonschulz5(ops.stack(directions), self.ns_steps)
        for step, (_, variable) in zip(ops.unstack(steps, len(several)), several, strict=True):
            self.assign_sub(
                variable, ops.reshape(self.lr_adjust(ops.cast(lr, variable.dtype) * step), variable.shape)
            )

    def _apply_weight_decay(self, variables):
        # Keras works the learning rate out again for every variable.
        rate = self.learning_rate
        for variable in variables:
            orthogonal = not self._should_use_adamw(variable)
            decay = self.weight_decay if orthogonal else self.adam_weight_decay
            if decay is not None and self._use_weight_decay(variable):
                variable.assign(variable - variable * ops.cast(rate * decay, variable.dtype))

    def _update_model_variables_moving_average(self, trainable_variables):
        if not self.use_ema:
            return
        momentum = ops.cast(ops.not_equal(self.iterations, 0), "float32") * self.ema_momentum
        averages = self._model_variables_moving_average
        for variable, average in zip(trainable_variables, averages, strict=True):
            if average is not None:
                kept = ops.cast(momentum, variable.dtype)
                average.assign(kept * average + (1 - kept) * variable)

    def _muon_update_step(self, gradient, variable, lr, m):
        self.assign_add(m, gradient + m * (self.momentum - 1))
        direction = gradient + self.momentum * m if self.nesterov else m
        matrix = ops.reshape(direction, (-1, variable.shape[-1]))
        step = self.lr_adjust(
            ops.cast(lr, variable.dtype) * self.zeropower_via_newtonschulz5(matrix, self.ns_steps)
        )
        self.assign_sub(variable, ops.reshape(step, variable.shape))


def muon(
    model: keras.Model,
    learning_rate: float,
    steps: int,
    *,
    weight_decay: float,
    average: float | None,
    ends: Sequence[str],
    epsilon: float = 1e-7,
    orthogonal_dtype: str | None = None,
) -> ConvolutionalMuon:
    """Return the optimizer of the `cpu` profiles: orthogonal steps between the pixels and the answers.

    The learning rate rises over a twentieth of the run and falls as a half cosine; kernels alone decay.

    Args:
        model: what is trained, not yet compiled.
        learning_rate: the highest, of the orthogonal steps; AdamW's is half of it.
        steps: optimizer steps of the whole run.
        weight_decay: decoupled.
        average: momentum of a moving average of the weights; None for none.
        ends: names of the layers that read pixels or give answers, which are left to AdamW.
        epsilon: of AdamW. Where a loss has a small weight, gradients of what it alone trains may be smaller
            than Keras' usual 1e-7, and their steps with them.
        orthogonal_dtype: see `ConvolutionalMuon`; worth setting where layers are wide, batches small.
    """
    optimizer = ConvolutionalMuon(
        warmup_cosine(learning_rate, steps, _WARMUP),
        adam_lr_ratio=_ADAM_RATIO,
        epsilon=epsilon,
        exclude_layers=[rf"\b{re.escape(name)}/" for name in ends],
        orthogonal_dtype=orthogonal_dtype,
        weight_decay=weight_decay,
        adam_weight_decay=weight_decay,
        use_ema=average is not None,
        ema_momentum=average or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_list=decay_exclusions(model))
    return optimizer


def adam_cosine(
    model: keras.Model, learning_rate: float, steps: int, *, weight_decay: float, average: float | None
) -> keras.optimizers.Optimizer:
    """Return Adam with the schedule of `muon`; kernels alone decay.

    Args:
        model: what is trained, not yet compiled.
        learning_rate: the highest.
        steps: optimizer steps of the whole run.
        weight_decay: decoupled.
        average: momentum of a moving average of the weights; None for none.
    """
    optimizer = keras.optimizers.AdamW(
        warmup_cosine(learning_rate, steps, _WARMUP),
        weight_decay=weight_decay,
        use_ema=average is not None,
        ema_momentum=average or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_list=decay_exclusions(model))
    return optimizer
