"""What is foretold of tables before they are run."""

import dataclasses

import pytest

from common.evidence import records
from common.evidence.render import Report
from common.evidence.tables import Column, Row, Table
from reproductions.shared.harness.forecast import dataset_of, forecasts, recorded_rate
from reproductions.shared.harness.registry import Paper
from reproductions.shared.harness.targets import Target
from tests.support.fake_records import UTKFACE, record

TABLE = Table(
    "table1", "Table 1", "", (Row("A", "a"), Row("B", "b")), (Column("utkface", "U"), Column("morph", "M"))
)


@pytest.fixture
def paper():
    return Paper.of("p", "P", [Target("table1", "a table", print)], lambda: Report("p", "P", (TABLE,)))


@pytest.fixture
def results(tmp_path):
    trained_on = (dataclasses.replace(UTKFACE, dataset="imdb-wiki"),)
    for seed in (1, 2):
        changes = {"trained_on": trained_on, "seconds": 100.0, "images_per_second": 50.0 * seed}
        made = record(seed=seed, experiment="a", paper="p", profile="cpu", **changes)
        records.write(made, tmp_path)
    return tmp_path


def test_table_is_foretold_from_columns_and_committed_trainings(paper, results):
    (found,) = forecasts([paper], {"utkface"}, results, "cpu", speed=0.5)
    assert found.target == "table1-p"
    assert found.shows == ("UTKFace",) and found.lacks == ("morph",) and found.untrained == ("imdb-wiki",)
    assert (found.runs, found.seconds) == (2, 400.0)


def test_nothing_is_foretold_of_a_profile_without_records(paper, results):
    (found,) = forecasts([paper], {"utkface"}, results, "gpu", speed=None)
    assert (found.runs, found.seconds) == (0, None)


def test_study_without_tables_is_passed_over(results):
    assert not list(
        forecasts([Paper.of("q", "Q", [], lambda: Report("q", "Q", ()))], set(), results, "cpu", 1.0)
    )


def test_rate_of_committed_runs_is_their_mean(results):
    assert recorded_rate(results, "p", "a", "cpu", "float32") == 75.0
    assert recorded_rate(results, "p", "a", "cpu", "bfloat16") is None


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("cacd-vs", "cacd-vs"),
        ("cacd", "cacd"),
        ("fgnet-folds", "fgnet"),
        ("chance", None),
        ("lfw-pairs", "lfw"),
    ],
)
def test_column_names_its_set(column, name):
    assert dataset_of(column) == name
