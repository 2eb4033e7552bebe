"""Ctrl-C and SIGTERM that end a command wherever they fall, with a sentence and files in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_TOGETHER = 0.25
"""Seconds within which a second signal is the first one's echo: `timeout` sends two at once."""

_AGAIN = 0.01

_listening: Interruption | None = None


class Interrupted(KeyboardInterrupt):
    """A signal asked for an end.

    Args:
        number: of the signal.
        left: what is left, where that is not for the command line to say.
    """

    def __init__(self, number: int, *left: str):
        super().__init__(*left)
        self.number = number


class Interruption:
    """While the `with` block lasts, SIGINT and SIGTERM raise `Interrupted` until it is seen.

    Python throws away what is raised in the callback of a weak reference or in a finaliser: it is raised
    again then. What code that catches everything has swallowed, `stop_if_asked` raises. A second signal ends
    the process at once, be it in the midst of a library. A signal that is ignored stays so, and in a thread
    that is not the main one, which no signal reaches, the block does nothing.

    Attributes:
        number: of the signal that came, or None.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def __enter__(self) -> Interruption:
        global _listening
        self._active = threading.current_thread() is threading.main_thread()
        if self._active:
            self._outer, _listening = _listening, self
            heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._handlers = {number: signal.signal(number, self._raise) for number in heard}
            self._handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._raise_again)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._not_raised
            heard_at, self._told_at = os.pipe()
            os.set_blocking(self._told_at, False)
            self._wakeup = signal.set_wakeup_fd(self._told_at, warn_on_full_buffer=False)
            threading.Thread(target=_end_at_the_second, args=(heard_at,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _listening
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._told_at)
            sys.unraisablehook = self._hook
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            _listening = self._outer

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            raise Interrupted(number)

    def _raise_again(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            raise Interrupted(self.number)

    def _not_raised(self, unraisable: sys.UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, Interrupted):
            # Not from here, where it would be thrown away too.
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            self._hook(unraisable)


def stop_if_asked() -> None:
    """Raise `Interrupted` where a signal came and the program goes on all the same."""
    if _listening is not None and _listening.number is not None:
        raise Interrupted(_listening.number)


def _end_at_the_second(heard: int) -> None:
    """Read the numbers of signals as they come, in a thread: the main one may be busy in a library."""
    first = None
    with open(heard, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] not in SIGNALS:
                continue
            now = time.monotonic()
            if first is not None and now - first > _TOGETHER:
                os.write(2, b"\nended at once: the next command goes on from what is finished.\n")
                os._exit(128 + number[0])
            first = first or now
