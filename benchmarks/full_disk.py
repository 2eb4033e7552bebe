"""What each stage does on a full and on a read-only disk: a small tmpfs, which only root may mount.

    python -m benchmarks.full_disk [--reference FOLDER] [--only WORD]

Every stage writes to a disk of its own that has no room, room for a part of what it writes, or may not be
written to. It must end with status 2 and one sentence; what stood before must stand; and the same command,
once there is room, must end with what it makes undisturbed, and leave nothing half written. The reference,
made where it is missing, takes four minutes, the rest a quarter of an hour.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from benchmarks.trials import is_sentence

LARGE = 1 << 30
ROOMS = (0.0, 0.3, 0.8)
"""Parts of what a stage writes for which there is room."""
SECONDS = 300
_PAGE = 4096  # bytes; a tmpfs of size 0 has no limit
_SMOKE = ("--profile", "smoke", "--seeds", "1")
_PYTHON = """
import sys
from common.errors import UserError
try:
    {}
except UserError as error:
    sys.exit(print(f"error: {{error}}", file=sys.stderr) or 2)
"""


@dataclass(frozen=True)
class Stage:
    """A command and what it makes.

    Attributes:
        name: in the table.
        command: with {disk} for the disk, {reference} for the reference, and {spare} for an empty folder that
            has room; starts with "python" for a statement of Python, else it is the suite's.
        made: patterns of the files below {disk} or {spare} that must come out the same.
        before: what of the reference lies on the disk before, and where.
        spare: what of the reference lies in {spare} before, and where.
    """

    name: str
    command: tuple[str, ...]
    made: tuple[str, ...]
    before: dict[str, str] = field(default_factory=dict)
    spare: dict[str, str] = field(default_factory=dict)


def _roots(prepared: str, runs: str, results: str) -> tuple[str, ...]:
    return ("--prepared-root", prepared, "--runs-root", runs, "--results-root", results)


_TRAINED = ("**/final.weights.h5", "**/*.predictions.csv.gz", "**/table2.*")

STAGES = (
    Stage(
        "fetch",
        (
            "python",
            "from data_prep.obtaining.download import fetch;"
            "fetch('{server}/a.tar.gz', '{disk}/a.tar.gz', quiet=True)",
        ),
        ("a.tar.gz",),
    ),
    Stage(
        "unpack",
        (
            "python",
            "from data_prep.obtaining.archives import unpack;"
            "unpack('{reference}/a.tar.gz', '{disk}/set', quiet=True)",
        ),
        ("set/**/*",),
    ),
    Stage("generate", ("data", "synthetic", "--prepared-root", "{disk}"), ("generated/**/*",)),
    Stage(
        "prepare",
        ("prepare", "synthetic", "--prepared-root", "{disk}", "--size", "64", "--template", "utkface"),
        ("*/shard-*", "*/index.csv", "*/rejected.csv"),
        {"prepared/generated": "generated"},
    ),
    Stage(
        "train",
        ("neighborhood", "table2", *_SMOKE, *_roots("{spare}/prepared", "{disk}", "{spare}/results")),
        _TRAINED,
        spare={"prepared": "prepared"},
    ),
    Stage(
        "record and evaluate",
        ("neighborhood", "table2", *_SMOKE, *_roots("{spare}/prepared", "{spare}/runs", "{disk}")),
        _TRAINED,
        spare={"prepared": "prepared", "runs/neighborhood": "runs/neighborhood"},
    ),
    Stage(
        "label",
        ("label", "synthetic", *_SMOKE, *_roots("{disk}", "{reference}/runs", "{reference}/results")),
        ("labelled/**/labels.csv", "labelled/**/balanced.csv"),
        {f"prepared/{name}": name for name in ("generated", "synthetic-utkface-32-manual")},
    ),
    Stage(
        "tables",
        ("tables", "--results-root", "{disk}"),
        ("**/*.md", "**/*.csv", "**/*.tex", "**/*.png"),
        {"results/neighborhood/runs": "neighborhood/runs", "results/mtlface/runs": "mtlface/runs"},
    ),
    Stage(
        "embed",
        (
            "mtlface", "embed", "{reference}/photos", "--out", "{disk}/faces.npz", *_SMOKE,
            *_roots("{reference}/prepared", "{reference}/runs", "{reference}/results"),
        ),
        ("faces*",),
    ),
)  # fmt: skip


def main() -> int:
    """Print a line a stage and kind of disk."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, default=Path(tempfile.gettempdir()) / "full-disk-reference")
    parser.add_argument("--only", default="", help="stages whose name holds this")
    options = parser.parse_args()
    if os.geteuid():
        sys.exit("only root may mount a disk")
    reference = options.reference.absolute()
    _make_reference(reference)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="full-disk-") as scratch, _server(reference) as address:
        for stage in STAGES:
            if options.only in stage.name:
                bad += _tried(stage, reference, Path(scratch), address)
    return 1 if bad else 0


