"""Hostile zip files, right ones that look hostile, and what is no archive that is read here."""

from __future__ import annotations

import gzip
import random
import stat
import struct
import zipfile
from collections.abc import Iterator

from benchmarks.archive_cases import (
    BOMB,
    DAMAGED,
    GOOD,
    OUTSIDE,
    UNWRAPPED,
    Case,
    refused,
    replaced,
    tar,
    zipped,
)

_CENTRAL, _END = b"PK\x01\x02", b"PK\x05\x06"
_ONE = {"a.jpg": b"x" * 1000}

Cases = Iterator[tuple[str, Case]]


def zip_cases() -> dict[str, Case]:
    """Return all cases by name."""
    return dict([*_right(), *_members(), *_names(), *_directories(), *_bombs(), *_others()])


def _right() -> Cases:
    for name in ("stored", "deflated", "bzip2", "lzma"):
        method = getattr(zipfile, f"ZIP_{name.upper()}")
        yield f"zip, {name}", Case(lambda m=method: zipped(GOOD, m), UNWRAPPED)
        yield f"zip64, {name}", Case(lambda m=method: zipped(GOOD, m, zip64=True), UNWRAPPED)
    yield "zip with a comment of 65,535 bytes", Case(lambda: _commented(b"c" * 65_535), UNWRAPPED)
    # Which of two directories counts is nowhere said; readers take the last.
    yield (
        "zip with another zip in its comment",
        Case(lambda: _commented(zipped({"b": b"x"})), {"b": b"x"}, DAMAGED),
    )
    yield (
        "zip of names that differ in case only",
        Case(lambda: zipped({"A.jpg": b"1", "a.jpg": b"2"}), {"A.jpg": b"1", "a.jpg": b"2"}),
    )
    yield "zip dated in no month", Case(lambda: _header(zipped(_ONE), 12, 10, b"\xff" * 4), _ONE)
    yield "zip of setuid files", Case(lambda: zipped(_ONE, external_attr=0o104777 << 16), _ONE)
    yield (
        "zip of 3,000 empty files",
        Case(
            lambda: zipped({f"{i}": b"" for i in range(3000)}, zipfile.ZIP_STORED),
            {f"{i}": b"" for i in range(3000)},
        ),
    )
    yield (
        "zip with garbage before it",
        Case(lambda: b"PK\3\4" + bytes(400) + zipped(GOOD), UNWRAPPED, DAMAGED),
    )


def _commented(comment: bytes) -> bytes:
    whole = zipped(GOOD)
    return replaced(whole, -2, struct.pack("<H", len(comment))) + comment


def _header(content: bytes, central: int, local: int | None, raw: bytes) -> bytes:
    """Return a zip with other bytes at a place of its first central header and of its first local one."""
    content = replaced(content, content.index(_CENTRAL) + central, raw)
    return content if local is None else replaced(content, local, raw)


def _members() -> Cases:
    whole = zipped(_ONE)
    by_hand = "unpack it by hand"
    yield "zip, encrypted", refused(lambda: _header(whole, 8, 6, b"\1"), by_hand)
    yield "zip, strongly encrypted", refused(lambda: _header(whole, 8, 6, b"\x41"), by_hand)
    yield "zip, strong encryption alone", refused(lambda: _header(whole, 8, 6, b"\x40"), by_hand)
    yield "zip, patched", refused(lambda: _header(whole, 8, 6, b"\x20"), by_hand)
    for what, method in {
        "shrunk": 1,
        "imploded": 6,
        "deflate64": 9,
        "zstandard": 93,
        "ppmd": 98,
        "aes": 99,
    }.items():
        yield f"zip, {what}", refused(lambda m=method: _header(whole, 10, 8, struct.pack("<H", m)), by_hand)
    yield "zip of a version to come", refused(lambda: _header(whole, 6, 4, b"\xff"), by_hand)
    yield "zip with a wrong sum", refused(lambda: _header(whole, 16, 14, b"\1\2\3\4"))
    yield "zip with broken content", refused(lambda: replaced(whole, 36, b"\xff" * 8))
    yield (
        "zip, lzma with broken properties",
        refused(lambda: replaced(zipped(_ONE, zipfile.ZIP_LZMA), 35, b"\xff" * 9)),
    )
    lzma_ = zipped(_ONE, zipfile.ZIP_LZMA)
    yield (
        "zip, lzma with a dictionary of 4 GiB",
        Case(lambda: replaced(lzma_, 40, b"\xff" * 4), told=f"{DAMAGED}|memory"),
    )
    for what, mode in {"link": stat.S_IFLNK, "pipe": stat.S_IFIFO, "device": stat.S_IFBLK}.items():
        yield (
            f"zip of a {what}",
            refused(
                lambda m=mode: zipped({"a": b"../.."}, external_attr=(m | 0o777) << 16),
                "only files are unpacked",
            ),
        )
    yield (
        "zip of a folder with content",
        refused(lambda: zipped({"a/": b"content", "b": b"1"}), "only files are unpacked"),
    )
    yield "zip of a file below a file", refused(lambda: zipped({"a": b"1", "a/b": b"2"}), "below a file")
    yield "zip of folders only", refused(lambda: zipped({"a/": b""}))
    yield "zip of nothing", refused(lambda: zipped({}))


