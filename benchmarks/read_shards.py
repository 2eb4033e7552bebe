"""How many decoded images a second `tf.data` reads from a prepared set.

    python -m benchmarks.read_shards prepared/utkface-utkface-64-auto [--size 64] [--repeats 3]

The first pass builds graphs and fills the page cache; the best is the speed of decoding. The time on one
core does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import time

from common.processes import available_cores
from data_prep.prepared import shards
from data_prep.prepared.index import load


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--size", type=int)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    prepared = load(options.folder)
    size = options.size or prepared.size
    print(
        f"{prepared.folder}: {len(prepared.index):,} images of {prepared.size} px, {available_cores()} cores"
    )
    for name, read in (
        ("read_images", lambda: shards.read_images(prepared, size=size)),
        ("dataset", lambda: list(shards.dataset(prepared, size=size).batch(256))),
        ("dataset, shuffled", lambda: list(shards.dataset(prepared, size=size, seed=1).batch(256))),
    ):
        rates, costs = [], []
        for _ in range(options.repeats):
            start, busy = time.perf_counter(), time.process_time()
            read()
            rates.append(len(prepared.index) / (time.perf_counter() - start))
            costs.append((time.process_time() - busy) / len(prepared.index))
        print(
            f"{name} at {size} px: best {max(rates):,.0f} images/s, first {rates[0]:,.0f}; "
            f"{1e6 * min(costs):,.0f} us of one core an image"
        )


if __name__ == "__main__":
    main()
