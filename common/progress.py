"""How far a long piece of work has come: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

LINE_EVERY = 30.0
"""Seconds between the lines in a log."""


def readable_time(seconds: float) -> str:
    """Return a duration in its two largest units: "42 s", "3 min 20 s", "2 h 5 min", "1 d 4 h"."""
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount or parts or unit == "s":
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2])


class Progress:
    """Shows done, total, rate and time left on standard error while the `with` block lasts.

    Args:
        what: what is going on ("UTKFace: aligning").
        total: how many there are, None where nobody knows.
        stream: where to show it.
        unit: what is counted.
        done: how many were done before.
    """

    def __init__(
        self,
        what: str,
        total: int | None,
        stream: TextIO | None = None,
        unit: str = "images",
        done: int = 0,
    ) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.stream = stream or sys.stderr
        self.done = self._before = done
        self._bar: tqdm | None = None

    def __enter__(self) -> Progress:
        self._start = self._last = time.monotonic()
        if self.stream.isatty():
            self._bar = tqdm(
                desc=self.what,
                total=self.total,
                initial=self.done,
                unit=f" {self.unit}",
                file=self.stream,
                smoothing=0.05,
                dynamic_ncols=True,
            )
        return self

    def advance(self, count: int = 1, note: str = "") -> None:
        """Count so many more; `note` stands behind the line or the bar."""
        self.done += count
        if self._bar is not None:
            self._bar.set_description(self.what, refresh=False)
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(count)
        elif time.monotonic() - self._last >= LINE_EVERY:
            self.tell(note)

    def tell(self, note: str = "", apart: float = 0.0) -> None:
        """Put a line into the log if the last is `apart` seconds old; a terminal has its bar."""
        if self._bar is None and time.monotonic() - self._last >= apart:
            self._last = time.monotonic()
            line = self.line(self._last - self._start)
            print(f"{line}; {note}" if note else line, file=self.stream, flush=True)

    def line(self, seconds: float) -> str:
        """Return the state after `seconds` of work, in one line."""
        rate = (self.done - self._before) / max(seconds, 1e-9)
        if self.total is None:
            return f"{self.what}: {self.done:,} {self.unit}, {rate:,.1f} {self.unit}/s"
        left = readable_time((self.total - self.done) / rate) if rate else "?"
        done = f"{self.done:,} of {self.total:,} {self.unit}"
        return f"{self.what}: {done}, {rate:,.1f} {self.unit}/s, {left} left"

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
