"""How a paper's targets end: the table printed, its folder rendered, the paths told.

Of several workers the chief alone does it.
"""

from __future__ import annotations

from pathlib import Path

from common.evidence import records
from common.evidence.claims import judge_all
from common.evidence.claims_page import claims_text
from common.evidence.contributions import StoredPredictions
from common.evidence.formats import GENERATED, to_text
from common.evidence.render import Report, filled, render
from common.evidence.tables import Table
from common.workers import is_chief
from reproductions.shared.harness.options import Options


def show_table(report: Report, table: Table, options: Options) -> None:
    """Print a table of a paper from its records, render its folder and print the table's files."""
    if not is_chief():
        return
    print()
    root = options.results_root
    print(to_text(filled(table, records.load(root, report.paper), root)))
    show_files(report, f"{table.name}.", options)


def show_files(report: Report, beginning: str, options: Options) -> None:
    """Render a paper's folder and print the paths of the files whose names begin so."""
    if not is_chief():
        return
    for path in render(report, options.results_root):
        if path.name.startswith(beginning):
            print(path)


def show_page(report: Report, name: str, options: Options) -> None:
    """Render a paper's folder, print the page of that name, and where its files lie."""
    if not is_chief():
        return
    files = render(report, options.results_root)
    page = Path(options.results_root) / report.paper / f"{name}.md"
    if page in files:
        text = page.read_text(encoding="utf-8").removeprefix(f"<!-- {GENERATED} -->")
        print(f"\n{text.strip()}\n")
    print(*(path for path in files if path.name.startswith(f"{name}.")), sep="\n")


def show_claims(report: Report, options: Options) -> None:
    """Render a paper's folder, print the verdicts on its claims, and where their page lies."""
    if not is_chief():
        return
    root = options.results_root
    verdicts = judge_all(report.claims, records.load(root, report.paper), StoredPredictions(root))
    print()
    print(claims_text(verdicts) or _nothing_run(report, options))
    show_files(report, "claims.md", options)


def _nothing_run(report: Report, options: Options) -> str:
    committed = "; what the committed records say: PROFILE=cpu" if options.is_first_look else ""
    return (
        f"No claim can be looked at: nothing was run under PROFILE={options.profile} yet "
        f"(make reproduce-{report.paper} does it{committed}).\n"
    )
