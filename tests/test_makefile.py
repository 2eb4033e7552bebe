"""The Makefile offers what the suite can do, and helps with misspelt names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from data_prep.datasets import DATASETS
from reproductions.commands import COMMANDS
from reproductions.profiles import PROFILES
from reproductions.registry import papers
from scripts.nearest_target import documented

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    for name in (
        "PROFILE",
        "DATA_ROOT",
        "SEEDS",
        "REPLICAS",
        "PRECISION",
        "SIZE",
        "PYTHON",
        "VENV",
        "VIDEO",
        "OUT",
    ):
        clean.pop(name, None)
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, env=clean | environment, timeout=60
    )


@pytest.fixture
def environment(tmp_path) -> str:
    """A folder that make takes for a finished environment, so that a dry run does not want to set one up."""
    ready = tmp_path / ".ready"
    ready.touch()
    os.utime(ready, (2**32, 2**32))
    return str(tmp_path)


def command_of(*arguments: str) -> str:
    done = make("--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_help_lists_every_target_with_one_line():
    text = make("help").stdout
    assert documented()[0] == "help"
    for name in documented():
        assert re.search(rf"^  {name} +\S", text, re.MULTILINE), name


@pytest.mark.parametrize("profile", PROFILES)
def test_help_names_every_profile(profile):
    assert profile in make("help").stdout


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_data_set_can_be_fetched_and_prepared(dataset):
    assert {f"data-{dataset}", f"prepare-{dataset}"} <= set(documented())


def test_every_target_of_every_paper_has_its_line():
    typed = {f"{target}-{paper.name}" for paper in papers().values() for target in paper.targets}
    assert typed <= set(documented())


def test_every_line_of_a_paper_is_one_of_its_targets():
    for paper in papers().values():
        listed = {
            name.removesuffix(f"-{paper.name}") for name in documented() if name.endswith(f"-{paper.name}")
        }
        assert listed == set(paper.targets)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["table2-neighborhood"], 'reproductions neighborhood table2 --profile "smoke"'),
        (
            [
                "table3-neighborhood",
                "PROFILE=cpu",
                "DATA_ROOT=my faces",
                "SEEDS=1,2",
                "REPLICAS=2",
                "PRECISION=bfloat16",
            ],
            'neighborhood table3 --profile "cpu" --data-root "my faces" --replicas "2" '
            '--precision "bfloat16" --seeds "1,2"',
        ),
        (["reproduce"], "reproductions neighborhood reproduce"),
        (["reproduce"], "reproductions jmcnn reproduce"),
        (["reproduce"], "reproductions age-gender reproduce"),
        (["fig7-age-gender", "PROFILE=cpu"], 'reproductions age-gender fig7 --profile "cpu"'),
        (["gradient-check"], "reproductions jmcnn gradient-check"),
        (["data-imdb-wiki"], "reproductions data imdb-wiki"),
        (
            ["prepare-fgnet", "DATA_ROOT=faces", "SIZE=128", "TEMPLATE=utkface"],
            'reproductions prepare fgnet --data-root "faces" --size "128" --template "utkface"',
        ),
        (["label-lfw", "PROFILE=cpu", "SEEDS=2"], 'reproductions label lfw --profile "cpu" --seeds "2"'),
        (["check-tables"], "reproductions check-tables"),
    ],
)
def test_targets_call_the_command_line(arguments, command, environment):
    assert command in command_of(*arguments, f"VENV={environment}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_reached_by_a_target(name, environment):
    targets = [
        target for target in documented() if target.startswith(("data-", "prepare-", "label-", "table"))
    ]
    commands = [command_of(target, f"VENV={environment}") for target in [*targets, "check-tables", "seal"]]
    assert any(f"reproductions {name}" in command for command in commands)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tabel2-neighborhod", "table2-neighborhood"), ("helpp", "help"), ("chek-tables", "check-tables")],
)
def test_unknown_target_names_the_nearest(typed, meant):
    done = make(typed)
    assert done.returncode == 2
    assert f"error: unknown target '{typed}': did you mean '{meant}'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_that_does_not_suit_is_refused_in_a_sentence(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("setup", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}")
    assert done.returncode == 2
    assert f"error: no Python from 3.11 to 3.13 is found as {old}: install one" in done.stderr
    assert not (tmp_path / "venv").exists()
