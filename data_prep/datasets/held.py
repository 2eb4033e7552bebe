"""Which data sets a user's data folder holds."""

from __future__ import annotations

from pathlib import Path

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.locate import given
from data_prep.datasets.samples import Sample


def holds(data_root: Path | None, name: str) -> bool:
    """Whether a data folder holds an image of the set: CACD's label file alone does not count.

    Raises:
        UserError: there is a folder of the set, but it does not hold it, or its labels cannot be read.
    """
    if data_root is None:
        return False
    card = get(name)
    folder = given(data_root / card.folder)
    if not folder.is_dir():
        return False
    if card.reading_of:
        try:
            card.find(folder)
        except UserError:
            return False
    return any(isinstance(found, Sample) for found in card.scan(folder))


def require_set(name: str, data_root: Path | None) -> None:
    """Refuse a data folder that does not hold a set, before work is spent on anything else.

    Raises:
        UserError: it is not there; the sentence says how to get it.
    """
    if data_root is not None and name != "synthetic":
        get(name).scan(data_root / get(name).folder)
