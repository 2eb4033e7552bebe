"""What is being written, beside the place where it is to appear: whose it is, and what kills leave of it.

A file or folder on its way is locked by the process that writes it; one that nobody has locked is a leftover.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

UNWRITABLE = frozenset({errno.EROFS, errno.ENOSPC, errno.EDQUOT})
"""What a full or read-only disk answers."""

_UNFINISHED = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}\.part")


def sweep(folder: str | Path) -> None:
    """Remove what killed processes left of files that they were writing into `folder`, not below it.

    A file that a living process writes is locked, and stays; so does all that is named otherwise, and all of
    a folder that cannot be written to.
    """
    for path in _leftovers_in(os.fspath(folder)):
        _remove_leftover(path)


def is_unfinished(path: str | Path) -> bool:
    """Return whether a name is that of a file on its way, as `atomic_write` and `atomic_path` give it."""
    return _UNFINISHED.fullmatch(Path(path).name) is not None


@contextlib.contextmanager
def unfinished(path: Path, make: Callable[[Path], tuple[int, str]]) -> Iterator[Path]:
    """Make a file or folder beside `path` that no other process sweeps, and remove what is left of it.

    An OSError of a full or read-only disk names `path`, and not what lies beside it, or nothing.
    """
    try:
        with _beside(path, make) as beside:
            yield beside
    except OSError as error:
        if error.errno in UNWRITABLE and (error.filename is None or is_unfinished(error.filename)):
            error.filename = os.fspath(path)
        raise


@contextlib.contextmanager
def _beside(path: Path, make: Callable[[Path], tuple[int, str]]) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in _leftovers_once(os.fspath(path.parent)):
        if _UNFINISHED.fullmatch(os.path.basename(leftover))["name"] == path.name:
            _remove_leftover(leftover)
    while True:
        handle, beside = make(path)
        # One that sweeps may have come between.
        if _lock(handle) is not False and _is_open_at(handle, beside):
            break
        os.close(handle)
    try:
        yield Path(beside)
    finally:
        _remove(beside)
        os.close(handle)


def new_file(path: Path) -> tuple[int, str]:
    """Make a file of an unused name beside `path`; return it open, and its path."""
    return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")


def new_folder(path: Path) -> tuple[int, str]:
    """Make a folder of an unused name beside `path`; return it open, and its path."""
    folder = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY), folder


def _lock(handle: int) -> bool | None:
    """Lock an open file or folder: False where another process has it, None where nothing can be locked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_open_at(handle: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _leftovers_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if is_unfinished(entry.name))
    except OSError:
        return []


# A set of half a million files is unpacked into few folders, none of which is listed for each of them.
_leftovers_once = functools.lru_cache(maxsize=64)(_leftovers_in)


def _remove_leftover(path: str) -> None:
    """Remove a file or folder on its way whose process is gone."""
    with contextlib.suppress(OSError):
        kind = os.lstat(path).st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            return
        # Some file systems lock only what is open for writing, as no folder can be.
        handle = os.open(path, (os.O_RDWR if stat.S_ISREG(kind) else os.O_RDONLY) | os.O_NOFOLLOW)
        try:
            if _lock(handle) and _is_open_at(handle, path):
                _remove(path)
        finally:
            os.close(handle)


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
