"""UTKFace: faces of all ages from the web, labelled by a model, checked by hand; aligned as published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files, is_image_name
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import names_in

MAX_AGE = 116  # the oldest label of the published set
_GENDERS = {"0": "male", "1": "female"}
RACES = {"0": "White", "1": "Black", "2": "Asian", "3": "Indian", "4": "other"}
"""As the set labels people; "other" is Hispanic, Latino and Middle Eastern in its own words."""

_ALIGNED_ENDINGS = (".jpg.chip.jpg", "jpg.chip.jpg")  # one published name lost its first dot


class UTKFace(DataSet):
    """Labels stand in the name: age_gender_race_date.jpg.chip.jpg; who is shown is not known."""

    def holds(self, folder: Path) -> bool:
        return any(
            is_image_name(name) and isinstance(_sample(name, folder / name), Sample)
            for name in names_in(folder)
        )

    def key(self, name: str) -> str:
        """Return the labels and the time: a photograph is published whole and cut out, under two endings."""
        file = PurePosixPath(name).name
        return file.removesuffix(_ending(file))

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for file in image_files(root):
            yield file if isinstance(file, Rejected) else _sample(*file)


def groups_of(name: str) -> tuple[str, str]:
    """Return gender and race, as the set labels them, out of the name of one of its files."""
    _, gender, race, *_ = PurePosixPath(name).name.split("_")
    return _GENDERS[gender], RACES[race]


def _sample(name: str, path: Path) -> Sample | Rejected:
    ending = _ending(path.name)
    fields = path.name.removesuffix(ending).split("_")
    if len(fields) != 4:
        return Rejected(name, f"name has {len(fields)} fields, not age_gender_race_date")
    age, gender, race, _ = fields
    if not (age.isascii() and age.isdigit()):
        return Rejected(name, f"age {age!r} is not a whole number")
    if len(age) > 3 or int(age) > MAX_AGE:
        return Rejected(name, f"age {age} is outside 0 to {MAX_AGE}")
    if gender not in _GENDERS:
        return Rejected(name, f"gender {gender!r} is neither 0 (male) nor 1 (female)")
    if race not in RACES:
        return Rejected(name, f"race {race!r} is not one of 0 to 4")
    aligned = "utkface" if ending in _ALIGNED_ENDINGS else None
    return Sample(path, name, age=int(age), gender=_GENDERS[gender], aligned=aligned)


def _ending(file: str) -> str:
    """Return the ending of a file's name, which says whether the face is cut out."""
    aligned = next((ending for ending in _ALIGNED_ENDINGS if file.endswith(ending)), None)
    return aligned or PurePosixPath(file).suffix


DATASET = UTKFace(
    name="utkface",
    title="UTKFace",
    folder="UTKFace",
    whole=23708,
    licence="for non-commercial research only; each image belongs to its owner",
    how_to_obtain=(
        'open https://susanqq.github.io/UTKFace/, download "Aligned&Cropped Faces" (UTKFace.tar.gz) from its '
        "drive by hand and unpack it there"
    ),
    layout="files like 25_0_1_20170116174525125.jpg.chip.jpg, in one folder or in parts",
    page="https://susanqq.github.io/UTKFace/",
)
