"""What every data set has in common: its card, where its folder is, and how its files are listed."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from data_prep.samples import Rejected, Sample

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
OLDEST = 122  # years: the longest documented human life


@dataclass(frozen=True)
class Download:
    """One file that the licence lets anyone fetch.

    Attributes:
        url: its address.
        file: the name it is kept under.
        checksum: "sha256:..." or "md5:..." as published; None where nobody has published one.
        into: folder below the set's own into which the archive is unpacked ("." is the set's folder itself).
    """

    url: str
    file: str
    checksum: str | None = None
    into: str = "."


@dataclass(frozen=True, kw_only=True)
class DataSet(ABC):
    """The card of a data set and the reader of its labels.

    Attributes:
        name: as typed by a user ("imdb-wiki").
        title: as printed in a table ("IMDB-WIKI").
        folder: the set's folder under DATA_ROOT.
        whole: number of image files in a whole copy; 0 where there is no such number.
        licence: the terms in one sentence.
        how_to_obtain: what a user does to get a copy, in one sentence.
        layout: what the folder looks like, for the sentence that says it looks otherwise.
        page: address of the set's home page.
        downloads: what `make data-<name>` may fetch by itself.
        reading_of: name of the set that this is another reading of, of which a copy may hold a part only.
    """

    name: str
    title: str
    folder: str
    whole: int
    licence: str
    how_to_obtain: str
    layout: str = "image files"
    page: str | None = None
    downloads: tuple[Download, ...] = ()
    reading_of: str | None = None

    @property
    def obtained_as(self) -> str:
        """Name of the set that `make data-<name>` gets."""
        return self.reading_of or self.name

    def scan(self, root: Path) -> Iterator[Sample | Rejected]:
        """Return the set's samples and refused names, in the same order on every machine.

        Args:
            root: DATA_ROOT / folder.

        Raises:
            UserError: there is no such folder, it holds something else, or its label file cannot be read.
        """
        return self.read(self.find(root))

    def find(self, root: Path) -> Path:
        """Return the folder that holds the set: `root`, or one that unpacking made in it (UTKFace/UTKFace).

        Raises:
            UserError: the set is not there; the sentence names the folder looked for and the remedy.
        """
        from data_prep.datasets.locate import locate

        return locate(self, Path(root))

    def finish(self, folder: Path) -> None:  # noqa: B027 (most copies are readable as they are)
        """Make a copy readable that is there in another form (a packed file), for `make data-<name>`.

        Raises:
            UserError: the copy is damaged or the folder cannot be written to.
        """

    def coverage(self, files: int) -> str:
        """Return how much of the set a copy with so many image files is: "15,692 of 23,708 files"."""
        return f"{files:,} of {self.whole:,} files" if self.whole else f"{files:,} files"

    def holds(self, folder: Path) -> bool:
        """Return whether `folder` has the layout of this set (asked of wrong folders too, so it is cheap)."""
        return any(is_image_name(name) for name in names_in(folder))

    @abstractmethod
    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield the samples and refused names below `root`, a folder for which `holds` is true."""


def is_image_name(name: str) -> bool:
    """Return whether a file of this name is meant to be an image; macOS' "._x.jpg" shadows are not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def list_folder(folder: Path) -> list[os.DirEntry]:
    """Return the entries of a folder sorted by name.

    Raises:
        UserError: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise UserError(f"cannot read the folder {folder}: {error.strerror}.") from error


def names_in(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none where it does not exist or cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def image_files(
    root: Path, below: str = ".", *, recursive: bool = True
) -> Iterator[tuple[str, Path] | Rejected]:
    """Yield (name, path) of every image file under root/below, sorted, name relative to `root`.

    A folder's own files come before those of its subfolders. Links to folders are not followed, so a loop of
    links ends. What is named like an image but is none (a pipe, a broken link), or has a name that no text
    file can hold, is yielded as Rejected.
    """
    folders = [Path(below)]
    while folders:
        current = folders.pop()
        inside = []
        for entry in list_folder(root / current):
            relative = current / entry.name
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    inside.append(relative)
            elif is_image_name(entry.name):
                yield _image_file(relative.as_posix(), root / relative)
        if recursive:
            folders.extend(reversed(inside))


def _image_file(name: str, path: Path) -> tuple[str, Path] | Rejected:
    printable = os.fsencode(name).decode("utf-8", "backslashreplace")
    if printable != name:
        return Rejected(printable, "file name is not valid UTF-8")
    if any(ord(character) < 32 for character in name):
        return Rejected(name, "file name holds a control character")
    if path.is_dir():
        return Rejected(name, "a link to a folder, not an image file")
    if not path.is_file():
        return Rejected(name, "not a regular file, or a link that leads nowhere")
    return name, path
