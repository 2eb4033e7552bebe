"""FG-NET ageing database: 82 people from childhood on, with 68 points marked by hand on every image."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from data_prep.datasets.base import DataSet, Download
from data_prep.datasets.fgnet_content import check
from data_prep.datasets.fgnet_points import five_points, subfolder
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import names_in, near

_NAME = re.compile(r"(\d{3})A(\d{2})[A-Z]?\.JPE?G", re.IGNORECASE | re.ASCII)


class FGNet(DataSet):
    """Subject and age stand in the name: 001A43a.JPG is the first of subject 1's pictures at age 43."""

    def holds(self, folder: Path) -> bool:
        return any(_NAME.fullmatch(name) for name in names_in(subfolder(folder, "images") or folder))

    def key(self, name: str) -> str:
        return name.rpartition("/")[2].lower()

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample an image, and a refused name a damaged .pts file, whose image stays usable."""
        images = subfolder(root, "images")
        points = _points_of(images or root)
        for file in _pictures(root, images.name if images else "."):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            fields = _NAME.fullmatch(path.name)
            if not fields:
                yield Rejected(name, "name is not of the form 001A02.JPG (subject 001 at age 2)")
                continue
            landmarks = None
            pts = points.get(f"{path.stem}.pts".lower())
            if pts is not None:
                try:
                    landmarks = five_points(pts)
                except ValueError as error:
                    yield Rejected(_below(root, pts), f"points not used: {error}", files=0)
            yield Sample(path, name, identity=fields[1], age=int(fields[2]), landmarks=landmarks)


def age_in(name: str) -> int | None:
    """Return the age in years that a picture's name says, None where it says none.

    Example:
        >>> age_in("images/001A43b.JPG")
        43
    """
    fields = _NAME.fullmatch(name.rpartition("/")[2])
    return int(fields[2]) if fields else None


def _pictures(root: Path, images: str) -> Iterator[tuple[str, Path] | Rejected]:
    """Yield what `image_files` does, of the folder of the images first."""
    yield from image_files(root, images)
    for file in image_files(root) if images != "." else ():
        name = file.name if isinstance(file, Rejected) else file[0]
        if not name.startswith(f"{images}/"):
            yield file


def _points_of(images: Path) -> dict[str, Path]:
    """Return the .pts files near the images by lower-case name, each the nearest of its name."""
    points: dict[str, Path] = {}
    for place in near(images, DATASET.folder):
        for folder in (place, *(place / name for name in names_in(place) if name.lower() == "points")):
            for name in names_in(folder):
                if name.lower().endswith(".pts"):
                    points.setdefault(name.lower(), folder / name)
    return points


def _below(root: Path, path: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


DATASET = FGNet(
    name="fgnet",
    title="FG-NET",
    folder="FG-NET",
    whole=1002,
    licence="for research only; the pictures belong to the people who lent them",
    how_to_obtain="download FGNET.zip from http://yanweifu.github.io/FG_NET_data/ and unpack it there",
    layout="images/001A02.JPG and points/001a02.pts",
    page="http://yanweifu.github.io/FG_NET_data/",
    downloads=(Download("http://yanweifu.github.io/FG_NET_data/FGNET.zip", "FGNET.zip", check=check),),
)
