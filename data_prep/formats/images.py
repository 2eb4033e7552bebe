"""Opening one image file that nobody has vouched for: upright RGB pixels, or one clause that says why not.

What is accepted, and how it becomes 8-bit RGB:

- what Pillow opens, told by the content, whatever the file's name: JPEG (also CMYK and YCCK), PNG, WebP,
  AVIF, GIF, TIFF, BMP, JPEG 2000 and rarer ones, HEIC where the package pillow-heif is installed; not EPS,
  for which Pillow starts another program;
- of a file with several pictures (an animation, pages, a second exposure) the first;
- a JPEG with anything behind its end marker, such as the film of a phone's motion photograph;
- 16 bits a channel: the upper eight are kept; grey and palette pictures become RGB;
- transparent pixels are laid over white;
- the camera's orientation (EXIF) is applied, so that landmarks refer to the picture as a viewer shows it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from data_prep.formats.signatures import TO_JPEG, refusal

SMALLEST_SIDE = 16
MOST_PIXELS = 64_000_000
MOST_BYTES = 256 * 2**20

# Pillow knows a format by name only once its plugin is loaded.
Image.init()
with contextlib.suppress(ImportError):  # not among what the suite needs, for its wheels hold a GPL library
    importlib.import_module("pillow_heif").register_heif_opener()
# Decoders that may not see a file: one starts Ghostscript, one needs Windows, the others decode nothing.
_NEVER = frozenset({"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})
# The rarer come last, for some of them are told by nothing but a plausible header.
_USUAL = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000")
FORMATS = (*_USUAL, *sorted(Image.OPEN.keys() - _NEVER - set(_USUAL)))

_KIND_OF_PAGE, _REDUCED = 254, 1  # a tag of TIFF, and its value for a page that shows another in small

# A JPEG's markers less what stands among coded pixels: fill, stuffed bytes, restarts.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_START, _END = 0xD8, 0xD9
_FILM = re.compile(rb"\0\0\0.ftyp", re.DOTALL)  # coded pixels have no such row of zeros

# What libjpeg says of a picture that it pads with grey or noise. Not among them: "extraneous bytes before
# marker", which many intact pictures on the web have.
_DAMAGE = re.compile(rb"premature end[\w ]*|bad huffman code|found marker \w+ instead of \w+", re.IGNORECASE)


class BadImage(Exception):
    """A file that cannot be used as an image; the message is one clause that says why."""


def read_bytes(path: str | Path) -> bytes:
    """Return the content of an image file.

    Raises:
        BadImage: it cannot be read, is empty, or larger than `MOST_BYTES`.
    """
    try:
        size = os.stat(path).st_size
        if size > MOST_BYTES:
            raise BadImage(f"the file is larger than {MOST_BYTES // 2**20} MiB")
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise BadImage(f"the file cannot be read: {error.strerror}") from error
    if not data:
        raise BadImage("the file is empty (zero bytes)")
    return data


def decode(data: bytes) -> np.ndarray:
    """Return the picture in `data`, an image file's content, as (H, W, 3) uint8 RGB, upright.

    Width and height are read from the header first: more than `MOST_PIXELS` are refused before any memory is
    asked for. Standard error of the whole process is held back while a JPEG is decoded, for
    libjpeg reports damage nowhere else: this is not for several threads at once.

    Raises:
        BadImage: it is not an image, is truncated, damaged, or of absurd size.
    """
    image = _open(data)
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise BadImage(_too_large(f"{width:,} x {height:,} px"))
    if min(width, height) < SMALLEST_SIDE:
        raise BadImage(f"the image is {width} x {height} px, smaller than {SMALLEST_SIDE} px a side")
    if image.format in ("JPEG", "MPO"):
        # Only OpenCV's decoder tells of damage, and only Pillow's reads four inks as they were meant.
        pixels = _decode_jpeg(data)
        if image.mode in ("L", "RGB"):
            return pixels
    return _decode_other(image)


def dhash(pixels: np.ndarray, side: int = 8) -> str:
    """Return the difference hash of (H, W, 3) uint8 `pixels`: side * side bits in hexadecimal.

    Each bit says whether the grey picture, shrunk to `side` + 1 by `side` cells, gets brighter from one cell
    to its right neighbour. Copies that were scaled, recompressed or brightened differ in few bits.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    cells = cv2.resize(grey, (side + 1, side), interpolation=cv2.INTER_AREA)
    return np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes().hex()


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BadImage(_too_large("an absurd size")) from error
    except Exception as error:  # Pillow's parsers raise what they please on a hostile header
        raise BadImage(refusal(data, "HEIF" in FORMATS)) from error
    if image.format == "TIFF" and image.tag_v2.get(_KIND_OF_PAGE) == _REDUCED:
        raise BadImage(f"the file begins with a thumbnail, as a camera's raw data does: {TO_JPEG}")
    return image


def _too_large(declared: str) -> str:
    return f"the image declares {declared}, more than {MOST_PIXELS // 10**6} million pixels"


def _decode_jpeg(data: bytes) -> np.ndarray:
    end = _jpeg_end(data)
    if end is None:  # decoders would pad what is missing
        raise BadImage("the image is truncated")
    data = data[:end]
    with _native_messages() as messages:
        try:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error as error:
            raise BadImage("the image is damaged and cannot be decoded") from error
    damage = _DAMAGE.search(messages.getvalue())
    if damage:
        raise BadImage(f"the image is damaged: {damage[0].decode().lower()}")
    if pixels is None:
        raise BadImage("the image is damaged and cannot be decoded")
    return pixels


def _jpeg_end(data: bytes) -> int | None:
    """Return the length of the JPEG picture that `data` begins with, None where its end marker is missing.

    Segments are passed over by their length, for a thumbnail in one has an end marker of its own. What begins
    another file before that marker was put behind a picture that is cut short.
    """
    at = 2
    while found := _MARKER.search(data, at):
        marker, after = data[found.end() - 1], found.end()
        if marker == _START or _FILM.search(data, at, found.start()):
            return None
        if marker == _END:
            return after
        at = after + int.from_bytes(data[after : after + 2])
    return None


def _decode_other(image: Image.Image) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image), image.format)
    except BadImage:
        raise
    except Exception as error:  # as in _open
        cut_off = "truncated" in str(error)
        reason = "the image is truncated" if cut_off else "the image is damaged and cannot be decoded"
        raise BadImage(reason) from error


def _to_rgb(image: Image.Image, kind: str | None) -> np.ndarray:
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode == "I" and kind == "PPM":  # Pillow has scaled what its header declares to 16 bits
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise BadImage("the image has 32 bits a pixel and no range that could be scaled to 8")
    if image.has_transparency_data:
        over = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(over, image.convert("RGBA"))
    if image.mode == "LAB":
        raise BadImage("the image has Lab colours, which are not read: convert it to JPEG")
    return np.array(image.convert("RGB"))


@contextlib.contextmanager
def _native_messages() -> Iterator[io.BytesIO]:
    """Collect what C libraries write to standard error inside the block; it is there when the block ends."""
    collected = io.BytesIO()
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield collected
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            collected.write(file.read())
