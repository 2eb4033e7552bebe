"""What a stage took of few images and of many is told in one line, and judged by the difference."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import memory


@pytest.fixture
def taken(monkeypatch):
    """Let stages take so many MiB by the number of images, in place of running them."""

    def run(command, **options):
        count = int(command[command.index("--counts") + 1])
        return subprocess.CompletedProcess(command, 0, json.dumps([700.0 + count / 1000, 600.0, 2.4]) + "\n")

    monkeypatch.setattr(memory.subprocess, "run", run)


def options(**changes):
    return argparse.Namespace(**{"counts": [5000, 500_000], "within": 300.0} | changes)


@pytest.mark.parametrize(
    ("stage", "within", "above", "line"),
    [
        (
            "prepare",
            300.0,
            True,
            "5,000 images 705 and 600 MiB in 2 s, 500,000 images 1,200 and 600 MiB in 2 s",
        ),
        ("search", 500.0, False, "5,000 images 705 MiB in 2 s, 500,000 images 1,200 MiB in 2 s"),
        ("write", 300.0, False, "5,000 images 705 MiB in 2 s, 500,000 images 1,200 MiB in 2 s"),
    ],
)
def test_a_stage_is_told_and_judged(tmp_path, taken, capsys, stage, within, above, line):
    folders = [tmp_path / "few", tmp_path / "many"]
    assert memory.compared(stage, folders, options(within=within)) is above
    assert capsys.readouterr().out == f"{stage}: {line}: +495 MiB\n"


def test_a_stage_that_fails_ends_the_whole(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 3, "")
    monkeypatch.setattr(memory.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SystemExit, match="read of 5,000 images failed with status 3"):
        memory.compared("read", [tmp_path, tmp_path], options())


def test_the_set_is_the_files_that_are_written(tmp_path):
    terms = {"title": "Noisy", "folder": "set", "licence": "none", "how_to_obtain": "write it"}
    memory.write(tmp_path, 45)
    samples = list(memory.Noisy(name="noisy", whole=0, count=45, **terms).scan(tmp_path / "set"))
    assert all(Path(sample.path).is_file() for sample in samples)
    assert len({sample.path.read_bytes() for sample in samples}) == len(samples) == 45
    assert len({sample.identity for sample in samples}) == 3
