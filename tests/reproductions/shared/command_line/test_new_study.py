"""A new study is four short files that a command writes; they run and print their table."""

import dataclasses
import importlib
import sys

import pytest

import reproductions
from common.errors import UserError
from reproductions.shared.age_estimation import data
from reproductions.shared.age_estimation.recipes import RECIPES
from reproductions.shared.command_line.new_study import write_study
from reproductions.shared.harness.options import Options, parse_study
from reproductions.shared.harness.registry import discover


@pytest.fixture
def studies(tmp_path, monkeypatch):
    """A second folder of studies beside the suite's own."""
    monkeypatch.setattr(reproductions, "__path__", [*reproductions.__path__, str(tmp_path)])
    yield tmp_path
    for name in [one for one in sys.modules if one.startswith("reproductions.soft_labels")]:
        del sys.modules[name]


def test_the_files_are_short(studies):
    folder = write_study("soft_labels", studies)
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in folder.iterdir()]
    assert len(lines) == 4
    assert sum(lines) <= 130
    with pytest.raises(UserError, match="soft_labels is there already: give the study another name"):
        write_study("soft_labels", studies)


@pytest.mark.parametrize("name", ["a_study", "soft_labels"])
def test_they_need_no_linting(studies, name):
    """Long lines, and imports whose order depends on what the study is called."""
    for path in write_study(name, studies).iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert max(map(len, lines)) <= 110
        imported = [line.split()[1] for line in lines if line.startswith("from reproductions.")]
        assert imported == sorted(imported)


@pytest.mark.parametrize("name", ["Soft", "soft-labels", "2soft", "class", "a/b", ""])
def test_a_name_that_cannot_be_imported_is_refused(name):
    with pytest.raises(ValueError, match="takes small letters"):
        parse_study(name)


def test_it_runs_and_prints_its_table(studies, few_people, tmp_path, monkeypatch, capsys):
    write_study("soft_labels", studies)
    importlib.invalidate_caches()
    paper = discover(studies, "reproductions")["soft-labels"]
    short = dataclasses.replace(RECIPES["smoke"], epochs=1, growth=(), size=32)
    monkeypatch.setitem(RECIPES, "smoke", short)
    data.load.cache_clear()
    options = Options(
        prepared_root=few_people, results_root=tmp_path / "results", runs_root=tmp_path / "runs", seeds=(1,)
    )
    paper.targets["table1"].run(options)
    shown = capsys.readouterr().out
    assert "\nSoft ordinal labels " in shown and "\nCross entropy " in shown
    paper.targets["claims"].run(options)
    data.load.cache_clear()
