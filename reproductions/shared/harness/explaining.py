"""What stands behind a cell of a table of any study."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from common.errors import UserError, unknown
from common.evidence.explained import explained, find
from common.evidence.records import load
from common.evidence.render import filled
from reproductions.shared.harness.page import command
from reproductions.shared.harness.registry import Paper


def explain(studies: Iterable[Paper], results_root: Path, table: str, row: str, column: str) -> str:
    """Return the records, seeds, configuration, data, split and command behind a cell.

    Args:
        studies: whose tables there are.
        results_root: where the records stand.
        table: "neighborhood/table2".
        row, column: in full, or a part that no other has.

    Raises:
        UserError: there are no results, or there is no such cell; the nearest names are told.
    """
    if not results_root.is_dir():
        raise UserError(
            f"there is no folder {results_root} of records here: ask in the suite's own folder, or name it "
            "with --results-root."
        )
    reports = [paper.report() for paper in studies]
    tables = {f"{report.paper}/{one.name}": (report, one) for report in reports for one in report.tables}
    if table not in tables:
        raise unknown("table", table, tables)
    report, specification = tables[table]
    grid = filled(specification, load(results_root, report.paper), results_root)
    return explained(find(grid, row, column), command)
