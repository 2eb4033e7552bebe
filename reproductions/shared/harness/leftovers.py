"""What killed commands left half-written in the folders that the suite writes to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from common.unfinished import sweep
from reproductions.shared.harness.options import Options

_MARKS = ("runs", "parts")
"""A folder in which one of these lies holds results or a prepared set."""


def sweep_all(options: Options, papers: Collection[str]) -> None:
    """Remove it from the folders of results, runs and prepared sets; what others write now stays.

    A folder of the user's that lies among them is not looked into.

    Args:
        options: name the folders, which need not exist.
        papers: names of all papers, each of which has a folder of results and of runs.
    """
    for root in (options.results_root, options.runs_root, options.prepared_root):
        sweep(root)
        for folder in _own(root, papers):
            for below, _, _ in os.walk(folder):
                sweep(below)


def _own(root: Path, papers: Collection[str]) -> Iterator[Path]:
    try:
        inside = sorted(entry for entry in Path(root).iterdir() if entry.is_dir())
    except OSError:
        return
    for folder in inside:
        if folder.name in papers or any((folder / mark).is_dir() for mark in _MARKS):
            yield folder
