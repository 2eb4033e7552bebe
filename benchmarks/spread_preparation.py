"""Whether the workers of a Dask scheduler prepare what one process does, also where one of them is killed.

    python benchmarks/spread_preparation.py [--workers 4] [--shard-images 50]

Needs the packages of requirements-scale.txt. The generated faces are prepared by one process, then by workers
of a local scheduler, of which one is killed once a few shards are done: printed is how many files differ.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

from common.files import sha256_file
from data_prep.preparation.prepare import prepare
from data_prep.synthetic.people import generated_in


def main() -> None:
    """Print the figures."""
    from distributed import Client, LocalCluster

    options = parse()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = options.generated or generated_in(folder)
        same = {
            "size": 112,
            "template": "arcface",
            "detector": "manual",
            "shard_images": options.shard_images,
        }
        alone = prepare("synthetic", root, folder / "alone", workers=1, **same)
        print(f"one process: {alone.manifest['speed']['images_per_second']} images/s", flush=True)
        with LocalCluster(n_workers=options.workers, threads_per_worker=1, dashboard_address=None) as cluster:
            address = cluster.scheduler_address
            spread = folder / "spread"
            with Client(address) as client:
                victim = next(iter(client.run(os.getpid).values()))
            killer = threading.Thread(target=kill, args=(victim, spread), daemon=True)
            killer.start()
            together = prepare("synthetic", root, spread, scheduler=address, **same)
            killer.join()
        shards = sorted(path.name for path in alone.folder.glob("shard-*.tfrecord"))
        differing = [
            one
            for one in (*shards, "index.csv", "rejected.csv", "duplicates.csv")
            if sha256_file(alone.folder / one) != sha256_file(together.folder / one)
        ]
        print(
            f"{options.workers} workers, one killed: {together.manifest['speed']['images_per_second']} "
            f"images/s; of {len(shards)} shards and 3 tables {len(differing)} differ"
        )


def kill(victim: int, folder: Path) -> None:
    """Kill a worker as soon as three shards are there."""
    while len(list(folder.glob("*/shard-*.tfrecord"))) < 3:
        time.sleep(0.02)
    before = len(list(folder.glob("*/shard-*.tfrecord")))
    os.kill(victim, signal.SIGKILL)
    print(f"killed a worker once {before} shards were there", flush=True)


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
