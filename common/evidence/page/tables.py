"""Tables of a study as HTML: only what holds a number, to be sorted, each number with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from common.evidence.explained import Number
from common.evidence.formats import reading
from common.evidence.page.html import esc, link, region, tag
from common.evidence.page.sources import Sources
from common.evidence.tables import Cell, Grid, Heading, Measured

MOST_COLUMNS = 6
"""Tables of more are turned round."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


_Shown = tuple[float | None, str]
"""What a cell is sorted by, and its HTML."""


def table(paper: str, grid: Grid, sources: Sources) -> str:
    """Return a table with its caption, its notes and what was not run; "" where too little was measured."""
    if not grid.is_a_page:
        return ""
    marks = _used(grid)
    heads = [_head(heading) for heading in grid.headings]
    labels = [esc(line.label.text) + _marks(line.label, marks) for line in grid.lines]
    body = []
    for line in grid.lines:
        row: list[_Shown] = []
        for cell, heading in zip(line.cells, grid.headings, strict=True):
            if cell.observations:
                row.append((cell.mean, sources.cell(paper, Number(grid, line, heading, cell))))
            else:
                found = _NUMBER.search(cell.text)
                text = esc(cell.text) + _marks(cell, marks) if cell.is_number else ""
                row.append((float(found[0]) if found else None, text))
        body.append(row)
    corner = grid.table.row_title
    if len(heads) > MOST_COLUMNS and len(heads) > len(labels):
        heads, labels, corner = labels, heads, "Column"
        body = [list(row) for row in zip(*body, strict=True)]
    title = link(f"{paper}/{grid.table.name}.md", grid.table.title)
    return tag(
        "section",
        tag("h4", title),
        tag("p", esc(grid.table.caption), " ", esc(reading(grid))),
        region(_sortable(corner, heads, labels, body), grid.table.title),
        _notes(grid, marks),
    )


def _head(heading: Heading) -> str:
    if not isinstance(heading, Measured):
        return esc(heading.title)
    return esc(f"{heading.data} · {heading.asked}" if heading.asked else heading.data)


def _sortable(
    corner: str, heads: Sequence[str], labels: Sequence[str], body: Sequence[Sequence[_Shown]]
) -> str:
    head = tag("tr", *(tag("th", one, scope="col") for one in (esc(corner), *heads)))
    rows = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            *(tag("td", text, class_="n", data_v=None if v is None else f"{v:.6g}") for v, text in row),
        )
        for label, row in zip(labels, body, strict=True)
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="sortable")


def _used(grid: Grid) -> dict[str, str]:
    """Return the marks of the notes that are shown: the grid's -> a, b, ... in the grid's order."""
    cells = [cell for line in grid.lines for cell in (line.label, *line.cells) if cell.is_number]
    used = {mark for cell in cells for mark in cell.notes}
    kept = [mark for mark, _ in grid.notes if mark in used]
    return dict(zip(kept, (mark for mark, _ in grid.notes), strict=False))


def _notes(grid: Grid, marks: Mapping[str, str]) -> str:
    told = [tag("li", tag("sup", marks[mark]), " ", esc(text)) for mark, text in grid.notes if mark in marks]
    missing = tag("p", esc(" ".join(grid.not_run)), class_="absent") if grid.not_run else ""
    return (tag("ul", *told, class_="notes") if told else "") + missing


def _marks(cell: Cell, marks: Mapping[str, str]) -> str:
    return tag("sup", esc(",".join(marks[mark] for mark in cell.notes))) if cell.notes else ""
