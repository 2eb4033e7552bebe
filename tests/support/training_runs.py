"""Tiny runs of `common.training.fit` that tests start in processes of their own, and read back from disk."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import common.files
from common.training.fit import FitResult, fit
from common.training.schedules import StepDecay
from common.training.seeds import epoch_order, stateless_seed
from common.workers import leave

IMAGES, SIZE, CLASSES = 38, 8, 5
EPOCHS, STEPS, BATCH = 4, 5, 8
"""Five batches an epoch, the last of six images: no number of replicas above 2 divides it."""


@dataclass(frozen=True)
class Recipe:
    """What differs between the runs of the tests."""

    seed: int = 7
    replicas: int = 1
    precision: str = "float32"
    epochs: int = EPOCHS
    norm: str = "batch"
    dropout: float = 0.3
    optimizer: str = "adamw-ema"
    weighted: bool = False
    augment: bool = True
    checkpoint_seconds: float = 0.0
    batch: int = BATCH
    overflow_in_replica: int | None = None


class CountedDense(keras.layers.Dense):
    """Counts how often it is traced."""

    traces = 0

    def call(self, inputs, training=None):
        self.traces += 1
        return super().call(inputs, training=training)


def build(recipe: Recipe) -> keras.Model:
    """Return a small convolutional network with everything in it that has state."""
    layers = [keras.Input((SIZE, SIZE, 3)), keras.layers.Conv2D(4, 3, use_bias=False)]
    if recipe.norm != "none":
        layers.append(keras.layers.BatchNormalization(synchronized=recipe.norm == "synchronized"))
    layers += [keras.layers.ReLU(), keras.layers.Flatten()]
    if recipe.dropout:
        layers.append(keras.layers.Dropout(recipe.dropout))
    model = keras.Sequential([*layers, CountedDense(CLASSES, kernel_regularizer="l2")])
    model.compile(
        _optimizer(recipe),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def _optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    schedule = StepDecay(0.01, recipe.epochs * STEPS, (0.5,), factor=0.5, warmup=0.2)
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(0.1, momentum=0.9)
    if recipe.optimizer == "clipped":
        return keras.optimizers.SGD(0.1, global_clipnorm=1.0)
    return keras.optimizers.AdamW(schedule, weight_decay=0.1, use_ema=True, ema_momentum=0.9)


def source(recipe: Recipe):
    """Return `data(epoch, skip)` of random images, shuffled and augmented by seed and epoch alone."""
    random = np.random.default_rng(recipe.seed)
    images = random.normal(size=(IMAGES, SIZE, SIZE, 3)).astype("float32")
    labels = random.integers(0, CLASSES, IMAGES)
    weights = random.uniform(0.1, 2.0, IMAGES).astype("float32")
    if recipe.overflow_in_replica is not None:
        # Of every batch of the first epoch only the rows of that replica overflow.
        share = recipe.batch // recipe.replicas
        row = epoch_order(recipe.seed, 0, IMAGES)[recipe.overflow_in_replica * share]
        images[row] = 60000.0

    def flip(number, image, label, *weight):
        seed = stateless_seed(recipe.seed, epoch_of[0], number)
        return tf.image.stateless_random_flip_left_right(image, seed), label, *weight

    epoch_of = [0]

    def data(epoch: int, skip: int) -> tf.data.Dataset:
        epoch_of[0] = epoch
        rows = epoch_order(recipe.seed, epoch, IMAGES)[skip * recipe.batch :]
        arrays = (rows, images[rows], labels[rows], *([weights[rows]] if recipe.weighted else []))
        dataset = tf.data.Dataset.from_tensor_slices(arrays)
        if recipe.augment:
            dataset = dataset.map(flip, num_parallel_calls=2)
        else:
            dataset = dataset.map(lambda number, *rest: rest)
        return dataset.batch(recipe.batch).prefetch(1)

    return data


def train(folder: Path, recipe: Recipe, callbacks=(), **options) -> FitResult:
    """Run `fit` in `folder`."""
    return fit(
        lambda: build(recipe),
        source(recipe),
        epochs=recipe.epochs,
        steps_per_epoch=-(-IMAGES // recipe.batch),
        batch_size=recipe.batch,
        run_dir=folder,
        config_hash="tiny",
        seed=recipe.seed,
        replicas=recipe.replicas,
        precision=recipe.precision,
        checkpoint_seconds=recipe.checkpoint_seconds,
        callbacks=callbacks,
        **options,
    )


def train_and_store(folder: Path, recipe: Recipe, die_after: int | None = None) -> None:
    """Run `fit` in `folder` and leave `outcome.npz` (final weights) and `outcome.json` (history) there.

    With `die_after` the process kills itself after so many batches.
    """
    result = train(folder, recipe, callbacks=[Death(die_after)])
    np.savez(folder / "outcome.npz", *result.model.get_weights())
    scale = getattr(result.model.optimizer, "dynamic_scale", None)
    extra = {"loss_scale": None if scale is None else float(scale.numpy()), "device": result.device}
    (folder / "outcome.json").write_text(json.dumps({"history": result.history, **extra}))
    leave()


def train_and_stop(folder: Path, die: bool = False) -> None:
    """Run `fit`, which a callback ends at the second batch; with `die` killed before that epoch is over."""
    result = train(folder, Recipe(), callbacks=[StopAt(2), DeathAtEnd(die)])
    np.savez(folder / "outcome.npz", *result.model.get_weights())
    (folder / "outcome.json").write_text(json.dumps(result.history))


class StopAt(keras.callbacks.Callback):
    """Ends the training after its batch number `last`, which it counts over restarts."""

    def __init__(self, last: int):
        super().__init__()
        self._left = last

    def get_state(self) -> dict:
        return {"left": self._left}

    def set_state(self, state: dict) -> None:
        self._left = state["left"]

    def on_train_batch_end(self, batch, logs=None):
        self._left -= 1
        if self._left == 0:
            self.model.stop_training = True


class DeathAtEnd(keras.callbacks.Callback):
    """Kills the process, if so asked, when an epoch is over and before the checkpoint is told."""

    def __init__(self, die: bool):
        super().__init__()
        self._die = die

    def get_state(self) -> dict:
        return {}

    def set_state(self, state: dict) -> None:
        pass

    def on_epoch_end(self, epoch, logs=None):
        if self._die:
            os.kill(os.getpid(), signal.SIGKILL)


def outcome(folder: Path) -> tuple[list[np.ndarray], dict]:
    """Return what `train_and_store` left in `folder`: weights and facts."""
    with np.load(folder / "outcome.npz") as stored:
        weights = [stored[name] for name in stored.files]
    return weights, json.loads((folder / "outcome.json").read_text())


def train_and_die_writing(folder: Path, recipe: Recipe, checkpoint: int, moment: str) -> None:
    """Run `fit`, killed at a `moment` of writing the given checkpoint: "written", "renamed" or "half"."""
    real = {"fsync": os.fsync, "replace": os.replace}
    seen = [0]

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def fsync(descriptor: int) -> None:
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        if ".npz." in name:
            seen[0] += 1
            if seen[0] == checkpoint and moment == "half":
                os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
                die()
        real["fsync"](descriptor)

    def replace(source_path, target) -> None:
        due = str(target).endswith(".npz") and seen[0] == checkpoint
        if due and moment == "written":
            die()
        real["replace"](source_path, target)
        if due and moment == "renamed":
            die()

    common.files.os.fsync, common.files.os.replace = fsync, replace
    train_and_store(folder, recipe)


class Death(keras.callbacks.Callback):
    """Kills the process before its batch number `after`, or never."""

    def __init__(self, after: int | None = None):
        super().__init__()
        self._left = after

    def get_state(self) -> dict:
        return {}

    def set_state(self, state: dict) -> None:
        pass

    def on_train_batch_begin(self, batch, logs=None):
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._left is not None:
            self._left -= 1
