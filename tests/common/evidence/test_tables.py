"""Tables: each rule of what may stand in a cell, and the formats as they were read and approved once."""

import csv
import dataclasses
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from common.errors import UserError
from common.evidence.formats import latex, measured_on, to_csv, to_latex, to_markdown, to_text
from common.evidence.settings import name_settings, observe
from common.evidence.tables import Column, Row, Table, fill
from tests.support.fake_records import (
    FGNET,
    GENERATED,
    GENERATED_TRAIN,
    UTKFACE,
    UTKFACE_TEST,
    measurement,
    record,
    study,
)

GOLDEN = Path(__file__).parent / "golden"
TABLE = Table(
    name="table2",
    title="Table 2. Cross entropy against neighborhood loss",
    caption="The 34 layer network trained from scratch with either loss and the same recipe (Section 5.4.1).",
    rows=(
        Row("Cross entropy loss", "cross-entropy-34", {"MORPH": 4.57, "FG-NET": "3.94"}),
        Row("Neighborhood loss, σ = 5", "neighborhood-34", {"MORPH": 2.53, "FG-NET": 2.78}),
        Row("DEX", None, {"MORPH": 2.68, "FG-NET": 3.09}, cited=True),
        Row("L1 regression", "l1-34", decision="regression"),
    ),
    columns=(
        Column("fgnet", "FG-NET"),
        Column("fgnet", "FG-NET", decision="median"),
        Column("fgnet-folds", "FG-NET folds"),
        Column("utkface", "UTKFace"),
        Column("morph", "MORPH Album 2", absent="MORPH has to be bought; `make data-morph` says how."),
        Column("cacd", "CACD"),
        Column("synthetic", "Generated faces"),
    ),
    paper_columns=("MORPH", "FG-NET"),
    row_title="Loss",
)
SMALL = dataclasses.replace(
    TABLE, rows=(Row("A", "neighborhood-18"),), columns=TABLE.columns[:1], paper_columns=()
)


def texts(grid):
    return [[line.label.text, *(cell.text for cell in line.cells)] for line in grid.lines]


def titles(grid):
    return [heading.title for heading in grid.headings]


@pytest.mark.parametrize(
    ("name", "form"),
    [("table2.md", to_markdown), ("table2.csv", to_csv), ("table2.tex", to_latex), ("table2.txt", to_text)],
)
def test_formats_are_what_was_approved(name, form):
    assert form(fill(TABLE, study())) == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_order_of_the_records_changes_nothing():
    records = study()
    assert to_markdown(fill(TABLE, records[::-1])) == to_markdown(fill(TABLE, records))


def test_several_seeds_give_mean_and_deviation_one_seed_its_interval():
    values = [6.0, 6.5, 7.3]
    runs = [record([measurement(value)], seed) for seed, value in enumerate(values, 1)]
    assert texts(fill(SMALL, runs)) == [["A", "6.60 ± 0.66 (3)"]]
    assert texts(fill(SMALL, runs[:1])) == [["A", "6.00 [5.70, 6.30]"]]


def test_what_was_not_run_is_a_dash_with_a_footnote():
    grid = fill(TABLE, study())
    cells = {
        (line.label.text, title): cell
        for line in grid.lines
        for title, cell in zip(titles(grid), line.cells, strict=True)
    }
    notes = dict(grid.notes)

    def note(row, title):
        cell = cells[row, title]
        assert cell.text == "–"
        return notes[cell.notes[0]]

    assert note("Cross entropy loss", "FG-NET, subject-exclusive folds · cpu").startswith(
        "Not run on this data"
    )
    assert note("DEX", "UTKFace, test split · cpu").startswith("Quoted only")
    assert note("DEX", "MORPH Album 2 · not run").startswith("MORPH has to be bought")
    assert note("L1 regression", "FG-NET, never seen · cpu · median") == "Decided by regression only."
    assert note("L1 regression", "MORPH (in the paper)") == "The paper gives no number here."
    assert all(cell.notes for cell in cells.values() if cell.text == "–")
    assert not any("CACD" in title for title in titles(grid)), "without a reason an empty column is left out"


def test_nothing_run_at_all_is_a_table_of_dashes():
    grid = fill(TABLE, [])
    assert titles(grid) == ["MORPH (in the paper)", "FG-NET (in the paper)", "MORPH Album 2 · not run"]
    assert "## Runs" not in to_markdown(grid)
    assert to_text(fill(SMALL, [])).splitlines()[2:] == ["Nothing was run yet."]


def test_a_terminal_gets_what_was_measured_a_hundred_characters_wide():
    shown = to_text(fill(TABLE, study()))
    assert max(map(len, shown.splitlines())) <= 100
    assert "not run" not in shown and "DEX" not in shown
    assert "MORPH (in" in shown, "the paper's numbers stand beside those of real faces"
    narrow = to_text(fill(TABLE, study()), width=60)
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.count("Neighborhood loss") > shown.count("Neighborhood loss"), "columns follow below"


