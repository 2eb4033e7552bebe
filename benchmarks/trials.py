"""Trying hostile input: each case in a process of its own, of bounded memory and time."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from common.errors import UserError

LONGEST_SENTENCE = 700
"""Characters, of which a path takes a hundred or two."""


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    Attributes:
        kind: "read" or "refused" where it ended as it may; "wrong", "traceback", "no sentence", "hang" or
            "died" where it did not.
        told: the sentence, or what went wrong.
        seconds: of its whole process.
        peak: greatest memory of that process, in MiB; a fork starts with that of its parent.
    """

    kind: str
    told: str
    seconds: float
    peak: float

    @property
    def good(self) -> bool:
        """Whether the case ended as it may."""
        return self.kind in ("read", "refused")


def attempt(case: Callable[[], None], *, memory: int, seconds: float) -> Outcome:
    """Run `case` in a fork that may take `memory` bytes more than it has, and is killed after `seconds`.

    A case that ends has been read as it should; it raises UserError where its input is refused, and
    AssertionError where the outcome is wrong.
    """
    start = time.monotonic()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _limit(memory)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(_ended(case), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        in_time = bool(select.select([pipe], [], [], seconds)[0])
        if not in_time:
            os.kill(child, signal.SIGKILL)
        told = pipe.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(child, 0)
    kind, sentence = json.loads(told) if told else ("died", f"by {os.waitstatus_to_exitcode(status)}")
    if not in_time:
        kind, sentence = "hang", f"killed after {seconds:g} s"
    return Outcome(kind, sentence, time.monotonic() - start, usage.ru_maxrss / 1024)


def report(title: str, outcomes: dict[str, Outcome], *, show: bool = False) -> int:
    """Print the bad outcomes, all where `show`, and the counts; return 1 where one is bad, else 0."""
    for name, outcome in outcomes.items():
        if show or not outcome.good:
            print(f"{outcome.kind:12} {outcome.seconds:6.2f} s  {name}: {outcome.told}")
    counts = Counter(outcome.kind for outcome in outcomes.values())
    longest = max(outcomes, key=lambda name: outcomes[name].seconds)
    largest = max(outcomes, key=lambda name: outcomes[name].peak)
    counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    print(
        f"{title}: {len(outcomes):,} cases, {counted}; "
        f"{sum(outcome.seconds for outcome in outcomes.values()):,.1f} s, the longest "
        f"{outcomes[longest].seconds:.2f} s ({longest}), "
        f"most memory {outcomes[largest].peak:,.0f} MiB ({largest})"
    )
    return 0 if all(outcome.good for outcome in outcomes.values()) else 1


def is_sentence(text: str) -> bool:
    """Return whether a message is one line that a terminal can show, and not too long to be read."""
    return text.isprintable() and 20 < len(text) <= LONGEST_SENTENCE


def _limit(memory: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _ended(case: Callable[[], None]) -> tuple[str, str]:
    try:
        case()
    except UserError as error:
        return ("refused" if is_sentence(str(error)) else "no sentence"), ascii(str(error))[1:-1][:2000]
    except AssertionError as error:
        return "wrong", ascii(str(error))[1:-1][:2000]
    except BaseException as error:  # a traceback is the outcome that is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(last.filename)}:{last.lineno}"
        return "traceback", f"{type(error).__name__} at {where}: {ascii(str(error))[:300]}"
    finally:
        sys.stdout.flush()
    return "read", ""
