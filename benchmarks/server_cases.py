"""Servers that nobody should run, and a few that are odd and right, asked for a file from its start on."""

from __future__ import annotations

import gzip
import itertools

from benchmarks.server_answers import (
    CONTENT,
    ETAG,
    HALF,
    LINE,
    OTHER,
    PAGE,
    REFUSED,
    Answer,
    Case,
    Cases,
    broken,
    head,
    ranged,
    whole,
)


def server_cases() -> dict[str, Case]:
    """Return all cases by name."""
    return dict([*_lengths(), *_statuses(), *_redirects(), *_chunks(), *_bodies(), *_headers(), *_slow()])


def _lengths() -> Cases:
    yield "all is well", Case(whole())
    for length in (
        "²",
        "1" * 5000,
        "-1",
        "-100000",
        "1e5",
        "0x186A0",
        "100_000",
        "١٠٠",
        "",
        "99 99",
        "+100000",
    ):
        line = b"Content-Length: " + length.encode()
        yield (
            f"length {ascii(length[:9])[1:-1]}",
            broken(lambda r, line=line: [head(ETAG, line), CONTENT], checksum=None),
        )
    yield "no length", Case(lambda r: [head(ETAG), CONTENT])
    yield "no length, and no sum known", Case(lambda r: [head(ETAG), CONTENT], checksum=None)
    yield "length too small", broken(whole(length="50000"), "has sha256 .*, not")
    yield "length too great", broken(whole(length="100001"), keeps=100_000)
    yield "length of an exabyte", broken(whole(length="9" * 18), "needs 999,.* bytes but .* left: make room")
    yield "length of 19 digits", broken(whole(length="9" * 19))
    yield "length of zero", broken(whole(length="0"))
    yield "two lengths", broken(whole("Content-Length: 100000, 100000"), LINE, either=True)
    yield "no byte at all", broken(lambda r: [])
    yield "nothing but zeros", broken(lambda r: [bytes(100_000)])
    yield "random bytes", broken(lambda r: [CONTENT])
    yield "ends within the headers", broken(lambda r: [b"HTTP/1.1 200 OK\r\nETag: "], checksum=None)


def _statuses() -> Cases:
    for status in ("200", "200 ", "206 Partial Content", "203 Non-Authoritative"):
        yield (
            f"status {status}",
            Case(
                lambda r, s=status: [head(ETAG, "Content-Length: 100000", status=s), CONTENT],
                f"{LINE}|{PAGE}",
                either=True,
            ),
        )
    for status in (
        "201 Created",
        "204 No Content",
        "205 Reset Content",
        "226 IM Used",
        "299 x",
        "304 Not Modified",
    ):
        yield (
            f"status {status}",
            broken(lambda r, s=status: [head("Content-Length: 9", status=s), b"x" * 9], f"{PAGE}|{REFUSED}"),
        )
    for status in (
        "400 Bad",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "416 Range",
        "451 Law",
        "501 No",
        "600 x",
        "999 x",
    ):
        yield f"status {status}", broken(lambda r, s=status: [head(status=s)], f"{REFUSED}|{LINE}")
    for status in ("408 Late", "429 Too Many", "500 Error", "502 Bad", "503 Busy", "504 Late"):
        yield f"status {status} for ever", broken(lambda r, s=status: [head(status=s)])
    for status in ("1000 x", "99 x", "-200 OK", "² OK", "abc", "", "2" * 5000):
        yield (
            f"status line {status[:9]!a}",
            broken(
                lambda r, s=status: [f"HTTP/1.1 {s}\r\n\r\n".encode(), CONTENT], f"{LINE}|{REFUSED}|{PAGE}"
            ),
        )
    for after in ("9" * 5000, "-1", "²", "Fri, 31 Dec 9999 23:59:59 GMT", "1e999", "soon"):
        yield (
            f"busy once, again after {ascii(after[:9])[1:-1]}",
            Case(
                lambda r, a=after: (
                    ranged(r) if r.number else [head(b"Retry-After: " + a.encode(), status="503 Busy")]
                )
            ),
        )
    for number in (100, 102, 103):
        yield (
            f"status {number} for ever",
            broken(
                lambda r, n=number: itertools.repeat(f"HTTP/1.1 {n} Wait\r\n\r\n".encode() * 100),
                f"{LINE}|{PAGE}|{REFUSED}",
            ),
        )
    yield (
        "a reason with escapes",
        broken(lambda r: [b"HTTP/1.1 404 \x1b[2J\x07gone\xff\r\n\r\n"], r"answers 404 \([^\x1b]+\)"),
    )
    yield (
        "a reason of 60,000 characters",
        broken(lambda r: [b"HTTP/1.1 404 " + b"r" * 60_000 + b"\r\n\r\n"], REFUSED),
    )
    yield "HTTP/0.9", broken(lambda r: [b"HTTP/0.9 200 OK\r\n\r\n", CONTENT], LINE, either=True)
    yield "HTTP/9", broken(lambda r: [b"HTTP/9.9 200 OK\r\n\r\n", CONTENT])
    yield "no HTTP", broken(lambda r: [b"220 ftp ready\r\n"])


