"""The committed pages of results as they are read."""

from pathlib import Path

import pytest

from common.evidence.layout import WIDTH
from tests.support.widths import widest_rows

RESULTS = Path(__file__).resolve().parents[2] / "results"
PAGES = sorted(RESULTS.glob("**/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(RESULTS).as_posix())
def test_no_table_is_wider_than_a_laptop_shows(page):
    assert max(widest_rows(page.read_text(encoding="utf-8")), default=0) <= WIDTH


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(RESULTS).as_posix())
def test_no_table_has_a_column_of_dashes(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    tables = "\n".join(line if line.startswith("|") else "" for line in lines).split("\n\n")
    for table in filter(None, map(str.strip, tables)):
        header, _, *rows = [
            [cell.strip() for cell in line.strip("|").split(" | ")] for line in table.split("\n")
        ]
        for name, *cells in zip(header, *rows, strict=True):
            assert any(not cell.startswith("–") for cell in cells), name