def _tried(stage: Stage, reference: Path, scratch: Path, address: str) -> int:
    """Try a stage on every kind of disk, print how it ended, and return how often that was wrong."""
    disk, spare = scratch / "disk", scratch / "spare"
    command = functools.partial(_run, stage, disk, spare, reference, address)
    with _mounted(disk), _filled(stage, disk, spare, reference):
        before = _used(disk)
        status, told = command()
        assert not status, f"{stage.name} undisturbed: {told}"
        needed, expected = _used(disk) - before, _made(stage, disk, spare)
    wrong = 0
    for room in (*ROOMS, None):
        name = "read-only" if room is None else f"room for {room:.0%} of {needed / 1024:,.0f} KiB"
        started = time.monotonic()
        with _mounted(disk), _filled(stage, disk, spare, reference):
            stood = _content(disk)
            _remount(
                disk,
                "ro" if room is None else f"size={_PAGE + _used(disk) + int(room * needed) // _PAGE * _PAGE}",
            )
            status, told = command()
            kept = _content(disk)
            _remount(disk, f"rw,size={LARGE}")
            problems = _problems(status, told, stood, kept)
            status, again = command()
            if status:
                problems.append(f"with room: {again}")
            elif _made(stage, disk, spare) != expected:
                problems.append(f"with room other files: {_differing(expected, _made(stage, disk, spare))}")
            problems += [f"left behind: {path.name}" for path in _leftovers(disk)]
        wrong += bool(problems)
        outcome = "; ".join(problems) or "one sentence, nothing lost, goes on"
        print(f"{stage.name} | {name} | {time.monotonic() - started:.0f} s | {outcome} | {told}", flush=True)
    return wrong


def _problems(status: int, told: str, stood: dict[str, str], kept: dict[str, str]) -> list[str]:
    problems = []
    if status != 2:
        problems.append(f"status {status}")
    if not is_sentence(told.partition("error: ")[2]):
        problems.append("no sentence")
    lost = [name for name, digest in stood.items() if kept.get(name) != digest and not name.endswith(".lock")]
    return problems + [f"lost {name}" for name in lost[:3]]


def _run(stage: Stage, disk: Path, spare: Path, reference: Path, server: str) -> tuple[int, str]:
    """Run the command of a stage and return its status and the last line of what it said."""
    places = {"disk": disk, "spare": spare, "reference": reference, "server": server}
    words = [word.format(**places) for word in stage.command]
    start = ["-c", _PYTHON.format(words[1])] if words[0] == "python" else ["-m", "reproductions", *words]
    try:
        done = subprocess.run(
            [sys.executable, *start], capture_output=True, text=True, timeout=SECONDS, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return -1, f"killed after {SECONDS} s"
    said = done.stderr.strip().splitlines() or [""]
    if "Traceback" in done.stderr:
        return done.returncode, f"traceback: {said[-1][:300]}"
    return done.returncode, said[-1]


def _made(stage: Stage, disk: Path, spare: Path) -> dict[str, str]:
    found = {}
    for root in (disk, spare):
        for pattern in stage.made:
            for path in root.glob(pattern):
                if path.is_file() and not path.name.startswith("."):
                    found[f"{root.name}/{path.relative_to(root)}"] = _digest(path)
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _content(disk: Path) -> dict[str, str]:
    return {str(path.relative_to(disk)): _digest(path) for path in disk.rglob("*") if path.is_file()}


def _differing(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    names = expected.keys() | found.keys()
    return sorted(name for name in names if expected.get(name) != found.get(name))[:5]


def _leftovers(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.name.endswith((".part", ".unpacking", ".part.json"))]


def _used(disk: Path) -> int:
    return shutil.disk_usage(disk).used


@contextlib.contextmanager
def _mounted(disk: Path) -> Iterator[None]:
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@contextlib.contextmanager
def _filled(stage: Stage, disk: Path, spare: Path, reference: Path) -> Iterator[None]:
    spare.mkdir()
    for root, places in ((disk, stage.before), (spare, stage.spare)):
        for source, place in places.items():
            shutil.copytree(reference / source, root / place)
    try:
        yield
    finally:
        shutil.rmtree(spare)


@contextlib.contextmanager
def _server(reference: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

        def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:
            with contextlib.suppress(ConnectionError):  # a client whose disk is full goes
                super().copyfile(source, outputfile)

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=os.fspath(reference))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _make_reference(folder: Path) -> None:
    """Render faces, train a few networks, and pack an archive, unless all of it is there."""
    done = folder / "done.json"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    roots = _roots(*(f"{folder}/{name}" for name in ("prepared", "runs", "results")))
    for words in (("data", "synthetic", *roots[:2]), *((*one, *_SMOKE, *roots) for one in _TRAININGS)):
        subprocess.run([sys.executable, "-m", "reproductions", *words], check=True, stdout=subprocess.DEVNULL)
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    for path in sorted((folder / "prepared" / "generated").rglob("*.jpg"))[:12]:
        shutil.copy(path, photos)
    with tarfile.open(folder / "a.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(photos, "photos")
        random_file = folder / "random"
        random_file.write_bytes(random.Random(1).randbytes(1 << 20))
        archive.add(random_file, "random")
    done.write_text(json.dumps(sorted(path.name for path in folder.iterdir())))


_TRAININGS = (("neighborhood", "table2"), ("mtlface", "aifr"))


if __name__ == "__main__":
    sys.exit(main())
