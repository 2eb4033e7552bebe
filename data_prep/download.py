"""Fetching a large file over a line that breaks: resumed where it stopped, checked, whole or absent."""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import tqdm

from common.errors import UserError
from common.files import atomic_write, write_json

_CHUNK = 1 << 18
_TIMEOUT = 60.0  # seconds without a byte
_PAUSES = (1.0, 4.0, 15.0)  # seconds before each further try; a try that brought bytes starts them anew
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class _Version:
    """What the server said of the file some bytes belong to.

    `mark` is what an If-Range header takes: a strong ETag, else the time of the last change.
    """

    url: str
    mark: str | None
    total: int | None


class _Interrupted(Exception):
    """The line broke or the server is busy; what has arrived is kept."""


class _Partial:
    """A file under way, "<path>.part", and beside it the version that its bytes are of."""

    def __init__(self, path: Path):
        self.file = path.with_name(f"{path.name}.part")
        self._notes = path.with_name(f"{path.name}.part.json")

    def size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def version(self) -> _Version | None:
        try:
            return _Version(**json.loads(self._notes.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def note(self, version: _Version) -> None:
        write_json(self._notes, asdict(version))

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)


def fetch(
    url: str,
    path: str | Path,
    checksum: str | None = None,
    *,
    quiet: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch `url` to `path`, going on where an earlier call stopped, and return `path`.

    Args:
        url: an http or https address.
        path: the file to appear, whole; "<path>.part" holds what has arrived until then.
        checksum: "sha256:..." or "md5:..." of the file. Without one, the hash of the first copy is written
            to "<path>.sha256", and later copies are held against it.
        quiet: show no progress bar.
        sleep: waits between tries, for tests.

    Raises:
        UserError: the server cannot be reached, refuses, or breaks off again and again; the disk is full; the
            file has another checksum. After all but the last, a later call goes on with what is there.
    """
    path = Path(path)
    partial = _Partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _verify(path, path, checksum, url, f"delete {path} and run it again")
            return path
        _fetch_all(url, partial, quiet, sleep)
        _verify(partial.file, path, checksum, url, "the file there was changed, or damaged on its way")
        partial.file.replace(path)
        partial.remove()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"the disk is full while fetching {url} to {path}: make room and run it again, it will go on."
            ) from error
        raise UserError(f"cannot write {path}: {error.strerror or error}.") from error
    return path


def _fetch_all(url: str, partial: _Partial, quiet: bool, sleep: Callable[[float], None]) -> None:
    """Ask for what is missing until the file is whole, waiting longer each time nothing came."""
    tries = 0
    while True:
        before = partial.size()
        try:
            return _fetch_rest(url, partial, quiet)
        except _Interrupted as error:
            tries = 0 if partial.size() > before else tries + 1
            if tries > len(_PAUSES):
                raise UserError(
                    f"cannot fetch {url}: {error}; check the network and run it again, it will go on after "
                    f"the {partial.size():,} bytes already here."
                ) from error
            sleep(_PAUSES[max(tries - 1, 0)])


def _fetch_rest(url: str, partial: _Partial, quiet: bool) -> None:
    """Ask once for what is missing and append it.

    Raises:
        _Interrupted: the line broke, the server is busy, or what is here is of an older version.
    """
    known = partial.version()
    have = partial.size() if known and known.url == url and known.mark else 0
    if have and have == known.total:
        return
    with _ask(url, partial, have, known.mark if have else None) as answer:
        start, total = _extent(answer, have)
        version = _Version(url, _mark(answer), total)
        if start and version != known:
            partial.remove()
            raise _Interrupted("the file at the server has changed")
        _check_room(partial.file.parent, url, start, total)
        partial.note(version)
        _append(answer, partial.file, start, total, quiet)


def _ask(url: str, partial: _Partial, have: int, mark: str | None) -> http.client.HTTPResponse:
    """Ask for the file from byte `have` on, if it still is the version of that mark, else for all of it."""
    # A range counts bytes as they are sent: "identity" asks for them uncompressed.
    headers = {"User-Agent": "faceage-reproductions", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            partial.remove()
            raise _Interrupted("the file at the server is shorter than what is here") from error
        if error.code in _RETRIED:
            raise _Interrupted(f"the server answers {error.code} ({error.reason})") from error
        raise UserError(
            f"cannot fetch {url}: the server answers {error.code} ({error.reason}); the file may have moved, "
            f"look at the data set's home page."
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(str(getattr(error, "reason", error)) or "the line broke") from error
    if answer.headers.get_content_type() == "text/html":
        answer.close()
        raise UserError(
            f"cannot fetch {url}: the server sends a web page instead of the file; it may have moved, or the "
            f"network asks you to log in."
        )
    return answer


def _extent(answer: http.client.HTTPResponse, have: int) -> tuple[int, int | None]:
    """Return the position of the answer's first byte and the size of the whole file, None where not told."""
    if answer.status == 206:
        told = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
        if not told or int(told[1]) != have:
            raise _Interrupted("the server sent another range than was asked for")
        return have, None if told[2] == "*" else int(told[2])
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _mark(answer: http.client.HTTPResponse) -> str | None:
    etag = answer.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")


def _check_room(folder: Path, url: str, start: int, total: int | None) -> None:
    free = shutil.disk_usage(folder).free
    if total is not None and total - start > free:
        raise UserError(f"{url} needs {total - start:,} bytes but {folder} has {free:,} left: make room.")


def _append(answer: http.client.HTTPResponse, file: Path, start: int, total: int | None, quiet: bool) -> None:
    """Write the answer's bytes from `start` on, dropping what stood there."""
    name = file.name.removesuffix(".part")
    with (
        open(file, "r+b" if file.exists() else "wb") as out,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=name, disable=quiet or None) as bar,
    ):
        out.truncate(start)
        out.seek(start)
        while chunk := _read(answer):
            out.write(chunk)
            bar.update(len(chunk))
        size = out.tell()
    if total is not None and size != total:
        raise _Interrupted(f"the line broke after {size:,} of {total:,} bytes")


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read on, so that an error of the line is never taken for one of the disk."""
    try:
        return answer.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(str(error) or "the line broke") from error


def _verify(file: Path, path: Path, checksum: str | None, url: str, remedy: str) -> None:
    """Hold `file`, to be known as `path`, against the published checksum or that of the first copy fetched.

    Raises:
        UserError: they differ; a file that was just fetched is removed.
    """
    record = record_of(path)
    if checksum is None:
        if not record.exists():
            with atomic_write(record) as out:
                out.write(f"{_hash(file, 'sha256')}  {path.name}\n")
            return
        checksum = f"sha256:{record.read_text('utf-8', errors='replace').partition(' ')[0]}"
        remedy = f"it is not the copy fetched first; delete {record} if you trust this one"
    algorithm, _, expected = checksum.partition(":")
    found = _hash(file, algorithm)
    if found != expected:
        if file != path:
            _Partial(path).remove()
        server = urlsplit(url).netloc
        raise UserError(f"{path.name} from {server} has {algorithm} {found}, not {expected}: {remedy}.")


def record_of(path: Path) -> Path:
    """Return where the hash of the first copy of a file without a published checksum is kept."""
    return path.with_name(f"{path.name}.sha256")


def _hash(file: Path, algorithm: str) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()
