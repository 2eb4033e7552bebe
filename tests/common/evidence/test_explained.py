"""What stands behind a cell: found by name or part of it, told with its runs."""

import pytest

from common.errors import UserError
from common.evidence.explained import explained, find, numbers
from common.evidence.filling import fill
from common.evidence.tables import Column, Row, Table
from tests.support.fake_records import study

TABLE = Table(
    "table2",
    "Table 2. Two losses",
    "A caption.",
    (
        Row("Cross entropy, 34 layers", "cross-entropy-34", {"MORPH": 4.57}),
        Row("Neighborhood loss, 34 layers", "neighborhood-34"),
        Row("DEX", None, {"MORPH": 2.68}, cited=True),
    ),
    (Column("fgnet", "FG-NET"), Column("utkface", "UTKFace")),
    ("MORPH",),
)
GRID = fill(TABLE, study())


@pytest.mark.parametrize(
    ("row", "column"),
    [("Neighborhood loss, 34 layers", "FG-NET, never seen · cpu"), ("neighborhood", "fg-net")],
)
def test_a_cell_is_found_by_its_names_or_parts_of_them(row, column):
    found = find(GRID, row, column)
    assert found.line.label.text == "Neighborhood loss, 34 layers"
    assert [one.record.seed for one in found.cell.observations] == [1, 2, 3]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("Neighbourhood los, 34 layers", "FG-NET", "did you mean 'Neighborhood loss, 34 layers'"),
        ("34 layers", "FG-NET", "several a row hold '34 layers': 'Cross entropy, 34 layers', 'Neigh"),
        ("neighborhood", "CACD", "unknown column of 'Neighborhood loss, 34 layers' with a number 'CACD'"),
        ("DEX", "FG-NET", "nothing was measured of 'DEX' in table2"),
        ("", "FG-NET", "unknown row ''"),
    ],
)
def test_a_slip_is_told_with_the_nearest(row, column, sentence):
    with pytest.raises(UserError, match=sentence):
        find(GRID, row, column)


def test_all_that_stands_behind_a_cell_is_told():
    text = explained(find(GRID, "Cross", "UTK"), lambda records: f"make SEEDS={len(records)}")
    for said in (
        "Tested on:     UTKFace, test split: 2,354 images (15,692 of 23,708 files; copy a1a1a1a1, split b2b2",
        "Trained on:    UTKFace, train split, 11,000 images",
        "Again:         make SEEDS=3",
        "  seed 2: 5.",
        "  epochs = 20",
        "code 0123456789ab on a processor, 2 cores",
    ):
        assert said in text
    run = find(GRID, "Cross", "UTK").cell.observations[2].record.run
    assert f"  neighborhood/runs/{run}.json\n" in text


def test_only_measured_cells_are_numbers():
    assert {one.line.label.text for one in numbers(GRID)} == {row.label for row in TABLE.rows[:2]}
