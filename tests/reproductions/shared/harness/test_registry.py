"""Papers are found by their folders, each holding one PAPER."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import Paper, discover, lazily, papers
from reproductions.shared.harness.targets import Flag, Target

PAPER = """
from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.targets import Target
TABLE = Target("table1", "help", lazily("{package}.{folder}.work:table1"))
PAPER = Paper.of({name!r}, "Title", [TABLE], dict)
"""
WORK = """
ASKED = []
def table1(options, **settings):
    ASKED.append((options, settings))
"""


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """An empty package on the path, whose modules are forgotten afterwards."""
    folder = tmp_path / "made_up_papers"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def add_paper(package: Path, folder: str, name: str) -> None:
    (package / folder).mkdir()
    (package / folder / "__init__.py").write_text(
        PAPER.format(name=name, package=package.name, folder=folder)
    )
    (package / folder / "work.py").write_text(WORK)


def test_papers_are_found_in_order_and_import_their_work_when_it_is_run(package):
    add_paper(package, "zebra_loss", "zebra")
    add_paper(package, "ant_loss", "ant")
    (package / "module.py").write_text("raise AssertionError('a module is no paper')")
    found = discover(package, package.name)
    assert list(found) == ["ant", "zebra"]
    work = f"{package.name}.ant_loss.work"
    assert work not in sys.modules
    found["ant"].targets["table1"].run(Options(seeds=(7,)), out="file")
    asked = sys.modules[work].ASKED
    assert asked == [(Options(seeds=(7,)), {"out": "file"})]


def test_a_folder_without_paper_is_no_study(package):
    (package / "shared").mkdir()
    (package / "shared" / "__init__.py").touch()
    assert discover(package, package.name) == {}


def test_a_paper_that_is_none_is_refused(package):
    (package / "empty").mkdir()
    (package / "empty" / "__init__.py").write_text("PAPER = 'neighborhood'", encoding="utf-8")
    with pytest.raises(ValueError, match=r"made_up_papers/empty/__init__.py holds a PAPER that is none"):
        discover(package, package.name)


def test_two_papers_of_one_name_are_refused(package):
    add_paper(package, "first", "same")
    add_paper(package, "second", "same")
    with pytest.raises(ValueError, match="two folders of made_up_papers hold a paper named 'same'"):
        discover(package, package.name)


def test_two_targets_of_one_name_are_refused():
    target = Target("table1", "help", lazily("nowhere:nothing"))
    with pytest.raises(ValueError, match="share a name"):
        Paper.of("smile", "Title", [target, target], dict)


def test_option_of_a_target_cannot_be_one_of_every_target():
    with pytest.raises(ValueError, match="--seeds is an option of runs: 'table1' cannot have one of its own"):
        Target("table1", "help", print, flags={"seeds": Flag(str, "S", "help")})


def test_every_paper_of_the_suite_can_be_run_and_rendered():
    for name, paper in papers().items():
        assert paper.name == name
        # The comparison of detectors reproduces no paper.
        assert "reproduce" in paper.targets or name == "detectors"
        assert paper.report().paper == name
        assert all(target.help for target in paper.targets.values())
