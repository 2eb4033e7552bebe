"""Tables filled from records: each rule of what may stand in a cell, and what is left out."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import records
from common.evidence.contributions import StoredPredictions
from common.evidence.filling import fill
from common.evidence.formats import to_csv, to_markdown, to_text
from common.evidence.settings import name_settings, observe
from common.evidence.tables import Column, Row
from common.metrics.crossed import crossed
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
from tests.support.tables import SMALL, TABLE, texts, titles


def test_without_predictions_one_seed_has_its_records_interval_and_several_have_none():
    values = [6.0, 6.5, 7.3]
    runs = [record([measurement(value)], seed) for seed, value in enumerate(values, 1)]
    grid = fill(SMALL, runs)
    assert texts(grid) == [["A", "6.60"]]
    ((_, note),) = grid.notes
    assert note.startswith("The mean of the seeds alone")
    assert texts(fill(SMALL, runs[:1])) == [["A", "6.00 [5.7, 6.3]"]]


def test_the_interval_of_a_cell_is_the_crossed_one_of_seeds_and_people(tmp_path):
    noise = np.random.default_rng(1).normal(6, 2, (3, 40)).round(3)
    frame = {"column": "fgnet", "name": [f"{n}.jpg" for n in range(40)], "age": 30.0}
    people = np.arange(40) // 4
    runs = []
    for seed, errors in enumerate(noise, 1):
        made = record([measurement(float(np.abs(errors).mean()), half=1.0)], seed)
        said = pd.DataFrame({**frame, "subject": [f"p{one}" for one in people], "expectation": 30 + errors})
        runs.append(records.read(records.write(made, tmp_path, said)))
    for several in (runs, runs[:1]):
        cell = fill(SMALL, several, stored=StoredPredictions(tmp_path)).lines[0].cells[0]
        expected = crossed(np.abs(noise[: len(several)]), people)
        assert (cell.low, cell.high) == pytest.approx(expected.interval(), abs=1e-6)
        low, high = expected.interval()
        assert cell.text == f"{expected.value:.2f} [{low:.1f}, {high:.1f}]"


def test_an_interval_ends_where_the_metric_ends(tmp_path):
    rows = {"column": "fgnet", "name": [f"{n}.jpg" for n in range(10)], "subject": list("abcdefghij")}
    made = record([measurement(90.0, metric="rank-1", decision="cosine", half=5.0)])
    path = records.write(made, tmp_path, pd.DataFrame({**rows, "rank-1": [0.0] + [100.0] * 9}))
    table = dataclasses.replace(SMALL, metric="rank-1", decision="cosine")
    grid = fill(table, [records.read(path)], stored=StoredPredictions(tmp_path))
    assert grid.lines[0].cells[0].high == 100.0


def test_what_some_runs_did_not_measure_says_what_it_takes():
    columns = (Column("fgnet", "FG-NET"), Column("fgnet", "FG-NET", metric="CS@5", takes="two cameras"))
    table = dataclasses.replace(SMALL, rows=(*SMALL.rows, Row("B", "b")), columns=columns)
    without = record([measurement(6.0)])
    assert fill(table, [without]).not_run == (
        'Not run here: "B".',
        "Not measured: CS@5, which takes two cameras.",
    )
    both = record([measurement(5.0), measurement(60.0, metric="CS@5")], experiment="b")
    alone = fill(dataclasses.replace(table, columns=columns[1:]), [without, both])
    assert alone.not_run == ('Not measured here: "A".',)
    grid = fill(table, [without, both])
    assert not grid.not_run
    assert texts(grid)[0][-1] == "–"
    assert dict(grid.notes)[grid.lines[0].cells[-1].notes[0]] == (
        "Not measured on this data: it takes two cameras."
    )


def test_what_was_not_run_is_a_dash_with_a_footnote_or_stands_below():
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
    assert all(cell.notes for cell in cells.values() if cell.text == "–")
    assert grid.not_run == (
        'Not run here: "L1 regression".',
        "Not run on MORPH Album 2 (make data-morph says how to get a copy).",
    )
    assert " ".join(grid.not_run) in to_markdown(grid)
    assert not any("CACD" in text for text in (*titles(grid), *grid.not_run)), "nothing is to be got"


def test_a_row_may_say_itself_why_it_has_no_number():
    rows = (*SMALL.rows, Row("B", "other", absent="finds boxes only"), Row("C", "c", absent="no weights"))
    table = dataclasses.replace(SMALL, rows=rows, columns=(*SMALL.columns, Column("utkface", "UTKFace")))
    other = record([measurement(column="utkface", data=UTKFACE_TEST)], experiment="other")
    grid = fill(table, [record(), other])
    cell = next(line for line in grid.lines if line.label.text == "B").cells[0]
    assert (cell.text, dict(grid.notes)[cell.notes[0]]) == ("–", "Finds boxes only.")
    assert grid.not_run == ('Not run here: "C" (no weights).',)


def test_nothing_run_at_all_is_the_papers_numbers_and_what_it_needs():
    grid = fill(TABLE, [])
    assert titles(grid) == ["MORPH (in the paper)", "FG-NET (in the paper)"]
    assert not grid.is_measured and "## Runs" not in to_markdown(grid)
    assert to_text(fill(SMALL, [])).splitlines()[2:] == ["Nothing was run yet."]
    assert "(make data-morph says how to get a copy)" in to_text(grid)


def test_a_decision_that_a_row_has_not_is_said():
    table = dataclasses.replace(
        SMALL,
        rows=(Row("A", "neighborhood-18", decision="regression"),),
        columns=(Column("fgnet", "FG-NET"), Column("fgnet", "FG-NET", decision="median")),
    )
    other = record([measurement(decision="median")], experiment="other")
    table = dataclasses.replace(table, rows=(*table.rows, Row("B", "other")))
    grid = fill(table, [record([measurement(decision="regression")]), other])
    assert dict(grid.notes)[grid.lines[0].cells[1].notes[0]] == "Decided by regression only."


def test_a_set_that_is_absent_is_named_once_however_many_metrics():
    asked = tuple(
        Column(name.lower(), name, f"data-{name.lower()}", metric=metric)
        for name in ("MORPH", "CACD")
        for metric in ("MAE", "CS@5")
    )
    grid = fill(dataclasses.replace(SMALL, columns=(*SMALL.columns, *asked)), [record([measurement(6.0)])])
    assert titles(grid) == ["FG-NET, never seen · cpu"]
    assert grid.not_run == (
        "Not run on MORPH, CACD (make data-morph, make data-cacd say how to get a copy).",
    )


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
    assert sorted(row[1] for row in texts(grid)) == ["5.00 [4.7, 5.3]", "6.50"]
    assert all(re.fullmatch(r"A \[[0-9a-f]{6}\]", line.label.text) for line in grid.lines)
    said = [text.partition(": ")[2] for _, text in grid.notes if text.startswith("Configuration")]
    assert sorted(said) == ["epochs = 20.", "epochs = 30."]
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


def test_a_table_of_another_metric():
    table = dataclasses.replace(SMALL, metric="CS@3")
    grid = fill(table, [record([measurement(41.26, metric="CS@3", half=2.0)])])
    assert texts(grid) == [["A", "41.3 [39.3, 43.3]"]]
    assert "CS@3 in % of images, higher is better" in to_markdown(grid)


def test_more_than_26_footnotes_have_marks_of_their_own():
    rows = tuple(Row(f"R{i}", "neighborhood-18", decision=f"d{i}") for i in range(28))
    decided = [measurement(decision=f"d{i}") for i in range(28)]
    grid = fill(dataclasses.replace(SMALL, rows=rows), [record(decided)])
    marks = [mark for mark, _ in grid.notes]
    assert (marks[0], marks[25], marks[26], len(set(marks))) == ("a", "z", "aa", 28)


def test_a_paper_value_needs_its_column():
    with pytest.raises(ValueError, match="table2: no paper column CACD"):
        dataclasses.replace(TABLE, rows=(Row("A", None, {"CACD": 1.0}),))


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
    assert [row[1] for row in texts(grid)] == ["6.50 [6.2, 6.8]", "9.50 [9.2, 9.8]"]
    page = to_markdown(grid)
    assert f"(runs/{ours.run}.json)" in page
    assert f"(../jmcnn/runs/{theirs.run}.json)" in page
    assert "From the records of jmcnn, on the same data by the same protocol." in page
    assert f",../jmcnn/runs/{theirs.run}.json" in to_csv(grid)


def test_a_row_whose_lender_has_no_records_was_not_run():
    table = dataclasses.replace(
        SMALL, rows=(Row("Ours", "neighborhood-18"), Row("Theirs", "neighborhood-18", lender="jmcnn"))
    )
    grid = fill(table, [record()])
    assert texts(grid) == [["Ours", "6.50 [6.2, 6.8]"]] and grid.not_run == ('Not run here: "Theirs".',)


def test_a_row_says_which_of_its_runs_are_of_uncommitted_code():
    made = [record(seed=1, code_version="0123456789ab+changes"), record(seed=2)]
    page = to_markdown(fill(SMALL, made))
    assert "Among its runs are such of code that was not committed as it ran: seeds 1." in page
    assert "not committed" not in to_markdown(fill(SMALL, made[1:]))


def test_a_table_of_variants_is_no_page_before_one_of_them_is_run():
    rows = (*SMALL.rows, Row("A variant", "other"))
    table = dataclasses.replace(SMALL, rows=rows, least=2)
    alone = fill(table, [record()])
    assert alone.is_measured and not alone.is_a_page
    assert fill(table, [record(), record(experiment="other")]).is_a_page
