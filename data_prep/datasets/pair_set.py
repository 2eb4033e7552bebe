"""Sets of verification pairs in three forms: insightface's file, the same in a folder, their authors' own."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import file_near, folders_in, names_in, own_folder
from data_prep.formats import unpacked, verification_bin

UNPACKED = "unpacked"
NUMBERED = re.compile(r"\d{5,6}\.(jpe?g|png|bmp)", re.IGNORECASE | re.ASCII)
_NUMBERED_FORM = "name is not of the form 00001.jpg"


@dataclass(frozen=True, kw_only=True)
class PairSet(DataSet):
    """A set that insightface publishes as <stem>.bin.

    `make data-<name>` unpacks that file beside itself; a folder <stem> of numbered images with <stem>.txt is
    the same unpacked by others. Both hold faces aligned to 112 px and say nobody's name. A subclass reads the
    set as its authors publish it.

    Attributes:
        stem: of the file's name ("agedb_30").
        photographs: number of images in a whole copy as its authors publish it.
    """

    stem: str
    photographs: int

    def coverage(self, files: int) -> str:
        whole = self.whole if files <= self.whole else self.photographs
        return f"{files:,} of {whole:,} files"

    def holds(self, folder: Path) -> bool:
        return (
            self.packed(folder) is not None or self._converted(folder) is not None or self.holds_own(folder)
        )

    def packed(self, folder: Path) -> Path | None:
        path = folder / f"{self.stem}.bin"
        return path if path.is_file() else None

    def finish(self, folder: Path) -> None:
        path = self.packed(folder)
        if path:
            verification_bin.unpack(path, folder / UNPACKED)

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        folder = self._numbered(root)
        if folder is None:
            yield from self.read_own(root)
            return
        for file in image_files(root, folder):
            if isinstance(file, Rejected):
                yield file
            elif NUMBERED.fullmatch(file[1].name):
                yield Sample(file[1], file[0], aligned="arcface")
            else:
                yield Rejected(file[0], _NUMBERED_FORM)
        yield from self.others(root, folder)

    def others(self, root: Path, read: str) -> Iterator[Rejected]:
        """Yield the folders of images in `root` beside the one that is read."""
        for name in folders_in(root) if read != "." else ():
            if name != Path(read).parts[0] and next(image_files(root, name), None):
                yield Rejected(name, f"another folder of images than {read}, which is read", files=0)

    def pair_list(self, root: Path) -> Path | None:
        """Return the list of pairs beside numbered images, None for a copy as its authors publish it.

        Raises:
            UserError: the copy is still packed.
        """
        folder = self._numbered(root)
        if folder is None:
            return None
        return root / UNPACKED / verification_bin.PAIRS if folder == UNPACKED else self._list(root)

    @abstractmethod
    def holds_own(self, folder: Path) -> bool:
        """Return whether `folder` holds the set as its authors publish it."""

    @abstractmethod
    def read_own(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield the samples of the set as its authors publish it."""

    def _numbered(self, root: Path) -> str | None:
        """Return the folder of numbered images, None where there is none."""
        if self.packed(root):
            if not unpacked.is_complete(root / UNPACKED):
                raise UserError(
                    f"{root / self.stem}.bin is still packed: run make data-{self.name} "
                    f"DATA_ROOT={own_folder(root, self.folder).parent}."
                )
            return UNPACKED
        return self._converted(root)

    def _converted(self, folder: Path) -> str | None:
        """Return the folder of numbered images that others unpacked, with a list near them."""
        if (folder / self.stem).is_dir():
            numbered = self.stem
        elif any(NUMBERED.fullmatch(name) for name in names_in(folder)):
            numbered = "."
        else:
            return None
        return numbered if self._list(folder) else None

    def _list(self, folder: Path) -> Path | None:
        return file_near(folder, self.folder, f"{self.stem}.txt")
