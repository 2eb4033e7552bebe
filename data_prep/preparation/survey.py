"""What a user's data folder holds, before anything of it is prepared."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from common.processes import available_cores, ordered_map
from data_prep.datasets import DATASETS
from data_prep.datasets.base import DataSet
from data_prep.datasets.locate import given
from data_prep.preparation.crop import Crop, Recipe, make_crop
from data_prep.preparation.sources import Listing, Source, list_sources

TRIED = 12
"""Pictures that each process aligns in a trial."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What is found of one data set.

    Attributes:
        card: the set.
        listing: its pictures and what is refused of it; None where it is not there or cannot be read.
        problem: why a folder of the set cannot be read; None where it can, or where there is no such folder.
    """

    card: DataSet
    listing: Listing | None = None
    problem: str | None = None

    @property
    def sources(self) -> list[Source]:
        """Its pictures."""
        return self.listing.sources if self.listing else []

    @property
    def refused(self) -> Counter[str]:
        """How many files are refused, by reason."""
        found = Counter[str]()
        for one in self.listing.rejected if self.listing else []:
            found[one.reason] += one.files
        return +found

    @property
    def people(self) -> int:
        """How many people are named; 0 where nobody is."""
        return len({one.identity for one in self.sources if one.identity is not None})

    @property
    def ages(self) -> tuple[int, int] | None:
        """The lowest and the highest age in years, None where none is known."""
        known = [one.age for one in self.sources if one.age is not None]
        return (min(known), max(known)) if known else None

    def coverage(self) -> str:
        """Return how much of the set is here: "15,692 of 23,708 files"."""
        return self.card.coverage(self.listing.files if self.listing else 0)


def survey(data_root: Path) -> Iterator[Survey]:
    """Yield what a data folder holds of every set that the suite knows; pictures are listed, not opened.

    Args:
        data_root: the folder that holds the sets' folders.
    """
    for name, card in DATASETS.items():
        if name == "synthetic":
            continue
        folder = given(data_root / card.folder)
        if not folder.is_dir():
            yield Survey(card)
            continue
        try:
            listing = list_sources(card.scan(folder))
        except UserError as error:
            # A part of another set's copy lies in the same folder; it is no broken copy of this one.
            yield Survey(card, problem=None if card.reading_of else str(error))
            continue
        yield Survey(card, listing)


def alignment_rate(found: Survey, size: int, template: str, tried: int = TRIED) -> float | None:
    """Return how many images a second are found, aligned and encoded by as many processes as there are cores.

    Measured on pictures from all over the set, once every process has its detector. Nothing is written.

    Args:
        found: a set with pictures.
        size, template: as of `data_prep.preparation.prepare.prepare`.
        tried: pictures a process.

    Returns:
        None where there are too few pictures to try.
    """
    workers = available_cores()
    warm = 2 * workers
    wanted = warm + tried * workers
    if len(found.sources) < wanted:
        return None
    step = len(found.sources) // wanted
    chosen = found.sources[: step * wanted : step]
    recipe = Recipe(size, template, margin=0.0, detector="auto")
    crops = ordered_map(functools.partial(make_crop, recipe=recipe), chosen, workers, _lost)
    for _ in range(warm):
        next(crops)
    started = time.perf_counter()
    done = sum(1 for _ in crops)
    return done / (time.perf_counter() - started)


def _lost(_: Source) -> Crop | str:
    return "it ended the process that read it"
