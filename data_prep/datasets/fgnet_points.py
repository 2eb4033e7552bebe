"""The points that FG-NET's people marked by hand, and where its files lie."""

from __future__ import annotations

import math
import re
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.samples import Point
from data_prep.datasets.walking import names_in
from data_prep.formats.lists import read_lines

_POINTS = 68
_FIVE = {"eyes": (31, 36), "nose": 67, "mouth": (48, 54)}  # 0-based rows of a .pts file


def five_points(path: Path) -> tuple[Point, Point, Point, Point, Point]:
    """Read the five points of a 68-point .pts file, left and right as seen in the image.

    Raises:
        ValueError: the file cannot be read or does not hold 68 finite points.
    """
    points = all_points(path)
    left_eye, right_eye = sorted(points[i] for i in _FIVE["eyes"])
    left_mouth, right_mouth = sorted(points[i] for i in _FIVE["mouth"])
    return left_eye, right_eye, points[_FIVE["nose"]], left_mouth, right_mouth


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


def subfolder(folder: Path, name: str) -> Path | None:
    """Return the subfolder of that name, in any case."""
    same = [folder / found for found in names_in(folder) if found.lower() == name]
    return next((path for path in same if path.is_dir()), None)
