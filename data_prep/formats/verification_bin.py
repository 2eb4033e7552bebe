"""insightface's verification files (agedb_30.bin, calfw.bin), unpacked into a folder of images and pairs.

Such a file is a pickle of (encoded images, flags): images 2n and 2n + 1 are pair n, which shows one person
where flag n is true. It is read by `data_prep.formats.pickles`, to which a hostile file can do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from common.files import atomic_write, write_table, writing_to
from common.progress import Progress
from data_prep.formats.images import BadImage, decode
from data_prep.formats.pickled_values import BadPickle
from data_prep.formats.pickles import load_plain
from data_prep.formats.unpacked import DONE, digest, state, stated

PAIRS = "pairs.txt"
REJECTED = "rejected.csv"

MOST_BYTES = 1 << 30
"""Of a file; the largest public one has some 80 MB."""
MOST_IMAGES = 200_000
MOST_IMAGE_BYTES = 1 << 24

_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp"}


@dataclass(frozen=True)
class VerificationFile:
    """What a file holds.

    Attributes:
        images: the encoded images; what is no bytes stands as it was found.
        same: whether the two of each pair are one person.
    """

    images: Sequence[object]
    same: Sequence[bool]


def read_bin(path: Path) -> VerificationFile:
    """Read a verification file; the images in it are not looked at.

    Raises:
        UserError: the file cannot be read, is too large, is no such file, or asks for more than plain data.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UserError(f"{path} has {size:,} bytes, more than any verification file ({MOST_BYTES:,}).")
        content = load_plain(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}.") from error
    except BadPickle as error:
        raise _not_one(path, str(error)) from error
    if not isinstance(content, tuple | list) or len(content) != 2:
        raise _not_one(path, "it is no pair of images and flags")
    images, flags = content
    if not isinstance(images, list | tuple) or not isinstance(flags, list | tuple):
        raise _not_one(path, "images and flags are no lists")
    if not flags or len(images) != 2 * len(flags) or len(images) > MOST_IMAGES:
        raise _not_one(path, f"{len(images):,} images do not make {len(flags):,} pairs")
    if sum(len(image) for image in images if isinstance(image, bytes)) > 4 * MOST_BYTES:
        raise _not_one(path, "it repeats its images more often than any pairs need")
    if not all(type(flag) in (bool, int) and flag in (0, 1) for flag in flags):
        raise _not_one(path, "a flag is neither true nor false")
    return VerificationFile(images, [bool(flag) for flag in flags])


def unpack(path: Path, folder: Path) -> int:
    """Write the images of a verification file to `folder` and return how many there are.

    An image is named by its number from 1 (00001.jpg); pairs.txt names the two images of every pair, a dash
    for one that is left out, and says 1 where they are one person, else -1. What is no image is left out and
    stands with the reason in rejected.csv. What is there already is not written again, so that an interrupted
    run goes on; `unpacked.json` appears last.

    Raises:
        UserError: as `read_bin`; nothing in the file is an image; or the folder cannot be written to.
    """
    sha256 = digest(path)
    done = stated(folder)
    if done is not None and done.sha256 == sha256 and done.images is not None:
        return done.images
    read = read_bin(path)
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Until all is written, the images and pairs that stand may be another file's.
        (folder / DONE).unlink(missing_ok=True)
        names, rejected = _write_images(read.images, folder, path.name)
        if not any(names):
            raise _not_one(path, f"not one of its images can be read: {rejected[0][1]}")
        _write_pairs(names, read.same, folder / PAIRS)
        write_table(folder / REJECTED, ("name", "reason"), rejected)
        images = len(names) - len(rejected)
        state(folder, sha256, images=images, pairs=len(read.same))
    return images


def _write_images(
    images: Sequence[object], folder: Path, title: str
) -> tuple[list[str | None], list[tuple[str, str]]]:
    """Return the name of each image, None of one that is refused, and (name, reason) of the refused ones."""
    names: list[str | None] = []
    rejected: list[tuple[str, str]] = []
    with Progress(f"{title}: unpacking", len(images)) as progress:
        for number, image in enumerate(images, 1):
            name = f"{number:05d}"
            reason = _form(image)
            if reason is None:
                name += _suffix(image)
                reason = _write_image(image, folder / name)
            names.append(None if reason else name)
            if reason:
                rejected.append((name, reason))
            progress.advance()
    return names, rejected


def _form(image: object) -> str | None:
    if not isinstance(image, bytes):
        return f"it is no encoded image but of type {type(image).__name__}"
    if len(image) > MOST_IMAGE_BYTES:
        return f"it has more than {MOST_IMAGE_BYTES // 2**20} MiB"
    return None if image else "it is empty"


def _write_image(image: bytes, place: Path) -> str | None:
    """Write an image unless it stands already; return why it cannot be used, None where it can."""
    if place.is_file() and place.read_bytes() == image:
        return None
    try:
        decode(image)
    except BadImage as bad:
        return str(bad)
    with atomic_write(place, "wb") as file:
        file.write(image)
    return None


def _suffix(image: bytes) -> str:
    return next((suffix for start, suffix in _SUFFIXES.items() if image.startswith(start)), ".jpg")


def _write_pairs(names: Sequence[str | None], same: Sequence[bool], path: Path) -> None:
    """Write every pair, left-out images too: the folds follow from the order."""
    with atomic_write(path) as file:
        for first, second, one in zip(names[::2], names[1::2], same, strict=True):
            file.write(f"{first or '-'} {second or '-'} {1 if one else -1}\n")


def _not_one(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is no verification file of insightface ({why}): delete it and download it anew."
    )
