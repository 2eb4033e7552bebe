"""What a file is by its first bytes, whatever its name says: a picture, an archive, or what else is given."""

from __future__ import annotations

import re

BYTES = 512
"""How many of a file's first bytes tell what it is."""

TO_JPEG = "convert it to JPEG"

_PICTURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r|GIF8|BM....\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP|....ftyp(?:avi|hei|hev|mif1|msf1)"
    rb"|\0\0\0\x0cjP  |\xff\x4f\xff\x51|8BPS|qoif",
    re.DOTALL,
)
_HEIC = re.compile(rb"....ftyp(hei|hev|mif1|msf1)", re.DOTALL)
_WEB_PAGE = re.compile(rb"(?i:(\xef\xbb\xbf)?\s*(<!doctype|<html|<\?xml))")
# What else people keep among their photographs; the first that fits is told.
_OTHERS = tuple(
    (re.compile(pattern, re.DOTALL), what)
    for pattern, what in (
        (rb"....ftypcrx|FUJIFILMCCD-RAW|IIR[OS]|IIU\0|MMOR", f"a camera's raw data: {TO_JPEG}"),
        (
            rb"\0...(ftyp|moov|mdat|wide|free)|\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xb3\xba]|FLV",
            "a film, not a photograph: save one of its pictures as JPEG",
        ),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", f"a JPEG XL picture, which is not read: {TO_JPEG}"),
        (rb"%PDF|%!PS|\xc5\xd0\xd3\xc6", f"a document, not an image: {TO_JPEG}"),
        (rb"PK\x03\x04|\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ", "an archive, not an image: unpack it"),
        (rb"(?i:\s*(<\?xml.{0,300})?<svg)", f"a drawing (SVG), not a photograph: {TO_JPEG}"),
        (_WEB_PAGE.pattern, "a web page, not an image"),
    )
)
# Archives that the standard library does not read.
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
_SPACES = str.maketrans("\t\r\n\f", "    ")


def is_picture(start: bytes) -> bool:
    """Return whether a file that begins so is a picture in one of the usual formats.

    >>> is_picture(b"\\xff\\xd8\\xff\\xe0"), is_picture(b"BM is short for bitmap")
    (True, False)
    """
    return _PICTURE.match(start) is not None


def refusal(start: bytes, reads_heic: bool = False) -> str:
    """Return the clause that says why a file that begins so cannot be used, with a remedy where there is one.

    Args:
        start: at least the first `BYTES` of the file, or all of it.
        reads_heic: whether HEIC can be decoded here, so that one that was not is damaged.

    >>> refusal(b"%PDF-1.7")
    'the file is a document, not an image: convert it to JPEG'
    """
    start = start[:BYTES]
    if not start:
        return "the file is empty (zero bytes)"
    if _HEIC.match(start) and not reads_heic:
        return f"the file is a HEIC photograph: run pip install pillow-heif, or {TO_JPEG}"
    other = None if is_picture(start) else next((what for form, what in _OTHERS if form.match(start)), None)
    if other:
        return f"the file is {other}"
    if is_picture(start) or start.startswith((b"BM", b"RIFF", b"\x89PNG")):
        return "the image is truncated or damaged within its header"
    return "the file is not an image of a known format (JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000)"


def is_web_page(start: bytes) -> bool:
    """Return whether a file that begins so is HTML or XML."""
    return _WEB_PAGE.match(start) is not None


def is_text(start: bytes) -> bool:
    """Return whether a file starts with nothing but printable ASCII."""
    return start.isascii() and start.decode("ascii").translate(_SPACES).isprintable()


def other_archive(start: bytes) -> str | None:
    """Return what kind of archive starts so, of those that the standard library does not read."""
    return next((kind for signature, kind in _ARCHIVES.items() if start.startswith(signature)), None)
