"""A server on the loopback interface that breaks off, changes its mind and misbehaves as told."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """One file at one address and how it is served; tests change the fields between requests.

    Attributes:
        content: the file.
        etag: sent where not None.
        modified: Last-Modified, sent where not None.
        ranges: whether Range is honoured; if_range: whether a changed file then comes whole, as it must.
        cuts: for each request in turn, after how many bytes of its body the line breaks.
        statuses: for each request in turn, an error to answer with instead, 0 for none.
        length: whether Content-Length is sent.
        requests: headers of all requests so far.
    """

    content: bytes
    etag: str | None = '"one"'
    modified: str | None = None
    ranges: bool = True
    if_range: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    length: bool = True
    content_type: str = "application/octet-stream"
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextlib.contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve `site` at `site.url` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(dict(self.headers))
            if site.statuses and (status := site.statuses.pop(0)):
                self.send_error(status)
                return
            _answer(self, site)

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/file.tar"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, site: Site) -> None:
    start = _start(handler, site)
    if start is not None and start >= len(site.content):
        handler.send_error(416)
        return
    body = site.content[start or 0 :]
    handler.send_response(200 if start is None else 206)
    handler.send_header("Content-Type", site.content_type)
    if start is not None:
        size = len(site.content)
        handler.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
    for header, value in (("ETag", site.etag), ("Last-Modified", site.modified)):
        if value is not None:
            handler.send_header(header, value)
    if site.length:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    cut = site.cuts.pop(0) if site.cuts else len(body)
    handler.wfile.write(body[:cut])
    handler.close_connection = True


def _start(handler: BaseHTTPRequestHandler, site: Site) -> int | None:
    """Return the first byte asked for, None where the whole file is to be sent."""
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if not asked or not site.ranges:
        return None
    if site.if_range and handler.headers.get("If-Range") not in (site.etag, site.modified):
        return None
    return int(asked[1])
