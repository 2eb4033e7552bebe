"""What a server answers to being asked for one file, and how fetching from it must end."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

CONTENT = random.Random(1).randbytes(100_000)
OTHER = random.Random(2).randbytes(100_000)
HALF = 50_000
CHECKSUM = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ETAG = 'ETag: "one"'
LINE = r"; check the network and run it again, it will go on after the \d[\d,]* bytes already here\.$"
PAGE = r"it may have moved, or the network asks you to log in\.$"
REFUSED = r"the server answers \d+ \(.+\); the file may have moved, look at the data set's home page\.$"


@dataclass(frozen=True)
class Request:
    """What a client asks: how many requests came before it, the path, and the byte it wants to go on from."""

    number: int
    path: str
    start: int | None
    address: str


Answer = Callable[[Request], Iterable[bytes | float]]
"""Bytes are sent as they are, numbers are seconds of silence; then the connection ends."""


@dataclass(frozen=True)
class Case:
    """A server and how fetching from it must end.

    Attributes:
        answer: what it sends.
        told: what the sentence must match, None where the file must come; with `either` both will do.
        checksum: that the client knows.
        part: what an earlier call left in "<path>.part", None for nothing.
        notes: the text of "<path>.part.json"; None for right ones where there is a part.
        keeps: how many bytes must be in "<path>.part" after a failure, None where that does not matter.
        https: whether the client asks over TLS.
    """

    answer: Answer
    told: str | None = None
    either: bool = False
    checksum: str | None = CHECKSUM
    part: bytes | None = None
    notes: bytes | None = None
    keeps: int | None = None
    https: bool = False


def notes(address: str, mark: str = '"one"', total: int | None = len(CONTENT)) -> bytes:
    """Return what the client notes of a file that it has a part of."""
    return json.dumps({"url": address, "mark": mark, "total": total}).encode()


def head(*lines: str | bytes, status: str = "200 OK") -> bytes:
    """Return the first lines of an answer up to the empty one."""
    raw = [line if isinstance(line, bytes) else line.encode("latin-1") for line in lines]
    return b"\r\n".join([f"HTTP/1.1 {status}".encode(), *raw, b"Connection: close", b"", b""])


def whole(*lines: str | bytes, content: bytes = CONTENT, length: str | None = None) -> Answer:
    """Return a server that sends all of a file, whatever is asked for."""
    length = str(len(content)) if length is None else length
    return lambda request: [head(ETAG, *lines, f"Content-Length: {length}"), content]


def ranged(request: Request, content: bytes = CONTENT, etag: str = ETAG) -> list[bytes]:
    """Return the answer of a server that does as it is asked."""
    if request.start is None:
        return [head(etag, f"Content-Length: {len(content)}"), content]
    rest = content[request.start :]
    told = f"Content-Range: bytes {request.start}-{len(content) - 1}/{len(content)}"
    return [head(etag, told, f"Content-Length: {len(rest)}", status="206 Partial Content"), rest]


def broken(answer: Answer, told: str = LINE, **others) -> Case:
    """Return the case of a server that must be given up."""
    return Case(answer, told, **others)


Cases = Iterator[tuple[str, Case]]
