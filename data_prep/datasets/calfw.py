"""CALFW, Cross-Age LFW: 6,000 pairs of LFW's people at different ages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from data_prep.datasets.image_files import image_files
from data_prep.datasets.pair_set import PairSet
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import file_near, folders_in, names_in
from data_prep.formats.lists import plain

PAIRS = "pairs_CALFW.txt"
IMAGES = "aligned images"
_FOLDER = re.compile(r"aligned.?images", re.IGNORECASE)
_NAME = re.compile(r"(.+)_\d{4}\.jpe?g", re.IGNORECASE | re.ASCII)


class CALFW(PairSet):
    """CALFW's own pictures are named as LFW's, in one folder; which make pairs stands in pairs_CALFW.txt."""

    def holds_own(self, folder: Path) -> bool:
        images = _images(folder)
        if images is None:
            return False
        return PAIRS in names_in(folder) or (
            "/" not in images and file_near(folder, self.folder, PAIRS) is not None
        )

    def own_list(self, root: Path) -> Path:
        """Return pairs_CALFW.txt of a copy as its authors publish it."""
        return file_near(root, self.folder, PAIRS) or root / PAIRS

    def read_own(self, root: Path) -> Iterator[Sample | Rejected]:
        images = _images(root) or IMAGES
        yield from self.others(root, images)
        for file in image_files(root, images):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            person = person_of(path.name)
            if person:
                yield Sample(path, name, identity=person)
            else:
                yield Rejected(name, "name is not of the form Name_Surname_0001.jpg")


def _images(folder: Path) -> str | None:
    """Return the folder of the images, in `folder` or in one of its folders."""
    inside = list(folders_in(folder))
    below = (f"{outer}/{inner}" for outer in inside for inner in folders_in(folder / outer))
    return next((name for name in chain(inside, below) if _FOLDER.fullmatch(name.rpartition("/")[2])), None)


def person_of(name: str) -> str | None:
    """Return who a picture of CALFW shows, None where its name is not of its form."""
    match = _NAME.fullmatch(plain(name))
    return match and match[1]


DATASET = CALFW(
    name="calfw",
    title="CALFW",
    folder="CALFW",
    whole=12000,
    stem="calfw",
    photographs=12174,
    asks_by_name=True,
    licence="for research; the photographs belong to those who published them",
    how_to_obtain=(
        "put calfw.bin there, which comes with the face recognition sets of insightface's dataset zoo, or "
        "download calfw.zip by hand from http://whdeng.cn/CALFW/ and unpack it there"
    ),
    layout=f'calfw.bin, or the folder calfw with calfw.txt, or {PAIRS} and the folder "{IMAGES}"',
    page="http://whdeng.cn/CALFW/",
)
