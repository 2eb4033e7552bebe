"""Generated faces as a data set, read as it lies on the disk; `data_prep.synthetic.people` renders it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.formats.lists import read_table
from data_prep.synthetic import GENDERS
from data_prep.synthetic.people import COLUMNS, FOLDER, LABELS, MANIFEST, POINTS, read_manifest


class Synthetic(DataSet):
    """labels.csv lists the pictures; nothing is read from their names."""

    def holds(self, folder: Path) -> bool:
        return (folder / LABELS).is_file() and read_manifest(folder) is not None

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        table = read_table(root / LABELS)
        if table is None or tuple(table.header) != COLUMNS:
            raise UserError(
                f"{root / LABELS} is not a label file of generated faces: delete {root} and make it anew."
            )
        labels = {row[0]: row for _, row in table.rows}
        for file in image_files(root):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            row = labels.pop(name, None)
            yield Rejected(name, f"not listed in {LABELS}") if row is None else _sample(path, row)
        for name in labels:
            yield Rejected(name, f"listed in {LABELS} but not there")


def _sample(path: Path, row: list[str]) -> Sample | Rejected:
    try:
        name, identity, age, gender, year, *numbers = row
        values = [float(number) for number in numbers]
        if (
            not 0 <= int(age) <= OLDEST
            or gender not in GENDERS
            or len(values) != 2 * len(POINTS)
            or not np.isfinite(values).all()
        ):
            raise ValueError
        landmarks = tuple(zip(values[::2], values[1::2], strict=True))
        return Sample(path, name, identity, int(age), gender, int(year), landmarks)
    except ValueError:
        return Rejected(row[0], f"its row in {LABELS} does not hold the labels of a face")


DATASET = Synthetic(
    name="synthetic",
    title="Generated faces",
    folder=FOLDER,
    whole=0,
    licence="rendered by this suite, nobody's face, free of any terms",
    how_to_obtain="they are rendered here, not downloaded",
    layout=f"{LABELS}, {MANIFEST} and images/identity_00000/*.jpg as `make data-synthetic` writes them",
)