def _redirects() -> Cases:
    def to(place: str | bytes) -> Answer:
        raw = place if isinstance(place, bytes) else place.encode("latin-1")
        return lambda r: [head(b"Location: " + raw, status="302 Found")]

    yield (
        "one redirection",
        Case(lambda r: ranged(r) if r.path == "/there" else [head("Location: /there", status="302 Found")]),
    )
    yield "redirection to itself", broken(to("/file.tar"), REFUSED)
    yield (
        "redirections without end",
        broken(lambda r: [head(f"Location: /{r.number}", status="302 Found")], REFUSED),
    )
    for place in (
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:,x",
        "gopher://127.0.0.1/",
        "jar:x",
        "//",
        "http://[::1",
        "http://127.0.0.1:99999999/",
        "http://127.0.0.1:x/",
        "http://" + "a" * 70 + "/",
        "http://\xe4\xff/",
        "http://127.0.0.1:1/",
        "http:///x",
        "https://127.0.0.1:1/",
        "",
        "http://a\tb/",
    ):
        yield f"redirection to {place[:24]!a}", broken(to(place), f"{LINE}|{REFUSED}")
    yield "redirection to 60,000 characters", broken(to("/" + "x" * 60_000), f"{LINE}|{REFUSED}")
    yield "redirection that is no UTF-8", broken(to(b"/\xff\xfe\x80"), REFUSED)
    yield "redirection to nowhere", broken(lambda r: [head(status="302 Found")], REFUSED)


def _chunks() -> Cases:
    start = head(ETAG, "Transfer-Encoding: chunked")
    chunk = b"186A0\r\n" + CONTENT + b"\r\n"
    yield "chunks", Case(lambda r: [start, chunk, b"0\r\n\r\n"])
    yield (
        "chunks and a wrong length",
        Case(lambda r: [head(ETAG, "Transfer-Encoding: chunked", "Content-Length: 5"), chunk, b"0\r\n\r\n"]),
    )
    yield "chunks with a trailer", Case(lambda r: [start, chunk, b"0\r\nX: y\r\n\r\n"])
    for size in ("x", "-5", "²", "F" * 5000, "F" * 15, "", "0x5", "1;" + "e" * 70_000):
        yield (
            f"chunk of size {ascii(size[:9])[1:-1]}",
            broken(lambda r, s=size: [start, s.encode() + b"\r\n", CONTENT], f"{LINE}|has sha256 .*, not"),
        )
    yield "chunks without an end", broken(lambda r: [start, chunk], LINE, either=True)
    yield "chunk cut", broken(lambda r: [start, chunk[:HALF]])
    yield (
        "trailer without end",
        broken(lambda r: [start, chunk, b"0\r\n", *[b"X: y\r\n" * 1000] * 500], LINE, either=True),
    )
    yield (
        "trailer of one long line",
        broken(lambda r: [start, chunk, b"0\r\n", b"x" * 100_000], LINE, either=True),
    )
    yield (
        "unknown transfer encoding",
        broken(lambda r: [head(ETAG, "Transfer-Encoding: gzip, chunked"), chunk], "has sha256 .*, not"),
    )
    yield (
        "chunks of one byte",
        Case(lambda r: [start, b"".join(b"1\r\n%c\r\n" % byte for byte in CONTENT), b"0\r\n\r\n"]),
    )