def test_a_set_that_is_absent_has_one_column_however_many_metrics():
    asked = tuple(Column("morph", "MORPH Album 2", "Not at hand.", metric=name) for name in ("MAE", "CS@5"))
    table = dataclasses.replace(SMALL, columns=(*SMALL.columns, *asked))
    assert titles(fill(table, [record([measurement(6.0)])])) == [
        "FG-NET, never seen · cpu",
        "MORPH Album 2 · not run",
    ]


def test_columns_are_named_beside_runs_only_where_these_differ():
    runs = [record([measurement(6.0), measurement(6.1, metric="CS@5")])]
    table = dataclasses.replace(SMALL, columns=(*SMALL.columns, Column("fgnet", "FG-NET", metric="CS@5")))
    assert "- **A**: seed [1](" in to_markdown(fill(table, runs))
    assert "- **Cross entropy loss** on FG-NET" in to_markdown(fill(TABLE, study()))


def test_literature_values_and_other_decisions_are_marked():
    grid = fill(TABLE, study())
    notes = dict(grid.notes)
    dex, regression = grid.lines[2], grid.lines[3]
    assert notes[dex.cells[0].notes[0]].startswith("Literature value")
    assert notes[regression.label.notes[0]] == "Decided by regression."
    assert "cited by the paper" in to_csv(grid)


def test_a_column_is_named_by_its_records_and_stand_in_data_say_so():
    columns = (Column("fgnet", "FG-NET"),)
    disguised = record(
        [measurement(15.0, "fgnet", GENERATED)], profile="smoke", trained_on=(GENERATED_TRAIN,)
    )
    trained = record([measurement(15.0)], profile="smoke", trained_on=(GENERATED_TRAIN,))
    table = dataclasses.replace(SMALL, columns=columns)
    assert titles(fill(table, [disguised, trained])) == [
        "FG-NET, never seen · smoke, trained on generated faces",
        "Generated faces (stand-in), test split · smoke",
    ]
    assert ",yes,smoke," in to_csv(fill(table, [trained]))


def test_a_decision_is_named_only_where_columns_differ_in_it():
    values = record([measurement(decision="median"), measurement()])
    median = Column("fgnet", "FG-NET", decision="median")
    alone = dataclasses.replace(SMALL, columns=(median,), decision="median")
    assert titles(fill(alone, [values])) == ["FG-NET, never seen · cpu"]
    both = dataclasses.replace(SMALL, columns=(Column("fgnet", "FG-NET"), median))
    assert titles(fill(both, [values])) == ["FG-NET, never seen · cpu", "FG-NET, never seen · cpu · median"]


def test_a_bar_in_a_name_does_not_divide_its_cell():
    table = dataclasses.replace(SMALL, rows=(Row("|cos|", "neighborhood-18"),))
    grid = fill(table, [record()])
    assert r"| \|cos\| |" in to_markdown(grid)
    assert "$|$cos$|$ &" in to_latex(grid)


def test_settings_are_never_mixed():
    """Another profile, training set, copy of the data or split gets a column of its own."""
    moved = dataclasses.replace(FGNET, fingerprint="99" * 32)
    resplit = dataclasses.replace(FGNET, split_hash="77" * 32)
    runs = [
        record(),
        record(profile="paper"),
        record(trained_on=(FGNET,)),
        record([measurement(data=moved)]),
        record([measurement(data=resplit)]),
        record(trained_on=(dataclasses.replace(UTKFACE, fingerprint="88" * 32),)),
    ]
    names = sorted(titles(fill(SMALL, runs)))
    assert names.pop() == "FG-NET, never seen · paper"
    assert [name.removeprefix("FG-NET, never seen · cpu, trained on ") for name in names] == [
        "FG-NET",
        "UTKFace, copy 999999",
        "UTKFace, copy c1c1c1, split 777777",
        "UTKFace, copy c1c1c1, split d1d1d1, training copy 888888/b1b1b1",
        "UTKFace, copy c1c1c1, split d1d1d1, training copy a1a1a1/b1b1b1",
    ]
    assert titles(fill(SMALL, runs))[0].endswith("paper"), "the largest profile comes first"


