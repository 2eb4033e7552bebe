"""Whether several workers train the network that one process trains, also where one is killed.

    python -m benchmarks.cluster [--workers 2,4]

Workers are processes on loopback addresses. A small network, with synchronised batch normalisation, AdamW,
a moving average, weighted examples and batches that the workers share unevenly, is trained by one process and
by each number of workers: printed is the largest difference of a weight. Then a worker is killed in the midst
of an epoch, first the last and then the chief: printed are after how many seconds the others have ended, what
they said, and how far the weights are from those of the undisturbed training once all are started again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.arguments import numbers

IMAGES, SIZE, CLASSES, BATCH, EPOCHS = 38, 8, 5, 7, 2
"""Five batches of seven an epoch and one of three: neither two workers nor four share them evenly."""

KILLED_AFTER = 8
_PATIENCE = 300.0


def main() -> None:
    """Print the figures."""
    options = parse()
    if options.into is not None:
        train(options.into, options.replicas, options.die_after)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ended(started(1, folder / "alone"))
        for count in options.workers:
            whole = folder / f"{count}"
            began = time.monotonic()
            ended(started(count, whole))
            took = time.monotonic() - began
            apart = difference(folder / "alone", whole)
            print(f"{count} workers: weights within {apart:.1e} of one process', {took:.0f} s", flush=True)
            for victim in (count - 1, 0):
                kill(count, victim, folder / f"{count}-{victim}", whole)


def kill(count: int, victim: int, folder: Path, whole: Path) -> None:
    """Kill a worker of a training, start all again, and print what comes of it."""
    team = started(count, folder, victim)
    team[victim].wait()
    died = time.monotonic()
    said = [one.communicate(timeout=_PATIENCE)[1].strip().splitlines() for one in team]
    stopped = time.monotonic() - died
    statuses = [one.returncode for one in team]
    ended(started(count, folder))
    print(
        f"{count} workers, {victim} killed: statuses {statuses} after {stopped:.0f} s; all started again, "
        f"weights are within {difference(whole, folder):.1e} of the undisturbed ones'"
    )
    for number, lines in enumerate(said):
        if number != victim:
            print(f"  {lines[-1] if lines else ''}", flush=True)


def started(count: int, folder: Path, victim: int | None = None) -> list[subprocess.Popen]:
    """Start so many workers, of which one may kill itself."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    team = []
    for number in range(count):
        task = {"type": "worker", "index": number}
        environment = {
            **os.environ,
            "TF_CONFIG": json.dumps({"cluster": {"worker": addresses}, "task": task}),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
        }
        command = [sys.executable, "-m", "benchmarks.cluster"]
        command += ["--into", str(folder), "--replicas", str(count)]
        if number == victim:
            command += ["--die-after", str(KILLED_AFTER)]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        team.append(subprocess.Popen(command, env=environment, **pipes))
    return team


def ended(team: list[subprocess.Popen]) -> None:
    """Wait for workers, all of which must end well."""
    for one in team:
        told = one.communicate(timeout=_PATIENCE)[1]
        if one.returncode:
            raise SystemExit(f"a worker ended with {one.returncode}: {told[-500:]}")


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def difference(one: Path, other: Path) -> float:
    """Return the largest difference of a weight."""
    with np.load(one / "weights.npz") as a, np.load(other / "weights.npz") as b:
        return max(float(np.abs(a[name] - b[name]).max()) for name in a.files)


def train(folder: Path, replicas: int, die_after: int | None) -> None:
    """Train the network as one of the workers; the chief leaves its weights in the folder."""
    import keras
    import tensorflow as tf

    from common.errors import UserError
    from common.training.fit import fit
    from common.training.seeds import epoch_order
    from common.workers import is_chief, leave

    random = np.random.default_rng(7)
    images = random.normal(size=(IMAGES, SIZE, SIZE, 3)).astype("float32")
    labels = random.integers(0, CLASSES, IMAGES)
    weights = random.uniform(0.1, 2.0, IMAGES).astype("float32")

    def data(epoch: int, skip: int) -> tf.data.Dataset:
        rows = epoch_order(7, epoch, IMAGES)[skip * BATCH :]
        return tf.data.Dataset.from_tensor_slices((images[rows], labels[rows], weights[rows])).batch(BATCH)

    def build() -> keras.Model:
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((SIZE, SIZE, 3)),
                layers.Conv2D(4, 3, use_bias=False),
                layers.BatchNormalization(synchronized=replicas > 1),
                layers.ReLU(),
                layers.Flatten(),
                layers.Dense(CLASSES, kernel_regularizer="l2"),
            ]
        )
        model.compile(
            keras.optimizers.AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.9),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        return model

    left = [die_after]

    def die() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] = None if left[0] is None else left[0] - 1

    try:
        fitted = fit(
            build,
            data,
            epochs=EPOCHS,
            steps_per_epoch=-(-IMAGES // BATCH),
            batch_size=BATCH,
            run_dir=folder,
            config_hash="",
            seed=7,
            replicas=replicas,
            checkpoint_seconds=0.0,
            callbacks=[keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: die())],
        )
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    if is_chief():
        arrays = fitted.model.get_weights()
        np.savez(folder / "weights.npz", **{str(i): one for i, one in enumerate(arrays)})
    leave()


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=numbers, default=[2, 4])
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--replicas", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--die-after", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
