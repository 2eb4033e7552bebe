"""The pages that studies render as Markdown, as HTML: headings, paragraphs, lists, tables, code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from common.evidence.page.html import esc, listed, numbered, prose, region, tag

_CELL = re.compile(r"(?<!\\)\|")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_RULE = re.compile(r"[-: ]+")


def page_html(markdown: str, base: str) -> str:
    """Return a page without its title and its comments; pictures are left out.

    Args:
        markdown: the page.
        base: the folder that its links are relative to, as seen from the page of all results.

    Example:
        >>> page_html("# T\\n\\nSee [x](x.json).\\n\\n| a | b |\\n| - | -: |\\n| c | 1 |\\n", "study")[:36]
        '<p>See <a href="study/x.json">x</a>.'
    """
    parts = []
    for block in re.split(r"\n\s*\n", re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL).strip()):
        lines = block.strip("\n").splitlines()
        if not lines or lines[0].startswith(("# ", "![")):
            continue
        if lines[0].startswith("#"):
            parts.append(tag("h5", prose(lines[0].lstrip("# "), base)))
        elif lines[0].startswith("|"):
            parts.append(_table(lines, base))
        elif lines[0].startswith("- "):
            items = re.split(r"\n- ", block.strip("\n").removeprefix("- "))
            parts.append(listed(prose(item, base) for item in items))
        elif lines[0].startswith("```"):
            parts.append(tag("pre", esc("\n".join(lines[1:-1])), tabindex="0"))
        elif re.match(r"\d+\. ", lines[0]):
            parts.append(numbered(block))
        else:
            parts.append(tag("p", prose(block, base)))
    return "".join(parts)


def _value(shown: str) -> str | None:
    """Return the number that a cell begins with, as it is sorted by; None where there is none."""
    found = _NUMBER.match(shown)
    return found[0].replace(",", "").lstrip("+") if found else None


def _table(lines: Sequence[str], base: str) -> str:
    rows = [[cell.strip() for cell in _CELL.split(line.strip())[1:-1]] for line in lines]
    right = [cell.endswith(":") for cell in rows[1]]
    body = [row for row in rows[1:] if not all(map(_RULE.fullmatch, row))]
    head = tag("tr", *(tag("th", prose(cell.replace(r"\|", "|"), base), scope="col") for cell in rows[0]))
    shown = []
    for row in body:
        first, *others = (prose(cell.replace(r"\|", "|").replace("<br>", " "), base) for cell in row)
        cells = [
            tag("td", one, class_="n" if turned else None, data_v=_value(one) if turned else None)
            for one, turned in zip(others, right[1:], strict=False)
        ]
        shown.append(tag("tr", tag("th", first, scope="row"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *shown), class_="sortable")
    return region(table, " ".join(rows[0][:1]) or "Table")
