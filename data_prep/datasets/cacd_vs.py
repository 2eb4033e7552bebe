"""CACD-VS: 4,000 pairs of celebrities across age; who they are is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import names_in

_NAME = re.compile(r"\d{4}_[01]\.jpg", re.IGNORECASE | re.ASCII)


class CacdVS(DataSet):
    """A pair is NNNN_0.jpg and NNNN_1.jpg; see `data_prep.protocols.verification.numbered_pairs`."""

    def holds(self, folder: Path) -> bool:
        return any(_NAME.fullmatch(name) for name in names_in(folder))

    def key(self, name: str) -> str:
        return name.rpartition("/")[2].lower()

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for file in image_files(root):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            if _NAME.fullmatch(path.name):
                yield Sample(path, name)
            else:
                yield Rejected(name, "name is not of the form 0123_0.jpg")


DATASET = CacdVS(
    name="cacd-vs",
    title="CACD-VS",
    folder="CACD-VS",
    whole=8000,
    asks_by_name=True,
    licence="for research only; each image belongs to its owner",
    how_to_obtain=(
        'open https://bcsiriuschen.github.io/CARC/, download "CACD verification subset" from its drive by '
        "hand and unpack it there"
    ),
    layout="files like 0123_0.jpg and 0123_1.jpg",
    page="https://bcsiriuschen.github.io/CARC/",
)
