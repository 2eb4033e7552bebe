"""Whether the workers of a Dask scheduler prepare what one process does, also where one of them is killed.

    python -m benchmarks.spread_preparation [--workers 4] [--shard-images 50]

Needs the packages of requirements-scale.txt. The generated faces are prepared by one process, then by workers
of a local scheduler, each a process, of which one is killed in the midst of a shard once three are done.
Printed are images and seconds of both, how many files differ, and the images that were made a second time.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

from common.errors import UserError
from common.files import sha256_file
from common.spreading import dask
from data_prep.preparation import making
from data_prep.preparation.crop import Recipe
from data_prep.preparation.parts import Part
from data_prep.preparation.prepare import prepare
from data_prep.prepared.index import shard_name
from data_prep.synthetic.people import generated_in


def main() -> None:
    """Print the figures."""
    options = parse()
    try:
        distributed = dask()
    except UserError as error:
        sys.exit(f"error: {error}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = options.generated or generated_in(folder)
        same = {
            "size": 112,
            "template": "arcface",
            "detector": "manual",
            "shard_images": options.shard_images,
        }
        began = time.monotonic()
        alone = prepare("synthetic", root, folder / "alone", workers=1, **same)
        took = time.monotonic() - began
        print(f"one process: {len(alone.index):,} images in {took:.1f} s", flush=True)
        log = folder / "started"
        log.touch()
        making._make_shard = partial(noted, log)
        local = distributed.LocalCluster(
            n_workers=options.workers, threads_per_worker=1, dashboard_address=None
        )
        with local as cluster:
            spread = folder / "spread"
            killer = threading.Thread(target=kill, args=(log, spread), daemon=True)
            killer.start()
            began = time.monotonic()
            together = prepare("synthetic", root, spread, scheduler=cluster.scheduler_address, **same)
            took = time.monotonic() - began
            killer.join()
        shards = sorted(path.name for path in alone.folder.glob("shard-*.tfrecord"))
        differing = [
            one
            for one in (*shards, "index.csv", "rejected.csv", "duplicates.csv")
            if sha256_file(alone.folder / one) != sha256_file(together.folder / one)
        ]
        print(
            f"{options.workers} workers, one killed: {len(together.index):,} images in {took:.1f} s; "
            f"of {len(shards)} shards and 3 tables {len(differing)} differ"
        )
        print(f"made a second time: {again(log, options.shard_images) or 'none'}")


def noted(log: Path, part: Part, recipe: Recipe) -> None:
    """Make a shard in a worker, and note who began it."""
    # In the worker's process the name stands for what it stood for.
    from data_prep.preparation.making import _make_shard

    with open(log, "a", encoding="ascii") as file:
        file.write(f"{part.shard} {os.getpid()}\n")
    _make_shard(part, recipe)


def begun(log: Path) -> list[tuple[int, int]]:
    """Return (shard, process) of every shard that was begun, in that order."""
    lines = log.read_text(encoding="ascii").split("\n")[:-1]
    return [(int(shard), int(worker)) for shard, worker in map(str.split, lines)]


def kill(log: Path, folder: Path) -> None:
    """Kill the worker that began the last shard, once three others are there and this one is not."""
    while True:
        done = {path.name for path in folder.glob("*/shard-*.tfrecord")}
        if len(done) >= 3 and begun(log):
            shard, victim = begun(log)[-1]
            if shard_name(shard) not in done:
                os.kill(victim, signal.SIGKILL)
                print(f"killed a worker at shard {shard}, when {len(done)} were there", flush=True)
                return
        time.sleep(0.005)


def again(log: Path, shard_images: int) -> str:
    """Return the numbers of the files whose shards were begun more than once, in the order of their names."""
    times = Counter(shard for shard, _ in begun(log))
    several = sorted(shard for shard, count in times.items() if count > 1)
    return ", ".join(f"{one * shard_images} to {(one + 1) * shard_images - 1}" for one in several)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--shard-images", type=int, default=50)
    parser.add_argument("--generated", type=Path, help="folder that holds the generated set already")
    return parser.parse_args()


if __name__ == "__main__":
    main()
