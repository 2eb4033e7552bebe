"""Keeping two processes from writing the same files: the second one waits."""

from __future__ import annotations

import fcntl
import multiprocessing
import sys
from pathlib import Path
from typing import TextIO

from common.errors import UserError


def take_lock(path: str | Path, doing: str) -> TextIO:
    """Open the file `path` and lock it; where another process holds it, say so on stderr and wait.

    Args:
        path: of the lock, which stays; missing parent folders are made.
        doing: what the holder does, for the sentence "another process is <doing>: waiting for it".

    Returns:
        The open file. Closing it, or the end of the process, gives the lock back.

    Raises:
        OSError: the file cannot be made.
        UserError: a worker process runs the script that started it, which holds the lock and waits for the
            worker.
    """
    # As the standard library asks before a process starts another.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise UserError(
            "worker processes begin by importing the script that starts them, which would do all of it once "
            'more: put what the script does under if __name__ == "__main__".'
        )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"another process is {doing}: waiting for it", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock
