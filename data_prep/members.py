"""The members of a zip or tar file, one after another, whatever their bytes are."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from common.errors import UserError

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_COMPRESSIONS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_HEADER_LIMIT = 1 << 20  # bytes of a tar member that only names or describes the next one
_PADDING_LIMIT = 16 << 20  # bytes behind the end marker; tar pads to ten kilobytes or so
_CHUNK = 1 << 20
_DESCRIPTIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    UnicodeError,
    ValueError,
    IndexError,
    OverflowError,
    NotImplementedError,
    gzip.BadGzipFile,
)


class Damaged(Exception):
    """The archive's bytes are not those of an archive; the message is a clause that says what is wrong."""


@dataclass(frozen=True)
class Member:
    """One member of an archive.

    Attributes:
        name: as stored.
        kind: "file", "folder", "link", "device" or "sparse file".
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
        UserError: a member is encrypted.
        OSError: the file cannot be read.
    """
    with open(archive, "rb") as file:
        start = file.read(6)
        file.seek(0)
        members = _zip_members(file) if start.startswith(_ZIP_SIGNATURES) else _tar_members(file, start)
        try:
            yield from members
        except _DAMAGE as error:
            raise Damaged(str(error) or type(error).__name__) from error


class _Content:
    """A member's stream that meets corrupt bytes with `Damaged`, whatever the codec raises."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except _DAMAGE as error:
            raise Damaged(str(error) or type(error).__name__) from error

    def __enter__(self) -> _Content:
        return self

    def __exit__(self, *_) -> None:
        self._stream.close()


def _zip_members(file: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.flag_bits & 0x1:
                raise UserError(f"{file.name} is encrypted at {info.filename!r}: unpack it by hand.")
            # `filename` ends at a NUL that a reader of the whole name would trip over.
            yield Member(
                info.orig_filename,
                _zip_kind(info),
                info.file_size,
                info.header_offset,
                _zip_opener(archive, info),
            )


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        try:
            return _Content(archive.open(info))
        except _DAMAGE as error:
            raise Damaged(str(error)) from error

    return opened


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode in (0, stat.S_IFREG, stat.S_IFDIR):
        is_folder = mode == stat.S_IFDIR or info.orig_filename.endswith(("/", "\\"))
        return "folder" if is_folder else "file"
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
        if info.type in _DESCRIPTIONS and info.size > _HEADER_LIMIT:
            raise Damaged("the description of a member is absurdly long")
        return info


def _tar_members(file: IO[bytes], start: bytes) -> Iterator[Member]:
    opener = next((opener for signature, opener in _COMPRESSIONS if start.startswith(signature)), None)
    stream = opener(file) if opener else file
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_CheckedTarInfo, errorlevel=1) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # or the list would grow by a kilobyte a member
            if info.size < 0:
                raise Damaged("a member has a negative size")
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
