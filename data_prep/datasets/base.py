"""What every data set has in common: its card, where its folder is, and how its files are listed."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from data_prep.datasets.image_files import is_image_name
from data_prep.datasets.locate import place
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import names_in, printable

OLDEST = 122  # years: the longest documented human life


@dataclass(frozen=True)
class Download:
    """One file that the licence lets anyone fetch.

    Attributes:
        url: its address.
        file: the name it is kept under.
        checksum: "sha256:..." or "md5:..." as published; None where nobody has published one.
        into: folder below the set's own into which the archive is unpacked ("." is the set's folder itself).
        check: holds what was unpacked against the set as published: returns sentences for the user, and
            raises UserError where it is another; None where a checksum is enough.
    """

    url: str
    file: str
    checksum: str | None = None
    into: str = "."
    check: Callable[[Path], list[str]] | None = None


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
        asks_by_name: whether the set's protocol names files: of byte-identical ones whose labels disagree one
            is then kept, with those labels unknown, where else none is.
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
    asks_by_name: bool = False
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
        found = place(self, Path(root))
        others = [
            Rejected(
                printable(Path(os.path.relpath(folder, found.root))),
                "another copy of the set, which is not read",
                files=0,
            )
            for folder in found.others
        ]
        parts = [f"{part.as_posix()}/" for part in found.parts]
        return chain(others, self._once(self.read(found.root), parts))

    def find(self, root: Path) -> Path:
        """Return the folder that holds the set: `root`, or one that unpacking made in it (UTKFace/UTKFace).

        Of a set that lies in parts (UTKFace/part1, UTKFace/part2) it is the folder that holds them.

        Raises:
            UserError: the set is not there; the sentence names the folder looked for and the remedy.
        """
        return place(self, Path(root)).root

    def lacking(self, folder: Path) -> list[Download]:
        """Return the downloads of which `folder` holds nothing."""
        return [one for one in self.downloads if not names_in(folder / one.into)]

    def packed(self, folder: Path) -> Path | None:
        """Return the one file that holds the set in another form, which `finish` makes readable."""
        return None

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

    def key(self, name: str) -> str | None:
        """Return what files of one picture have in common, whatever folder they lie in.

        None where no name says that: such a set is not joined of parts.
        """
        return None

    @abstractmethod
    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield the samples and refused names below `root`, a folder for which `holds` is true.

        Of a set that has a `key`, `root` may also hold such folders.
        """

    def _once(self, found: Iterable[Sample | Rejected], parts: Sequence[str]) -> Iterator[Sample | Rejected]:
        """Refuse a picture that lies in a second folder too, and name those in parts as if they were one."""
        first: dict[str, str] = {}
        for item in found:
            key = None if isinstance(item, Rejected) else self.key(item.name)
            if key is not None and _folder(first.setdefault(key, item.name)) != _folder(item.name):
                yield Rejected(item.name, f"a second file of the picture {first[key]}, which is read")
                continue
            part = next((part for part in parts if item.name.startswith(part)), "")
            short = part and not isinstance(item, Rejected)
            yield replace(item, name=item.name.removeprefix(part)) if short else item


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