def _bodies() -> Cases:
    page = b"<html>log in</html>" * 100
    yield "a web page", broken(whole("Content-Type: text/html", content=page), PAGE)
    yield "a web page in capitals", broken(whole("Content-Type: TEXT/HTML; charset=x", content=page), PAGE)
    yield "a web page as a file", broken(whole(content=page), "has sha256 .*, not")
    yield "another file", broken(whole(content=OTHER), "has sha256 .*, not")
    for name in ("gzip", "br", "x-gzip", "\xff", "deflate, gzip"):
        yield (
            f"encoding {ascii(name)[1:-1]}",
            broken(whole(f"Content-Encoding: {name}", content=gzip.compress(CONTENT)), PAGE, checksum=None),
        )
    yield "encoding identity", Case(whole("Content-Encoding: identity"))
    yield (
        "a body without end",
        broken(
            lambda r: itertools.chain(
                [head(ETAG, "Content-Length: 100000")], itertools.repeat(bytes(1 << 16))
            ),
            "has sha256 .*, not",
        ),
    )
    yield (
        "a part without end",
        broken(
            lambda r: itertools.chain(
                [head(ETAG, f"Content-Range: bytes {HALF}-99999/100000", status="206 Partial Content")],
                itertools.repeat(bytes(1 << 16)),
            ),
            f"{LINE}|{REFUSED}",
            part=CONTENT[:HALF],
        ),
    )


def _headers() -> Cases:
    def right(name: str, *lines: str | bytes) -> tuple[str, Case]:
        return name, Case(whole(*lines), LINE, either=True)

    yield right("10,000 headers", *(f"X-{i}: y" for i in range(10_000)))
    yield right("a header of 70,000 characters", "X: " + "y" * 70_000)
    yield right("a header without colon", "nonsense")
    yield right("a header of raw bytes", b"X-\xff: \xfe\x80\0")
    yield right("folded header", "X: y\r\n z")
    yield right("content type that is none", 'Content-Type: ;;;==="')
    yield right("content type of raw bytes", b"Content-Type: \xff\xfe")
    yield (
        "headers without end",
        broken(lambda r: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X: y\r\n" * 1000))),
    )
    for name, etag in {
        "of 60,000 characters": "e" * 60_000,
        "of raw bytes": "\xff\x80",
        "that is empty": "",
        "that is weak": 'W/"x"',
        "with a tab": "a\tb",
    }.items():
        yield (
            f"mark {name}, and a line that breaks",
            Case(
                lambda r, e=etag: [
                    head(f"ETag: {e}", "Content-Length: 100000"),
                    CONTENT if r.number else CONTENT[:HALF],
                ],
            ),
        )


def _slow() -> Cases:
    yield "never answers", broken(lambda r: [60.0])
    yield (
        "headers byte by byte for ever",
        broken(lambda r: itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], itertools.cycle([b"y", 0.05]))),
    )
    yield (
        "body byte by byte for ever",
        broken(lambda r: itertools.chain([head(ETAG)], itertools.cycle([b"y", 0.05]))),
    )
    yield "stops in the middle", broken(lambda r: [*ranged(r)[:1], ranged(r)[1][:20_000], 60.0], either=True)
    yield (
        "trailer byte by byte for ever",
        broken(
            lambda r: itertools.chain(
                [head(ETAG, "Transfer-Encoding: chunked"), b"1\r\nx\r\n0\r\nX: "],
                itertools.cycle([b"y", 0.05]),
            )
        ),
    )
    yield (
        "slow but steady",
        Case(
            lambda r: [
                *ranged(r)[:1],
                *itertools.chain.from_iterable(
                    (ranged(r)[1][at : at + 20_000], 0.1) for at in range(0, 100_000, 20_000)
                ),
            ]
        ),
    )
    yield "one byte a connection", broken(lambda r: [ranged(r)[0], ranged(r)[1][:1]])
