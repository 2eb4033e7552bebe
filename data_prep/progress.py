"""How far a long piece of work has come: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

LINE_EVERY = 30.0  # seconds


class Progress:
    """Shows done, total, rate and time left on standard error while the `with` block lasts.

    Args:
        what: what is going on ("UTKFace: aligning").
        total: how many images there are, None where nobody knows.
        stream: where to show it.
        unit: what is counted.
    """

    def __init__(
        self, what: str, total: int | None, stream: TextIO | None = None, unit: str = "images"
    ) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.stream = stream or sys.stderr
        self.done = 0
        self._bar = None

    def __enter__(self) -> Progress:
        self._start = self._last = time.monotonic()
        if self.stream.isatty():
            self._bar = tqdm(
                desc=self.what, total=self.total, unit=f" {self.unit}", file=self.stream, smoothing=0.05
            )
        return self

    def advance(self) -> None:
        """Count one image more."""
        self.done += 1
        if self._bar is not None:
            self._bar.update()
        elif time.monotonic() - self._last >= LINE_EVERY:
            self._last = time.monotonic()
            print(self.line(self._last - self._start), file=self.stream, flush=True)

    def line(self, seconds: float) -> str:
        """Return the state after `seconds` of work, in one line."""
        rate = self.done / max(seconds, 1e-9)
        if self.total is None:
            return f"{self.what}: {self.done:,} {self.unit}, {rate:,.1f} {self.unit}/s"
        left = tqdm.format_interval((self.total - self.done) / rate) if rate else "?"
        done = f"{self.done:,} of {self.total:,} {self.unit}"
        return f"{self.what}: {done}, {rate:,.1f} {self.unit}/s, {left} left"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
