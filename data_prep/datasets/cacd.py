"""Cross-Age Celebrity Dataset: 2,000 people over ten years, with the metadata file of its authors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from data_prep.datasets.base import OLDEST, DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import file_near, names_in
from data_prep.formats.lists import plain
from data_prep.formats.matlab import numbers, read_columns, texts

if TYPE_CHECKING:
    import pandas as pd

META = "celebrity2000_meta.mat"
TEST_RANKS = (3, 4, 5)
_IMAGES = "CACD2000"
_NAME = re.compile(r"(\d{1,3})_(.+)_(\d{4})\.jpg", re.IGNORECASE | re.ASCII)


class CACD(DataSet):
    """Images are named AGE_Name_NNNN.jpg; year, rank and identity stand in the metadata file."""

    def holds(self, folder: Path) -> bool:
        names = names_in(folder)
        return META in names or _IMAGES in names or any(_NAME.fullmatch(name) for name in names)

    def key(self, name: str) -> str:
        return plain(name.rpartition("/")[2])

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        """Yield a sample for each image that is there and has a row in the metadata."""
        rows, twice = {}, set()
        for row in metadata(root).itertuples(index=False, name="Row"):
            name = plain(row.name)
            if rows.setdefault(name, row) != row:
                twice.add(name)
        for file in image_files(root):
            if isinstance(file, Rejected):
                yield file
                continue
            name, path = file
            row = rows.get(plain(path.name))
            if row is None:
                yield Rejected(name, f"{META} has no row for it")
            elif plain(path.name) in twice:
                yield Rejected(name, f"{META} has rows for it that disagree")
            elif row.age > OLDEST:
                yield Rejected(name, f"age {row.age} is impossible")
            elif (said := _NAME.fullmatch(path.name)) and int(said[1]) != row.age:
                yield Rejected(name, f"the name says age {int(said[1])}, {META} says {row.age}")
            else:
                yield Sample(path, name, identity=row.celebrity, age=int(row.age), year=int(row.year))


def metadata(root: Path) -> pd.DataFrame:
    """Return one row an image, whether the image is there or not.

    Columns: name (of the file), celebrity (unique name of the person), identity (1 to 2,000), age, year,
    birth and rank (fame among the celebrities born in the same year, 1 the most famous).

    Raises:
        UserError: the metadata file is missing or damaged.
    """
    import pandas as pd

    path = file_near(Path(root), DATASET.folder, META)
    if path is None:
        raise UserError(f'no {META} in {root}: download "the dataset metadata only" from {DATASET.page}.')
    images = read_columns(path, "celebrityImageData", ("name", "identity", "age", "year", "birth", "rank"))
    people = _people(path)
    frame = pd.DataFrame({"name": texts(path, "name", images.pop("name"))})
    for column, values in images.items():
        frame[column] = _whole(path, column, values)
    frame.insert(1, "celebrity", frame["identity"].map(people["name"]))
    if frame["name"].isna().any() or frame["celebrity"].isna().any():
        raise UserError(f"{path} is damaged: a row lacks its file name or names an unknown celebrity.")
    return frame


def test_celebrities(root: Path) -> frozenset[str]:
    """Return the names of the 120 test celebrities of CARC: ranks 3, 4 and 5 of each birth year.

    Raises:
        UserError: the metadata file is missing or damaged.
    """
    rows = metadata(root)
    return frozenset(rows.loc[rows["rank"].isin(TEST_RANKS), "celebrity"])


def _people(path: Path) -> pd.DataFrame:
    """Return the celebrities' names by identity."""
    import pandas as pd

    columns = read_columns(path, "celebrityData", ("name", "identity"))
    names = texts(path, "name", columns["name"])
    people = pd.DataFrame({"name": names}, index=_whole(path, "identity", columns["identity"]))
    if people.index.has_duplicates or people["name"].duplicated().any():
        raise UserError(f"{path} is damaged: a celebrity is listed twice.")
    return people


def _whole(path: Path, column: str, values):
    """Return a column as int64; the published file has no unknown value in any."""
    floats = numbers(path, column, values)
    if not ((floats >= 0) & (floats < 2**31) & (floats % 1 == 0)).all():
        raise UserError(f"{path} is damaged: {column!r} holds something that is not a whole number.")
    return floats.astype("int64")


DATASET = CACD(
    name="cacd",
    title="CACD",
    folder="CACD",
    whole=163446,
    licence="for research only; each image belongs to its owner",
    how_to_obtain=(
        f"open https://bcsiriuschen.github.io/CARC/, download {META} and CACD2000.tar.gz from its drive "
        f"by hand, put the first there and unpack the second beside it"
    ),
    layout=f"{META} and {_IMAGES}/53_Robin_Williams_0001.jpg",
    page="https://bcsiriuschen.github.io/CARC/",
)
