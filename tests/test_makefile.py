"""The Makefile offers what the suite can do, and helps with misspelt names."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from data_prep.datasets import DATASETS
from reproductions.shared.command_line.commands import COMMANDS
from reproductions.shared.harness.profiles import PROFILES
from reproductions.shared.harness.registry import papers
from scripts.nearest_target import documented
from tests.support.makefile import ROOT, VARIABLES, make

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def environment(tmp_path) -> str:
    """A folder that is taken for a finished environment, whose Python says what it was given."""
    return build_environment(tmp_path)


def build_environment(folder: Path) -> str:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\nprintf '\\n\\0'\n")
    python.chmod(0o755)
    ready = folder / ".ready"
    ready.touch()
    os.utime(ready, (2**32, 2**32))
    return str(folder)


def commands_of(*arguments: str, **environment: str) -> list[list[str]]:
    """Return the words of every command that a target gives to the environment's Python."""
    done = make(*arguments, **environment)
    assert done.returncode == 0, done.stderr
    commands: list[list[str]] = [[]]
    for word in done.stdout.split("\0")[:-1]:
        if word == "\n":
            commands.append([])
        else:
            commands[-1].append(word)
    return [command[2:] for command in commands[:-1]]


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


def test_help_says_the_same_in_the_makefile_and_on_the_command_line():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    said = dict(re.findall(r"^([a-z0-9-]+):[^#\n]*## (.*)$", text, re.MULTILINE))
    for paper in papers().values():
        for target in paper.targets.values():
            # Of those with words or flags of their own make says how its variables are given.
            if target.word is None and not target.flags:
                assert said[f"{target.name}-{paper.name}"] == target.help


