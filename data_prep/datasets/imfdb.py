"""Indian Movie Face Database: faces of actors cut from films of several decades, with the films' dates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from common.errors import UserError
from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files, is_image_name
from data_prep.datasets.imfdb_dates import FilmList, doubtful_dates
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import folders_in, names_in, printable
from data_prep.formats.lists import plain, read_lines, readings, unreadable

BANDS = ("CHILD", "YOUNG", "MIDDLE", "OLD")
"""Ages as published, which are words."""

_GENDERS = {"MALE": "male", "FEMALE": "female"}
_FIRST_LABELS = frozenset(  # gender, and where that is missing expression
    (*_GENDERS, "ANGER", "DISGUST", "FEAR", "HAPPINESS", "NEUTRAL", "SADNESS", "SURPRISE")
)
_YEAR = re.compile(r"(?:(?:\d{1,2}[-/.]){2})?((?:18|19|20)\d\d)", re.ASCII)  # of 1999, 07-10-2000, 7/10/2000
_IMAGES = "images"
_LOOKED_AT = 64  # folders of a wrong place that are looked into, and lines


@dataclass(frozen=True)
class _Labels:
    """What one line says of a picture; what it does not say, or lines disagree about, is None."""

    year: int | None
    gender: str | None
    band: str | None


@dataclass(frozen=True)
class _Line:
    """A line that names a picture: where it stands, the picture's name and labels, its place in the film."""

    place: str
    picture: str
    labels: _Labels
    frame: tuple[str, ...]


