"""`python -m reproductions reproduce`: every study in turn, or for a first look two at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from common.errors import UserError
from common.processes import available_cores
from data_prep.synthetic.people import generated_in
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.page import write_page
from reproductions.shared.harness.registry import Paper, papers

LANES = 2
"""Studies at a time: networks of a first look keep one core busy, and two of them fit into 8 GiB."""

TARGET = "reproduce"


def reproduce(options: Options) -> None:
    """Make every table and figure of every study that has such a target, and say where they lie.

    Raises:
        UserError: studies that ran as processes of their own failed, each of which has said why.
    """
    several = {name: paper for name, paper in papers().items() if TARGET in paper.targets}
    if options.is_first_look and available_cores() > 1 and options.replicas == 1:
        _side_by_side(several, options)
    else:
        for number, paper in enumerate(several.values(), 1):
            print(f"\n{number} of {len(several)}: {paper.title}\n", flush=True)
            paper.targets[TARGET].run(options)
    root = options.results_root
    print(f"\nEvery table, figure and claim, a folder a paper: {root}")
    print(f"All of it on one page, for a browser: {write_page(papers().values(), root)}")
    if options.is_first_look:
        print(
            "They are of generated faces and small networks: what they show is that everything runs.\n\n"
            "Next:\n"
            f"  less {root}/neighborhood/table2.md             one of the pages\n"
            "  make data-utkface                                   how to get real faces\n"
            "  make table2-neighborhood PROFILE=cpu DATA_ROOT=...  the paper's table on them"
        )


def arguments(options: Options) -> list[str]:
    """Return options as they are typed."""
    given: list[tuple[str, object]] = [
        ("profile", options.profile),
        ("data-root", options.data_root),
        ("prepared-root", options.prepared_root),
        ("results-root", options.results_root),
        ("runs-root", options.runs_root),
        ("replicas", options.replicas),
        ("precision", options.precision),
        ("seeds", ",".join(map(str, options.seeds))),
        ("weights", options.weights),
    ]
    typed = [f"--{name}={value}" for name, value in given if value is not None]
    typed += [] if options.deterministic else ["--no-deterministic"]
    return typed if options.resume else [*typed, "--no-resume"]


def _side_by_side(several: Mapping[str, Paper], options: Options) -> None:
    """Run every study in a process of its own, two at a time, each on its share of the cores."""
    # The one with most to do begins first, and the faces that all share are there.
    waiting = deque(sorted(several, key=lambda name: -len(several[name].targets)))
    generated_in(options.prepared_root)
    count, begun, failed, speaking = len(waiting), 0, [], threading.Lock()

    def lane(share: Sequence[int]) -> None:
        nonlocal begun
        while True:
            with speaking:
                if not waiting:
                    return
                name = waiting.popleft()
                begun += 1
                print(f"\n{begun} of {count}: {several[name].title}", flush=True)
            if _study(name, options, share, speaking, children):
                failed.append(name)

    shares = _shares(LANES)
    with _ended_with_this_one() as children:
        lanes = [threading.Thread(target=lane, args=(share,), daemon=True) for share in shares]
        for one in lanes:
            one.start()
        for one in lanes:
            one.join()
    if failed:
        raise UserError(f"{', '.join(failed)} did not end, see above: the same command goes on from there.")


def _study(
    name: str,
    options: Options,
    share: Sequence[int],
    speaking: threading.Lock,
    children: list[subprocess.Popen[bytes]],
) -> int:
    """Run one study on some cores, pass on what it says, and return its exit status."""
    child = subprocess.Popen(
        [sys.executable, "-m", "reproductions", name, TARGET, *arguments(options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    children.append(child)
    if hasattr(os, "sched_setaffinity") and child.poll() is None:
        os.sched_setaffinity(child.pid, share)
    assert child.stdout and child.stderr
    readers = [
        threading.Thread(target=_pass_on, args=(source, to, speaking), daemon=True)
        for source, to in ((child.stdout, sys.stdout), (child.stderr, sys.stderr))
    ]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    return child.wait()


def _pass_on(source: IO[bytes], to: IO[str], speaking: threading.Lock) -> None:
    """Print what a study writes, whole lines at a time: of a table, all that was written together."""
    rest = b""
    while part := os.read(source.fileno(), 1 << 16):
        lines, newline, rest = (rest + part).rpartition(b"\n")
        if newline:
            with speaking:
                print(lines.decode(errors="replace"), file=to, flush=True)
    if rest:
        with speaking:
            print(rest.decode(errors="replace"), file=to, flush=True)


@contextmanager
def _ended_with_this_one() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Have the processes that are put into the list end when the block does, each with its files in order."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        yield children
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            child.wait()


def _shares(lanes: int) -> list[list[int]]:
    """Divide the cores that this process may use."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(lanes))
    each = len(cores) // lanes
    return [cores[each * lane : each * (lane + 1)] for lane in range(lanes - 1)] + [
        cores[each * (lanes - 1) :]
    ]