def test_configurations_are_never_averaged():
    longer = {**record().configuration, "epochs": 30}
    runs = [record(seed=1), record(seed=2), record([measurement(5.0)], 1, configuration=longer)]
    grid = fill(SMALL, runs)
    assert sorted(row[1] for row in texts(grid)) == ["5.00 [4.70, 5.30]", "6.50 ± 0.00 (2)"]
    assert all(re.fullmatch(r"A \[[0-9a-f]{6}\]", line.label.text) for line in grid.lines)
    assert sorted(text.partition(": ")[2] for _, text in grid.notes) == ["epochs = 20.", "epochs = 30."]
    rest = dict.fromkeys("abcd", 0)
    wide, narrow = ({**record().configuration, "encoder": {"width": w} | rest} for w in (1, 2))
    built = [record(), record(configuration=wide), record(configuration=narrow)]
    assert sorted(text.partition(": ")[2] for _, text in fill(SMALL, built).notes) == [
        "with encoder, encoder.width = 1.",
        "with encoder, encoder.width = 2.",
        "without encoder.",
    ]
    relabelled = dataclasses.replace(UTKFACE, fingerprint="88" * 32)
    mixed = dataclasses.replace(SMALL, same_training=False)
    notes = [text for _, text in fill(mixed, [record(), record(trained_on=(relabelled,))]).notes]
    assert sorted(text.partition(": ")[2] for text in notes) == [
        "training copy 888888/b1b1b1.",
        "training copy a1a1a1/b1b1b1.",
    ]
    half = fill(SMALL, [record(), record(precision="bfloat16")])
    assert len(half.lines) == 2 and any("bfloat16" in line.label.text for line in half.lines)


def test_a_line_of_another_configuration_shows_only_its_own_cells():
    table = dataclasses.replace(SMALL, columns=(Column("fgnet", "FG-NET"), Column("utkface", "UTKFace")))
    both = record([measurement(), measurement(5.0, "utkface", UTKFACE_TEST)])
    one = record(configuration={"epochs": 30})
    grid = fill(table, [both, one])
    empty = [cell for line in grid.lines for cell in line.cells if cell.text == "–"]
    assert [dict(grid.notes)[cell.notes[0]] for cell in empty] == ["Not run with this configuration."]


def test_two_counts_of_the_same_split_are_refused():
    fewer = dataclasses.replace(FGNET, images=1001)
    with pytest.raises(UserError, match=r"seed1-\w+ \(1002 images\).*name the same split of FG-NET"):
        fill(SMALL, [record(), record([measurement(data=fewer)], 2)])


def test_every_measured_cell_is_traced_to_its_runs():
    records = study()
    grid = fill(TABLE, records)
    runs = {one.run for one in records}
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


def test_a_table_of_another_metric():
    table = dataclasses.replace(SMALL, metric="CS@3")
    grid = fill(table, [record([measurement(41.26, metric="CS@3", half=2.0)])])
    assert texts(grid) == [["A", "41.3 [39.3, 43.3]"]]
    assert "CS@3 in % of images, higher is better" in to_markdown(grid)


def test_more_than_26_footnotes_have_marks_of_their_own():
    columns = tuple(Column(f"c{i}", f"C{i}", absent=f"Reason {i}.") for i in range(28))
    grid = fill(dataclasses.replace(SMALL, columns=columns), [])
    marks = [mark for mark, _ in grid.notes]
    assert (marks[0], marks[25], marks[26], len(set(marks))) == ("a", "z", "aa", 28)


def test_a_paper_value_needs_its_column():
    with pytest.raises(ValueError, match="table2: no paper column CACD"):
        dataclasses.replace(TABLE, rows=(Row("A", None, {"CACD": 1.0}),))


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


def test_names_of_one_setting_are_short():
    found = observe([record()], "neighborhood-18", "fgnet", "MAE", "expectation")
    assert list(name_settings(found).values()) == ["FG-NET, never seen · cpu"]


def test_a_row_of_another_paper_is_filled_from_its_records_alone():
    table = dataclasses.replace(
        SMALL, rows=(Row("Ours", "neighborhood-18"), Row("Theirs", "neighborhood-18", lender="jmcnn"))
    )
    ours = record([measurement(6.5)])
    theirs = record([measurement(9.5)], seed=4, paper="jmcnn")
    grid = fill(table, [ours], {"jmcnn": [theirs]})
    assert [row[1] for row in texts(grid)] == ["6.50 [6.20, 6.80]", "9.50 [9.20, 9.80]"]
    page = to_markdown(grid)
    assert f"(runs/{ours.run}.json)" in page
    assert f"(../jmcnn/runs/{theirs.run}.json)" in page
    assert "From the records of jmcnn, on the same data by the same protocol." in page
    assert f",../jmcnn/runs/{theirs.run}.json" in to_csv(grid)


def test_a_row_whose_lender_has_no_records_is_a_dash():
    table = dataclasses.replace(
        SMALL, rows=(Row("Ours", "neighborhood-18"), Row("Theirs", "neighborhood-18", lender="jmcnn"))
    )
    assert [row[1] for row in texts(fill(table, [record()]))] == ["6.50 [6.20, 6.80]", "–"]