class IMFDB(DataSet):
    """Pictures lie in Actor/Film/images, their labels in the text files beside that folder.

    A line's fields lie between tabs, and no two films have the same ones: they are told by what they hold. A
    line means the picture of its name, or else the one with the same last number; where several lines mean
    one picture, a label they disagree about is unknown.
    """

    def holds(self, folder: Path) -> bool:
        return any(
            _is_film(folder / actor / film)
            for actor in _some_folders(folder)
            for film in _some_folders(folder / actor)
        )

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample a picture that a line names; refuse other pictures, and lines without a picture."""
        for found in _read(root):
            yield found if isinstance(found, Rejected) else found[0]


def bands(root: Path) -> dict[str, str]:
    """Return the published age of each picture, one of `BANDS`, by the name that it has in the index.

    Pictures without one are missing.

    Args:
        root: DATA_ROOT / folder.

    Raises:
        UserError: as of `DataSet.scan`.
    """
    found = (item for item in _read(DATASET.find(root)) if not isinstance(item, Rejected))
    return {sample.name: band for sample, band in found if band}


def _read(root: Path) -> Iterator[tuple[Sample, str | None] | Rejected]:
    """Yield each picture as a sample with its band, and what is refused."""
    pictures: dict[str, dict[str, Path]] = defaultdict(dict)
    for file in image_files(root):
        if isinstance(file, Rejected):
            yield file
            continue
        name, path = file
        match PurePosixPath(name).parts:
            case (actor, film, images, _) if images.lower() == _IMAGES:
                pictures[f"{actor}/{film}"][name] = path
            case _:
                yield Rejected(name, f"it does not lie in Actor/Film/{_IMAGES}")
    films = sorted({*pictures, *_films(root)})
    lists = {film: _lines(root, film) for film in films}
    doubtful = doubtful_dates({printable(Path(film)): _film_list(found) for film, found in lists.items()})
    for film in films:
        shown = printable(Path(film))
        if why := doubtful.get(shown):
            yield Rejected(shown, f"its date is not used: {why}", 0)
        for found in _labelled(film, lists[film], pictures[film]):
            if why and not isinstance(found, Rejected):
                found = replace(found[0], year=None), found[1]
            yield found


def _labelled(
    film: str, found: list[_Line | Rejected], pictures: dict[str, Path]
) -> Iterator[tuple[Sample, str | None] | Rejected]:
    yield from (line for line in found if isinstance(line, Rejected))
    lines = [line for line in found if not isinstance(line, Rejected)]
    labels: dict[str, list[_Labels]] = defaultdict(list)
    for line, picture in _matched(lines, pictures):
        if isinstance(picture, Rejected):
            yield picture
            continue
        if picture in labels:
            yield Rejected(line.place, "a further line of a picture; what they disagree about is unknown", 0)
        labels[picture].append(line.labels)
    for name, path in pictures.items():
        if name in labels:
            known = _agreed(labels[name])
            actor = film.partition("/")[0]
            yield Sample(path, name, identity=actor, gender=known.gender, year=known.year), known.band
        else:
            yield Rejected(name, "no line of its film's list names it")


def _is_list(name: str) -> bool:
    return name.lower().endswith(".txt") and not name.startswith(".")


def _lines(root: Path, film: str) -> list[_Line | Rejected]:
    texts = filter(_is_list, names_in(root / film))
    return [found for text in texts for found in _read_list(root / film / text, printable(Path(film, text)))]


def _film_list(found: list[_Line | Rejected]) -> FilmList:
    lines = [line for line in found if not isinstance(line, Rejected)]
    years = Counter(line.labels.year for line in lines if line.labels.year is not None)
    return FilmList(years.most_common(1)[0][0] if years else None, {line.frame for line in lines})


def _read_list(path: Path, name: str) -> Iterator[_Line | Rejected]:
    try:
        for number, text in read_lines(path):
            yield _parsed(text, f"{name} line {number}")
    except UserError as error:
        yield Rejected(name, f"the list is not read: {str(error).removesuffix('.')}", 0)


def _parsed(text: str, place: str) -> _Line | Rejected:
    if why := unreadable(text):
        return Rejected(place, f"the line {why}", 0)
    found = [_of_fields(fields, place) for fields in readings(text)]
    return next((line for line in found if isinstance(line, _Line)), found[-1])


def _of_fields(fields: list[str], place: str) -> _Line | Rejected:
    # The frame of the film is named too, by digits alone.
    named = [field for field in fields if is_image_name(field) and re.search(r"[^\W\d]\D*\d+\.\w+$", field)]
    if not named:
        return Rejected(place, "the line names no picture", 0)
    begin = next((at for at, field in enumerate(fields) if field.upper() in _FIRST_LABELS), None)
    if begin is None:
        return Rejected(place, "the line has no labels", 0)
    words = " ".join(fields[begin:]).upper().split()
    band = next((word for word in words if word in BANDS), None)
    # Film, date and actor stand before the gender; further ahead there are numbers of other kinds.
    years = [year[1] for field in fields[max(begin - 3, 0) : begin] if (year := _YEAR.fullmatch(field))]
    labels = _Labels(int(years[-1]) if years else None, _GENDERS.get(words[0]), band)
    return _Line(place, named[-1], labels, tuple(fields[fields.index(named[-1]) : begin - 3]))


def _matched(lines: list[_Line], pictures: dict[str, Path]) -> Iterator[tuple[_Line, str | Rejected]]:
    """Yield each line with the name of its picture, or with the reason why it has none."""
    by_file = {plain(PurePosixPath(name).name).lower(): name for name in pictures}
    by_number: dict[int | None, list[str]] = defaultdict(list)
    for name in pictures:
        by_number[_last_number(name)].append(name)
    exact = [by_file.get(plain(line.picture).lower()) for line in lines]
    taken = set(exact)
    for line, name in zip(lines, exact, strict=True):
        same = by_number[_last_number(line.picture)]
        if name:
            yield line, name
        elif not same:
            yield line, Rejected(line.place, "there is no picture of its name or number", 0)
        elif len(same) > 1:
            yield line, Rejected(line.place, f"{line.picture} may be {same[0]} or {same[1]}", 0)
        elif same[0] in taken:
            yield line, Rejected(line.place, f"{line.picture} is not {same[0]}, which has a line", 0)
        else:
            yield line, same[0]


def _last_number(name: str) -> int | None:
    numbers = re.findall(r"\d+", PurePosixPath(name).stem, re.ASCII)
    return int(numbers[-1][-9:]) if numbers else None


def _agreed(several: list[_Labels]) -> _Labels:
    """Return the labels that all lines agree on; one that is unknown disagrees with nothing."""
    columns = ({one.year for one in several}, {one.gender for one in several}, {one.band for one in several})
    known = [values - {None} for values in columns]
    return _Labels(*(values.pop() if len(values) == 1 else None for values in known))


def _films(root: Path) -> Iterator[str]:
    for actor in folders_in(root):
        if not actor.startswith("."):
            yield from (f"{actor}/{film}" for film in folders_in(root / actor) if not film.startswith("."))


def _is_film(folder: Path) -> bool:
    """Return whether a folder has one of images and a list whose first lines are of the published form."""
    names = names_in(folder)
    if not any(name.lower() == _IMAGES for name in names):
        return False
    texts = [folder / name for name in names if _is_list(name)]
    return any(
        isinstance(found, _Line) for text in texts for found in islice(_read_list(text, ""), _LOOKED_AT)
    )


def _some_folders(folder: Path) -> list[str]:
    try:
        return list(islice((name for name in folders_in(folder) if not name.startswith(".")), _LOOKED_AT))
    except UserError:  # a folder nobody may read is not the one looked for
        return []


DATASET = IMFDB(
    name="imfdb",
    title="IMFDB",
    folder="IMFDB",
    whole=34512,
    licence="for research; nobody states its terms well, and the films belong to their owners",
    how_to_obtain=(
        "open https://cvit.iiit.ac.in/projects/IMFDB/, download the archive by hand and unpack it there"
    ),
    layout="Actor/Film/images/Actor_12.jpg with a text file of labels in Actor/Film",
    page="https://cvit.iiit.ac.in/projects/IMFDB/",
)
