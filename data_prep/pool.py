"""Many processes doing one thing to a stream of items: in order, in bounded memory, surviving crashes."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

CHUNK = 8
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

    At most 2 `workers` + 1 chunks of `CHUNK` items are under way, however many items there are. An exception
    of `function` ends the map and is raised here. An item that kills its process (a fault in a native
    library, or the system out of memory) yields `crashed(item)`, and the others are not lost.

    Args:
        function: picklable, that is, importable by name.

    Raises:
        RuntimeError: no worker process can be started.
    """
    with _one_thread_each():
        yield from _in_order(function, iter(items), workers, crashed)


def _in_order(
    function: Callable[[Any], Any], items: Iterator[Any], workers: int, crashed: Callable[[Any], Any]
) -> Iterator[Any]:
    under_way: deque[tuple[list[Any], Any]] = deque()
    executor = _start(workers)
    try:
        while True:
            while len(under_way) <= 2 * workers and (chunk := list(itertools.islice(items, CHUNK))):
                under_way.append((chunk, _submit(executor, function, chunk)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            try:
                results = future.result()
            except BrokenProcessPool:
                executor.shutdown(wait=True, cancel_futures=True)
                results = _one_by_one(function, chunk, crashed)
                executor = _start(workers)
                under_way = deque((lost, _submit(executor, function, lost)) for lost, _ in under_way)
            yield from results
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _submit(executor: ProcessPoolExecutor, function: Callable[[Any], Any], chunk: list[Any]) -> Any:
    try:
        return executor.submit(_each, function, chunk)
    except BrokenProcessPool as error:
        # A pool that broke since the last look refuses work at once; the caller meets it as a lost result.
        return _Lost(error)


class _Lost:
    def __init__(self, error: BrokenProcessPool) -> None:
        self.error = error

    def result(self) -> Any:
        raise self.error


def _one_by_one(function: Callable[[Any], Any], chunk: list[Any], crashed: Callable[[Any], Any]) -> list[Any]:
    results = []
    executor = _start(1)
    try:
        for item in chunk:
            try:
                results.append(executor.submit(function, item).result())
            except BrokenProcessPool:
                results.append(crashed(item))
                executor.shutdown(wait=True)
                executor = _start(1)
    finally:
        executor.shutdown(wait=True)
    return results


def _start(workers: int) -> ProcessPoolExecutor:
    """Start the processes, and make sure that one answers: else every item would be blamed for a crash."""
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker)
    try:
        executor.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise RuntimeError("worker processes end before they begin; see the message above") from error
    return executor


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have the processes that start inside the block load their numerical libraries with one thread."""
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


def _prepare_worker() -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A killed parent cannot stop its workers, and they hold both ends of the queue they wait at.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def _each(function: Callable[[Any], Any], chunk: list[Any]) -> list[Any]:
    return [function(item) for item in chunk]
