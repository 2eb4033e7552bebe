"""IMDB-WIKI: half a million celebrities' pictures whose ages follow from birth dates and photo years."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from common.errors import UserError
from data_prep.datasets.base import DataSet, Download
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import file_near, folders_in
from data_prep.formats.matlab import numbers, read_columns, texts

_ADDRESS = "https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/"
_COLUMNS = ("dob", "photo_taken", "full_path", "gender", "name", "face_score", "second_face_score")
_PARTS = ("imdb", "wiki")
_GENDERS = {0.0: "female", 1.0: "male"}
_MATLAB_DAY_ZERO = 366  # MATLAB counts days from year 0, Python from year 1


@dataclass(frozen=True)
class _Row:
    number: int
    born: float
    taken: float
    gender: float
    name: str | None
    score: float
    second_score: float

    def disagrees(self, other: _Row) -> bool:
        """Return whether two rows of one image say another age, gender or person of it."""
        ages = {age_in_mid_year(row.born, row.taken) for row in (self, other)}
        genders = {_GENDERS.get(row.gender) for row in (self, other)}
        return any(len(values - {None}) > 1 for values in (ages, genders, {self.name, other.name}))


@dataclass(frozen=True, kw_only=True)
class ImdbWiki(DataSet):
    """The published crops of both parts, labelled by imdb.mat and wiki.mat.

    Change a filter with `dataclasses.replace(DATASET, min_face_score=3.0)`.

    Attributes:
        min_face_score: least score of the detector the set was made with; -inf means it found no face.
        max_second_face_score: greatest score of a second face; -inf refuses every picture with two, inf none.
        max_age: greatest age; greater ones are nearly all wrong dates.
        parts: which parts are read.
        first_rows: only so many rows of a part's label file are used; None is all.
        known_gender: whether an image of unknown gender is refused.
    """

    min_face_score: float = 1.0
    max_second_face_score: float = -math.inf
    max_age: int = 100
    parts: tuple[str, ...] = _PARTS
    first_rows: int | None = None
    known_gender: bool = False

    def holds(self, folder: Path) -> bool:
        return any(_part_folders(folder, part) for part in self.parts) or bool(self._unwrapped(folder))

    def key(self, name: str) -> str:
        steps = name.lower().split("/")
        parts = [part for part in _PARTS if any(step.startswith(part) for step in steps[:-1])]
        return "/".join((*parts, *steps[-2:]))

    def lacking(self, folder: Path) -> list[Download]:
        """Return the archives of the parts of which there is nothing, in whatever folders they lie."""
        places = [folder, *(folder / name for name in folders_in(folder))] if folder.is_dir() else []
        held = {part for part in _PARTS for place in places if _part_folders(place, part)}
        held |= {part for place in places for part in self._unwrapped(place)}
        return [one for one in self.downloads if not one.file.startswith(tuple(held))]

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield the images that are there, IMDb's before Wikipedia's.

        An image is named by the folder of its part and its path in the label file, however deep it lies.

        Raises:
            UserError: the label file of a part is missing or damaged.
        """
        unwrapped = self._unwrapped(root)
        for part in self.parts:
            folders = _part_folders(root, part) or [
                f"{inner}/{name}" for inner in folders_in(root) for name in _part_folders(root / inner, part)
            ]
            if not folders and part in unwrapped:
                folders = ["."]
            if not folders:
                continue
            rows = _read_rows(_label_file(root, folders, part), part)
            crops = [folder for folder in folders if _is_crop(folder, part)]
            for folder in folders:
                if crops and folder not in crops:
                    reason = f"whole photographs or labels of the crops in {crops[0]}, which are read"
                    yield Rejected(folder, reason, files=0)
                    continue
                for file in image_files(root, folder):
                    yield file if isinstance(file, Rejected) else self._labelled(part, folder, *file, rows)

    def _unwrapped(self, folder: Path) -> list[str]:
        """Return the part whose label file lies in `folder` among its numbered folders."""
        parts = [part for part in self.parts if (folder / f"{part}.mat").is_file()]
        return parts if len(parts) == 1 and not any(_part_folders(folder, part) for part in _PARTS) else []

    def _labelled(
        self, part: str, folder: str, name: str, path: Path, rows: dict[str, list[_Row]]
    ) -> Sample | Rejected:
        steps = PurePosixPath(name).relative_to(folder).parts
        ends = ("/".join(steps[start:]) for start in range(len(steps)))
        place = next((end for end in ends if end in rows), None)
        if place is None:
            return Rejected(name, f"{part}.mat has no row for it")
        first, *others = rows[place]
        if any(first.disagrees(other) for other in others):
            return Rejected(name, f"{part}.mat has rows for it that disagree")
        return self._sample((PurePosixPath(folder) / place).as_posix(), path, first)

    def _sample(self, name: str, path: Path, row: _Row) -> Sample | Rejected:
        if self.first_rows is not None and row.number > self.first_rows:
            return Rejected(name, f"row {row.number:,} is not among the first {self.first_rows:,}")
        age = age_in_mid_year(row.born, row.taken)
        if age is None:
            return Rejected(name, "date of birth or year of the photograph is unknown")
        if not 0 <= age <= self.max_age:
            return Rejected(name, f"age {age} is impossible: outside 0 to {self.max_age}")
        if math.isnan(row.score) or row.score == -math.inf:
            return Rejected(name, "the set's own detector found no face")
        if row.score < self.min_face_score:
            return Rejected(name, f"face score {row.score:.2f} is below {self.min_face_score:g}")
        if row.second_score > self.max_second_face_score:
            return Rejected(name, f"a second face has score {row.second_score:.2f}")
        gender = _GENDERS.get(row.gender)
        if gender is None and self.known_gender:
            return Rejected(name, "the gender is unknown")
        return Sample(path, name, identity=row.name, age=age, gender=gender, year=int(row.taken))


