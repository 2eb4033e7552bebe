"""Labelled Faces in the Wild: one folder a person; no ages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from data_prep.datasets.base import DataSet, Download
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import folders_in, names_in
from data_prep.formats.lists import plain

_NUMBER = re.compile(r"_\d{4}\.jpe?g", re.IGNORECASE | re.ASCII)
_LOOKED_INTO = 20  # folders whose names are compared before a folder is said not to be LFW


class LFW(DataSet):
    """The person is the folder's name: Name_Surname/Name_Surname_0001.jpg."""

    def holds(self, folder: Path) -> bool:
        people = folders_in(folder)
        return any(
            _is_picture_of(person, name)
            for person in islice(people, _LOOKED_INTO)
            for name in names_in(folder / person)
        )

    def key(self, name: str) -> str:
        return "/".join(plain(name).split("/")[-2:])

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for file in image_files(root):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            person = Path(name).parent.name
            if _is_picture_of(person, path.name):
                yield Sample(path, name, identity=person)
            else:
                yield Rejected(name, "name is not of the form Name_Surname/Name_Surname_0001.jpg")


def _is_picture_of(person: str, name: str) -> bool:
    person, name = plain(person), plain(name)
    return bool(person) and name.startswith(person) and bool(_NUMBER.fullmatch(name[len(person) :]))


DATASET = LFW(
    name="lfw",
    title="LFW",
    folder="LFW",
    whole=13233,
    asks_by_name=True,
    licence="for research; the photographs belong to the news agencies that published them",
    how_to_obtain="download lfw.tgz from https://ndownloader.figshare.com/files/5976018 and unpack it there",
    layout="folders like Name_Surname/Name_Surname_0001.jpg, and pairs.txt beside them for its own pairs",
    page="http://vis-www.cs.umass.edu/lfw/",
    downloads=(
        # The original server is gone; this copy and its hash are the ones scikit-learn fetches.
        Download(
            "https://ndownloader.figshare.com/files/5976018",
            "lfw.tgz",
            checksum="sha256:055f7d9c632d7370e6fb4afc7468d40f970c34a80d4c6f50ffec63f5a8d536c0",
        ),
    ),
)
