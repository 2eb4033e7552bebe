"""What a data set yields: labelled images, and names that could not be read with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data_prep.formats.lists import plain

Point = tuple[float, float]

LABELS = ("identity", "age", "gender", "year")
"""What a set may say of a picture."""


@dataclass(frozen=True)
class Sample:
    """One labelled image file; a label that is not known is None, never 0.

    Attributes:
        path: the image file.
        name: unique in its set: the path below the folder that holds the set, or its part of a set in parts,
            with forward slashes.
        identity: the person, unique in its set; an accented letter is one character (NFC), whatever form the
            name of the file has.
        age: whole years.
        gender: "male" or "female".
        year: year of the photograph.
        landmarks: five points marked by hand, (x, y) in pixels of the source image: left eye, right eye,
            nose, left and right mouth corner, where left is the smaller x as seen in the image.
        aligned: name of the template to which the file is aligned as published.
    """

    path: Path
    name: str
    identity: str | None = None
    age: int | None = None
    gender: str | None = None
    year: int | None = None
    landmarks: tuple[Point, Point, Point, Point, Point] | None = None
    aligned: str | None = None

    def __post_init__(self) -> None:
        if self.identity is not None:
            object.__setattr__(self, "identity", plain(self.identity))


@dataclass(frozen=True)
class Rejected:
    """A file that cannot be used, by name, and one clause that says why ("age -31 is impossible").

    Attributes:
        files: number of image files that it counts as: 0 for a folder, a link to one, or a file of labels.
    """

    name: str
    reason: str
    files: int = 1
