"""What a file that is no archive we read is by its first bytes."""

from __future__ import annotations

_ARCHIVES = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"MSCF": "a cabinet file",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"\x04\x22\x4d\x18": "compressed by lz4",
    b"\x1f\x9d": "compressed by compress",
    b"LZIP": "compressed by lzip",
    b"\x5d\x00\x00": "compressed by lzma alone",
}


def is_web_page(start: bytes) -> bool:
    """Return whether a file that starts so is HTML or XML."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype", b"<html", b"<?xml"))


def is_text(start: bytes) -> bool:
    """Return whether a file starts with nothing but printable ASCII."""
    return start.isascii() and start.decode("ascii").translate(_SPACES).isprintable()


def other_archive(start: bytes) -> str | None:
    """Return what kind of archive starts so, of those that the standard library does not read."""
    return next((kind for signature, kind in _ARCHIVES.items() if start.startswith(signature)), None)


_SPACES = str.maketrans("\t\r\n\f", "    ")
