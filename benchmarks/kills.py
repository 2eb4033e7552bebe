"""Kill the suite's work at random moments and see that it ends as if undisturbed, with nothing left behind.

    python -m benchmarks.kills [--kills 6] [--seed 0] [--only STAGE] [--folder DIR]

Each stage runs once undisturbed; then, in a folder of its own each time, it and its workers are killed with
SIGKILL at a moment drawn from its duration, and started again to their end. Compared are the prepared sets,
predictions and tables byte by byte, records but for times, speed and memory, and weights by the hash of their
values. Faces are generated, the networks tiny.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
PEOPLE, PICTURES = 110, 4
TIMES = ("seconds", "images_per_second", "peak_memory_mb", "content_hash", "speed", "libraries")
"""What of a record or manifest no second run has again, and the hash over it."""

PASSED_OVER = (".lock", "log.csv", "events.out.tfevents", "checkpoints", "duration.txt")


def options_in(folder: Path):
    """Return options of a tiny smoke run in `folder`."""
    from reproductions.options import Options

    return Options(
        prepared_root=folder / "prepared",
        results_root=folder / "results",
        runs_root=folder / "runs",
        seeds=(1,),
    )


def shrink() -> None:
    """Make the smoke profile's recipes and its generated set tiny, in this process."""
    from data_prep.datasets import synthetic
    from reproductions import identities
    from reproductions.age_gender import experiments as age_gender
    from reproductions.jmcnn import experiments as jmcnn
    from reproductions.mtlface import experiments as mtlface
    from reproductions.neighborhood_loss import experiments as neighborhood

    synthetic.generate_default = lambda root: synthetic.generate(root, PEOPLE, PICTURES)
    identities.GENERATED_PAIRS = 30
    for module, changes in (
        (neighborhood, {"epochs": 2, "batch": 32}),
        (age_gender, {"epochs": 3, "batch": 16, "width": 0.25}),
        (mtlface, {"crop": 40, "size": 32, "epochs": 2, "batch": 32}),
    ):
        module.RECIPES["smoke"] = dataclasses.replace(module.RECIPES["smoke"], **changes)
    smoke = jmcnn.RECIPES["smoke"]
    parts = {"base": {"epochs": 2, "batch": 32}, "tuned": {"epochs": 1, "batch": 16}}
    parts = {name: dataclasses.replace(getattr(smoke, name), **changes) for name, changes in parts.items()}
    jmcnn.RECIPES["smoke"] = dataclasses.replace(smoke, size=40, **parts)


def generate(folder: Path) -> None:
    """Render the faces that all stages start from."""
    from data_prep.datasets import get, synthetic

    synthetic.generate_default(folder / "prepared" / "generated" / get("synthetic").folder)


def prepare_faces(folder: Path) -> None:
    """Prepare with two workers, ten images to a shard."""
    from data_prep.prepare import prepare

    root = folder / "prepared"
    crops = {"size": 48, "template": "utkface", "detector": "manual"}
    prepare("synthetic", root / "generated", root, **crops, workers=2, shard_images=10)


def neighborhood(folder: Path) -> None:
    """Train, test and record the fourth paper's network."""
    from reproductions.neighborhood_loss import experiments, runs

    runs.run(experiments.NEIGHBORHOOD_18, "table2", options_in(folder), 1)


def age_gender(folder: Path) -> None:
    """The joint network of the third."""
    from reproductions.age_gender import experiments, runs

    runs.run(experiments.JOINT, "results", options_in(folder), 1)


def jmcnn(folder: Path) -> None:
    """Both stages of the first."""
    from reproductions.jmcnn import experiments, runs

    for experiment in (experiments.BASE, experiments.JMCNN):
        runs.run(experiment, "table1", options_in(folder), 1)


def mtlface(folder: Path) -> None:
    """Recognition of the second."""
    from reproductions.mtlface import experiments, runs

    runs.run(experiments.MTLFACE, "aifr", options_in(folder), 1)


def label(folder: Path) -> None:
    """Ages of a set of identities, by the network of `neighborhood`."""
    from reproductions.labelling import label

    label(options_in(folder), "synthetic")


def render(folder: Path) -> None:
    """Every table of the records of `neighborhood`."""
    from reproductions.registry import papers
    from reproductions.rendering import render_all

    render_all(papers().values(), folder / "results")


