"""The scripts that start workers: what each of them gets to know."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TELL = ["sh", "-c", 'echo "$TF_CONFIG|$*"', "tell"]


def started(script: str, words: list[str], folder: Path | None = None, **environment: str):
    clean = {k: v for k, v in os.environ.items() if k not in ("HOSTS", "INDEX", "PORT", "TF_CONFIG")}
    path = f"{folder}:{clean['PATH']}" if folder else clean["PATH"]
    return subprocess.run(
        ["sh", f"scripts/{script}", *words],
        cwd=ROOT,
        env={**clean, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_worker_is_told_by_hosts_and_index():
    done = started("as_worker.sh", [*TELL, "a b"], HOSTS="h1 h2 h1", INDEX="1", PORT="9000")
    config, words = done.stdout.rstrip("\n").split("|")
    assert json.loads(config) == {
        "cluster": {"worker": ["h1:9000", "h2:9001", "h1:9002"]},
        "task": {"type": "worker", "index": 1},
    }
    assert words == "a b"


def test_under_slurm_a_worker_is_told_by_its_job(tmp_path):
    program(tmp_path / "scontrol", '[ "$1 $2 $3" = "show hostnames n[1-2]" ] && echo n1 && echo n2')
    done = started("as_worker.sh", TELL, tmp_path, SLURM_JOB_NODELIST="n[1-2]", SLURM_PROCID="0")
    assert json.loads(done.stdout.split("|")[0])["cluster"]["worker"] == ["n1:2222", "n2:2223"]


def test_over_ssh_every_host_gets_its_number_and_the_words_as_they_are(tmp_path):
    program(tmp_path / "remote", 'shift; exec sh -c "$1"')
    words = [*TELL, "it's $HOME", "a  b"]
    done = started("over_ssh.sh", words, REMOTE=str(tmp_path / "remote"), HOSTS="h1 h2")
    assert done.returncode == 0
    for number, shown in enumerate((done.stdout, done.stderr)):
        config, told = shown.rstrip("\n").split("|")
        assert json.loads(config)["task"]["index"] == number
        assert told == "it's $HOME a  b"


def test_over_ssh_the_status_is_a_failed_workers(tmp_path):
    program(tmp_path / "remote", 'shift; exec sh -c "$1"')
    fails = ["sh", "-c", 'case "$TF_CONFIG" in *\'"index": 1\'*) exit 3;; esac']
    done = started("over_ssh.sh", fails, REMOTE=str(tmp_path / "remote"), HOSTS="h1 h2")
    assert done.returncode == 3
    assert re.search(r"^error: \S+/remote h2 ended with status 3: see", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("script", ["as_worker.sh", "over_ssh.sh"])
def test_without_hosts_the_way_to_name_them_is_told(script):
    done = started(script, ["true"])
    assert done.returncode == 2
    assert done.stderr.startswith("error: say which machines train together: HOSTS=")
