"""A log gets a line now and then; a terminal gets a bar."""

import io

import pytest

from common import progress
from common.progress import Progress, readable_time


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_line_says_how_far_how_fast_and_how_long(monkeypatch):
    shown = Progress("Set: aligning", 5000, io.StringIO())
    shown.done = 1250
    assert shown.line(50) == "Set: aligning: 1,250 of 5,000 images, 25.0 images/s, 2 min 30 s left"


def test_without_a_total_nothing_is_said_of_the_end():
    shown = Progress("camera 0", None, io.StringIO(), unit="frames")
    shown.done = 1250
    assert shown.line(50) == "camera 0: 1,250 frames, 25.0 frames/s"


def test_a_log_gets_a_line_each_interval(monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    log = io.StringIO()
    with Progress("Set", 8, log) as shown:
        for _ in range(8):
            shown.advance()
    lines = log.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Set: 3 of 8 images, ")


def test_a_terminal_gets_a_bar():
    terminal = Terminal()
    with Progress("Set", 3, terminal) as shown:
        for _ in range(3):
            shown.advance()
    assert "3/3" in terminal.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (100_800, "1 d 4 h")],
)
def test_a_duration_is_told_in_two_units(seconds, text):
    assert readable_time(seconds) == text
