"""The data sets the suite knows, by name; each is one file, imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from common.errors import unknown
from data_prep.datasets.base import DataSet

_MODULES = {
    "fgnet": "fgnet",
    "utkface": "utkface",
    "imdb-wiki": "imdb_wiki",
    "morph": "morph",
    "cacd": "cacd",
    "cacd-vs": "cacd_vs",
    "casia-webface": "casia_webface",
    "imfdb": "imfdb",
    "lfw": "lfw",
    "agedb-30": "agedb_30",
    "calfw": "calfw",
    "scaf": "scaf",
    "synthetic": "synthetic",
}

_CLEANINGS = {"wiki-text": "imdb_wiki", "wiki-code": "imdb_wiki"}
"""Further cards of a set, which clean the same files by other rules; nobody fetches them by name."""


class _Registry(Mapping[str, DataSet]):
    """Name -> data set; iterating over the names imports nothing, so a command starts fast."""

    def __getitem__(self, name: str) -> DataSet:
        return import_module(f"data_prep.datasets.{_MODULES[name]}").DATASET

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


DATASETS: Mapping[str, DataSet] = _Registry()


def get(name: str) -> DataSet:
    """Return the data set of that name, or the card of that name that cleans one by other rules.

    Raises:
        UserError: there is none; the sentence names the nearest one.
    """
    if name in _CLEANINGS:
        return import_module(f"data_prep.datasets.{_CLEANINGS[name]}").CLEANINGS[name]
    if name not in _MODULES:
        raise unknown("data set", name, _MODULES)
    return DATASETS[name]
