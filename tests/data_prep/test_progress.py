"""A log gets a line now and then; a terminal gets a bar."""

import io

from data_prep import progress
from data_prep.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_line_says_how_far_how_fast_and_how_long(monkeypatch):
    shown = Progress("Set: aligning", 5000, io.StringIO())
    shown.done = 1250
    assert shown.line(50) == "Set: aligning: 1,250 of 5,000 images, 25.0 images/s, 02:30 left"


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
