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
from data_prep.obtaining.connections import LEAST, open_url

_CHUNK = 1 << 18
_PAUSES = (1.0, 4.0, 15.0)  # seconds before each further try; one that brings `LEAST` bytes more starts anew
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_RESERVE = 64 << 20  # bytes of the disk that a file of unknown size leaves free
_MARK = re.compile(r"[ -~]{1,1000}")
_COUNT = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(rf"bytes ({_COUNT.pattern})-{_COUNT.pattern}/({_COUNT.pattern}|\*)")
_PACKED = (".gz", ".tgz", ".bz2", ".xz")


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
            known = json.loads(self._notes.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        match known:
            case {"url": str(url), "mark": str(mark), "total": int() | None as total} if _MARK.fullmatch(
                mark
            ):
                return _Version(url, mark, total)
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
    tries, most = 0, partial.size()
    while True:
        try:
            return _fetch_rest(url, partial, quiet)
        except _Interrupted as error:
            # Held against the most there ever was: a server may take back again and again what it gave.
            brought = partial.size() >= most + LEAST
            tries, most = (0, partial.size()) if brought else (tries + 1, most)
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
        first = _read(answer)
        if not first:
            # A line that breaks within the headers looks like a short answer: nothing of it is believed.
            raise _Interrupted("the server sent nothing")
        if start and version != known:
            partial.remove()
            raise _Interrupted("the file at the server has changed")
        room = _room(partial.file.parent, url, start, total)
        partial.note(version)
        if _append(answer, first, partial.file, start, total, room, quiet):
            return
        if total is None:
            raise UserError(
                f"{url} does not say how large it is and fills the disk: make room, or fetch it by hand."
            )
        partial.remove()
        raise _Interrupted(f"the server sends more than the {total:,} bytes it spoke of")


def _ask(url: str, partial: _Partial, have: int, mark: str | None) -> http.client.HTTPResponse:
    """Ask for the file from byte `have` on, if it still is the version of that mark, else for all of it."""
    # A range counts bytes as they are sent: "identity" asks for them uncompressed.
    headers = {"User-Agent": "faceage-reproductions", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    try:
        answer = open_url(urllib.request.Request(url, headers=headers))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            partial.remove()
            raise _Interrupted("the file at the server is shorter than what is here") from error
        if error.code in _RETRIED:
            raise _Interrupted(f"the server answers {error.code} ({_shown(error.reason)})") from error
        raise UserError(
            f"cannot fetch {url}: the server answers {error.code} ({_shown(error.reason)}); the file may "
            f"have moved, look at the data set's home page."
        ) from error
    except (OSError, http.client.HTTPException, ValueError, OverflowError) as error:
        raise _Interrupted(_shown(getattr(error, "reason", error))) from error
    if wrong := _wrong(answer, url):
        answer.close()
        raise UserError(
            f"cannot fetch {url}: the server sends {wrong}; it may have moved, or the network asks you to "
            f"log in."
        )
    return answer


def _wrong(answer: http.client.HTTPResponse, url: str) -> str | None:
    """Return what the server sends instead of the file, None where it may be the file."""
    if answer.headers.get_content_type() == "text/html":
        return "a web page instead of the file"
    if answer.status not in (200, 206):
        return f"no file, but status {answer.status}"
    # Servers also call so the compression that a packed file has of its own.
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity" and not urlsplit(url).path.lower().endswith(_PACKED):
        return f"the file in an encoding that was not asked for ({_shown(encoding)})"
    return None


def _shown(what: object) -> str:
    """Return what a server or the line said as part of one short line."""
    text = "".join(one if one.isprintable() else " " for one in str(what)[:200])
    return " ".join(text.split())[:100] or "the line broke"


def _extent(answer: http.client.HTTPResponse, have: int) -> tuple[int, int | None]:
    """Return the position of the answer's first byte and the size of the whole file, None where not told."""
    if answer.status == 206:
        told = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not told or int(told[1]) != have:
            raise _Interrupted("the server sent another range than was asked for")
        return have, None if told[2] == "*" else int(told[2])
    length = answer.headers.get("Content-Length")
    if length is None or answer.chunked:
        return 0, None
    if not _COUNT.fullmatch(length):
        raise _Interrupted(f"the server gives a length that is no number, {_shown(length)[:20]!a}")
    return 0, int(length)


def _mark(answer: http.client.HTTPResponse) -> str | None:
    etag = answer.headers.get("ETag")
    mark = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")
    return mark if mark and _MARK.fullmatch(mark) else None


def _room(folder: Path, url: str, start: int, total: int | None) -> int:
    """Return the size to which the file may grow."""
    free = shutil.disk_usage(folder).free
    if total is None:
        return start + max(0, free - _RESERVE)
    if total - start > free:
        raise UserError(f"{url} needs {total - start:,} bytes but {folder} has {free:,} left: make room.")
    return total


def _append(
    answer: http.client.HTTPResponse,
    chunk: bytes,
    file: Path,
    start: int,
    total: int | None,
    room: int,
    quiet: bool,
) -> bool:
    """Write `chunk` and the rest of the answer from `start` on, dropping what stood there.

    Returns whether it fits into `room`.
    """
    name = file.name.removesuffix(".part")
    size = start
    with (
        open(file, "r+b" if file.exists() else "wb") as out,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=name, disable=quiet or None) as bar,
    ):
        out.truncate(start)
        out.seek(start)
        while chunk and size + len(chunk) <= room:
            out.write(chunk)
            size += len(chunk)
            bar.update(len(chunk))
            chunk = _read(answer)
    if not chunk and total is not None and size != total:
        raise _Interrupted(f"the line broke after {size:,} of {total:,} bytes")
    return not chunk


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read on, so that an error of the line is never taken for one of the disk."""
    try:
        return answer.read1(_CHUNK)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Interrupted(_shown(error)) from error


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
        checksum = f"sha256:{_shown(record.read_text('utf-8', errors='replace').partition(' ')[0])}"
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