def age_in_mid_year(born: float, taken: float) -> int | None:
    """Return the age in whole years on 1 July of the year `taken`, None where a date is not one.

    Args:
        born: day of birth as MATLAB counts days (1 January of year 1 is 367).
        taken: year of the photograph; its day is not known, and mid-year is the set's own convention.
    """
    if not (math.isfinite(born) and math.isfinite(taken)):
        return None
    try:
        birthday = datetime.date.fromordinal(int(born) - _MATLAB_DAY_ZERO)
    except (ValueError, OverflowError):
        return None
    if not 1 <= taken <= datetime.MAXYEAR:
        return None
    return int(taken) - birthday.year - ((birthday.month, birthday.day) > (7, 1))


def _part_folders(root: Path, part: str) -> list[str]:
    """Return the names of the folders of a part: its crops, or its photographs in ten archives."""
    form = re.compile(rf"{part}(_crop.*|_meta|_?\d+)?", re.IGNORECASE | re.ASCII)
    return [name for name in folders_in(root) if form.fullmatch(name)]


def _is_crop(folder: str, part: str) -> bool:
    return PurePosixPath(folder).name.lower().startswith(f"{part}_crop")


def _label_file(root: Path, folders: list[str], part: str) -> Path:
    """Return the label file of a part, which lies in one of its folders, in one of theirs, or above them."""
    found = (file_near(root / folder, DATASET.folder, f"{part}.mat") for folder in folders)
    path = next((file for file in found if file), None)
    if path is None:
        raise UserError(f"no {part}.mat in {root / folders[0]}: unpack {part}_crop.tar, which holds it.")
    return path


def _read_rows(path: Path, part: str) -> dict[str, list[_Row]]:
    """Return the rows of a label file by image path below its folder."""
    columns = read_columns(path, part, _COLUMNS)
    paths = texts(path, "full_path", columns["full_path"])
    names = texts(path, "name", columns["name"])
    born, taken, gender, score, second = (
        numbers(path, column, columns[column])
        for column in ("dob", "photo_taken", "gender", "face_score", "second_face_score")
    )
    rows = zip(paths, born, taken, gender, names, score, second, strict=True)
    found: dict[str, list[_Row]] = {}
    for number, (place, *row) in enumerate(rows, start=1):
        if place:
            found.setdefault(place, []).append(_Row(number, *row))
    return found


DATASET = ImdbWiki(
    name="imdb-wiki",
    title="IMDB-WIKI",
    folder="IMDB-WIKI",
    whole=523051,
    licence="for academic research only; each image belongs to its owner",
    how_to_obtain=f"download imdb_crop.tar and wiki_crop.tar from {_ADDRESS} (8 GB) and unpack them there",
    layout="imdb_crop/imdb.mat or wiki_crop/wiki.mat, each with its numbered folders of images",
    page=_ADDRESS,
    downloads=(
        Download(
            f"{_ADDRESS}static/wiki_crop.tar",
            "wiki_crop.tar",
            checksum="md5:f536eb7f5eae229ae8f286184364b42b",
            into="wiki_crop",
        ),
        Download(
            f"{_ADDRESS}static/imdb_crop.tar",
            "imdb_crop.tar",
            checksum="md5:44b7548f288c14397cb7a7bab35ebe14",
            into="imdb_crop",
        ),
    ),
)

_WIKI = replace(
    DATASET,
    whole=62328,
    reading_of="imdb-wiki",
    layout="wiki_crop/wiki.mat with its numbered folders of images",
    parts=("wiki",),
    known_gender=True,
    min_face_score=-math.inf,
)
WIKI_TEXT = replace(
    _WIKI, name="wiki-text", title="IMDB-WIKI, cleaned as in the text", max_second_face_score=math.inf
)
"""What Kang, Jiang and Li (V) say of their cleaning: the 62,328 photos of WIKI less the "empty images", here
those in which the set's own detector found no face, and ages within their intervals, 0 to 100."""

WIKI_CODE = replace(
    _WIKI, name="wiki-code", title="IMDB-WIKI, cleaned as in the code", first_rows=40_000, max_age=9999
)
"""What their code does: the first 40,000 rows of WIKI, with one face, a known gender and an age from 0 up,
whatever it is."""

CLEANINGS = {card.name: card for card in (WIKI_TEXT, WIKI_CODE)}
