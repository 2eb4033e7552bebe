"""Files that appear whole or not at all, and the hashes that name their content."""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from common.errors import UserError
from common.unfinished import UNWRITABLE, new_file, new_folder, unfinished

_UNWRITABLE = UNWRITABLE | {errno.EACCES, errno.EPERM, errno.EFBIG, errno.ENOTDIR}
_RACY = 10**8  # nanoseconds; a file system's clock may stand still for some of them


def expanded(path: str | Path) -> Path:
    """Return a path with a leading ~ or ~name replaced by that user's home; of no such user it stays."""
    return Path(os.path.expanduser(path))


@contextlib.contextmanager
def atomic_write(path: str | Path, mode: str = "w", **options: Any) -> Iterator[IO]:
    """Open a file beside `path` for writing and rename it onto `path` when the block ends well.

    What killed processes left of the same file is removed first.

    Args:
        path: the file to appear; missing parent folders are made.
        mode: "w" (text, UTF-8, "\\n" line ends) or "wb".
        options: passed on to `open`.

    A block that raises leaves `path` as it was and no file behind.
    """
    path = Path(path)
    if "b" not in mode:
        options = {"encoding": "utf-8", "newline": "\n", **options}
    with unfinished(path, new_file) as beside:
        with open(beside, mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)
        os.replace(beside, path)


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a path of the same name in a hidden folder beside, and move what is there to `path` at the end.

    For libraries that open files themselves and know the format by the name; `atomic_write` is for the rest.
    A block that raises leaves `path` as it was and nothing behind.

    Args:
        path: the file to appear, which the block must have written; missing parent folders are made.
    """
    path = Path(path)
    with unfinished(path, new_folder) as folder:
        yield folder / path.name
        os.replace(folder / path.name, path)


def require_writable_folder(folder: str | Path, remedy: str) -> None:
    """Make a folder that is to be written into, and try whether it can be.

    Args:
        folder: missing parents are made too.
        remedy: what to give in its place ("another folder with --out").

    Raises:
        UserError: it is a file, lies in one, or cannot be written into.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"cannot write into {folder} ({reason}): give {remedy}.") from error


def require_writable_file(path: str | Path, remedy: str) -> None:
    """Try whether a file can be written, making its folder; arguments and errors as above.

    Raises:
        UserError: it is a folder, its name is too long, or its folder cannot be written into.
    """
    path = Path(path)
    require_writable_folder(path.parent, remedy)
    try:
        is_folder = path.is_dir()
        # What is written lies beside it first, under a longer name.
        os.stat(path.with_name(f".{path.name}.XXXXXXXX.part"))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}): give {remedy}.") from error
    if is_folder:
        raise UserError(f"{path} is a folder: give {remedy}.")


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, whole or not at all."""
    with atomic_write(path) as file:
        json.dump(value, file, indent=2, sort_keys=True, ensure_ascii=False)
        file.write("\n")


def sha256_file(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def standing_sha256(path: str | Path) -> str:
    """Return `sha256_file` of a path, reading it once a process while its size, place and times stay."""
    status = os.stat(path)
    key = os.fspath(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    if key not in _known:
        digest = sha256_file(path)
        if time.time_ns() - status.st_ctime_ns < _RACY:
            return digest
        _known[key] = digest
    return _known[key]


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value written canonically (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


_known: dict[tuple, str] = {}


def hash_stream(values: Iterable[Any]) -> str:
    """Return the SHA-256 of a stream of JSON-able values, one canonical line each."""
    digest = hashlib.sha256()
    for value in values:
        line = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def write_table(path: str | Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a CSV file, whole or not at all; None becomes an empty field."""
    with atomic_write(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextlib.contextmanager
def writing_to(folder: str | Path) -> Iterator[None]:
    """Turn what a full or read-only disk raises inside the block into a UserError that names `folder`.

    So it does where a file stands in the folder's place, or on the way to it, or a folder in a file's.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE and not isinstance(
            error, FileExistsError | NotADirectoryError | IsADirectoryError
        ):
            raise
        raise cannot_write(folder, error.strerror) from error


def cannot_write(folder: str | Path, why: str) -> UserError:
    """Return the sentence that says why a folder cannot be written to, and what to do."""
    return UserError(
        f"cannot write to {folder} ({why}): free space there or choose another folder; "
        "what is done so far is kept."
    )
