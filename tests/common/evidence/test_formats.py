"""The formats of a table as they were read and approved once."""

import csv
import dataclasses
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from common.evidence.filling import fill
from common.evidence.formats import latex, measured_on, to_csv, to_latex, to_markdown, to_text
from common.evidence.layout import lay_out
from common.evidence.tables import Column, Row
from tests.support.fake_records import (
    measurement,
    record,
    study,
)
from tests.support.tables import SMALL, TABLE

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "form"),
    [("table2.md", to_markdown), ("table2.csv", to_csv), ("table2.tex", to_latex), ("table2.txt", to_text)],
)
def test_formats_are_what_was_approved(name, form):
    assert form(fill(TABLE, study())) == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_order_of_the_records_changes_nothing():
    runs = study()
    assert to_markdown(fill(TABLE, runs[::-1])) == to_markdown(fill(TABLE, runs))


def test_no_row_and_no_column_is_without_a_number():
    grid = fill(TABLE, study())
    assert all(any(cell.is_number for cell in line.cells) for line in grid.lines)
    assert all(
        any(cells) for cells in zip(*([c.is_number for c in one.cells] for one in grid.lines), strict=True)
    )
    for block in lay_out(grid).blocks:
        assert all(any(cell.is_number for cell in row[1:]) for row in block.rows)


def test_a_terminal_gets_what_was_measured_a_hundred_characters_wide():
    shown = to_text(fill(TABLE, study()))
    assert max(map(len, shown.splitlines())) <= 100
    assert "DEX" not in shown
    assert "In the paper" in shown, "the paper's numbers stand beside those of real faces"
    narrow = to_text(fill(TABLE, study()), width=60)
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.count("Neighborhood loss") > shown.count("Neighborhood loss"), "columns follow below"


def test_columns_are_named_beside_runs_only_where_these_differ():
    runs = [record([measurement(6.0), measurement(6.1, metric="CS@5")])]
    table = dataclasses.replace(SMALL, columns=(*SMALL.columns, Column("fgnet", "FG-NET", metric="CS@5")))
    assert "- **A**: seed [1](" in to_markdown(fill(table, runs))
    assert "- **Cross entropy loss** on FG-NET" in to_markdown(fill(TABLE, study()))


def test_literature_values_and_other_decisions_are_marked():
    grid = fill(TABLE, study())
    notes = dict(grid.notes)
    assert notes[grid.lines[2].cells[0].notes[0]].startswith("Literature value")
    own = record([measurement(decision="regression")], experiment="l1-34")
    regression = fill(dataclasses.replace(SMALL, rows=TABLE.rows[3:]), [own])
    assert dict(regression.notes)[regression.lines[0].label.notes[0]] == "Decided by regression."
    assert "cited by the paper" in to_csv(grid)


def test_a_bar_in_a_name_does_not_divide_its_cell():
    table = dataclasses.replace(SMALL, rows=(Row("|cos|", "neighborhood-18"),))
    grid = fill(table, [record()])
    assert r"| \|cos\| |" in to_markdown(grid)
    assert "$|$cos$|$ &" in to_latex(grid)


def test_every_measured_cell_is_traced_to_its_runs():
    made = study()
    grid = fill(TABLE, made)
    runs = {one.run for one in made}
    page = to_markdown(grid)
    assert set(re.findall(r"\(runs/(.+?)\.json\)", page)) == runs
    for row in csv.DictReader(io.StringIO(to_csv(grid))):
        listed = [path.removeprefix("runs/").removesuffix(".json") for path in row["runs"].split()]
        assert bool(listed) == (row["source"] == "measured")
        assert set(listed) <= runs and len(listed) == len(row["seeds"].split())


def test_every_measured_column_is_described():
    grid = fill(TABLE, study())
    page = to_markdown(grid)
    assert len(measured_on(grid)) == 4, "the median stands on the same data as the expectation"
    for name in measured_on(grid).values():
        assert page.count(f"- **{name}**: ") == 1
    assert "1,002 images of 82 subjects (1,002 of 1,002 files; copy c1c1c1c1, split d1d1d1d1)" in page


def test_latex_escapes_what_latex_reads():
    assert latex(r"50% of a_b & {c} \d ~ ^ `x_y` ±") == (
        r"50\% of a\_b \& \{c\} \textbackslash{}d \textasciitilde{} \textasciicircum{} \texttt{x\_y} $\pm$"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(tmp_path):
    body = to_latex(fill(TABLE, study()))
    source = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "a.tex").write_text(source, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=batchmode", "a.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0
