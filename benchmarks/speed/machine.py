"""What a machine does at most, and how fast faces are prepared, read and searched, as one line of JSON.

    python -m benchmarks.speed.machine --threads 2

Large products and a large copy are what networks are held against. `benchmarks/bench.py` starts this.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from reproductions.shared.command_line.quiet import import_tensorflow

SIDE = 3072
"""Of the matrices."""

COPIED = 256 * 2**20
"""Bytes, more than caches hold."""

GALLERIES = (10_000, 100_000, 1_000_000)
PROBES, VECTOR = 100, 256
REPEATS = 5
PREPARED_SIZE = 96


def main() -> None:
    """Print the figures."""
    options = parse()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    import_tensorflow()
    print(json.dumps(peaks() | searches() | faces(options.prepared)))


def peaks() -> dict[str, float]:
    """Return the operations a second of large products by number format, and the bytes a second of a copy."""
    import tensorflow as tf

    found = {}
    for name in ("float32", "bfloat16"):
        matrix = tf.cast(tf.random.normal((SIDE, SIDE), seed=0), name)
        found[f"{name}_operations_a_second"] = 2 * SIDE**3 / best(lambda: tf.matmul(matrix, matrix).numpy())  # noqa: B023
    source, target = np.ones(COPIED, np.uint8), np.empty(COPIED, np.uint8)
    found["copied_bytes_a_second"] = COPIED / best(lambda: np.copyto(target, source))
    return found


def searches() -> dict[str, float]:
    """Return the seconds of a search for the probes, by the size of the gallery, which lies on the disk."""
    from common.metrics.search import BLOCK, nearest

    random, found = np.random.default_rng(0), {}
    with tempfile.TemporaryDirectory() as folder:
        for size in GALLERIES:
            gallery = np.memmap(Path(folder) / str(size), np.float32, "w+", shape=(size, VECTOR))
            for start in range(0, size, BLOCK):
                gallery[start : start + BLOCK] = random.standard_normal(
                    gallery[start : start + BLOCK].shape, np.float32
                )
            probes = gallery[random.integers(0, size, PROBES)] + 0.5
            repeats = 1 if size == GALLERIES[-1] else 3
            found[f"search_in_{size}_seconds"] = best(lambda: nearest(probes, gallery), repeats)  # noqa: B023
    return found


def faces(prepared_root: Path) -> dict[str, float]:
    """Return how many generated faces a second are found and aligned, and read from shards."""
    from data_prep.datasets import DATASETS
    from data_prep.preparation.on_demand import prepared_set
    from data_prep.preparation.sources import list_sources
    from data_prep.preparation.survey import Survey, alignment_rate
    from data_prep.prepared import shards
    from data_prep.synthetic.people import generated_in

    card = DATASETS["synthetic"]
    found = list_sources(card.scan(generated_in(prepared_root) / card.folder))
    rate = alignment_rate(Survey(card, found), PREPARED_SIZE, "utkface")
    prepared = prepared_set("synthetic", None, prepared_root, PREPARED_SIZE, "utkface")
    count = len(prepared.index)
    read = best(lambda: shards.read_images(prepared), 3)
    streamed = best(lambda: list(shards.dataset(prepared, seed=1).batch(256)), 3)
    return {
        "prepared_a_second": rate or 0.0,
        "read_a_second": count / read,
        "streamed_a_second": count / streamed,
    }


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the shortest time of a piece of work, in seconds: what else the machine does only adds to it."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--prepared", type=Path, default=Path("prepared"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
