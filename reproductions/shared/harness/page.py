"""The page of all results: what the studies' own pages tell of them, and how runs are made again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from common.evidence.page import PAGE, Told, results_page
from common.evidence.records import Record
from common.files import atomic_write
from reproductions.shared.harness.registry import Paper, folders, papers

DEPARTURES = "Departures from the paper"
CONTRADICTIONS = "What the paper says against itself"


def write_page(studies: Iterable[Paper], results_root: Path) -> Path:
    """Write the page of the studies, and return its path."""
    path = results_root / PAGE
    text = page_of(studies, results_root)
    with atomic_write(path) as file:
        file.write(text)
    return path


def check_page(studies: Iterable[Paper], results_root: Path) -> list[str]:
    """Return what sets the page apart from what the records render to, in a sentence if anything does."""
    path, studies = results_root / PAGE, list(studies)
    if not any((results_root / paper.name / "runs").is_dir() for paper in studies):
        return []
    if not path.is_file():
        return [f"{path} is missing"]
    same = path.read_bytes() == page_of(studies, results_root).encode()
    return [] if same else [f"{path} is not what the records render to"]


def page_of(studies: Iterable[Paper], results_root: Path) -> str:
    """Return the page."""
    reports = [paper.report() for paper in studies]
    told = {name: told_by(folder, results_root) for name, folder in folders().items()}
    return results_page(reports, told, results_root, command)


def told_by(folder: Path, results_root: Path) -> Told:
    """Return what the page of a study's folder tells, linked as seen from the results."""
    page = folder / "README.md"
    if not page.is_file():
        return Told("")
    text = page.read_text(encoding="utf-8")
    where = Path(os.path.relpath(page, results_root)).as_posix()
    return Told(where, section_of(text, DEPARTURES), section_of(text, CONTRADICTIONS))


def section_of(markdown: str, title: str) -> str:
    """Return what stands below a heading of the second level, up to the next; "" where there is none.

    Example:
        >>> section_of("# A\\n\\n## One\\n\\n1. so\\n\\n## Two\\n", "One")
        '1. so'
    """
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", markdown, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def command(records: Sequence[Record]) -> str:
    """Return the command that makes the runs of one row again, with all rows of their table."""
    first = records[0]
    target = next((name for name in first.tables if name in _targets(first.paper)), "reproduce")
    words = [f"make {target}-{first.paper}", f"PROFILE={first.profile}"]
    if not any(item.data.stand_in for item in first.measurements):
        words.append("DATA_ROOT=../faces")
    seeds = ",".join(str(one.seed) for one in records)
    return " ".join([*words, f"SEEDS={seeds}", f"PRECISION={first.precision}", "RESUME=no"])


def _targets(paper: str) -> Iterable[str]:
    return papers()[paper].targets if paper in papers() else ()
