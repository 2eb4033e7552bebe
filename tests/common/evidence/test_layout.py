"""Tables cut into blocks: none too wide, none with an empty row, every number in one of them."""

import dataclasses

import pytest

from common.evidence.filling import fill
from common.evidence.formats import to_markdown
from common.evidence.layout import WIDTH, lay_out
from common.evidence.tables import Column, Row
from tests.support.fake_records import FGNET, UTKFACE_TEST, measurement, record, study
from tests.support.tables import SMALL, TABLE
from tests.support.widths import widest_rows

METRICS = ("MAE", "CS@3", "CS@5", "CS@7", "CS@9", "CS@11")


def wide():
    """Return a table of three long rows, two sets and six metrics, one seed each."""
    rows = tuple(Row(f"A method with a long name, number {n}", f"method-{n}") for n in range(3))
    columns = tuple(
        Column(key, title, metric=metric, short="", part=part)
        for key, title, part in (("fgnet", "FG-NET", "Family"), ("utkface", "UTKFace", "Web"))
        for metric in METRICS
    )
    values = [
        measurement(20.0 + n, key, data, metric)
        for n, metric in enumerate(METRICS)
        for key, data in (("fgnet", FGNET), ("utkface", UTKFACE_TEST))
    ]
    table = dataclasses.replace(SMALL, rows=rows, columns=columns)
    return table, [record(values, experiment=row.experiment) for row in rows]


@pytest.mark.parametrize("turned", [False, True])
def test_every_number_stands_in_one_block_and_none_is_too_wide(turned):
    table, runs = wide()
    grid = fill(dataclasses.replace(table, turned=turned), runs)
    blocks = lay_out(grid).blocks
    numbers = [cell for block in blocks for row in block.rows for cell in row[1:] if cell.observations]
    assert len(numbers) == 3 * 12
    assert max(widest_rows(to_markdown(grid))) <= WIDTH
    assert {block.title for block in blocks} - {""} == {"FG-NET", "UTKFace"}


def test_turned_rows_are_what_was_tested_and_columns_what_was_run():
    columns = (Column("fgnet", "FG-NET"), Column("utkface", "UTKFace", short=""))
    table = dataclasses.replace(SMALL, rows=(*SMALL.rows, Row("B", "b")), columns=columns, turned=True)
    values = [measurement(6.0), measurement(5.0, "utkface", UTKFACE_TEST)]
    runs = [record(values), record(values, 2), record(values, experiment="b")]
    (block,) = lay_out(fill(table, runs)).blocks
    assert [cell.text for cell in block.header] == ["Tested on", "A", "B"]
    assert [[cell.text for cell in row] for row in block.rows] == [
        ["FG-NET, never seen", "6.00", "6.00 [5.7, 6.3]"],
        ["UTKFace", "5.00", "5.00 [4.7, 5.3]"],
        ["Seeds", "2", "1"],
    ]


def test_seeds_are_a_column_only_where_they_differ():
    several = fill(SMALL, [record(seed=seed) for seed in (1, 2, 3)])
    assert [cell.text for cell in lay_out(several).blocks[0].header][-1] != "Seeds"
    assert "the mean of the 3 seeds" in to_markdown(several)
    assert "the value of one seed" in to_markdown(fill(SMALL, [record()]))
    mixed = fill(TABLE, study())
    assert all(block.header[-1].text == "Seeds" for block in lay_out(mixed).blocks[1:])


def test_footnotes_are_marked_in_the_order_in_which_they_are_read():
    shown = lay_out(fill(TABLE, study()))
    read = [
        note for block in shown.blocks for row in (block.header, *block.rows) for c in row for note in c.notes
    ]
    assert list(dict.fromkeys(read)) == [mark for mark, _ in shown.notes] == ["a", "b", "c"]


def test_a_label_and_one_column_are_beside_each_other_however_narrow_the_page():
    table, runs = wide()
    blocks = lay_out(fill(table, runs), width=20).blocks
    assert all(len(block.header) == 2 for block in blocks) and len(blocks) == 12