STAGES: dict[str, tuple[Callable[[Path], None], str | None]] = {
    "preparation": (prepare_faces, None),
    "neighborhood": (neighborhood, None),
    "age-gender": (age_gender, None),
    "jmcnn": (jmcnn, None),
    "mtlface": (mtlface, None),
    "labelling": (label, "neighborhood"),
    "rendering": (render, "neighborhood"),
}
"""What is killed, and the stage whose end it starts from."""


def work(stage: Callable[[Path], None], folder: Path) -> None:
    """Run a stage in this process, which leads a group of its own; as each command does, sweep first."""
    os.setpgrp()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    shrink()
    from reproductions.leftovers import sweep_all
    from reproductions.registry import papers

    sweep_all(options_in(folder), papers())
    (folder / "started").touch()
    stage(folder)


def run(stage: Callable[[Path], None], folder: Path, until: float | None = None) -> tuple[int, float]:
    """Run a stage in a process group, killed after `until` seconds of work; return exit code and seconds."""
    (folder / "started").unlink(missing_ok=True)
    process = CONTEXT.Process(target=work, args=(stage, folder))
    process.start()
    while process.is_alive() and not (folder / "started").exists():
        time.sleep(0.005)
    started = time.monotonic()
    process.join(until)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    (folder / "started").unlink(missing_ok=True)
    return process.exitcode, time.monotonic() - started


def outcome(folder: Path) -> dict[str, str]:
    """Return what stands in a folder, by file: a hash of all that a second run has again."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part in name for part in PASSED_OVER):
            continue
        if path.name.endswith((".weights.h5", ".keras")):
            found[name] = json.loads(path.with_name(f"{path.name}.json").read_text())["weights"]
        elif path.name.endswith((".h5.json", ".keras.json")):
            continue
        elif path.suffix == ".json":
            told = json.loads(path.read_text())
            found[name] = json.dumps(_without_times(told), sort_keys=True)
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _without_times(told: object) -> object:
    if isinstance(told, dict):
        return {key: _without_times(value) for key, value in told.items() if key not in TIMES}
    return told


def left_behind(folder: Path) -> list[str]:
    """Return what is half written, or hidden and no lock."""
    names = [path.name for path in folder.rglob("*") if not path.name.endswith(".lock")]
    return [name for name in names if name.startswith(".") or name.endswith((".part", ".next.csv.gz"))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=6, help="a stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=STAGES)
    parser.add_argument("--folder", type=Path, help="to work in (default a temporary one)")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    CONTEXT.set_forkserver_preload(["benchmarks.kills", "tensorflow", "reproductions.neighborhood_loss.runs"])
    wrong = 0
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        root = Path(scratch)
        (root / "faces").mkdir()
        run(generate, root / "faces")
        ends: dict[str, Path] = {"": root / "faces"}
        print(
            f"{'stage':14} {'seconds':>8} {'killed':>7} {'ended':>6} {'equal':>6} left behind",
            flush=True,
        )
        for name, (stage, before) in STAGES.items():
            if given.only and name not in (given.only, STAGES[given.only][1]):
                continue
            ends[name] = shutil.copytree(ends[before or ""], root / name)
            code, seconds = run(stage, ends[name])
            if code:
                print(f"{name:14} ended with {code} undisturbed", flush=True)
                return 1
            expected = outcome(ends[name])
            killed = ended = equal = 0
            left: list[str] = []
            for number in range(given.kills if given.only in (None, name) else 0):
                folder = shutil.copytree(ends[before or ""], root / f"{name}-{number}")
                killed += run(stage, folder, draw.uniform(0, seconds))[0] == -signal.SIGKILL
                ended += run(stage, folder)[0] == 0
                now = outcome(folder)
                equal += now == expected
                if now != expected:
                    files = sorted(now.keys() | expected.keys())
                    apart = [file for file in files if now.get(file) != expected.get(file)]
                    print(f"  {name} {number}: other are {', '.join(apart[:4])}", flush=True)
                left += left_behind(folder)
                shutil.rmtree(folder)
            told = ", ".join(sorted(set(left))) or "nothing"
            print(f"{name:14} {seconds:8.1f} {killed:7} {ended:6} {equal:6} {told}", flush=True)
            wrong += (given.kills if given.only in (None, name) else 0) - min(ended, equal) + len(left)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
