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
    by_name = {paper.name: paper for paper in studies}
    study, _, name = table.partition("/")
    # Told before a library is loaded, which the reports of all studies take a while for.
    if not name:
        raise UserError(f"{table!r} is no table: it is named with its study, as neighborhood/table2.")
    if study not in by_name:
        raise unknown("study", study, by_name)
    tables = {one.name: one for one in by_name[study].report().tables}
    if name not in tables:
        raise unknown(f"table of {study}", name, tables)
    grid = filled(tables[name], load(results_root, study), results_root)
    return explained(find(grid, row, column), command)
