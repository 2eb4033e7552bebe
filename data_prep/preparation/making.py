"""The shards that a preparation lacks, made by processes of this machine or by the workers of a scheduler."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import cv2

from common.processes import ordered_map
from common.progress import Progress
from common.spreading import Team
from data_prep.preparation.crop import Recipe, make_crop
from data_prep.preparation.parts import Part
from data_prep.preparation.sources import Source

_ONE_AT_A_TIME = threading.Lock()
_CRASHED = "the image ended the process that read it (out of memory, or a fault in a native library)"


def make_shards(missing: list[Part], recipe: Recipe, workers: int, title: str) -> int:
    """Make the shards that are missing; return how many images that took."""
    images = sum(len(part.sources) for part in missing)
    if not images:
        return 0
    sources = (source for part in missing for source in part.sources)
    crops = ordered_map(partial(make_crop, recipe=recipe), sources, workers, crashed=_crashed)
    with Progress(f"{title}: aligning", images) as progress:

        def counted() -> Iterator[Any]:
            for crop in crops:
                yield crop
                progress.advance()

        stream = counted()
        try:
            for part in missing:
                part.write(stream)
        finally:
            # A run that ends here must not leave workers behind.
            crops.close()
    return images


def spread_shards(missing: list[Part], recipe: Recipe, scheduler: str, title: str) -> tuple[int, int]:
    """Have the workers of a scheduler make the missing shards; return of how many images, and by how many."""
    images = sum(len(part.sources) for part in missing)
    with Team(scheduler) as team, Progress(f"{title}: aligning", images) as progress:

        def on_this_machine(part: Part) -> None:
            # An image ends whatever reads it: the pool finds out which one, and the shard is made without it.
            crops = ordered_map(partial(make_crop, recipe=recipe), part.sources, 1, crashed=_crashed)
            try:
                part.write(crops)
            finally:
                crops.close()

        for part, _ in team.spread(partial(_make_shard, recipe=recipe), missing, on_this_machine):
            progress.advance(len(part.sources))
        return images, team.size


def _make_shard(part: Part, recipe: Recipe) -> None:
    """Make a shard in a worker of a scheduler, which may have several threads."""
    with _ONE_AT_A_TIME:
        cv2.setNumThreads(1)
        part.write(make_crop(source, recipe=recipe) for source in part.sources)


def _crashed(_: Source) -> str:
    return _CRASHED
