"""Servers asked for the rest of a file, and what may lie there of a fetch that was cut short."""

from __future__ import annotations

import json

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
    Request,
    broken,
    head,
    ranged,
    whole,
)


def resume_cases() -> dict[str, Case]:
    """Return all cases by name."""
    return dict([*_resumed(), *_notes(), *_cut()])


def _resumed() -> Cases:
    half = {"part": CONTENT[:HALF]}

    def answered(*lines: str, content: bytes = CONTENT[HALF:], status: str = "206 Partial Content") -> Answer:
        return lambda r: [head(ETAG, *lines, status=status), content] if r.start else whole()(r)

    yield "goes on", Case(ranged, **half)
    yield "the whole file for a range", Case(whole(), **half)
    yield "another file for a range", Case(lambda r: ranged(r, OTHER, 'ETag: "two"'), "has sha256", **half)
    yield "part of another file under the same mark", broken(lambda r: ranged(r, OTHER), "has sha256", **half)
    yield "the part is of another file", broken(ranged, "has sha256", part=OTHER[:HALF])
    for told in (
        "bytes 0-99999/100000",
        "bytes 50001-99999/100000",
        "bytes -5--1/5",
        "bytes ²-9/9",
        "bytes */100000",
        "bytes " + "5" * 5000 + "-9/9",
        "x",
        "",
        "bytes 50000-99999/²",
        "bytes 50000-99999/" + "9" * 5000,
    ):
        yield (
            f"range {told[:22]!a}",
            broken(answered(f"Content-Range: {told}".encode().decode("latin-1")), keeps=HALF, **half),
        )
    yield "range without its header", broken(answered(), keeps=HALF, **half)
    yield "range of another length", Case(answered("Content-Range: bytes 50000-99999/77"), **half)
    yield (
        "range that ends elsewhere",
        Case(answered("Content-Range: bytes 50000-1/100000"), LINE, True, **half),
    )
    yield (
        "range shorter than it says",
        broken(
            lambda r: [
                head(ETAG, f"Content-Range: bytes {r.start}-99999/100000", status="206 x"),
                CONTENT[r.start : r.start + 9],
            ],
            **half,
        ),
    )
    yield "416 for ever", broken(lambda r: [head(status="416 Range")], f"{REFUSED}|{LINE}", **half)
    yield (
        "416 for every range, and a line that breaks",
        broken(lambda r: [head(status="416 Range")] if r.start else [ranged(r)[0], CONTENT[:HALF]], **half),
    )
    yield "416 once", Case(lambda r: [head(status="416 Range")] if r.start else ranged(r), **half)
    yield (
        "changed for ever, and a line that breaks",
        broken(lambda r: [ranged(r, etag=f'ETag: "{r.number}"')[0], ranged(r)[1][: HALF - 1]], **half),
    )
    yield "404 for a range", broken(lambda r: [head(status="404 Gone")], REFUSED, keeps=HALF, **half)
    yield (
        "a web page for a range",
        broken(
            lambda r: [head("Content-Type: text/html", status="206 x"), b"<html>"], PAGE, keeps=HALF, **half
        ),
    )
    yield "TLS where there is none", broken(whole(), https=True, keeps=HALF, **half)


def _notes() -> Cases:
    right = {"url": "ADDRESS", "mark": '"one"', "total": 100_000}
    wrong = {
        "empty": b"",
        "no JSON": b"{",
        "NUL": b"\0",
        "a list": b"[]",
        "a number": b"1",
        "null": b"null",
        "a text": b'"x"',
        "nested 100,000 deep": b"[" * 100_000,
        "objects nested": b'{"url":' * 100_000,
        "no UTF-8": b"\xff\xfe{}",
        "a number of 5,000 digits": json.dumps(right).replace("100000", "9" * 5000).encode(),
        "infinite": json.dumps(right).replace("100000", "Infinity").encode(),
    }
    for key, values in {
        "mark": (1, [], {}, True, "", "\ud800", "a\r\nX: y", "é" * 3, "x" * 70_000, "\0"),
        "total": ("100000", -1, 1.5, [], {}, True, 0, 49_999, 1 << 80),
        "url": (1, None, [], "http://127.0.0.1:1/"),
    }.items():
        for value in values:
            wrong[f"{key} {value!a}"[:30]] = json.dumps({**right, key: value}).encode()
    wrong["one key more"] = json.dumps({**right, "more": 1}).encode()
    wrong["a key less"] = json.dumps({"url": "ADDRESS", "total": 9}).encode()
    for name, text in wrong.items():
        yield (
            f"notes: {name}",
            Case(ranged, part=OTHER[:HALF] if b"ADDRESS" not in text else CONTENT[:HALF], notes=text),
        )
    yield "notes without a part", Case(ranged, notes=json.dumps(right).encode())
    yield (
        "a part longer than the file",
        Case(lambda r: [head(status="416 Range")] if r.start else ranged(r), part=CONTENT + b"x"),
    )
    yield "a part that is whole", Case(lambda r: [head(status="500 x")], part=CONTENT)


def _cut() -> Cases:
    """Connections reset at every so many bytes, once, while a part is there: nothing of it may be lost."""
    request = Request(0, "/file.tar", HALF, "")
    answer = b"".join(ranged(request))
    size = len(answer) - (len(CONTENT) - HALF)
    for place in [*range(0, size, 7), size, size + 1, size + 2_000]:
        yield (
            f"reset after {place} bytes, for ever",
            broken(lambda r, p=place: [b"".join(ranged(r))[:p]], part=CONTENT[:HALF], keeps=-HALF),
        )
        yield (
            f"reset after {place} bytes, once",
            Case(
                lambda r, p=place: ranged(r) if r.number else [b"".join(ranged(r))[:p]], part=CONTENT[:HALF]
            ),
        )
        yield (
            f"whole file reset after {place} bytes",
            Case(
                lambda r, p=place: whole()(r) if r.number else [b"".join(whole()(r))[:p]], part=CONTENT[:HALF]
            ),
        )
