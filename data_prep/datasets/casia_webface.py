"""CASIA-WebFace: 10,575 people to learn identities from; folders, or insightface's RecordIO copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from common.errors import UserError
from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import folders_in, names_in, own_folder
from data_prep.formats import recordio, unpacked

RECORDS = "train.rec"
UNPACKED = "unpacked"

_PERSON = re.compile(r"\d{1,8}", re.ASCII)
_PICTURE = re.compile(r"\d{1,8}\.(jpe?g|png)", re.IGNORECASE | re.ASCII)
_LOOKED_INTO = 20


class CasiaWebFace(DataSet):
    """The person is the number of the folder: 0000045/001.jpg.

    insightface's copy is one file, train.rec, of faces aligned to 112 px; `make data-casia-webface` unpacks
    it beside itself.
    """

    def holds(self, folder: Path) -> bool:
        if self.packed(folder):
            return True
        people = folders_in(folder)
        return any(
            _PICTURE.fullmatch(name)
            for person in islice((one for one in people if _PERSON.fullmatch(one)), _LOOKED_INTO)
            for name in names_in(folder / person)
        )

    def packed(self, folder: Path) -> Path | None:
        return folder / RECORDS if (folder / RECORDS).is_file() else None

    def finish(self, folder: Path) -> None:
        if self.packed(folder):
            recordio.unpack(folder / RECORDS, folder / UNPACKED)

    def key(self, name: str) -> str:
        return "/".join(name.split("/")[-2:])

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        packed = self.packed(root)
        if packed and not unpacked.is_complete(root / UNPACKED):
            data_root = own_folder(root, self.folder).parent
            raise UserError(
                f"{root / RECORDS} is still packed: run make data-casia-webface DATA_ROOT={data_root}."
            )
        for file in image_files(root, UNPACKED if packed else "."):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            person = Path(name).parent.name
            if not _PERSON.fullmatch(person) or not _PICTURE.fullmatch(path.name):
                yield Rejected(name, "name is not of the form 0000045/001.jpg")
            else:
                yield Sample(path, name, identity=person, aligned="arcface" if packed else None)


DATASET = CasiaWebFace(
    name="casia-webface",
    title="CASIA-WebFace",
    folder="CASIA-WebFace",
    whole=494414,
    licence="for research only; each image belongs to its owner",
    how_to_obtain=(
        "its authors hand it out no longer: put the copy you hold there, in folders, or insightface's "
        "faces_webface_112x112 (train.rec), which its dataset zoo links to"
    ),
    layout=f"folders like 0000045/001.jpg, or insightface's {RECORDS}",
    page="https://github.com/deepinsight/insightface/tree/master/recognition/_datasets_",
)
