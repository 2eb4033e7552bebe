"""How wide the tables of a Markdown page are when it is read."""

from __future__ import annotations

import re

_RULE = re.compile(r"\|[ :|-]+\|")
_GAP = 3


def widest_rows(page: str) -> list[int]:
    """Return the width in characters of each table of a page, as it is rendered: every cell in one line but
    where it is broken, marks of markup not counted, three characters between two columns."""
    tables: list[list[list[int]]] = [[]]
    for line in page.splitlines():
        if not line.startswith("|"):
            tables.append([])
        elif not _RULE.fullmatch(line):
            tables[-1].append([_width(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    found = [[max(column) for column in zip(*rows, strict=True)] for rows in tables if rows]
    return [sum(columns) + _GAP * (len(columns) - 1) for columns in found]


def _width(cell: str) -> int:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"</?su[bp]>|\*\*|`|\\(?=\|)", "", cell))
    return max(len(line) for line in plain.strip().split("<br>"))