def test_every_line_of_a_paper_is_one_of_its_targets():
    for paper in papers().values():
        listed = {
            name.removesuffix(f"-{paper.name}") for name in documented() if name.endswith(f"-{paper.name}")
        }
        assert listed == set(paper.targets)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["table2-neighborhood"], "neighborhood table2 --profile=smoke"),
        (
            [
                "table3-neighborhood",
                "PROFILE=cpu",
                "DATA_ROOT=faces",
                "SEEDS=1,2",
                "REPLICAS=2",
                "SETUP=neighborhood-4gpu",
                "PRECISION=bfloat16",
                "RESUME=no",
                "DETERMINISTIC=no",
            ],
            "neighborhood table3 --profile=cpu --data-root=faces --replicas=2 --setup=neighborhood-4gpu "
            "--precision=bfloat16 --seeds=1,2 --no-resume --no-deterministic",
        ),
        (["reproduce"], "reproduce --profile=smoke"),
        (["reproduce-jmcnn"], "jmcnn reproduce --profile=smoke"),
        (["new-study", "NAME=soft_labels"], "new-study -- soft_labels"),
        (["fig7-age-gender", "PROFILE=cpu"], "age-gender fig7 --profile=cpu"),
        (["gradient-check"], "jmcnn gradient-check --profile=smoke"),
        (["data-imdb-wiki"], "data imdb-wiki"),
        (
            [
                "prepare-fgnet",
                "DATA_ROOT=faces",
                "SIZE=128",
                "TEMPLATE=utkface",
                "DETECTOR=mtcnn",
                "MARGIN=0.2",
            ],
            "prepare fgnet --data-root=faces --size=128 --template=utkface --detector=mtcnn --margin=0.2",
        ),
        (
            ["table-detectors", "RESUME=no", "DATA_ROOT=faces"],
            "detectors table --data-root=faces --no-resume",
        ),
        (["label-lfw", "PROFILE=cpu", "SEEDS=2"], "label lfw --profile=cpu --seeds=2"),
        (
            ["embed-mtlface", "FOLDER=photos", "OUT=faces.npz", "MIRROR=no"],
            "mtlface embed --out=faces.npz --no-mirror --profile=smoke -- photos",
        ),
        (
            ["search-mtlface", "PHOTO=me.jpg", "IN=faces.npz", "COUNT=20"],
            "mtlface search --in=faces.npz --count=20 --profile=smoke -- me.jpg",
        ),
        (["embed", "FOLDER=photos", "OUT=faces.npz"], "embed --out=faces.npz -- photos"),
        (
            ["search", "PHOTO=me.jpg", "IN=faces.npz", "FACE=2", "NETWORK=mine"],
            "search --in=faces.npz --face=2 --network=mine -- me.jpg",
        ),
        (["compare", "PHOTO=a.jpg", "WITH=b.jpg"], "compare -- a.jpg b.jpg"),
        (["age-to", "PHOTO=a.jpg", "TO=61+", "FACE=2"], "age-to --to=61+ --face=2 -- a.jpg"),
        (["video", "VIDEO=a.mp4", "OUT=films"], "video --out=films -- a.mp4"),
        (["age-mtlface", "PHOTO=me.jpg", "TO=61+"], "mtlface age --to=61+ --profile=smoke -- me.jpg"),
        (
            ["video-age-gender", "VIDEO=0", "OUT=films"],
            "age-gender video --video=0 --out=films --profile=smoke",
        ),
        (
            ["splits-neighborhood", "SPLIT=0", "PROFILE=cpu"],
            "neighborhood splits --split=0 --profile=cpu",
        ),
        (["check-tables"], "check-tables"),
        (["bench", "PROFILE=cpu", "TWINS=no"], "--profiles=cpu --no-twins"),
        (["explain", "TABLE=jmcnn/table1", "ROW=JMCNN", "COLUMN=FG"], "explain -- jmcnn/table1 JMCNN FG"),
        (["age-of", "PHOTO=me.jpg"], "age-of -- me.jpg"),
        (
            ["age-of", "FOLDER=photos", "OUT=ages", "ANNOTATE=yes", "FORMAT=csv", "NETWORK=mine"],
            "age-of --out=ages --annotate --format=csv --network=mine -- photos",
        ),
        (
            ["publish-networks", "PROFILE=cpu", "DATA_ROOT=faces", "SEEDS=1,2"],
            "publish-networks --profile=cpu --data-root=faces --seeds=1,2",
        ),
    ],
)
def test_targets_call_the_command_line(arguments, command, environment):
    assert command.split() in commands_of(*arguments, f"VENV={environment}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_reached_by_a_target(name, environment):
    targets = [
        target for target in documented() if target.startswith(("data-", "prepare-", "label-", "table"))
    ]
    targets += ["check-tables", "seal", "explain", "reproduce", "new-study", "check-data"]
    targets += [
        "age-of",
        "embed",
        "search",
        "age-to",
        "compare",
        "video",
        "demo",
        "export",
        "publish-networks",
        "fetch-detector",
    ]
    assert any(command[0] == name for command in commands_of(*targets, f"VENV={environment}"))


NAMES = (
    "x`touch pwn`.jpg",
    "a$HOME",
    "$(touch pwn)",
    "$(shell touch pwn)${HOME}$$1",
    """it's "me" \\ """ + "me",
    "a; touch pwn #100% & | > pwn *",
    "-x.jpg",
    "--out",
    "é ñ/(a,b)={c}",
    "two\nlines",
)
TAKEN = {
    "age-mtlface": (
        "PHOTO",
        "TO",
        "OUT",
        "PROFILE",
        "DATA_ROOT",
        "SEEDS",
        "REPLICAS",
        "SETUP",
        "PRECISION",
        "WEIGHTS",
    ),
    "search-mtlface": ("PHOTO", "IN", "COUNT"),
    "embed-mtlface": ("FOLDER", "OUT"),
    "video-age-gender": ("VIDEO", "OUT"),
    "splits-neighborhood": ("SPLIT", "PROFILE", "DATA_ROOT"),
    "prepare-fgnet": ("SIZE", "TEMPLATE", "DETECTOR", "MARGIN", "WORKERS", "SCHEDULER", "DATA_ROOT"),
    "label-lfw": ("PROFILE", "SEEDS", "DATA_ROOT", "SCHEDULER"),
    "new-study": ("NAME",),
    "explain": ("TABLE", "ROW", "COLUMN"),
    "age-of": ("PHOTO", "OUT", "FORMAT", "NETWORK", "DETECTOR"),
    "embed": ("FOLDER", "OUT", "NETWORK", "DETECTOR"),
    "search": ("PHOTO", "IN", "COUNT", "FACE", "NETWORK", "DETECTOR"),
    "compare": ("PHOTO", "WITH", "NETWORK", "DETECTOR"),
    "age-to": ("PHOTO", "TO", "FACE", "OUT", "NETWORK", "DETECTOR"),
    "export": ("FORMAT", "OUT", "PROFILE", "DATA_ROOT", "SEEDS", "NETWORK"),
    "demo": ("PORT", "OUT", "NETWORK"),
    "bench": ("PROFILE", "NETWORKS", "THREADS"),
    "bench-memory": ("COUNTS",),
    "publish-networks": ("OUT", "KIND", "PROFILE", "SEEDS", "DATA_ROOT"),
}

ELSEWHERE = {
    "VENV",
    "PYTHON",
    "TESTS",
    "DURATIONS",
    "RESUME",
    "DETERMINISTIC",
    "MIRROR",
    "ANNOTATE",
    "SERVE",
    "JUDGES",
    "TWINS",
    "TRAINED",
}
"""Variables that are looked at, or that are words for the shell, and reach no program as they are."""


@pytest.mark.parametrize("target", TAKEN)
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "in the environment"])
def test_nothing_that_is_given_is_executed_or_replaced(target, typed, tmp_path):
    """Nor what stands in the environment where it means nothing: RESUME, MIRROR, a misspelt name."""
    venv = build_environment(tmp_path / "env `touch pwn` $HOME 'it'")
    for name in NAMES:
        nothing = () if typed else ("RESUME", "MIRROR", "PHOT0")
        given = dict.fromkeys((*TAKEN[target], *nothing), name) | {"VENV": venv}
        words = [f"{key}={value}" for key, value in given.items()] if typed else []
        (command,) = commands_of(target, *words, **({} if typed else given))
        assert [
            word.partition("=")[2] if word.startswith("--") and "=" in word else word for word in command
        ].count(name) == len(TAKEN[target])
    assert not (ROOT / "pwn").exists()


