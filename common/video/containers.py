"""What the containers of films tell that OpenCV does not: whether their frames are listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_BOXES = tuple(b"ftyp moov mdat moof wide free skip uuid meta styp sidx pnot PICT".split())


def is_avi(path: Path) -> bool:
    """Whether the film is an AVI, whose frames are counted and have no times."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"AVI "


def lists_its_frames(path: Path) -> bool:
    """Whether the film states the number of its frames: MP4, MOV and AVI do, unless written in fragments."""
    kinds = list(_boxes(path))
    return is_avi(path) or (b"moov" in kinds and b"moof" not in kinds)


def lacks_its_list(path: Path) -> bool:
    """Whether it is an MP4 or MOV without the list of its frames, the moov atom, that ends most of them."""
    kinds = list(_boxes(path))
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds


def _boxes(path: Path) -> Iterator[bytes]:
    """Yield the kinds of an MP4's or MOV's outermost boxes (ISO/IEC 14496-12, 4.2) up to a fragment."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place + 8 <= whole:
            file.seek(place)
            head = file.read(16)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if size == 1:
                size = int.from_bytes(head[8:], "big")
            if kind not in _BOXES:
                return
            yield kind
            if size < 8 or kind == b"moof":
                return
            place += size
