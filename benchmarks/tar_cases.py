"""Hostile tar files, plain and compressed, and right ones that look hostile."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import zlib
from collections.abc import Callable, Iterator

from benchmarks.archive_cases import (
    BOMB,
    CODECS,
    DAMAGED,
    END,
    FORMS,
    GOOD,
    OUTSIDE,
    UNWRAPPED,
    Case,
    pax,
    refused,
    replaced,
    tar,
    tar_header,
    tar_member,
)

_LAST = tar_member("last.jpg") + END
_EITHER = f"{DAMAGED}|{BOMB}"

Cases = Iterator[tuple[str, Case]]


def tar_cases() -> dict[str, Case]:
    """Return all cases by name."""
    return dict(
        [*_right(), *_chains(), *_sizes(), *_records(), *_kinds(), *_names(), *_cut(), *_compressed()]
    )


def _right() -> Cases:
    for form in FORMS:
        for codec, compress in CODECS.items():
            yield f"{codec} in {form} form", Case(lambda f=form, c=compress: c(tar(GOOD, f)), UNWRAPPED)
    long = {"/".join(["folder" * 10] * 3) + f"/{'n' * 90}.jpg": b"x", "b": b"y", "Åström/é.jpg": b"z"}
    for form in ("gnu", "pax"):
        yield f"long and accented names in {form} form", Case(lambda f=form: tar(long, f), long)
    yield "V7 header", Case(lambda: tar_member(kind=b"\0", at={257: bytes(8)}) + END, {"a.jpg": b"x"})
    yield "contiguous file", Case(lambda: tar_member(kind=b"7") + END, {"a.jpg": b"x"})
    yield "two tars in one", Case(lambda: tar(GOOD) + tar({"b": b"1"}), UNWRAPPED)
    cased = {"A.jpg": b"1", "a.jpg": b"2"}
    yield "names that differ in case only", Case(lambda: tar(cased), cased)
    latin = {"\udce5.jpg": b"x"}
    yield "name in Latin-1", Case(lambda: tar_member("\udce5.jpg") + END, latin)
    yield "name in Latin-1 in pax", Case(lambda: pax(("path", b"\xe5.jpg")) + tar_member() + END, latin)
    binary = (("hdrcharset", "BINARY"), ("path", b"\xe5.jpg"))
    yield "binary name in pax", Case(lambda: pax(*binary) + tar_member() + END, latin)
    yield (
        "four descriptions of one member",
        Case(
            lambda: (
                pax(("comment", "x"), kind=b"g")
                + pax(("mtime", "1.5"))
                + tar_member("l", b"b.jpg\0", b"L")
                + tar_member("l", b"c.jpg\0", b"K")
                + tar_member()
                + END
            ),
            {"b.jpg": b"x"},
        ),
    )
    yield "garbage behind the end", Case(lambda: tar(GOOD) + random.Random(1).randbytes(5000), UNWRAPPED)


def _chains() -> Cases:
    """Descriptions of one member without end: `tarfile` reads them by recursion."""
    for count in (1200, 20_000):
        yield f"chain of {count:,} pax headers", refused(lambda n=count: pax(("comment", "x")) * n + _LAST)
    yield "chain of 1,200 global headers", refused(lambda: pax(("comment", "x"), kind=b"g") * 1200 + _LAST)
    for what, kind in (("names", b"L"), ("links", b"K")):
        yield (
            f"chain of 1,200 long {what}",
            refused(lambda k=kind: tar_member("l", b"n" * 40, k) * 1200 + _LAST),
        )
    yield "pax headers that fill the memory", _squeezed(lambda _: pax(("comment", "v" * 1_000_000)), 400)
    yield (
        "global headers that fill the memory",
        _squeezed(lambda i: pax((f"k{i}", "v" * 900_000), kind=b"g") + tar_member(f"{i}.jpg"), 600),
    )
    yield (
        "keys of global headers that fill the memory",
        _squeezed(lambda i: pax(("k" * 900_000 + str(i), "v"), kind=b"g") + tar_member(f"{i}.jpg"), 600),
    )
    more = tar_header("sparse", b"S", 0, at={482: b"\1", 483: b"00000001000\0"})
    block = (b"%011o\0" % 1) * 42 + b"\1" + bytes(7)
    yield (
        "map of a sparse file that fills the memory",
        _squeezed(lambda i: block * 2000 if i else more, 400, f"{DAMAGED}|a sparse file"),
    )
    numbers = pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")) + tar_header("s", b"0", 1 << 30)
    yield (
        "numbers of a sparse file that fill the memory",
        _squeezed(lambda i: b"1\n" * 500_000 if i else numbers + b"99999999999\n", 300),
    )


def _squeezed(part: Callable[[int], bytes], count: int, told: str = DAMAGED) -> Case:
    """Return the case of a tar.gz of `count` parts, many times as large as its file."""

    def content() -> bytes:
        file = io.BytesIO()
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as out:
            for number in range(count):
                out.write(part(number))
            out.write(_LAST)
        return file.getvalue()

    return refused(content, told)


def _sizes() -> Cases:
    for size in (1 << 40, 1 << 62, (1 << 87) - 1, -1, -512, -(1 << 60)):
        for what, kind in (("file", b"0"), ("pax header", b"x"), ("long name", b"L"), ("sparse file", b"S")):
            yield (
                f"{what} of {size:,} bytes",
                refused(
                    lambda s=size, k=kind: tar_header(kind=k, size=s) + _LAST, f"{_EITHER}|a sparse file"
                ),
            )
    for raw in (b"zzzzzzzzzzz\0", b"\xff" * 12, b"99999999999\0", b"0x1000000000"):
        yield (
            f"size written as {ascii(raw)[2:-1]}",
            refused(lambda r=raw: tar_header(at={124: r}) + _LAST, _EITHER),
        )


def _records() -> Cases:
    for value in ("-1", "-1024", "9" * 30, "9" * 5000, "x", "1e9", "²", "nan"):
        # A number that cannot be read counts as none: that the size is then the header's is right too.
        yield (
            f"size {ascii(value[:9])[1:-1]} in pax",
            Case(
                lambda v=value: pax(("size", v)) + tar_member() + _LAST,
                {"a.jpg": b"x", "last.jpg": b"x"},
                _EITHER,
            ),
        )
    for what, record in {
        "of zero": b"0 path=x\n",
        "of 5,000 digits": b"9" * 5000 + b" path=x\n",
        "beyond the header": b"99999 path=x\n",
        "that is no number": b"xx path=x\n",
    }.items():
        # A length that covers what follows makes a name of it.
        yield (
            f"record with a length {what}",
            Case(
                lambda r=record: tar_member("p", r, b"x") + tar_member() + _LAST,
                {"a.jpg": b"x", "last.jpg": b"x"},
                f"{_EITHER}|a control character in its name",
            ),
        )
    for key, value in {
        "mtime": "inf",
        "uid": "9" * 400,
        "gid": "-1",
        "mode": "x",
        "linkpath": "/etc",
    }.items():
        yield (
            f"{key} {value[:5]} in pax",
            Case(lambda k=key, v=value: pax((k, v)) + tar_member() + END, {"a.jpg": b"x"}, _EITHER),
        )


def _kinds() -> Cases:
    def kind(name: str, content: bytes, told: str) -> tuple[str, Case]:
        return name, refused(lambda: content + _LAST, told)

    link = r"a link: only files are unpacked"
    yield kind("link to itself", tar_header("a", b"2", link="a"), link)
    yield kind(
        "two links in a circle", tar_header("a", b"2", link="b") + tar_header("b", b"2", link="a"), link
    )
    yield kind("link out", tar_header("a", b"2", link="../..") + tar_member("a/evil"), link)
    yield kind("hard link out", tar_header("a", b"1", link="/etc/passwd"), link)
    yield kind("hard link to a file before it", tar_member("b") + tar_header("a", b"1", link="b"), link)
    yield kind("link named in pax", pax(("linkpath", "/etc")) + tar_header("a", b"2"), link)
    for what, code in (("character device", b"3"), ("block device", b"4"), ("pipe", b"6")):
        yield kind(
            what, tar_header("a", code, at={329: b"0000001\0" * 2}), "a device: only files are unpacked"
        )
    sparse = f"a sparse file: only files|{DAMAGED}"
    yield kind("sparse file", tar_header("a", b"S", at={483: b"00000001000\0"}), sparse)
    yield kind(
        "sparse map in pax 0.0",
        pax(("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "1")) + tar_member(),
        sparse,
    )
    yield kind("sparse map in pax 0.1", pax(("GNU.sparse.map", "0,1,x")) + tar_member(), sparse)
    yield kind(
        "sparse map of 5,000 digits", pax(("GNU.sparse.map", "0," + "9" * 5000)) + tar_member(), sparse
    )
    yield kind(
        "file below a file", tar_member("a") + tar_member("a/b"), "below a file of the same name: refused"
    )
    yield kind(
        "folder in a file's place", tar_member("a") + tar_header("a", b"5"), "below a file of the same name"
    )
    yield kind("file in a folder's place", tar_header("a/", b"5") + tar_member("a"), "twice: refused")


def _names() -> Cases:
    def name(what: str, given: str | bytes, told: str) -> tuple[str, Case]:
        return what, refused(lambda: tar_member("b") + pax(("path", given)) + tar_member() + END, told)

    for given in (
        "/etc/evil",
        "../evil",
        "a/../../evil",
        "..",
        "\\evil",
        "..\\evil",
        "C:\\evil",
        "c:evil",
        "//evil",
    ):
        yield name(f"name {given}", given, OUTSIDE)
    yield name("name of 5,000 characters", "n" * 5000, "is too long: refused")
    yield name("name of 900,000 characters", "n" * 900_000, "is too long: refused")
    yield name("2,000 folders deep", "d/" * 2000 + "a", "is too long: refused")
    yield name("NUL in a name", "a\0b", "a control character in its name")
    yield name("line end in a name", "a\nb", "a control character in its name")
    yield name("escape sequence in a name", "\x1b[2J", "a control character in its name")
    yield name("name given twice", "b", "twice: refused")
    yield name("name given twice, written otherwise", ".//b", "twice: refused")
    yield name("file without a name", ".", "without a name")
    yield name("file whose name is empty", "./", "without a name")
    long = tar_member("l", b"m" * 5000 + b"\0", b"L")
    yield "long name of 5,000 characters", refused(lambda: long + tar_member() + END, "is too long: refused")


def _cut() -> Cases:
    whole = tar(GOOD, "gnu")
    content = whole[: 512 * 9]  # three headers and six blocks of content
    for block in range(1, 9):
        yield f"cut after block {block}", refused(lambda n=block: content[: 512 * n])
        yield f"cut inside block {block}", refused(lambda n=block: content[: 512 * n - 100])
    yield "wrong sum of a header", refused(lambda: replaced(whole, 148, b"000000\0 "))
    yield "wrong sum of a later header", refused(lambda: replaced(whole, 512 * 5 + 148, b"000000\0 "))
    yield "nothing but zeros", refused(lambda: bytes(20 << 20))
    yield "zeros without end", refused(lambda: gzip.compress(bytes(200 << 20), 1))
    yield "folders only", refused(lambda: tar_header("a/", b"5") + END)


def _compressed() -> Cases:
    whole = tar(GOOD)
    for codec in ("tar.gz", "tar.bz2", "tar.xz"):
        squeezed = CODECS[codec](whole)
        halves = CODECS[codec](whole[:2000]) + CODECS[codec](whole[2000:])
        yield f"{codec} of two streams", Case(lambda h=halves: h, UNWRAPPED)
        yield f"{codec} cut before its sum", refused(lambda s=squeezed: s[:-6])
        yield f"{codec} that is empty", refused(lambda s=squeezed: s[:12])
        yield f"{codec} of itself", refused(lambda s=squeezed, c=CODECS[codec]: c(s))
    squeezed = gzip.compress(whole, mtime=0)
    yield "gz with a wrong sum", refused(lambda: replaced(squeezed, -8, b"\1\2\3\4"))
    yield "gz with a wrong length", refused(lambda: replaced(squeezed, -4, b"\1\2\3\4"))
    yield "gz of an unknown method", refused(lambda: replaced(squeezed, 2, b"\7"))
    yield "gz with garbage behind it", refused(lambda: squeezed + b"garbage")
    yield "gz padded with zeros", Case(lambda: squeezed + bytes(1000), UNWRAPPED)
    named = squeezed[:3] + b"\x08" + squeezed[4:10] + b"n" * 300_000 + b"\0" + squeezed[10:]
    yield "gz with a name of 300,000 characters", Case(lambda: named, UNWRAPPED)
    yield "gz of 50,000 streams", Case(lambda: gzip.compress(b"", mtime=0) * 50_000 + squeezed, UNWRAPPED)
    bomb = tar_header("a", size=1 << 30)
    yield "gz bomb", refused(lambda: gzip.compress(bomb + bytes(64 << 20), 1), BOMB)
    yield "bz2 bomb", refused(lambda: bz2.compress(bomb + bytes(64 << 20), 1), BOMB)
    yield "xz bomb", refused(lambda: lzma.compress(bomb + bytes(64 << 20), preset=0), BOMB)
    yield "bomb behind the end", refused(lambda: gzip.compress(_LAST + bytes(64 << 20), 1))
    yield "bz2 with a wrong sum", refused(lambda: replaced(bz2.compress(whole), 10, b"\1\2\3\4"))
    xz = lzma.compress(whole)
    yield "xz padded with zeros", Case(lambda: xz + bytes(400), UNWRAPPED, DAMAGED)
    yield "xz with a wrong sum", refused(lambda: replaced(xz, -20, b"\1\2\3\4"))
    yield "xz with garbage behind it", Case(lambda: xz + b"garbage!", UNWRAPPED, DAMAGED)
    for megabytes, code in ((1024, 36), (4096, 40)):
        # The size of the dictionary is one byte of the block's header; 40 stands for 4 GiB less a byte.
        yield f"xz with a dictionary of {megabytes} MiB", refused(lambda c=code: _xz(whole, c), "memory")
    yield (
        "lzma without a container",
        refused(lambda: lzma.compress(whole, format=lzma.FORMAT_ALONE), "lzma alone, .*: unpack it by hand"),
    )


def _xz(content: bytes, dictionary: int) -> bytes:
    """Return an xz file that asks for a dictionary of any size, with the sum of its header put right."""
    squeezed = bytearray(lzma.compress(content, check=lzma.CHECK_CRC32))
    size = (squeezed[12] + 1) * 4
    head = squeezed[12 : 12 + size - 4]
    place = head.index(b"\x21\x01")  # the identifier of LZMA2 and the size of its properties
    squeezed[12 + place + 2] = dictionary
    squeezed[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(squeezed[12 : 12 + size - 4]))
    return bytes(squeezed)
