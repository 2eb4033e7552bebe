"""What every paper's runs have in common."""

import pytest

from common.errors import UserError
from reproductions.shared.harness import running
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.running import Outcome, Plan, first_held, precision_of, run_once
from tests.support.fake_records import FGNET, UTKFACE_TEST, measurement


@pytest.fixture(autouse=True)
def _nothing_made(monkeypatch):
    monkeypatch.setattr(running, "_made", set())


def test_what_rows_share_is_made_once_even_where_nothing_is_resumed(tmp_path, capsys):
    made = []

    def make(name):
        made.append(name)
        return Outcome([measurement()])

    plan = Plan("paper", "table1", "net", 1, {}, (), (("fgnet", FGNET),), "nothing is trained", make, {})
    afresh = Options(results_root=tmp_path, precision="float32", resume=False)
    first = run_once(plan, afresh)
    assert run_once(plan, afresh) == first
    assert len(made) == 1
    assert "its record stands" in capsys.readouterr().out
    running._made.clear()
    run_once(plan, afresh)
    assert len(made) == 2


def test_smoke_says_that_it_leaves_the_data_alone(tmp_path, capsys):
    running.tell_once.cache_clear()
    for _ in range(2):
        assert first_held(Options(data_root=tmp_path), ("lfw",), "set", "lfw") == "synthetic"
    assert capsys.readouterr().err.count("PROFILE=cpu reads it") == 1
    assert first_held(Options(), ("lfw",), "set", "lfw") == "synthetic"
    assert capsys.readouterr().err == ""
    with pytest.raises(UserError, match="holds no set"):
        first_held(Options(profile="cpu", data_root=tmp_path), ("lfw",), "set", "lfw")


def test_a_machine_without_the_instructions_computes_in_float32_and_says_so_once(monkeypatch, capsys):
    running.tell_once.cache_clear()
    monkeypatch.setattr(running, "is_native", lambda precision: precision == "float32")
    assert [precision_of(Options(profile="cpu"), "bfloat16") for _ in range(2)] == ["float32"] * 2
    assert capsys.readouterr().err.count("no instructions for bfloat16, in which the cpu profile") == 1
    assert precision_of(Options(precision="bfloat16"), "float32") == "bfloat16"
    assert precision_of(Options(), "float32") == "float32"
    monkeypatch.setattr(running, "is_native", lambda precision: True)
    assert precision_of(Options(), "bfloat16") == "bfloat16"
    assert capsys.readouterr().err == ""


def test_what_nothing_is_asked_of_is_passed_over(tmp_path, capsys):
    plan = Plan("paper", "table1", "chance", 1, {}, (), (), "nothing is trained", pytest.fail, {})
    assert run_once(plan, Options(results_root=tmp_path, precision="float32")) is None
    assert "passed over, nothing on these data is asked of it" in capsys.readouterr().out


def test_a_run_on_other_data_loses_nothing_that_was_measured(tmp_path):
    def plan(column, data):
        make = lambda name: Outcome([measurement(column=column, data=data)])  # noqa: E731
        return Plan("paper", "table1", "pixels", 1, {}, (), ((column, data),), "", make, {})

    options = Options(results_root=tmp_path, precision="float32")
    run_once(plan("fgnet", FGNET), options)
    both = run_once(plan("utkface", UTKFACE_TEST), options)
    assert {item.column for item in both.measurements} == {"fgnet", "utkface"}
    afresh = run_once(plan("fgnet", FGNET), Options(results_root=tmp_path, precision="float32", resume=False))
    assert {item.column for item in afresh.measurements} >= {"fgnet"}
