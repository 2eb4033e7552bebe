"""The command line says what there is, runs what is asked for, and refuses a mistake in one sentence."""

from __future__ import annotations

import contextlib
import errno
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from common.errors import UserError
from common.evidence.render import Report
from reproductions.shared.command_line import cli
from reproductions.shared.command_line.commands import COMMANDS
from reproductions.shared.harness.options import Options, parse_folder, parse_whole
from reproductions.shared.harness.profiles import PROFILES
from reproductions.shared.harness.registry import Paper, papers
from reproductions.shared.harness.setups import Setup
from reproductions.shared.harness.targets import RUN_FLAGS, Flag, Target

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def asked(monkeypatch) -> list:
    """What a made-up paper and command were asked to do, through `cli.main`."""
    asked: list = []

    def refuse(options: Options) -> None:
        raise UserError("FG-NET is not there: get it.")

    def interrupt(options: Options) -> None:
        raise KeyboardInterrupt

    def fill_the_disk(options: Options) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "results/table1.md")

    paper = Paper.of(
        "smile",
        "Smiles (Doe, 2020)",
        [
            Target("table1", "the only table", asked.append),
            Target("refuse", "raises", refuse),
            Target("interrupt", "is interrupted", interrupt),
            Target("full", "finds the disk full", fill_the_disk),
            Target(
                "age",
                "make one older",
                lambda options, photo, **settings: asked.append((options, photo, settings)),
                flags={
                    "to-age": Flag(parse_whole, "YEARS", "the age to be", required=True),
                    "out": Flag(parse_folder, "FILE", "the picture to write"),
                    "smooth": Flag(None, "", "without wrinkles; or 100% as it was"),
                },
                word=Flag(parse_folder, "PHOTO", "a photograph of one person"),
            ),
        ],
        report=lambda: Report("smile", "Smiles", ()),
        setups=lambda: (Setup("smile-4gpu", 4, 64, "four GPUs (5)"),),
    )
    command = Target(
        "count",
        "count something",
        lambda options, word, **settings: asked.append((options, word, settings)),
        # As an option of a target is called, and read otherwise.
        flags={"size": Flag(parse_whole, "PX", "of the largest"), "out": Flag(str, "WORD", "what to say")},
        word=Flag(str, "SET", "fruit", choices=lambda: ("apples", "pears")),
        takes=("data-root",),
    )
    monkeypatch.setattr(cli, "papers", lambda: {"smile": paper})
    monkeypatch.setattr(cli, "COMMANDS", {"count": command})
    monkeypatch.setattr(cli, "import_tensorflow", lambda replicas=1, **_: None)
    return asked


def test_target_runs_with_the_defaults(asked):
    assert cli.main(["smile", "table1"]) == 0
    assert asked == [Options()]


def test_the_processor_is_divided_before_the_target_runs(asked, monkeypatch):
    made = []
    monkeypatch.setattr(cli, "import_tensorflow", lambda replicas=1, **_: made.append((replicas, len(asked))))
    assert cli.main(["smile", "table1", "--replicas", "2"]) == 0
    assert made == [(2, 0)]


def test_options_follow_the_target(asked, tmp_path):
    options = f"--profile cpu --data-root={tmp_path} --seeds 4,2 --replicas 2 --no-resume"
    assert cli.main(["smile", "table1", *options.split()]) == 0
    assert asked == [Options(profile="cpu", data_root=tmp_path, seeds=(4, 2), replicas=2, resume=False)]


@pytest.mark.parametrize(("typed", "replicas"), [("", 4), (" --replicas 2", 2)])
def test_a_setup_has_its_number_of_replicas_unless_another_is_given(asked, typed, replicas):
    assert cli.main(f"smile table1 --no-deterministic --setup smile-4gpu{typed}".split()) == 0
    assert asked == [Options(setup="smile-4gpu", replicas=replicas, deterministic=False)]


def test_command_gets_its_word_and_its_own_flags(asked, tmp_path):
    assert cli.main(["count", "pears", "--size", "64", "--data-root", str(tmp_path)]) == 0
    assert asked == [(Options(data_root=tmp_path, results_root=Path("results")), "pears", {"size": 64})]


@pytest.mark.parametrize(
    "arguments",
    [
        "smile age me.png --to-age 61 --no-smooth --out=b.png",
        "smile age --to-age=61 --out b.png --no-smooth me.png",
    ],
)
def test_target_gets_its_word_and_its_own_flags(asked, arguments):
    assert cli.main([*arguments.split(), "--seeds", "4"]) == 0
    settings = {"to_age": 61, "smooth": False, "out": Path("b.png")}
    assert asked == [(Options(seeds=(4,)), Path("me.png"), settings)]


