"""FG-NET ageing database: 82 people from childhood on, with 68 points marked by hand on every image."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import DataSet, Download, image_files, names_in
from data_prep.datasets.walking import near
from data_prep.lists import read_lines
from data_prep.samples import Point, Rejected, Sample

_NAME = re.compile(r"(\d{3})A(\d{2})[A-Z]?\.JPE?G", re.IGNORECASE | re.ASCII)
_POINTS = 68
_FIVE = {"eyes": (31, 36), "nose": 67, "mouth": (48, 54)}  # 0-based rows of a .pts file


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


def five_points(path: Path) -> tuple[Point, Point, Point, Point, Point]:
    """Read the five points of a 68-point .pts file, left and right as seen in the image.

    Raises:
        ValueError: the file cannot be read or does not hold 68 finite points.
    """
    points = all_points(path)
    left_eye, right_eye = sorted(points[i] for i in _FIVE["eyes"])
    left_mouth, right_mouth = sorted(points[i] for i in _FIVE["mouth"])
    return left_eye, right_eye, points[_FIVE["nose"]], left_mouth, right_mouth


def _check(folder: Path) -> list[str]:
    from data_prep.datasets import fgnet_content  # which reads points by this module

    return fgnet_content.check(folder)


def all_points(path: Path) -> list[Point]:
    """Read the 68 points of a .pts file, (x, y) in pixels.

    Raises:
        ValueError: as of `five_points`.
    """
    try:
        content = " ".join(line.text for line in read_lines(path))
    except UserError as error:
        raise ValueError("the file cannot be read as text") from error
    if "\0" in content:
        raise ValueError("the file cannot be read as text")
    block = re.search(r"\{(.*)\}", content)
    if not block:
        raise ValueError("no points between braces")
    try:
        values = [float(word) for word in re.split(r"[\s,;]+", block[1]) if word]
    except ValueError as error:
        raise ValueError("a coordinate is not a number") from error
    if len(values) != 2 * _POINTS:
        raise ValueError(f"{len(values)} coordinates, not {2 * _POINTS}")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("a coordinate is not finite")
    return list(zip(values[::2], values[1::2], strict=True))


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


def subfolder(folder: Path, name: str) -> Path | None:
    """Return the subfolder of that name, in any case."""
    same = [folder / found for found in names_in(folder) if found.lower() == name]
    return next((path for path in same if path.is_dir()), None)


DATASET = FGNet(
    name="fgnet",
    title="FG-NET",
    folder="FG-NET",
    whole=1002,
    licence="for research only; the pictures belong to the people who lent them",
    how_to_obtain="download FGNET.zip from http://yanweifu.github.io/FG_NET_data/ and unpack it there",
    layout="images/001A02.JPG and points/001a02.pts",
    page="http://yanweifu.github.io/FG_NET_data/",
    downloads=(Download("http://yanweifu.github.io/FG_NET_data/FGNET.zip", "FGNET.zip", check=_check),),
)
