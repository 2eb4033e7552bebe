"""MXNet's RecordIO files of faces, as insightface publishes its identity sets, unpacked into folders.

A record is a magic number, a word with three bits of continuation flag and 29 bits of length, the payload and
padding to four bytes. The payload is a header (flag, label, id, id2), as many more float32 labels as the flag
says, and an encoded image; records without an image describe the file and are passed over. Nothing is
executed: unlike the `.bin` files of the same publisher it is no pickle.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from common.errors import UserError
from common.files import atomic_write, writing_to
from common.progress import Progress
from data_prep.formats.unpacked import digest, state, stated

_MAGIC = 0xCED7230A
_WORDS = struct.Struct("<II")
_HEADER = struct.Struct("<IfQQ")
_LONGEST = 1 << 26
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png"}


class Face(NamedTuple):
    """One image of a RecordIO file: its place among the records, the person's number, the encoded bytes."""

    number: int
    identity: int
    image: bytes


def read_faces(path: Path) -> Iterator[Face]:
    """Yield the images of a RecordIO file in order.

    Raises:
        UserError: the file is truncated or damaged; the sentence says at which byte.
    """
    with open(path, "rb") as file:
        for number, (start, payload) in enumerate(_records(file, path)):
            if len(payload) < _HEADER.size:
                raise _damaged(path, start, "a record without a header")
            extra, label, _, _ = _HEADER.unpack_from(payload)
            image = payload[_HEADER.size + 4 * extra :]
            if extra and len(payload) >= _HEADER.size + 4:
                (label,) = struct.unpack_from("<f", payload, _HEADER.size)
            if not image:
                continue
            if not 0 <= label < 1 << 24 or label != int(label):
                raise _damaged(path, start, f"{label} is no number of a person")
            yield Face(number, int(label), image)


def unpack(path: Path, folder: Path) -> int:
    """Write each image of a RecordIO file to folder/<person>/<record>.jpg and return how many there are.

    What is there already is not written again, so that an interrupted run goes on. `unpacked.json` says from
    the first image on of which file they are, and at the end how many, by which the folder is complete.

    Raises:
        UserError: the file is damaged, the folder holds images of another file, or it cannot be written to.
    """
    sha256 = digest(path)
    found = stated(folder)
    if found is not None and found.sha256 != sha256:
        raise UserError(
            f"{folder} holds the images of another {path.name}: move it away or delete it, and unpack again."
        )
    if found is not None and found.images is not None:
        return found.images
    count = 0
    records = _count(path)
    with writing_to(folder), Progress(f"{path.name}: unpacking", records) as progress:
        folder.mkdir(parents=True, exist_ok=True)
        state(folder, sha256)
        for face in read_faces(path):
            suffix = next((end for start, end in _SUFFIXES.items() if face.image.startswith(start)), ".jpg")
            place = folder / f"{face.identity:06d}" / f"{face.number:08d}{suffix}"
            if not place.is_file() or place.stat().st_size != len(face.image):
                place.parent.mkdir(parents=True, exist_ok=True)
                with atomic_write(place, "wb") as file:
                    file.write(face.image)
            count += 1
            progress.advance()
        state(folder, sha256, images=count)
    return count


def _count(path: Path) -> int:
    """Return how many records a file seems to hold, without reading their payloads."""
    count = 0
    with open(path, "rb") as file:
        while len(words := file.read(_WORDS.size)) == _WORDS.size:
            length = _WORDS.unpack(words)[1] & ((1 << 29) - 1)
            file.seek(length + -length % 4, os.SEEK_CUR)
            count += 1
    return count


def _records(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (first byte, payload) of each record, continued ones joined."""
    parts: list[bytes] = []
    while True:
        start = file.tell()
        words = file.read(_WORDS.size)
        if not words:
            if parts:
                raise _damaged(path, start, "its last record has no end")
            return
        if len(words) < _WORDS.size:
            raise _damaged(path, start, "it ends inside a record")
        magic, word = _WORDS.unpack(words)
        flag, length = word >> 29, word & ((1 << 29) - 1)
        if magic != _MAGIC or length > _LONGEST or (flag in (_MIDDLE, _LAST)) != bool(parts) or flag > _LAST:
            raise _damaged(path, start, "this is no record")
        payload = file.read(length)
        padding = -length % 4
        if len(payload) < length or len(file.read(padding)) < padding:
            raise _damaged(path, start, "it ends inside a record")
        if flag == _WHOLE:
            yield start, payload
            continue
        parts.append(payload)
        if sum(map(len, parts)) > _LONGEST:
            raise _damaged(path, start, "a record is longer than any image")
        if flag == _LAST:
            # Where the payload held the magic number it was cut there, and the number left out.
            yield start, struct.pack("<I", _MAGIC).join(parts)
            parts = []


def _damaged(path: Path, start: int, what: str) -> UserError:
    return UserError(f"{path} is damaged at byte {start:,} ({what}): download it anew.")
