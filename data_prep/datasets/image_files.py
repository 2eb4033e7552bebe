"""Which files of a folder are images, told by their names or by how they begin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from data_prep.datasets.samples import Rejected
from data_prep.datasets.walking import printable, walk
from data_prep.formats.signatures import BYTES, is_picture, refusal

# Of pictures, whether they can be read or must be refused by name; others are told by their content.
IMAGE_SUFFIXES = frozenset(
    f".{ending}"
    for endings in (
        "jpg jpeg jpe jif jfif mpo png apng bmp dib tif tiff webp gif avif avifs heic heif hif",
        "jp2 j2k jpx jxl ppm pgm pbm pnm tga pcx psd qoi sgi ico icns dng cr2 cr3 nef arw orf rw2 raf",
    )
    for ending in endings.split()
)


def is_image_name(name: str) -> bool:
    """Return whether a file of this name is meant to be an image; macOS' "._x.jpg" shadows are not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def image_files(
    root: Path, below: str = ".", *, recursive: bool = True, every: bool = False
) -> Iterator[tuple[str, Path] | Rejected]:
    """Yield (name, path) of every image file under root/below, sorted, name relative to `root`.

    An image is what is named like one or begins like one. With `every`, what is neither is yielded as
    Rejected, so that nothing that lies there is missing.

    The order and links to folders are as in `walk`. What is named like an image but is none (a pipe, a broken
    link), or has a name that no text file can hold, is yielded as Rejected.
    """
    for found in walk(root, below, recursive=recursive, hidden=every):
        if isinstance(found, Rejected):
            yield found
        elif file := _found(found.as_posix(), root / found, every):
            yield file


def _found(name: str, path: Path, every: bool) -> tuple[str, Path] | Rejected | None:
    """Return what `image_files` yields of a file, None of one that is no image and may be left out."""
    file = _image_file(name, path)
    if is_image_name(path.name):
        return file
    if os.path.islink(path) and not os.path.exists(path):
        # It may have led to a folder of images.
        return Rejected(printable(Path(name)), "a link that leads nowhere", files=0)
    if isinstance(file, Rejected):
        return file if every else None
    if path.name.startswith("."):
        return Rejected(name, "a hidden file is not read: rename it if it is a photograph") if every else None
    try:
        with open(path, "rb") as content:
            start = content.read(BYTES)
    except OSError as error:
        return Rejected(name, f"the file cannot be read: {error.strerror}") if every else None
    if is_picture(start):
        return file
    return Rejected(name, refusal(start)) if every else None


def _image_file(name: str, path: Path) -> tuple[str, Path] | Rejected:
    shown = printable(Path(name))
    if shown != name:
        return Rejected(shown, "file name is not valid UTF-8")
    if any(ord(character) < 32 for character in name):
        return Rejected(name, "file name holds a control character")
    if not os.path.isfile(path):
        return Rejected(name, "not a regular file, or a link that leads nowhere")
    return name, path
