"""What `unpacked.json` says of a folder with the content of a packed file: which, and how many images."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from common.errors import UserError
from common.evidence import strict
from common.files import sha256_file, write_json

DONE = "unpacked.json"


@dataclass(frozen=True)
class Unpacked:
    """What a folder holds.

    Attributes:
        sha256: of the packed file.
        images: how many it holds; None while it is being unpacked.
        pairs: how many there are of a file of pairs.
    """

    sha256: str
    images: int | None = field(default_factory=lambda: None)
    pairs: int | None = field(default_factory=lambda: None)


def stated(folder: Path) -> Unpacked | None:
    """Return what `unpacked.json` says, None where there is none or it says nothing that can be read."""
    try:
        text = (folder / DONE).read_text(encoding="utf-8")
        return strict.build(Unpacked, strict.parse(text), DONE)
    except (OSError, ValueError):
        return None


def state(folder: Path, sha256: str, **counts: int) -> None:
    """Write `unpacked.json`; `counts` are of images and pairs."""
    write_json(folder / DONE, {"sha256": sha256, **counts})


def is_complete(folder: Path) -> bool:
    """Return whether a folder holds all of a packed file."""
    found = stated(folder)
    return found is not None and found.images is not None


def digest(path: Path) -> str:
    """Return the SHA-256 of a packed file.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return sha256_file(path)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}.") from error