def test_every_variable_is_tried_with_such_names():
    assert {name for names in TAKEN.values() for name in names} | ELSEWHERE == VARIABLES


def test_names_of_targets_are_not_executed(environment):
    assert commands_of("x`touch pwn`'$HOME-jmcnn", f"VENV={environment}")[0][1] == "x`touch pwn`'$HOME"
    done = make("tabel2`touch pwn`-neighborhod")
    assert "unknown target 'tabel2`touch pwn`-neighborhod'" in done.stderr
    assert not (ROOT / "pwn").exists()


def test_several_tests_may_be_named_and_none_is_executed(environment):
    (command,) = commands_of(
        "test", "TESTS=tests/a.py tests/b.py `touch${IFS}pwn` $HOME", f"VENV={environment}"
    )
    assert command[-4:] == ["tests/a.py", "tests/b.py", "`touch${IFS}pwn`", "$HOME"]
    assert not (ROOT / "pwn").exists()


def test_environment_is_made_again_where_what_it_is_made_of_is_newer(tmp_path):
    venv = tmp_path / "my env"
    build_environment(venv)
    os.utime(venv / ".ready", (0, 0))
    python = tmp_path / "a python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || printf "<%s>" "$@"\n')
    python.chmod(0o755)
    done = make("setup", f"VENV={venv}", f"PYTHON={python}")
    assert done.stdout == f"<scripts/environment.py><{venv}>"


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
