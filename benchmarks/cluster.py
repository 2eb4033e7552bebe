"""Whether several workers train the network that one process trains, also where one is killed.

    python benchmarks/cluster.py [--workers 2,4]

Workers are processes on loopback addresses. A small network, with synchronised batch normalisation, AdamW,
a moving average, weighted examples and batches that the workers share unevenly, is trained by one process and
by each number of workers: printed is the largest difference of a weight. Then a worker is killed in the midst
of an epoch, first the last and then the chief: printed are after how many seconds the others have ended, what
they said, and how far the weights are from those of the undisturbed training once all are started again.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from tests.support import clusters, forked
from tests.support.training_runs import Recipe, outcome, train_and_store

RECIPE = Recipe(epochs=2, dropout=0.0, norm="synchronized", weighted=True, checkpoint_seconds=0.0, batch=7)
KILLED_AFTER = 8
"""Batches: the second of the second epoch."""

_PATIENCE = 300.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=lambda text: [int(one) for one in text.split(",")], default=[2, 4])
    several = parser.parse_args().workers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forked.run(train_and_store, folder / "alone", RECIPE)
        for count in several:
            whole = folder / f"{count}"
            began = time.monotonic()
            train(count, whole)
            took = time.monotonic() - began
            apart = difference(folder / "alone", whole)
            print(f"{count} workers: weights within {apart:.1e} of one process', {took:.0f} s", flush=True)
            for victim in (count - 1, 0):
                kill(count, victim, folder / f"{count}-{victim}", whole)


def kill(count: int, victim: int, folder: Path, whole: Path) -> None:
    """Kill a worker of a training, start all again, and print what comes of it."""
    recipe = dataclasses.replace(RECIPE, replicas=count)
    others = {victim: (folder, recipe, KILLED_AFTER)}
    team = clusters.start(count, train_and_store, folder, recipe, of_worker=others)
    team[victim].join()
    died = time.monotonic()
    statuses = clusters.ended(team, _PATIENCE)
    stopped = time.monotonic() - died
    said = {path.read_text() for path in sorted(folder.glob("worker-*.txt"))}
    train(count, folder)
    same = outcome(whole)[1]["history"] == outcome(folder)[1]["history"]
    print(
        f"{count} workers, {victim} killed: statuses {statuses} after {stopped:.0f} s; started again, "
        f"weights are within {difference(whole, folder):.1e} of the undisturbed ones', and the history is "
        f"{'the same' if same else 'another'}"
    )
    for sentence in sorted(said):
        print(f"  {sentence}", flush=True)


def train(count: int, folder: Path) -> None:
    """Train to the end with so many workers."""
    team = clusters.start(count, train_and_store, folder, dataclasses.replace(RECIPE, replicas=count))
    statuses = clusters.ended(team, _PATIENCE)
    if any(statuses):
        raise SystemExit(f"{count} workers ended with {statuses}")


def difference(one: Path, other: Path) -> float:
    """Return the largest difference of a weight."""
    return max(float(np.abs(a - b).max()) for a, b in zip(outcome(one)[0], outcome(other)[0], strict=True))


if __name__ == "__main__":
    main()
