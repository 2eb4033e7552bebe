"""Kill the suite's work at random moments and see that it ends as if undisturbed, with nothing left behind.

    python -m benchmarks.kills [--kills 6] [--seed 0] [--only STAGE] [--folder DIR]

Each stage runs once undisturbed; then, in a folder of its own each time, it and its workers are killed with
SIGKILL, at moments spread over its duration and, every third time, at a rename, and started again to their
end. Compared are prepared sets, labels, predictions and tables byte by byte, records and logs but for times,
speed and memory, and weights by the hash of their values. Faces are generated, the networks tiny. Fifty kills
take a quarter of an hour on two threads. Leave the checkout alone meanwhile: records state its commit.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import hashlib
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kill_stages import STAGES, generate, options_in, shrink

CONTEXT = multiprocessing.get_context("forkserver")
TIMES = ("seconds", "images_per_second", "peak_memory_mb", "content_hash", "speed")
"""What of a record, manifest or log no second run has again, and the hash over it."""

ADDRESSES = ("shared_object_id",)
"""Where in memory an object lay, in Keras' description of a network: other in two undisturbed runs too."""

PASSED_OVER = (".lock", "events.out.tfevents", "checkpoints", "duration.txt")
MOST_MISSES = 20
"""Kills of a stage that may come after its end."""