@pytest.mark.parametrize("photo", ["-x.jpg", "--to-age", "--", "x.jpg"])
def test_words_behind_two_dashes_are_no_options(asked, photo):
    assert cli.main(["smile", "age", "--to-age=61", "--out=-b.png", "--", photo]) == 0
    assert asked == [(Options(), Path(photo), {"to_age": 61, "out": Path("-b.png")})]


def test_flag_is_read_as_what_was_asked_for_reads_it(asked):
    assert cli.main(["count", "pears", "--out", "b.png"]) == 0
    assert asked == [(Options(), "pears", {"out": "b.png"})]


def test_flags_of_every_target_are_the_options():
    assert {name.replace("-", "_") for name in RUN_FLAGS} == {
        field.name for field in fields(Options) if field.name != "began"
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("smil table1", "unknown study or command 'smil': did you mean 'smile'? Valid: count, smile."),
        ("smile tabel1", "unknown target of smile 'tabel1': did you mean 'table1'? Valid:"),
        (
            "smile table1 --profil cpu",
            "unknown option of smile table1 '--profil': did you mean '--profile'? Valid:",
        ),
        ("smile table1 --seed=1", "unknown option of smile table1 '--seed': did you mean '--seeds'? Valid:"),
        ("smile table1 -p cpu", "unknown option of smile table1 '-p':"),
        (
            "smile table1 --profile gpus",
            "unknown profile 'gpus': did you mean 'gpu'? Valid: cpu, gpu, paper, smoke.",
        ),
        ("smile table1 --profile=", "--profile has an empty value: give "),
        ("smile table1 --precision float61", "unknown precision 'float61': did you mean 'float16'? Valid:"),
        ("smile table1 --precision", "--precision: expected one argument;"),
        ("smile table1 --replicas two", "--replicas takes a whole number, not 'two'."),
        ("smile table1 --replicas 0", "--replicas takes a whole number from 1 to 256, not 0."),
        (
            "smile table1 --replicas 99999999999999999999",
            "--replicas takes a whole number from 1 to 256, not 99999999999999999999.",
        ),
        (f"smile table1 --replicas {'9' * 5000}", "--replicas takes a whole number, not '999999999999...99"),
        ("smile table1 --seeds 99999999999999999999", "--seeds takes different whole numbers from 0 to"),
        (f"smile table1 --runs-root {__file__}", f"--runs-root takes a folder, and {__file__} is a file."),
        (
            f"smile table1 --results-root {__file__}/a/b",
            f"--results-root takes a folder, and {__file__} is a file.",
        ),
        (
            "smile table1 --seeds 1,b",
            "--seeds takes whole numbers with commas between, as in 1,2,3, not '1,b'.",
        ),
        (
            "smile table1 --seeds 1,1",
            "--seeds takes different whole numbers from 0 to 4294967295, as in 1,2,3, not 1,1.",
        ),
        ("smile table1 --data-root /no/such", "there is no data folder '/no/such': give the one that holds"),
        ("smile table1 table2", "one thing at a time: 'table2' is too much."),
        ("smile table1 --size 3", "unknown option of smile table1 '--size': did you mean '--setup'? Valid:"),
        ("smile table1 -- table2", "one thing at a time: 'table2' is too much."),
        ("smile table1 --seeds 1 --seeds=2", "--seeds is one time too many: an option is given once."),
        ("smile table1 --resume --no-resume", "--no-resume is one time too many: an option is given once."),
        (
            "--profile cpu smile table1",
            "--profile comes too early: options follow the target, as in python -m reproductions STUDY",
        ),
        (
            "smile -x table1",
            "-x comes too early: options follow the target, as in python -m reproductions smile",
        ),
        ("smile age", "smile age needs a PHOTO: a photograph of one person."),
        ("smile age a b --to-age 6", "one thing at a time: 'b' is too much."),
        ("smile age a.png", "smile age needs --to-age YEARS (TO_AGE=...): the age to be."),
        ("smile age a.png --to-age old", "--to-age takes a whole number, not 'old'."),
        ("smile age a.png --to-age 6 --out=", "--out has an empty value: give "),
        ("smile age a.png --size 6", "unknown option of smile age '--size':"),
        ("smile table1 --to-age 6", "unknown option of smile table1 '--to-age':"),
        (
            "smile age a.png --too-age 6",
            "unknown option of smile age '--too-age': did you mean '--to-age'? Valid:",
        ),
        (
            "smile age --no-smoth a.png",
            "unknown option of smile age '--no-smoth': did you mean '--no-smooth'? Valid:",
        ),
        (
            "count apples --siz 6",
            "unknown option of count '--siz': did you mean '--size'? Valid: --data-root, --help, --out,",
        ),
        ("smile refuse", "FG-NET is not there: get it."),
        (
            "smile full",
            "cannot write results/table1.md: No space left on device; make room, or choose another folder: "
            "the same command goes on from what is finished.",
        ),
        ("count", "count needs a fruit: apples, pears."),
        ("count aples", "unknown fruit 'aples': did you mean 'apples'? Valid: apples, pears."),
        (
            "count apples --seeds 1",
            "unknown option of count '--seeds': did you mean '--size'? Valid: --data-r",
        ),
        ("count apples --size 1.5", "--size takes a whole number, not '1.5'."),
    ],
)
def test_mistake_is_told_in_a_sentence(asked, arguments, sentence, capsys):
    assert cli.main(arguments.split()) == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"error: {sentence}")
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert asked == []


