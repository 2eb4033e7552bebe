"""HTTP connections that no server keeps busy for ever, by a byte now and then or by endless headers."""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.request

TIMEOUT = 60.0
"""Seconds without a byte, and the time in which `LEAST` bytes must come."""
LEAST = 1 << 14
"""Bytes: 273 a second, where the slowest modem had ten times as many."""
MOST_UNASKED = 1 << 20
"""Bytes of headers, answers "continue" and trailers before, between and behind those of the file."""


class TooSlow(OSError):
    """So little comes that the file would take for ever."""


def open_url(request: urllib.request.Request) -> http.client.HTTPResponse:
    """Ask over http or https, following redirections to these two.

    Raises:
        OSError, http.client.HTTPException, ValueError: the address, the line or the answer is no good; of an
            answer that says so itself it is urllib.error.HTTPError.
    """
    return _opener().open(request, timeout=TIMEOUT)


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        _Handler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener


class _Stream(io.RawIOBase):
    """What comes from a socket, given up where it comes too slowly or is not of the file."""

    def __init__(self, raw: io.RawIOBase):
        self._raw = raw
        self._since, self._came = time.monotonic(), 0
        self.unasked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:
        count = self._raw.readinto(buffer)
        self._came += count or 0
        self.unasked += count or 0
        now = time.monotonic()
        if self._came >= LEAST:
            self._since, self._came = now, 0
        elif count and now - self._since > TIMEOUT:
            raise TooSlow(f"fewer than {LEAST:,} bytes came in {TIMEOUT:g} seconds")
        if self.unasked > MOST_UNASKED:
            raise TooSlow("the server sends everything but the file")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments, **options):
        super().__init__(sock, *arguments, **options)
        self._stream = _Stream(self.fp.detach())
        self.fp = io.BufferedReader(self._stream)

    def read1(self, size: int = -1) -> bytes:
        chunk = super().read1(size)
        self._stream.unasked = 0
        return chunk


class _Http(http.client.HTTPConnection):
    response_class = _Response


class _Https(http.client.HTTPSConnection):
    response_class = _Response


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Http, request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Https, request)
