"""Every table and figure from the records, and the proof that the committed ones are just that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from common.errors import UserError
from common.evidence.audit import audit, audit_numbers, seal, seal_numbers
from common.evidence.completing import complete
from common.evidence.counts import FOLDER as NUMBERS
from common.evidence.render import STRAY, check, render
from reproductions.shared.harness.page import check_page, write_page
from reproductions.shared.harness.registry import Paper
from reproductions.shared.pseudo_labels import published as published_labels
from reproductions.shared.pseudo_labels.published import FOLDER as LABELS

RECORDS = "runs"


def render_all(papers: Iterable[Paper], results_root: Path) -> None:
    """Render every study that has results, and print what was written.

    Raises:
        UserError: there are no results.
    """
    papers = _with_results(papers, results_root)
    written = [path for paper in papers for path in render(paper.report(), results_root)]
    written += [write_page(papers, results_root)] if written else []
    if not written:
        raise UserError(f"there are no records in {results_root}: run make reproduce first.")
    for path in dict.fromkeys(written):
        print(path)


def check_all(papers: Iterable[Paper], results_root: Path) -> None:
    """Prove that what is shown is what the records render to, and these what was measured.

    Raises:
        UserError: something else is shown, or was edited.
    """
    papers = _with_results(papers, results_root)
    wrong = [sentence for folder in _with_records(papers, results_root) for sentence in audit(folder)]
    wrong += [
        sentence for folder in _with_numbers(papers, results_root) for sentence in audit_numbers(folder)
    ]
    if wrong:
        raise UserError(
            f"{'; '.join(wrong)}: restore what was edited, or delete the record with its predictions and "
            "run again."
        )
    wrong = [sentence for paper in papers for sentence in check(paper.report(), results_root)]
    wrong += published_labels.check(results_root)
    wrong += check_page(papers, results_root)
    if wrong:
        strays = [sentence for sentence in wrong if sentence.endswith(STRAY)]
        remedies = ["delete what comes from no record"] * bool(strays)
        remedies += ["run make tables and commit what it writes"] * (len(wrong) > len(strays))
        raise UserError(f"{'; '.join(dict.fromkeys(wrong))}: {' and '.join(remedies)}.")
    for paper in papers:
        folder = results_root / paper.name
        records = len(list((folder / RECORDS).glob("*.json")))
        print(f"{folder}: all that is shown is what its {records} records render to")


def seal_all(papers: Iterable[Paper], results_root: Path) -> None:
    """Bring records and figures' numbers of earlier versions up to today, and print which.

    They get hashes, where they have none, and measurements that came later and that their predictions say.

    Raises:
        UserError: a record's measurements are not what its predictions say.
    """
    papers = _with_results(papers, results_root)
    for folder in _with_records(papers, results_root):
        for path in (*seal(folder), *complete(folder)):
            print(path)
    for folder in _with_numbers(papers, results_root):
        for path in seal_numbers(folder):
            print(path)


def _with_records(papers: Iterable[Paper], results_root: Path) -> list[Path]:
    """Return the folders whose runs are records."""
    return [results_root / name for name in (*(paper.name for paper in papers), LABELS)]


def _with_numbers(papers: Iterable[Paper], results_root: Path) -> list[Path]:
    """Return the folders of numbers that are no records of papers."""
    return [*(results_root / paper.name / NUMBERS for paper in papers), results_root / LABELS]


def _with_results(papers: Iterable[Paper], results_root: Path) -> list[Paper]:
    return [paper for paper in papers if (results_root / paper.name).is_dir()]
