"""Every table and figure from the records, and the proof that the committed ones are just that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from common.errors import UserError
from common.evidence.render import check, render
from reproductions.registry import Paper


def render_all(papers: Iterable[Paper], results_root: Path) -> None:
    """Render every paper that has results, and print what was written; raises UserError where none has."""
    papers = _with_results(papers, results_root)
    if not papers:
        raise UserError(f"there are no records in {results_root}: run make reproduce first.")
    for paper in papers:
        for path in render(paper.report(), results_root):
            print(path)


def check_all(papers: Iterable[Paper], results_root: Path) -> None:
    """Raise UserError where results are not what their records render to; nothing is written."""
    papers = _with_results(papers, results_root)
    wrong = [sentence for paper in papers for sentence in check(paper.report(), results_root)]
    if wrong:
        raise UserError(f"{'; '.join(dict.fromkeys(wrong))}: run make tables and commit what it writes.")
    for paper in papers:
        records = len(list((results_root / paper.name / "runs").glob("*.json")))
        print(f"{results_root / paper.name}: all that is shown is what its {records} records render to")
    if not papers:
        print(f"{results_root} holds no results of any paper")


def _with_results(papers: Iterable[Paper], results_root: Path) -> list[Paper]:
    return [paper for paper in papers if (results_root / paper.name).is_dir()]
