"""Many processes doing one thing to a stream of items: in order, in bounded memory, surviving crashes.

The standard library's pools share queues among workers: one that is killed while it holds a queue's lock, or
while another is being started, leaves all waiting for ever. Here each worker has a pipe of its own; when one
end dies, the other sees it close.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

IN_HAND = 8  # items a worker is given before its answers come, so that it never waits for the next
AHEAD = 4 * IN_HAND  # items a worker under way or waiting for a slow one before them
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered_map(
    function: Callable[[Any], Any], items: Iterable[Any], workers: int, crashed: Callable[[Any], Any]
) -> Iterator[Any]:
    """Yield `function(item)` of every item, in order, computed by `workers` single-threaded processes.

    At most `AHEAD` items a worker are under way, however many there are. An exception of `function` ends the
    map and is raised here. An item that kills its process (a fault in a native library, or the system out of
    memory) yields `crashed(item)`, and the others are not lost.

    Args:
        function: picklable, that is, importable by name; so are items and results, a few kilobytes each.

    Raises:
        RuntimeError: no worker process can be started.
    """
    with _one_thread_each():
        team: list[_Worker] = []
        try:
            for _ in range(workers):
                team.append(_Worker(function))
            yield from _in_order(team, enumerate(items), crashed)
        finally:
            for worker in team:
                worker.end()


def _in_order(
    team: list[_Worker], tasks: Iterator[tuple[int, Any]], crashed: Callable[[Any], Any]
) -> Iterator[Any]:
    done: dict[int, Any] = {}
    given = yielded = 0
    exhausted = False
    while not exhausted or yielded < given:
        while not exhausted and given - yielded < AHEAD * len(team):
            idlest = min(team, key=lambda worker: len(worker.in_hand))
            if len(idlest.in_hand) == IN_HAND:
                break
            task = next(tasks, None)
            if task is None:
                exhausted = True
            else:
                idlest.take(task)
                given += 1
        if yielded in done:
            yield done.pop(yielded)
            yielded += 1
        elif yielded < given:
            _collect(team, done, crashed)


def _collect(team: list[_Worker], done: dict[int, Any], crashed: Callable[[Any], Any]) -> None:
    """Wait for answers; put a fresh worker in the place of one that died."""
    ready = wait([worker.connection for worker in team])
    for place, worker in enumerate(team):
        if worker.connection in ready:
            try:
                succeeded, value = worker.connection.recv()
            except (EOFError, OSError):
                team[place] = worker.successor(done, crashed)
            else:
                # Apart from receiving: what the function raises may be an OSError too, as of a full disk.
                worker.answered(succeeded, value, done)


class _Worker:
    """A process, the pipe to it, and the numbered items it was given and has not answered."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.function = function
        self.in_hand: deque[tuple[int, Any]] = deque()
        self._began = False
        self._process = context.Process(target=_work, args=(theirs, function), daemon=True)
        with deaf_children():
            self._process.start()
        theirs.close()

    def take(self, task: tuple[int, Any]) -> None:
        """Give it one more item; one that is dead is found out when it is next listened to."""
        self.in_hand.append(task)
        with contextlib.suppress(OSError):
            self.connection.send(task[1])

    def answered(self, succeeded: bool, value: Any, done: dict[int, Any]) -> None:
        """Take in one message: that it has begun, or the result of its oldest item."""
        if not self._began:
            self._began = True
        elif succeeded:
            done[self.in_hand.popleft()[0]] = value
        else:
            raise value

    def successor(self, done: dict[int, Any], crashed: Callable[[Any], Any]) -> _Worker:
        """Blame the oldest item for this worker's death; return a new worker that was given the others.

        SIGTERM is no item's doing: where the whole group got it, this process is about to end too.
        """
        self.end()
        blameless = self._process.exitcode == -signal.SIGTERM
        if not self._began and not blameless:
            raise RuntimeError("worker processes end before they begin; see the message above")
        if self.in_hand and not blameless:
            number, item = self.in_hand.popleft()
            done[number] = crashed(item)
        worker = _Worker(self.function)
        for task in self.in_hand:
            worker.take(task)
        return worker

    def end(self) -> None:
        """Stop the process, whatever it is doing: it holds nothing that must be put in order."""
        self.connection.close()
        self._process.kill()
        self._process.join()


@contextlib.contextmanager
def deaf_children() -> Iterator[None]:
    """Have processes that start inside the block never hear Ctrl-C, from their first moment on.

    It reaches the whole group, and the parent alone decides what follows.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    import cv2

    cv2.setNumThreads(1)
    # A parent that was killed has closed its end: this process then ends too.
    with contextlib.suppress(EOFError, OSError):
        connection.send((True, None))
        while True:
            connection.send(_attempt(function, connection.recv()))


def _attempt(function: Callable[[Any], Any], item: Any) -> tuple[bool, Any]:
    try:
        return True, function(item)
    except Exception as error:
        error.add_note(traceback.format_exc())
        return False, error


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have processes that start inside the block load their numerical libraries with one thread."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
