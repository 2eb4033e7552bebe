"""What is rendered: the paper's numbers, and where nothing was run a line that says what is needed."""

from common.evidence.filling import fill
from common.evidence.render import check, render
from common.evidence.tables import InPaper
from reproductions.neighborhood_loss import experiments, table1, tables


def test_the_papers_numbers_stand_in_table_2():
    rows = {row.label: dict(row.paper) for row in tables.TABLE2.rows if row.paper}
    assert rows == {
        "Cross entropy, 34 layers": {"MORPH": 4.57, "FG-NET": 3.94, "CACD": 6.52},
        "Neighborhood loss, 34 layers": {"MORPH": 2.53, "FG-NET": 2.78, "CACD": 5.23},
    }


def test_the_literature_rows_of_table_3_are_marked_as_cited():
    assert [row.label for row in tables.TABLE3.rows if row.cited] == [
        "DEX",
        "DIF",
        "CA-SVR",
        "SVR",
        "OHRank",
        "DLA",
    ]
    assert all(row.experiment is None for row in tables.TABLE3.rows if row.cited)


def test_every_row_and_claim_is_filled_by_an_experiment_that_exists():
    rows = [row.experiment for table in tables.report().tables for row in table.rows if row.experiment]
    several = (*experiments.TABLE2["gpu"], *experiments.TABLE3, *experiments.ABLATIONS)
    claimed = {name for claim in tables.CLAIMS for name in (claim.better, claim.worse)}
    assert {*rows, *claimed} <= {one.name for one in several}


def test_every_experiment_of_a_target_has_a_row():
    for runs, table in (
        (experiments.TABLE2["gpu"], tables.TABLE2),
        (experiments.TABLE3, tables.TABLE3),
        (experiments.ABLATIONS, tables.ABLATIONS),
    ):
        assert {one.name for one in runs} <= {row.experiment for row in table.rows}


def test_without_records_everything_renders_as_not_run(tmp_path):
    render(tables.report(), tmp_path)
    assert check(tables.report(), tmp_path) == []
    assert not (tmp_path / "neighborhood" / "table2.md").exists()
    index = (tmp_path / "README.md").read_text()
    assert f"- {tables.TABLE2.title}: Not run on MORPH, CACD (make data-morph, make" in index
    grid = fill(tables.TABLE2, [])
    assert all(isinstance(heading, InPaper) for heading in grid.headings) and len(grid.lines) == 2
    assert (tmp_path / "neighborhood" / "fig1.png").is_file()


def test_table_1_has_the_printed_sizes(tmp_path):
    assert table1.page(tmp_path) is None
    table1.store(tmp_path)
    rows = [[cell.strip() for cell in line.split("|")] for line in table1.page(tmp_path).splitlines()]
    sizes = {row[1]: row[2:4] for row in rows if len(row) > 3}
    for stage, side in table1.PRINTED.items():
        assert sizes[stage] == [f"{side}×{side}"] * 2
