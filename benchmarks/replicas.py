"""Whether several replicas train every network of the suite as one does.

    python -m benchmarks.replicas [--replicas 2,4,8] [--steps 20] [--profile smoke] [--networks joint,fas-]
    python -m benchmarks.replicas --double

Each network is trained from one start on the same batches of noise with each number of replicas, its losses,
optimizers and schedules as in its recipe, but without dropout, whose masks replicas draw apart. Printed is
the largest difference of a weight from one replica's, beside the largest that the steps changed. What
rounding alone does is printed first: one replica with the examples of each batch in reverse, whose sums are
the same but for their last bits. Steps that divide by what is nearly nothing, as Muon's and Adam's do, double
such a difference from step to step. `--double` computes in float64 what is float32 otherwise: a difference
that stays there was no rounding.

Each network has a process of its own, whose processor is divided where there is no GPU: eight logical
processors trace every network eight times.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arguments import numbers
from reproductions.shared.command_line.quiet import import_tensorflow


def main() -> None:
    """Print the figures."""
    options = parse()
    if options.one is not None:
        print(json.dumps(compared(options)))
        return
    from reproductions.shared.harness.trainings import chosen

    for name in chosen(options.profile, options.networks):
        again = [sys.executable, "-m", "benchmarks.replicas", "--one", name, *sys.argv[1:]]
        done = subprocess.run(again, capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: status {done.returncode}, {done.stderr.strip().splitlines()[-1:]}", flush=True)
            continue
        found = json.loads(done.stdout.strip().splitlines()[-1])
        for what, (apart, moved) in found.items():
            print(f"{name}, {what}: {apart:.1e} of {moved:.1e}", flush=True)


def compared(options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    """Train one network in each way; return by its name how far weights are apart and moved."""
    import_tensorflow(max(options.replicas), short=options.profile == "smoke")
    import keras

    from common.training.precision import PRECISIONS
    from reproductions.shared.harness.trainings import every_training

    if options.double:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy(PRECISIONS["float64"])

    training = every_training(options.profile)[options.one]
    _, first = trained(training, 1, options)
    found = {}
    others = {f"{replicas} replicas": (replicas, False) for replicas in options.replicas}
    for what, (replicas, reverse) in {"reversed": (1, True), **others}.items():
        keras.backend.clear_session()
        start, ended = trained(training, replicas, options, reverse)
        apart, moved = (
            max(float(np.abs(a - b).max()) for a, b in zip(ended, other, strict=True))
            for other in (first, start)
        )
        found[what] = apart, moved
    return found


def trained(
    training: Any, replicas: int, options: argparse.Namespace, reverse: bool = False
) -> tuple[list, list]:
    """Return the weights of a training at its start and after the steps, each batch in reverse or not."""
    import keras
    import tensorflow as tf

    from common.training.fit import fit

    start: list[np.ndarray] = []
    batch = options.batch or training.batch

    def build() -> keras.Model:
        model = training.build(replicas)
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
        start[:] = weights(model)
        return model

    def turned(*parts: Any) -> Any:
        return tf.nest.map_structure(lambda part: part[::-1], parts)

    def data(epoch: int, skip: int) -> tf.data.Dataset:
        batches = tf.data.Dataset.from_tensor_slices(examples(training, batch, options.steps)).batch(batch)
        return batches.map(turned) if reverse else batches

    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(
            build,
            data,
            epochs=1,
            steps_per_epoch=options.steps,
            batch_size=batch,
            run_dir=Path(folder),
            config_hash="",
            seed=1,
            replicas=replicas,
            precision="float64" if options.double else "float32",
        )
    return start, weights(fitted.model)


def examples(training: Any, batch: int, steps: int) -> Any:
    """Return the examples of all steps."""
    return training.example(batch * steps, np.random.default_rng(0))


def weights(model: Any) -> list[np.ndarray]:
    """Return the trainable weights, those of both sides of a game."""
    return [weight.numpy() for weight in model.trainable_weights]


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicas", type=numbers, default=[2, 4, 8])
    parser.add_argument("--networks", help="parts of names with commas between (default all)")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, help="of all replicas (default the recipe's)")
    parser.add_argument("--double", action="store_true", help="compute in float64")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
