"""Several machines that share every batch of one training: who they are by TF_CONFIG, and what they agree on.

All of them run the same command on the same folders. Worker 0, the chief, alone decides what depends on the
clock or the disk, and alone writes; the others hear of it through TensorFlow's coordination service, which
also tells each of them that another is gone.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from common.errors import UserError

VARIABLE = "TF_CONFIG"

REGISTER_SECONDS = 600
"""How long the first worker waits for the last."""

_TOGETHER_SECONDS = 24 * 3600
"""How long one worker may be ahead of another; one that is gone is noticed at once."""

_SEEN_SECONDS = 30
"""How long a network file system may take to show one machine what another wrote."""

_LINGER_SECONDS = 2.0
"""How much longer the chief stays than the others: the word that all are here comes from its process."""

_ADDRESS = re.compile(r"[^\s:/]+:[0-9]{1,5}")
_JOBS = ("chief", "worker")

_alone = False
_talks = 0


class WorkerLost(UserError):
    """Another worker is gone, and with it the training of all."""


@dataclass(frozen=True)
class Cluster:
    """The workers of a training, and which of them this process is.

    Attributes:
        addresses: "host:port" of each, the chief's first.
        number: of this worker among them.
        jobs: (name, count) of each job, as TensorFlow has them.
    """

    addresses: tuple[str, ...]
    number: int
    jobs: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.addresses)

    @property
    def is_chief(self) -> bool:
        """Whether this worker decides and writes."""
        return self.number == 0


def cluster() -> Cluster | None:
    """Return the workers by TF_CONFIG; None where there are no others, or this process works alone.

    Raises:
        UserError: TF_CONFIG does not say who they are.
    """
    return None if _alone else _parsed(os.environ.get(VARIABLE, ""))


def is_chief() -> bool:
    """Whether this process writes: it is worker 0, or alone."""
    here = cluster()
    return here is None or here.is_chief


def work_alone() -> None:
    """Have this process forget the others from now on: it does what one machine does by itself."""
    global _alone
    _alone = True


@cache
def _parsed(text: str) -> Cluster | None:
    if not text.strip():
        return None
    try:
        told = json.loads(text)
        listed, task = told["cluster"], told.get("task", {})
        jobs = {job: list(listed[job]) for job in _JOBS if listed.get(job)}
        addresses = [address for job in jobs.values() for address in job]
        if others := sorted(set(listed) - set(_JOBS)):
            raise ValueError(f"it has tasks of the kind {others[0]!r}, and only chief and worker train here")
        if len(jobs.get("chief", ())) > 1:
            raise ValueError("it has more than one chief")
        if not addresses:
            raise ValueError("it lists no worker")
        for address in addresses:
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is no host:port")
            if addresses.count(address) > 1:
                raise ValueError(f"two workers have the address {address}")
        kind, index = task.get("type"), task.get("index")
        if kind not in jobs or type(index) is not int or not 0 <= index < len(jobs[kind]):
            raise ValueError(f"its task, {kind} {index}, is none of those that it lists")
    except KeyError as error:
        raise _malformed(f"it has no {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        # What json says of a text names places in it, which help nobody who wrote it by a script.
        reason = "it is no JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise _malformed(reason) from error
    if len(addresses) == 1:
        return None
    number = index + (len(jobs["chief"]) if kind == "worker" and "chief" in jobs else 0)
    return Cluster(tuple(addresses), number, tuple((job, len(tasks)) for job, tasks in jobs.items()))


def _malformed(reason: str) -> UserError:
    return UserError(
        f"{VARIABLE} does not say which machines train together: {reason}. It is to look like "
        '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}, with '
        "another index on each machine; unset it to train on this one alone."
    )


def agreed(what: str, decide: Callable[[], Any]) -> Any:
    """Return what the chief decides, on every worker; all must ask the same things in the same order.

    Args:
        what: is decided, in a word, by which workers that came to ask different things are told apart.
        decide: called on the chief alone, or where there are no other workers; returns a JSON value.

    Raises:
        WorkerLost: another worker is gone.
        UserError: this worker is somewhere else in the program than the chief.
    """
    here = cluster()
    if here is None:
        return decide()
    own = json.dumps([what, decide()]) if here.is_chief else None
    asked, decided = json.loads(_exchanged(own, [0])[0])
    if asked != what:
        raise UserError(
            f"worker {here.number} asks for {what} where worker 0 decides on {asked}: give every machine the "
            "same code, command and folders, and start all of them again."
        )
    return decided


def gathered(content: bytes) -> list[bytes]:
    """Return what every worker gives, in their order, on all of them; a few megabytes at most.

    Raises:
        WorkerLost: another worker is gone.
    """
    here = cluster()
    if here is None:
        return [content]
    given = _exchanged(base64.b64encode(content).decode(), range(here.size))
    return [base64.b64decode(one) for one in given]


def together(what: str) -> None:
    """Wait until all workers are here.

    Raises:
        WorkerLost: another worker is gone.
    """
    if cluster() is not None:
        with lost_told():
            _wait(f"{_next_talk()}: {what}")


def leave() -> None:
    """Wait until all workers are at the end, and let the chief, through whom they wait, go last.

    Raises:
        WorkerLost: another worker is gone.
    """
    together("the end")
    if cluster() is not None and is_chief():
        time.sleep(_LINGER_SECONDS)


def require_shared(folder: Path) -> None:
    """Refuse a folder that is not the same one on all workers; it is made if missing.

    Raises:
        UserError: what the chief writes there is not seen here.
    """
    here = cluster()
    if here is None:
        return
    path: Path | None = None
    if here.is_chief:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f".seen-by-all-{secrets.token_hex(8)}"
        path.touch()
    try:
        name = agreed("a shared folder", lambda: path.name if path else "")
        ends = time.monotonic() + _SEEN_SECONDS
        while not (seen := (folder / name).exists()) and time.monotonic() < ends:
            time.sleep(0.2)
        if blind := [one for one, saw in enumerate(gathered(b"y" if seen else b"n")) if saw == b"n"]:
            raise UserError(
                f"{_listed(blind, here)} does not see what worker 0 writes into {folder}: put runs, results "
                "and prepared faces into a folder that all machines mount, by --runs-root, --results-root "
                "and --prepared-root."
            )
    finally:
        if path is not None:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def lost_told() -> Iterator[None]:
    """Turn what TensorFlow raises in the block because another worker is gone into one sentence.

    Raises:
        WorkerLost: that sentence.
    """
    here = cluster()
    if here is None:
        yield
        return
    import tensorflow as tf

    errors = tf.errors
    gone = (
        errors.UnavailableError,
        errors.DeadlineExceededError,
        errors.AbortedError,
        errors.CancelledError,
        errors.FailedPreconditionError,
        errors.InternalError,
    )
    try:
        yield
    except gone as error:
        # A fault of this process' own has no word of the others.
        if not re.search(r"task:\d|[Cc]ollective|[Cc]oordination|ipv[46]:|GRPC", str(error)):
            raise
        raise WorkerLost(
            f"worker {here.number} stops, for {_gone(str(error), here)}. Start all workers again: they go on "
            "from the last checkpoint."
        ) from error


def _gone(message: str, here: Cluster) -> str:
    """Return a clause that says which workers are gone, as far as the message tells."""
    numbers = set()
    for kind, index in re.findall(r"/job:(\w+)/(?:replica:\d+/)?task:(\d+)", message):
        before = 0
        for job, count in here.jobs:
            if job == kind:
                numbers.add(before + int(index))
            before += count
    numbers.discard(here.number)
    if not numbers:
        return "another one is gone"
    return f"{_listed(sorted(numbers), here)} is gone"


def _listed(numbers: list[int], here: Cluster) -> str:
    return " and ".join(f"worker {one} ({here.addresses[one]})" for one in numbers)


def _exchanged(own: str | None, givers: Iterable[int]) -> list[str]:
    """Return what some workers give; `own` is this one's, None where it gives nothing.

    All wait until all have given: whoever only waited for a word of one that is gone would wait for ever.
    """
    here = cluster()
    assert here is not None
    talk = _next_talk()
    with lost_told():
        if own is not None:
            _context().set_config_key_value(f"{talk}/{here.number}", own)
        _wait(f"{talk}: all have given")
        return [str(_context().get_config_key_value(f"{talk}/{one}")) for one in givers]


def _wait(where: str) -> None:
    """Wait for all workers; fails as soon as one of them is known to be gone."""
    _context().wait_at_barrier(where, _TOGETHER_SECONDS * 1000)


def _next_talk() -> int:
    global _talks
    _talks += 1
    return _talks


def _context() -> Any:
    from tensorflow.python.eager import context

    return context.context()


def say(sentence: str) -> None:
    """Print a sentence to standard error, with this worker's number where there are others."""
    here = cluster()
    print(f"worker {here.number}: {sentence}" if here else sentence, file=sys.stderr, flush=True)