def _names() -> Cases:
    for name in ("../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "c:evil", "\\\\host\\evil"):
        yield f"zip of {name}", refused(lambda n=name: zipped({"b": b"1", n: b"x"}), OUTSIDE)
    yield (
        "zip of a name of 5,000 characters",
        refused(lambda: zipped({"n" * 5000: b"x"}), "is too long: refused"),
    )
    yield "zip of a name of 65,000 characters", refused(lambda: zipped({"n/" * 32_500: b""}), "is too long")
    yield "zip of NUL in a name", refused(lambda: zipped({"a\0b": b"x"}), "a control character in its name")
    yield (
        "zip of a line end in a name",
        refused(lambda: zipped({"a\nb": b"x"}), "a control character in its name"),
    )
    yield "zip of a file without a name", refused(lambda: zipped({"./": b"", ".": b"x"}), "without a name")
    yield (
        "zip of a name given twice",
        refused(lambda: _twice(zipped({"a.jpg": b"1", "b.jpg": b"2"})), "twice"),
    )
    yield "zip of two names for one member", refused(lambda: zipped(_ONE).replace(b"a.jpg", b"b.jpg", 1))
    accented = zipped({"é.jpg": b"x"})
    yield "zip of a name that is no UTF-8", refused(lambda: accented.replace("é".encode(), b"\xe9\xe9"))
    yield (
        "zip of a name in another alphabet",
        Case(lambda: zipped({"x\x7f.jpg": b"x"}).replace(b"x\x7f", b"\x82\x82"), {"éé.jpg": b"x"}),
    )


def _twice(content: bytes) -> bytes:
    return content.replace(b"b.jpg", b"a.jpg")


def _directories() -> Cases:
    whole = zipped(GOOD)
    end = whole.rindex(_END)
    for what, place, raw in (
        ("offset of the directory", 16, b"\xff\xff\xff\x7f"),
        ("offset of the directory, all ones", 16, b"\xff" * 4),
        ("offset of the directory, zero", 16, bytes(4)),
        ("size of the directory", 12, b"\xff\xff\xff\x7f"),
        ("size of the directory, zero", 12, bytes(4)),
    ):
        yield (
            f"zip with a wrong {what}",
            Case(lambda p=place, r=raw: replaced(whole, end + p, r), told=f"{DAMAGED}|by hand"),
        )
    yield (
        "zip with a wrong number of a disk",
        Case(lambda: replaced(whole, end + 4, b"\1\0\1\0"), UNWRAPPED, DAMAGED),
    )
    yield "zip with a wrong number of members", refused(lambda: replaced(whole, end + 10, b"\7"))
    yield (
        "zip that leaves the number of members open",
        Case(lambda: replaced(whole, end + 8, b"\xff" * 4), UNWRAPPED, DAMAGED),
    )
    for what, place, raw in (
        ("offset of a member", 42, b"\xff\xff\xff\x7f"),
        ("offset of a member beyond 4 GiB", 42, b"\xff" * 4),
        ("length of a name", 28, b"\xff\xff"),
        ("length of an extra field", 30, b"\xff\xff"),
        ("length of a comment", 32, b"\xff\xff"),
        ("size of a member", 24, b"\xff\xff\xff\x7f"),
        ("size of a member beyond 4 GiB", 24, b"\xff" * 4),
        ("packed size of a member", 20, b"\xff\xff\xff\x7f"),
        ("signature", 0, b"PK\1\3"),
    ):
        told = f"{DAMAGED}|{BOMB}|a control character in its name"
        # A packed size that is too great does not matter to a stream that has an end of its own.
        files = UNWRAPPED if place == 20 else {}
        yield f"zip with a wrong {what}", Case(lambda p=place, r=raw: _header(whole, p, None, r), files, told)
    broken = zipped(GOOD, extra=b"\1\0\x20\0" + b"\xff" * 8)
    yield "zip with a broken zip64 field", Case(lambda: broken, UNWRAPPED, DAMAGED)
    sixty_four = zipped(_ONE, extra=struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62))
    yield "zip64 of 4 EiB", Case(lambda: _header(sixty_four, 20, None, b"\xff" * 8), told=f"{DAMAGED}|{BOMB}")
    locator = b"PK\6\7" + struct.pack("<IQI", 0, 1 << 62, 1)
    yield (
        "zip64 locator that leads nowhere",
        Case(lambda: whole[:end] + locator + whole[end:], UNWRAPPED, DAMAGED),
    )
    yield (
        "zip with a negative directory",
        refused(lambda: replaced(whole, end + 12, struct.pack("<I", len(whole)))),
    )
    for part in range(1, 8):
        yield f"zip cut after {part} eighths", refused(lambda n=part: whole[: len(whole) * n // 8])
    yield "zip without its end", refused(lambda: whole[:end])
    yield (
        "first of several parts of a zip",
        Case(lambda: b"PK\7\x08" + whole, UNWRAPPED, f"{DAMAGED}|by hand"),
    )


def _bombs() -> Cases:
    inner = zipped({"zeros": bytes(1 << 20)})
    yield "zip bomb", refused(_zeros, BOMB)
    size = struct.pack("<I", 100 << 20)
    yield "zip bomb that declares little", Case(lambda: _zeros().replace(size, b"\1\0\0\0"), told=DAMAGED)
    nested = zipped({"inner.zip": inner})
    yield "zip in a zip", Case(lambda: nested, {"inner.zip": inner})
    yield "overlapping members", refused(_overlapping, f"{DAMAGED}|{BOMB}")
    yield "zip of 200,000 headers", refused(_many, f"{DAMAGED}|{BOMB}|twice|memory")


def _zeros() -> bytes:
    return zipped({"zeros": bytes(100 << 20)})


def _overlapping() -> bytes:
    """Return a zip whose two hundred entries are one and the same megabyte."""
    whole = zipped({"a000": random.Random(1).randbytes(1 << 20)}, zipfile.ZIP_STORED)
    start, end = whole.index(_CENTRAL), whole.rindex(_END)
    entry = whole[start:end]
    entries = b"".join(entry.replace(b"a000", b"a%03d" % number) for number in range(200))
    tail = struct.pack("<4s4H2IH", _END, 0, 0, 200, 200, len(entries), start, 0)
    return whole[:start] + entries + tail


def _many() -> bytes:
    """Return a zip of a directory of one entry, repeated."""
    whole = zipped({"a": b""}, zipfile.ZIP_STORED)
    start, end = whole.index(_CENTRAL), whole.rindex(_END)
    entries = whole[start:end] * 200_000
    return whole[:start] + entries + struct.pack("<4s4H2IH", _END, 0, 0, 65535, 65535, len(entries), start, 0)


def _others() -> Cases:
    by_hand = r" is .+, which is not read here: unpack it by hand"
    page = r"is damaged or no archive \(it is (a web page|text)\): delete it and fetch it again"
    starts = {
        "7z": b"7z\xbc\xaf\x27\x1c\0\4",
        "rar 4": b"Rar!\x1a\7\0",
        "rar 5": b"Rar!\x1a\7\1\0",
        "zstandard": b"\x28\xb5\x2f\xfd",
        "lz4": b"\x04\x22\x4d\x18",
        "compress": b"\x1f\x9d\x90",
        "lzip": b"LZIP\1",
        "cabinet": b"MSCF\0\0\0\0",
    }
    for name, start in starts.items():
        yield (
            f"{name} in place of an archive",
            refused(lambda s=start: s + random.Random(2).randbytes(3000), by_hand),
        )
    yield "a web page", refused(lambda: b"\n <!DOCTYPE html><html>log in</html>" * 100, page)
    yield "a web page after a byte order mark", refused(lambda: b"\xef\xbb\xbf<html>" + b"x" * 9000, page)
    yield "an error in XML", refused(lambda: b"<?xml version='1.0'?><Error>AccessDenied</Error>", page)
    yield "an error in JSON", refused(lambda: b'{"message": "Not Found"}', page)
    yield (
        "a pointer to a large file",
        refused(lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", page),
    )
    yield "a web page, compressed", refused(lambda: gzip.compress(b"<html>log in</html>" * 100))
    yield "an empty file", refused(lambda: b"", r"\(it is empty\)")
    yield "a PDF", refused(lambda: b"%PDF-1.7\n" + random.Random(3).randbytes(3000))
    yield "random bytes", refused(lambda: random.Random(4).randbytes(100_000))
    yield "an image", refused(lambda: b"\xff\xd8\xff\xe0" + random.Random(5).randbytes(3000))
    yield "a tar and a zip in one", Case(lambda: tar(GOOD) + zipped({"b": b"1"}), UNWRAPPED)