def test_interruption_ends_with_its_own_status(asked, capsys):
    assert cli.main(["smile", "interrupt"]) == 130
    assert capsys.readouterr().err == "\ninterrupted: the same command goes on from what is finished.\n"


def test_interrupted_target_may_say_what_it_leaves(asked, monkeypatch, capsys):
    def stop(replicas: int = 1, *, short: bool = False) -> None:
        raise KeyboardInterrupt("the first 12 frames are in clip.mp4.")

    monkeypatch.setattr(cli, "import_tensorflow", stop)
    assert cli.main(["smile", "table1"]) == 130
    assert capsys.readouterr().err == "\ninterrupted: the first 12 frames are in clip.mp4.\n"


@pytest.mark.parametrize("after", [None, UserError("a worker is gone."), RuntimeError("cancelled")])
def test_sigterm_ends_with_its_own_status_whatever_comes_of_it(asked, monkeypatch, capsys, after):
    """A library may turn the exception into another, or lose it."""

    def stop(replicas: int = 1, *, short: bool = False) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        if after is not None:
            raise after

    monkeypatch.setattr(cli, "import_tensorflow", stop)
    assert cli.main(["smile", "table1"]) == 143
    assert capsys.readouterr().err == "\ninterrupted: the same command goes on from what is finished.\n"


def test_mistake_of_the_program_is_not_hidden(asked, monkeypatch):
    monkeypatch.setattr(cli, "import_tensorflow", lambda replicas=1, **_: [][0])
    with pytest.raises(IndexError):
        cli.main(["smile", "table1"])


@pytest.mark.parametrize("arguments", [[], ["smile"]])
def test_listing_names_targets_with_their_help(asked, arguments, capsys):
    assert cli.main(arguments) == 0
    output = capsys.readouterr().out
    assert "  smile table1                 the only table\n" in output
    assert (
        "  smile age PHOTO              make one older\n    --to-age YEARS             the age to be\n"
        in output
    )


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ("", ["usage: python -m reproductions STUDY TARGET [options]", "Smiles (Doe, 2020)", "count SET"]),
        ("smile", ["usage: python -m reproductions smile TARGET [options]", "  smile table1  "]),
        ("smile table1", ["smile table1 [options]", "the only table", "--no-resume", *PROFILES, *RUN_FLAGS]),
        (
            "smile age",
            ["age PHOTO --to-age YEARS [options]", "a photograph of one person", "100% as it was"],
        ),
        ("count", ["usage: python -m reproductions count SET [options]", "--size PX"]),
    ],
)
@pytest.mark.parametrize("asking", ["-h", "--help"])
def test_help_of_every_level_lists_what_follows(asked, capsys, arguments, listed, asking):
    with pytest.raises(SystemExit, match="0"):
        cli.main([*arguments.split(), asking])
    output = capsys.readouterr().out
    for expected in listed:
        assert expected in output
    assert asked == []


def test_help_of_a_target_lists_nothing_that_it_does_not_take(asked, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["count", "--help"])
    assert "--profile" not in capsys.readouterr().out


def test_real_listing_names_all_and_waits_for_no_heavy_library():
    heavy = "import sys; from reproductions.shared.command_line import cli; cli.main([]); "
    heavy += "assert not {'tensorflow', 'keras', 'pandas', 'cv2'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert all(f"  {command.usage} " in done.stdout for command in COMMANDS.values())
    assert all(paper.title in done.stdout for paper in papers().values())


def test_data_set_that_nobody_may_fetch_is_explained(tmp_path, capsys):
    assert cli.main(["data", "morph", "--data-root", str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    assert f"The copy belongs in {tmp_path / 'new' / 'MORPH'}" in output


def test_data_folder_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert cli.main(["data", "morph", "--data-root", str(tmp_path / "file")]) == 2
    assert f"there is no data folder '{tmp_path / 'file'}'" in capsys.readouterr().err


def test_real_mistake_is_told_by_the_process():
    done = subprocess.run(
        [sys.executable, "-m", "reproductions", "data", "fgnt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: unknown data set 'fgnt': did you mean 'fgnet'?")
