"""What every study's runs have in common."""

import dataclasses

import pytest

from common.errors import UserError
from reproductions.shared.harness import fitting, held_sets
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.held_sets import first_held
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study, recorded
from tests.support.fake_records import FGNET, UTKFACE_TEST, Row, measurement


def run_of(options, name="net", tested_on=(("fgnet", FGNET),)):
    return Run("paper", "table1", Row(name), None, options, 1, "float32", (), tested_on)


def test_what_rows_share_is_made_once_even_where_nothing_is_resumed(tmp_path, capsys):
    made = []

    def make():
        made.append(1)
        return Outcome([measurement()])

    afresh = Options(results_root=tmp_path, resume=False)
    first = recorded(run_of(afresh), make, {})
    assert recorded(run_of(afresh), make, {}) == first
    assert len(made) == 1
    assert "its record stands" in capsys.readouterr().out
    later = dataclasses.replace(afresh, began=run_of(afresh, "net").record_path.stat().st_mtime + 1)
    recorded(run_of(later), make, {})
    assert len(made) == 2


def test_smoke_says_that_it_leaves_the_data_alone(tmp_path, capsys):
    held_sets.tell_once.cache_clear()
    for _ in range(2):
        assert first_held(Options(data_root=tmp_path), ("lfw",), "set", "lfw") == "synthetic"
    assert capsys.readouterr().err.count("PROFILE=cpu reads it") == 1
    assert first_held(Options(), ("lfw",), "set", "lfw") == "synthetic"
    assert capsys.readouterr().err == ""
    with pytest.raises(UserError, match="holds no set"):
        first_held(Options(profile="cpu", data_root=tmp_path), ("lfw",), "set", "lfw")


def test_a_machine_without_the_instructions_computes_in_float32_and_says_so_once(monkeypatch, capsys):
    held_sets.tell_once.cache_clear()
    monkeypatch.setattr(fitting, "is_native", lambda precision: precision == "float32")
    assert [precision_of(Options(profile="cpu"), "bfloat16") for _ in range(2)] == ["float32"] * 2
    assert capsys.readouterr().err.count("no instructions for bfloat16, in which the cpu profile") == 1
    assert precision_of(Options(precision="bfloat16"), "float32") == "bfloat16"
    assert precision_of(Options(), "float32") == "float32"
    monkeypatch.setattr(fitting, "is_native", lambda precision: True)
    assert precision_of(Options(), "bfloat16") == "bfloat16"
    assert capsys.readouterr().err == ""


def test_what_nothing_is_asked_of_is_passed_over(tmp_path, capsys):
    run = run_of(Options(results_root=tmp_path), "chance", ())
    assert recorded(run, pytest.fail, {}) is None
    assert "passed over, nothing on these data is asked of it" in capsys.readouterr().out


def test_a_run_on_other_data_loses_nothing_that_was_measured(tmp_path):
    def measured(column, data, options):
        run = run_of(options, "pixels", ((column, data),))
        return recorded(run, lambda: Outcome([measurement(column=column, data=data)]), {})

    options = Options(results_root=tmp_path)
    measured("fgnet", FGNET, options)
    both = measured("utkface", UTKFACE_TEST, options)
    assert {item.column for item in both.measurements} == {"fgnet", "utkface"}
    later = both.seconds + run_of(options, "pixels").record_path.stat().st_mtime + 1
    afresh = measured("fgnet", FGNET, dataclasses.replace(options, resume=False, began=later))
    assert {item.column for item in afresh.measurements} >= {"fgnet"}


class Seeds(Study):
    """Notes which rows are run with which seeds."""

    paper = "paper"

    def __init__(self):
        self.ran = []

    def partition(self, run):
        return None

    def trained_on(self, run, partition):
        return ()

    def tested_on(self, run, partition):
        return ()

    def measure(self, run, partition):
        raise AssertionError("nothing is asked of it")

    def lacks(self, experiment, options):
        return "another set" if experiment.name == "rich" else None

    def run(self, experiment, table, options, seed):
        self.ran.append((experiment.name, seed))


def test_rows_without_chance_run_once_and_what_lacks_its_set_not_at_all(capsys):
    study = Seeds()
    rows = [Row("net"), Row("lbp", trained=False), Row("rich")]
    study.run_all(rows, "table1", Options(seeds=(3, 4)))
    assert study.ran == [("net", 3), ("lbp", 3), ("net", 4)]
    assert "rich: passed over, since it needs another set" in capsys.readouterr().out
