"""The members of a zip or tar file, one after another, whatever their bytes are."""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data_prep.formats.signatures import is_text, is_web_page, other_archive

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_COMPRESSIONS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_HEADER_LIMIT = 1 << 20  # bytes of a tar member that only names or describes the next one
_DESCRIBED_LIMIT = 5 << 20  # bytes of all that describes one member: four such and a block or two
_PADDING_LIMIT = 16 << 20  # bytes behind the end marker; tar pads to ten kilobytes or so
_CHUNK = 1 << 20
_ZIP_END = b"PK\x05\x06"
_ZIP_END_SIZE = 22 + 65_535  # bytes of the record at a zip's end, with the longest comment
_LONGEST_CLAUSE = 200
_DESCRIPTIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class Damaged(Exception):
    """The archive's bytes are not those of an archive; the message is a clause that says what is wrong."""


class NotRead(Exception):
    """The archive may be right, but is of a kind that is not read here; the message says so of "it"."""


@dataclass(frozen=True)
class Member:
    """One member of an archive.

    Attributes:
        name: as stored.
        kind: "file", "folder", "folder with content", "link", "device" or "sparse file".
        size: of the content, as declared.
        position: where in the archive it is, in bytes.
        open: gives the content as a stream, to be read before the next member is asked for.
    """

    name: str
    kind: str
    size: int
    position: int
    open: Callable[[], IO[bytes]]


def open_members(archive: Path) -> Iterator[Member]:
    """Yield the members of a zip, tar, tar.gz, tar.bz2 or tar.xz file in stored order.

    Raises:
        Damaged: the file is no archive, or is cut short or corrupt; also while a member is read.
        NotRead: it is another kind of archive, encrypted, compressed in a way that is not known here, or
            needs more memory than there is; also while a member is read.
        OSError: the file cannot be read.
    """
    with open(archive, "rb") as file, _parsing():
        start = file.read(512)
        file.seek(0)
        if not start:
            raise Damaged("it is empty")
        if is_web_page(start):
            raise Damaged("it is a web page")
        if other := other_archive(start):
            raise NotRead(f"is {other}, which is not read here")
        yield from _zip_members(file) if start.startswith(_ZIP_SIGNATURES) else _tar_members(file, start)


@contextlib.contextmanager
def _parsing() -> Iterator[None]:
    """Turn what the readers of the standard library raise on hostile bytes into `Damaged` or `NotRead`."""
    try:
        yield
    except (Damaged, NotRead):
        raise
    except NotImplementedError as error:
        raise NotRead(f"is of a kind that is not read here ({_clause(error)})") from error
    except MemoryError as error:
        raise NotRead("needs more memory to unpack than there is") from error
    except RecursionError as error:
        raise Damaged("the description of a member has no end") from error
    except OSError as error:
        # Codecs raise it without a number, and a place that the bytes name may be before the file's start.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise Damaged(_clause(error)) from error
    except Exception as error:  # the parsers raise what they please on a hostile header
        raise Damaged(_clause(error)) from error


def _clause(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(one if one.isprintable() else "?" for one in text[:_LONGEST_CLAUSE])


class _Content:
    """A member's stream that meets corrupt bytes as `_parsing` does, whatever the codec raises."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def read(self, size: int) -> bytes:
        with _parsing():
            return self._stream.read(size)

    def __enter__(self) -> _Content:
        return self

    def __exit__(self, *_) -> None:
        self._stream.close()


def _zip_members(file: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        stated = _stated_members(file)
        if stated is not None and stated != len(archive.infolist()) % 65_536:
            raise Damaged(f"it says that it has {stated:,} members, and lists {len(archive.infolist()):,}")
        for info in archive.infolist():
            if info.flag_bits & 0x1:
                raise NotRead(f"is encrypted at {info.filename[:_LONGEST_CLAUSE]!a}")
            # `filename` ends at a NUL that a reader of the whole name would trip over.
            yield Member(
                info.orig_filename,
                _zip_kind(info),
                info.file_size,
                info.header_offset,
                _zip_opener(archive, info),
            )


def _stated_members(file: IO[bytes]) -> int | None:
    """Return the number of members, modulo 65,536, that a zip's end states; None where zip64 states it.

    `zipfile` does not look at it, and passes over what a wrong length in the directory covers.
    """
    file.seek(max(0, file.seek(0, os.SEEK_END) - _ZIP_END_SIZE))
    tail = file.read()
    place = tail.rfind(_ZIP_END)
    stated = int.from_bytes(tail[place + 10 : place + 12], "little")
    return None if stated == 65_535 else stated


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        with _parsing():
            return _Content(archive.open(info))

    return opened


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode in (0, stat.S_IFREG, stat.S_IFDIR):
        is_folder = mode == stat.S_IFDIR or info.orig_filename.endswith(("/", "\\"))
        if is_folder:
            return "folder with content" if info.file_size else "folder"
        return "file"
    return "link" if mode == stat.S_IFLNK else "device"


class _CheckedTarInfo(tarfile.TarInfo):
    """Refuses the headers that `tarfile` silently takes for the end, and those that would fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes, encoding: str, errors: str) -> tarfile.TarInfo:
        if len(buf) < tarfile.BLOCKSIZE:
            raise Damaged("it is cut short")
        if not any(buf):
            return super().frombuf(buf, encoding, errors)  # the end marker
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.TarError as error:
            raise Damaged(str(error)) from error
        if info.type in _DESCRIPTIONS and not 0 <= info.size <= _HEADER_LIMIT:
            raise Damaged("the description of a member is absurdly long")
        return info


class _Metered:
    """The stream of a tar, from which `left` more bytes may be read.

    `tarfile` keeps in memory all that describes a member, which a few compressed bytes can make endless.
    """

    def __init__(self, stream: IO[bytes]):
        self._stream, self.left = stream, _DESCRIBED_LIMIT

    def read(self, size: int) -> bytes:
        self.left -= size
        if self.left < 0:
            raise Damaged("the description of a member is absurdly long")
        return self._stream.read(size)


def _tar_members(file: IO[bytes], start: bytes) -> Iterator[Member]:
    opener = next((opener for signature, opener in _COMPRESSIONS if start.startswith(signature)), None)
    if opener is None and is_text(start):
        raise Damaged("it is text")
    stream = opener(file) if opener else file
    metered = _Metered(stream)
    with tarfile.open(fileobj=metered, mode="r|", tarinfo=_CheckedTarInfo, errorlevel=1) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # or the list would grow by a kilobyte a member
            if info.size < 0:
                raise Damaged("a member has a negative size")
            if sum(len(key) + len(value) for key, value in archive.pax_headers.items()) > _HEADER_LIMIT:
                raise Damaged("what describes all members is absurdly long")
            metered.left = info.size + _DESCRIBED_LIMIT
            yield Member(info.name, _tar_kind(info), info.size, file.tell(), _tar_opener(archive, info))
    if opener:
        _read_to_end(stream)


def _read_to_end(stream: IO[bytes]) -> None:
    """Read the padding behind the last member, so that the codec meets its checksum or its cut end."""
    for _ in range(_PADDING_LIMIT // _CHUNK):
        if not stream.read(_CHUNK):
            return
    raise Damaged("much data follows its end")


def _tar_opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    return lambda: _Content(archive.extractfile(info))


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.issparse():
        return "sparse file"
    if info.isreg():
        return "file"
    return "link" if info.islnk() or info.issym() else "device"
