"""How many images a second a residual network trains on, by three ways of training.

    python -m benchmarks.train_speed --depth 18 --width 0.25 --size 64 --batch 64 [--precision bfloat16]

`train_on_batch` is the network alone, Keras' `fit` adds `tf.data`, the suite's `fit` adds guard, logs and
checkpoints. Images are random and ready in memory: an input pipeline costs extra. The first steps, which
trace the network, are left out. The rate by processor time does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from common.networks.residual import residual_age_network
from common.training.fit import fit
from common.training.precision import PRECISIONS, precision_policy
from common.training.seeds import seed_everything
from common.training.strategy import describe_device

CLASSES = 100
WARM_UP = 3


class Stopwatch(keras.callbacks.Callback):
    """Times the steps after the first `WARM_UP`, by the clock and by processor time."""

    def __init__(self):
        super().__init__()
        self._ends = []

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 >= WARM_UP:
            self._ends.append((batch, time.perf_counter(), time.process_time()))

    def steps_per_second(self) -> tuple[float, float]:
        """Return the rates by the clock and by processor time."""
        steps, clock, processor = np.subtract(self._ends[-1], self._ends[0])
        return steps / clock, steps / processor


def main() -> None:
    """Print the figures."""
    options = parse()
    random = np.random.default_rng(0)
    shape = (options.batch, options.size, options.size, 3)
    images = tf.constant(random.normal(size=shape), tf.float32)
    labels = tf.constant(random.integers(0, CLASSES, options.batch))
    batches = tf.data.Dataset.from_tensors((images, labels)).repeat(options.steps + WARM_UP)
    print(
        f"{describe_device()}, {options.precision}: residual {options.depth}, width {options.width}, "
        f"{options.size} px, batch {options.batch}, {options.steps} steps"
    )

    def build() -> keras.Model:
        model = residual_age_network(options.depth, CLASSES, options.size, options.width)
        model.compile(
            keras.optimizers.AdamW(1e-3, weight_decay=5e-4),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=options.jit,
            steps_per_execution=options.steps_per_execution,
        )
        return model

    def batch_by_batch(watch: Stopwatch) -> None:
        model = built(build, options.precision)
        for step in range(options.steps + WARM_UP):
            model.train_on_batch(images, labels)
            watch.on_train_batch_end(step)

    def keras_fit(watch: Stopwatch) -> None:
        built(build, options.precision).fit(batches, verbose=0, callbacks=[watch])

    def suite_fit(watch: Stopwatch) -> None:
        with tempfile.TemporaryDirectory() as folder:
            fit(
                build,
                lambda epoch, skip: batches.skip(skip),
                epochs=1,
                steps_per_epoch=options.steps + WARM_UP,
                batch_size=options.batch,
                run_dir=Path(folder),
                config_hash="",
                seed=0,
                precision=options.precision,
                callbacks=[watch],
            )

    if options.deterministic:
        seed_everything(0)
    # The suite's comes last, because it makes operations deterministic for the rest of the process.
    for name, train in (
        ("train_on_batch", batch_by_batch),
        ("Keras' fit", keras_fit),
        ("the suite's fit", suite_fit),
    ):
        report(name, train, options.batch)


def report(name: str, train: Callable[[Stopwatch], None], batch: int) -> None:
    """Run one way of training in batches of `batch` images and print its rates."""
    watch = Stopwatch()
    train(watch)
    by_clock, by_processor = (batch * rate for rate in watch.steps_per_second())
    print(f"{name:16s} {by_clock:8.1f} images/s   {by_processor:8.1f} images a processor second", flush=True)


def built(build: Callable[[], keras.Model], precision: str) -> keras.Model:
    """Return the network in a precision."""
    with precision_policy(precision):
        return build()


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--depth", type=int, default=18)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--jit", action="store_true", help="compile with XLA")
    parser.add_argument("--steps-per-execution", type=int, default=1)
    parser.add_argument(
        "--deterministic", action="store_true", help="deterministic operations from the start"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
