"""The cases of benchmarks/hostile_servers.py in one process, with less patience."""

import pytest

from benchmarks.hostile_servers import check
from benchmarks.resume_cases import resume_cases
from benchmarks.server_cases import server_cases
from common.errors import UserError

# Those that wait, and every second of those that are cut: resets at fifty places tell little more than at 25.
LONG = ("for ever", "stops in", "never", "slow but", "a part without", "once", "chunks of one")
CASES = {
    name: case
    for name, case in (server_cases() | resume_cases()).items()
    if not any(word in name for word in LONG)
}


@pytest.mark.parametrize("name", CASES)
def test_the_right_file_or_one_sentence(tmp_path, name):
    run(CASES[name], tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "416 for ever",
        "changed for ever, and a line that breaks",
        "status 100 for ever",
        "body byte by byte for ever",
        "headers byte by byte for ever",
        "reset after 77 bytes, for ever",
    ],
)
def test_what_never_ends_is_given_up(tmp_path, monkeypatch, name):
    monkeypatch.setattr("data_prep.obtaining.connections.TIMEOUT", 0.06)
    run((server_cases() | resume_cases())[name], tmp_path)


def run(case, folder):
    """Hold the outcome against what the case expects; a refusal is one of the two that `check` lets pass."""
    try:
        check(case, folder)
    except UserError:
        assert case.told is not None
