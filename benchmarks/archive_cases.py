"""What a hostile archive is and how it must end; and how one is put together, header by header."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

GOOD = {"top/images/a.jpg": b"a" * 2000, "top/images/b.jpg": b"b" * 10, "top/labels.csv": b"name,age\n" * 30}
UNWRAPPED = {name.removeprefix("top/"): content for name, content in GOOD.items()}
CODECS = {"tar": bytes, "tar.gz": gzip.compress, "tar.bz2": bz2.compress, "tar.xz": lzma.compress}
FORMS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
DAMAGED = r"is damaged or no archive \(.+\): delete it and fetch it again\.$"
OUTSIDE = r"which lies outside the target folder: refused\.$"
BOMB = r"refused as a bomb"
END = bytes(1024)


@dataclass(frozen=True)
class Case:
    """An archive and how unpacking it must end.

    Attributes:
        content: makes its bytes, the same every time.
        files: what must be unpacked, by name below the target; empty where the archive must be refused.
        told: what the sentence of a refusal must match; None where it must be unpacked. Where both are given,
            either will do.
    """

    content: Callable[[], bytes]
    files: dict[str, bytes] = field(default_factory=dict)
    told: str | None = None


def refused(content: Callable[[], bytes], told: str = DAMAGED) -> Case:
    """Return a case that must end in a sentence that matches `told`."""
    return Case(content, told=told)


def encoded(name: str) -> bytes:
    """Return the bytes of a name, which may be no UTF-8."""
    return name.encode("utf-8", "surrogateescape")


def tar_header(
    name: str = "a.jpg", kind: bytes = b"0", size: int = 0, link: str = "", at: dict[int, bytes] | None = None
) -> bytes:
    """Return a tar header of 512 bytes with the right sum, however absurd; `at` are raw bytes by place."""
    block = bytearray(tarfile.TarInfo().tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
    block[:100] = encoded(name)[:100].ljust(100, b"\0")
    block[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)
    block[156:157] = kind
    block[157:257] = encoded(link)[:100].ljust(100, b"\0")
    for place, raw in (at or {}).items():
        block[place : place + len(raw)] = raw
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar_member(name: str = "a.jpg", content: bytes = b"x", kind: bytes = b"0", **others) -> bytes:
    """Return a tar header and its content, padded to whole blocks."""
    return tar_header(name, kind, len(content), **others) + content + bytes(-len(content) % 512)


def pax(*records: tuple[str, str | bytes], kind: bytes = b"x") -> bytes:
    """Return an extended header with these records."""
    return tar_member("pax", b"".join(_record(key.encode(), value) for key, value in records), kind)


def _record(key: bytes, value: str | bytes) -> bytes:
    rest = b" " + key + b"=" + (value.encode() if isinstance(value, str) else value) + b"\n"
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def tar(members: dict[str, bytes], form: str = "pax") -> bytes:
    """Return a tar as the standard library writes it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=FORMS[form]) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zipped(
    members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, zip64: bool = False, **fields
) -> bytes:
    """Return a zip; `fields` are set on every member's ZipInfo before it is written."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name  # the constructor would cut it at a NUL
            info.compress_type = method
            for key, value in fields.items():
                setattr(info, key, value)
            with archive.open(info, "w", force_zip64=zip64) as out:
                out.write(content)
    return file.getvalue()


def replaced(content: bytes, place: int, raw: bytes) -> bytes:
    """Return `content` with other bytes at a place, counted from its end where negative."""
    place %= len(content)
    return content[:place] + raw + content[place + len(raw) :]