def work(stage: Callable[[Path], None], folder: Path, deadly: int | None) -> None:
    """Run a stage in this process, which leads a group of its own; as each command does, sweep first.

    Where `deadly` is a number, its group is killed before the rename of that number, or after it if odd.
    """
    os.setpgrp()
    said = os.open(beside(folder, "said"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    shrink()
    from reproductions.shared.harness.leftovers import sweep_all
    from reproductions.shared.harness.registry import papers

    renames, replace = 0, os.replace

    def counted(source, target):
        nonlocal renames
        late = renames % 2
        if not late and renames == deadly:
            os.killpg(0, signal.SIGKILL)
        replace(source, target)
        if late and renames == deadly:
            os.killpg(0, signal.SIGKILL)
        renames += 1

    os.replace = counted
    beside(folder, "started").touch()
    sweep_all(options_in(folder), papers())
    stage(folder)
    beside(folder, "renames").write_text(str(renames))


def beside(folder: Path, what: str) -> Path:
    """Return a file about the work in a folder."""
    return folder.with_name(f"{folder.name}.{what}")


def run(
    stage: Callable[[Path], None], folder: Path, until: float | None = None, deadly: int | None = None
) -> tuple[int, float]:
    """Run a stage in a process group, killed after `until` seconds of work; return exit code and seconds."""
    beside(folder, "started").unlink(missing_ok=True)
    process = CONTEXT.Process(target=work, args=(stage, folder, deadly))
    process.start()
    while process.is_alive() and not beside(folder, "started").exists():
        time.sleep(0.005)
    started = time.monotonic()
    process.join(until)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode, time.monotonic() - started


def outcome(folder: Path) -> dict[str, str]:
    """Return what stands in a folder, by file: a hash of all that a second run has again."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part in name for part in PASSED_OVER):
            found[name] = hashlib.sha256(_lasting(path)).hexdigest()
    return found


def differing(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """Return the files that two outcomes do not share."""
    return sorted({name for name, _ in found.items() ^ expected.items()})


def _lasting(path: Path) -> bytes:
    if path.name.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            network = _without(ADDRESSES, json.loads(archive.read("config.json")))
            return _values(archive.open("model.weights.h5")) + json.dumps(network, sort_keys=True).encode()
    if path.suffix == ".h5":
        return _values(path.open("rb"))
    if path.name == "log.csv":
        import pandas as pd

        return pd.read_csv(path).drop(columns=list(TIMES), errors="ignore").to_csv().encode()
    if path.suffix != ".json":
        return path.read_bytes()
    told = json.loads(path.read_text())
    if path.name.endswith((".keras.json", ".h5.json")):
        del told["file"]  # a network's holds the day that it was written on
    return json.dumps(_without(TIMES, told), sort_keys=True).encode()


def _values(file) -> bytes:
    """Return the names and values of all weights in a file of HDF5."""
    import h5py
    import numpy as np

    found = io.BytesIO()

    def add(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found.write(f"{name} {item.shape} {item.dtype}".encode() + np.asarray(item).tobytes())

    with file, h5py.File(io.BytesIO(file.read())) as weights:
        weights.visititems(add)
    return found.getvalue()


def _without(keys: tuple[str, ...], told: object) -> object:
    if isinstance(told, list):
        return [_without(keys, one) for one in told]
    if isinstance(told, dict):
        return {key: _without(keys, value) for key, value in told.items() if key not in keys}
    return told


def left_behind(folder: Path) -> list[str]:
    """Return what is half written, or hidden and no lock."""
    names = [path.name for path in folder.rglob("*") if not path.name.endswith(".lock")]
    return [name for name in names if name.startswith(".") or name.endswith((".part", ".next.csv.gz"))]


@dataclass
class Trials:
    """How a stage ended, each time that it was killed."""

    killed: int = 0
    at_renames: int = 0
    ended: int = 0
    equal: int = 0
    left: list[str] = dataclasses.field(default_factory=list)


def kill_repeatedly(
    name: str, start: Callable[[Path], Path], end: Path, seconds: float, kills: int, draw: random.Random
) -> Trials:
    """Kill a stage `kills` times, each in a folder that `start` fills, and compare its ends with `end`."""
    stage, expected = STAGES[name].work, outcome(end)
    renames = int(beside(end, "renames").read_text())
    trials = Trials()
    misses = 0
    while trials.killed < kills and misses < MOST_MISSES:
        folder = start(end.with_name(f"{name}-{trials.killed}"))
        at_rename = trials.killed % 3 == 2
        if at_rename:
            moment = {"deadly": draw.randrange(renames)}
        else:
            moment = {"until": seconds * (trials.killed + draw.random()) / kills}
        code, took = run(stage, folder, **moment)
        if code != -signal.SIGKILL:
            misses += 1
            seconds = min(seconds, took)
        else:
            trials.killed += 1
            trials.at_renames += at_rename
            ended = run(stage, folder)[0] == 0
            now = outcome(folder)
            trials.ended += ended
            trials.equal += now == expected
            trials.left += left_behind(folder)
            if not ended:
                print(beside(folder, "said").read_text()[-2000:], flush=True)
            elif now != expected:
                apart = ", ".join(differing(now, expected))
                print(f"  {name}, {moment}: other are {apart}", flush=True)
        shutil.rmtree(folder)
    return trials


def main() -> int:
    """Print a row a stage; return 1 where one did not end as if undisturbed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=6, help="a stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=STAGES)
    parser.add_argument("--folder", type=Path, help="to work in (default a temporary one)")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    CONTEXT.set_forkserver_preload(["tensorflow", "reproductions.neighborhood_loss.study"])
    wanted = {given.only, STAGES[given.only].before} if given.only else set(STAGES)
    good = True
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        root = Path(scratch)
        (root / "faces").mkdir()
        if run(generate, root / "faces")[0]:
            sys.exit(beside(root / "faces", "said").read_text()[-2000:])
        row = "{:12} {:>12} {:>6} {:>11} {:>6} {:>6} {:>6}  {}"
        print(
            row.format(
                "stage", "undisturbed", "killed", "at renames", "ended", "equal", "took", "left behind"
            )
        )
        for name, stage in STAGES.items():
            if name not in wanted:
                continue
            begun = time.monotonic()
            start = functools.partial(_start, root / stage.before, stage.lacks)
            end = start(root / name)
            code, seconds = run(stage.work, end)
            if code:
                sys.exit(f"{name} undisturbed:\n{beside(end, 'said').read_text()[-2000:]}")
            if stage.lacks and (apart := differing(outcome(end), outcome(root / stage.before))):
                print(
                    f"  {name} undisturbed: other than after {stage.before} are {', '.join(apart)}",
                    flush=True,
                )
                good = False
            kills = given.kills if given.only in (None, name) else 0
            trials = kill_repeatedly(name, start, end, seconds, kills, draw)
            good &= trials.ended == trials.equal == kills and not trials.left
            took = f"{time.monotonic() - begun:.0f} s"
            counts = trials.killed, trials.at_renames, trials.ended, trials.equal
            left = ", ".join(sorted(set(trials.left))) or "nothing"
            print(row.format(name, f"{seconds:.1f} s", *counts, took, left), flush=True)
    return 0 if good else 1


def _start(before: Path, lacks: str | None, folder: Path) -> Path:
    """Copy the end of an earlier stage, less what this one makes."""
    shutil.copytree(before, folder, ignore=lambda at, _: [lacks] if lacks and Path(at) == before else [])
    return folder


if __name__ == "__main__":
    sys.exit(main())
