"""Workers of one training as processes on loopback addresses."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import UserError
from tests.support import forked


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody listens at."""
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def start(count: int, function: Callable, *arguments, of_worker=None) -> list:
    """Start `function(*arguments)` as every one of `count` workers; return the processes.

    Args:
        of_worker: {number: arguments} of those that get others.
    """
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    return [
        forked.start(_as_worker, addresses, number, function, *(of_worker or {}).get(number, arguments))
        for number in range(count)
    ]


def _as_worker(addresses: list[str], number: int, function: Callable, *arguments) -> None:
    task = {"type": "worker", "index": number}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})
    try:
        function(*arguments)
    except UserError as error:
        told = Path(arguments[0]) / f"worker-{number}.txt"
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(str(error))
        sys.exit(2)


def ended(processes: list, seconds: float) -> list[int | None]:
    """Wait until all have ended and return their statuses; what has not in `seconds` is killed."""
    ends = time.monotonic() + seconds
    for process in processes:
        process.join(max(0.0, ends - time.monotonic()))
    statuses = [process.exitcode for process in processes]
    for process in processes:
        if process.is_alive():
            process.kill()
            process.join()
    return statuses
