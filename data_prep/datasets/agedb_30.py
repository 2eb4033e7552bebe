"""AgeDB-30: 6,000 pairs of celebrities whose pictures lie 30 years apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from data_prep.datasets.base import OLDEST
from data_prep.datasets.image_files import image_files
from data_prep.datasets.pair_set import PairSet
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import folders_in, names_in

_NAME = re.compile(r"(\d{1,6})_(.+)_(\d{1,3})_([mf])\.jpe?g", re.IGNORECASE | re.ASCII)
_GENDERS = {"m": "male", "f": "female"}
_LOOKED_INTO = 20


class AgeDB30(PairSet):
    """AgeDB's own pictures are named 0_MariaCallas_35_f.jpg: number, person, age, gender."""

    def holds_own(self, folder: Path) -> bool:
        inside = (folder / name for name in folders_in(folder))
        places = (folder, *islice(inside, _LOOKED_INTO))
        return any(_NAME.fullmatch(name) for place in places for name in names_in(place))

    def key(self, name: str) -> str | None:
        file = name.rpartition("/")[2]
        return file.lower() if _NAME.fullmatch(file) else None

    def read_own(self, root: Path) -> Iterator[Sample | Rejected]:
        for file in image_files(root):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            fields = _NAME.fullmatch(path.name)
            if not fields:
                yield Rejected(name, "name is not of the form 0_MariaCallas_35_f.jpg")
            elif not 0 < int(fields[3]) <= OLDEST:
                yield Rejected(name, f"age {int(fields[3])} is impossible")
            else:
                gender = _GENDERS[fields[4].lower()]
                yield Sample(path, name, identity=fields[2], age=int(fields[3]), gender=gender)


DATASET = AgeDB30(
    name="agedb-30",
    title="AgeDB-30",
    folder="AgeDB-30",
    whole=12000,
    stem="agedb_30",
    photographs=16488,
    licence="non-commercial research only; each image belongs to its owner",
    how_to_obtain=(
        "put agedb_30.bin there, which comes with the face recognition sets of insightface's dataset zoo, or "
        "ask for AgeDB's own pictures at https://ibug.doc.ic.ac.uk/resources/agedb/"
    ),
    layout="agedb_30.bin, or the folder agedb_30 with agedb_30.txt, or pictures like 0_MariaCallas_35_f.jpg",
    page="https://ibug.doc.ic.ac.uk/resources/agedb/",
)
