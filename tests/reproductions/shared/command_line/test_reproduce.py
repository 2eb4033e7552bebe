"""Every study at one command: in turn, or side by side in processes of their own."""

import os
import subprocess
import sys
import threading

import pytest

from common.errors import UserError
from common.evidence.render import Report
from reproductions.shared.command_line import reproduce as reproducing
from reproductions.shared.command_line.cli import main
from reproductions.shared.command_line.reproduce import arguments
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import Paper
from reproductions.shared.harness.targets import Target


def paper(name, targets, ran):
    made = [Target("reproduce", "all", lambda options: ran.append(name))]
    made += [Target(f"t{n}", "one", print) for n in range(targets)]
    return Paper.of(name, name.upper(), made, lambda: Report(name, name.upper(), ()))


@pytest.fixture
def ran(monkeypatch):
    ran = []
    several = {name: paper(name, targets, ran) for name, targets in (("a", 1), ("b", 3), ("c", 2))}
    monkeypatch.setattr(
        reproducing, "papers", lambda: {**several, "d": Paper.of("d", "D", [], lambda: Report("d", "D", ()))}
    )
    monkeypatch.setattr(reproducing, "generated_in", lambda root: root)
    return ran


def test_real_runs_go_one_study_after_the_other(ran, capsys, tmp_path):
    reproducing.reproduce(Options(profile="cpu", results_root=tmp_path))
    assert ran == ["a", "b", "c"]
    said = capsys.readouterr().out
    assert "3 of 3: C" in said and f"for a browser: {tmp_path / 'index.html'}" in said
    assert (tmp_path / "index.html").is_file()


def test_first_look_begins_with_the_largest_and_shares_the_cores(ran, monkeypatch, capsys, tmp_path):
    begun = []

    def study(name, options, share, speaking, children):
        begun.append((name, tuple(share)))
        return 0

    monkeypatch.setattr(reproducing, "available_cores", lambda: 4)
    monkeypatch.setattr(reproducing, "_shares", lambda lanes: [[0, 1], [2, 3]])
    monkeypatch.setattr(reproducing, "_study", study)
    reproducing.reproduce(Options(runs_root=tmp_path))
    assert [name for name, _ in begun] == ["b", "c", "a"]
    assert {share for _, share in begun} <= {(0, 1), (2, 3)}
    assert not ran and f"{tmp_path / 'results'}" in capsys.readouterr().out


def test_study_that_fails_leaves_the_others_and_is_named(ran, monkeypatch, tmp_path):
    begun = []
    monkeypatch.setattr(reproducing, "available_cores", lambda: 2)
    monkeypatch.setattr(reproducing, "_study", lambda name, *others: begun.append(name) or name == "b")
    with pytest.raises(UserError, match=r"^b did not end, see above"):
        reproducing.reproduce(Options(runs_root=tmp_path))
    assert sorted(begun) == ["a", "b", "c"]


def test_one_core_runs_one_study_at_a_time(ran, monkeypatch, tmp_path):
    monkeypatch.setattr(reproducing, "available_cores", lambda: 1)
    reproducing.reproduce(Options(runs_root=tmp_path))
    assert ran == ["a", "b", "c"]


def test_options_are_typed_so_that_they_are_read_back(tmp_path):
    options = Options(
        data_root=tmp_path, runs_root=tmp_path / "r", seeds=(3, 5), precision="float32", resume=False
    )
    typed = dict(one.removeprefix("--").partition("=")[::2] for one in arguments(options))
    assert typed["seeds"] == "3,5" and typed["precision"] == "float32" and "no-resume" in typed
    assert typed["data-root"] == str(tmp_path) and typed["results-root"] == str(tmp_path / "r" / "results")
    assert not {"began"} & set(typed)


def test_process_is_listened_to_and_its_status_returned(monkeypatch, capfd, tmp_path):
    (tmp_path / "reproductions").mkdir()
    (tmp_path / "reproductions" / "__main__.py").write_text(
        "import os, sys\n"
        "print('one', flush=True); print('two\\nthree'); print('told', file=sys.stderr)\n"
        "print(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1)\n"
        "sys.exit(7)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    children = []
    status = reproducing._study("x", Options(), [0], threading.Lock(), children)
    out, err = capfd.readouterr()
    assert status == 7 and len(children) == 1
    assert out.splitlines()[:3] == ["one", "two", "three"] and err.splitlines() == ["told"]


def test_processes_end_when_the_command_is_stopped():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def stopped():
        with reproducing._ended_with_this_one() as children:
            children.append(child)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert child.returncode == -15


def test_cores_are_divided_without_remainder(monkeypatch):
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {4, 1, 0, 9, 7})
        assert reproducing._shares(2) == [[0, 1], [4, 7, 9]]


def test_data_are_checked_only_where_there_are_some(capsys, tmp_path):
    assert main(["check-data"]) == 2
    assert "give DATA_ROOT" in capsys.readouterr().err
    assert main(["check-data", "--data-root", str(tmp_path)]) == 2
    assert "holds no data set" in capsys.readouterr().err
