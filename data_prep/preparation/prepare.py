"""From a data set's files to a prepared set: aligned faces in shards, with an index and all that was refused.

The way of an image: listed, hashed, freed of byte-identical copies (`sources`), decoded, aligned and encoded
by one of several workers (`crop`, `common.processes`), written to a shard with what is known of it (`parts`).
Shards are complete or absent: a run killed at any moment goes on at the first one missing, and ends with the
same files.
"""

from __future__ import annotations

import platform
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL
import tensorflow as tf

from common.errors import UserError, unknown
from common.faces.alignment import TEMPLATES
from common.files import write_table, writing_to
from common.locking import take_lock
from common.processes import available_cores
from common.progress import Progress
from data_prep.datasets import get
from data_prep.datasets.base import DataSet
from data_prep.datasets.samples import Rejected
from data_prep.preparation import parts as shard_parts
from data_prep.preparation.crop import DETECTION, Recipe
from data_prep.preparation.making import make_shards, spread_shards
from data_prep.preparation.sources import (
    Duplicate,
    Listing,
    hash_contents,
    list_sources,
    separate_duplicates,
)
from data_prep.prepared.index import COLUMNS, Prepared, fingerprint, load, summary_markdown, write_manifest
from data_prep.prepared.manifest import SIZES, Altered

FORMAT = 1
SHARD_IMAGES = 1000


def prepare(
    dataset: str | DataSet,
    data_root: str | Path,
    prepared_root: str | Path,
    *,
    size: int,
    template: str,
    detector: str = "auto",
    workers: int | None = None,
    margin: float = 0.0,
    shard_images: int = SHARD_IMAGES,
    scheduler: str | None = None,
) -> Prepared:
    """Prepare a data set, or return what stands when neither its files nor the settings have changed.

    Only shards whose sources changed are made again; where another process is preparing the same set, it is
    waited for. Everything is written to
    `prepared_root`/<dataset>-<template>-<size>[-mXX]-<detector>: shard-*.tfrecord, index.csv, rejected.csv,
    duplicates.csv and manifest.json, which appears last.

    Args:
        dataset: a name of `data_prep.datasets.DATASETS`, or a data set.
        data_root: holds the data sets' folders.
        size: side of the crops in pixels.
        template: a name of `common.faces.alignment.TEMPLATES`.
        detector: "auto", "manual" or a detector's name; see `data_prep.preparation.crop.Recipe`.
        workers: number of processes; None is one a core.
        margin: fraction of the template's side shown beyond it, on each side.
        shard_images: files to a shard; after a kill, the work on one shard is lost.
        scheduler: address of a Dask scheduler whose workers see the same folders and make a shard each at a
            time, in the place of processes of this machine; None is those.

    Raises:
        UserError: an option is not valid, the set is not there, nothing in it can be prepared, what was
            prepared was changed by hand, the disk is full or read-only.
    """
    card = get(dataset) if isinstance(dataset, str) else dataset
    recipe = checked(size, template, detector, margin, workers)
    if shard_images < 1:
        raise UserError(f"shard_images is {shard_images}: choose at least 1.")
    folder = Path(prepared_root) / folder_name(card.name, recipe)
    settings = {"format": FORMAT, "dataset": card.name, "shard_images": shard_images, **recipe.settings()}
    listing = list_sources(card.scan(Path(data_root) / card.folder))
    if not listing.files:
        raise UserError(
            f"there is no image of {card.title} in {Path(data_root) / card.folder}: {card.how_to_obtain}."
        )
    stamp = listing.stamp(card.asks_by_name)
    standing = _standing(folder, settings, stamp)
    if standing is not None:
        return standing
    with _alone_in(folder):
        # It may have been prepared by the process that was waited for.
        if _standing(folder, settings, stamp) is None:
            _prepare(card, listing, stamp, recipe, settings, folder, workers or available_cores(), scheduler)
    # The list takes as much memory as the index that is read now.
    del listing
    return load(folder)


def folder_name(dataset: str, recipe: Recipe) -> str:
    """Return the name of a prepared set's folder: "fgnet-arcface-112-m20-auto"."""
    margin = f"-m{round(100 * recipe.margin):02d}" if recipe.margin else ""
    return f"{dataset}-{recipe.template}-{recipe.size}{margin}-{recipe.detector}"


def report(prepared: Prepared) -> str:
    """Return what came of a preparation, for a terminal, with images, people and genders by age."""
    counts, speed = prepared.manifest["counts"], prepared.manifest["speed"]
    lines = [
        f"{prepared.manifest['title']}: {prepared.coverage}; {counts['prepared']:,} prepared, "
        f"{counts['rejected']:,} rejected, {counts['duplicates']:,} byte-identical to one prepared",
        "landmarks: "
        + ", ".join(f"{number:,} {source}" for source, number in counts["landmark_sources"].items()),
    ]
    lines += [f"rejected: {number:,} x {reason}" for reason, number in counts["reasons"].items()]
    lines.append(
        f"{speed['images_per_second']:,.1f} images/s with {speed['workers']} workers; {prepared.folder}"
    )
    return "\n".join(lines) + f"\n\n{summary_markdown(prepared.index)}"


def checked(size: int, template: str, detector: str, margin: float, workers: int | None) -> Recipe:
    """Return what is asked for as a recipe; arguments as of `prepare`.

    Raises:
        UserError: one of them is not valid.
    """
    recipe = Recipe(size, template, margin, detector)
    if recipe.template not in TEMPLATES:
        raise unknown("template", recipe.template, TEMPLATES)
    if recipe.detector not in DETECTION:
        raise unknown("detector", recipe.detector, DETECTION)
    smallest, largest = SIZES
    if not smallest <= recipe.size <= largest:
        raise UserError(f"size is {recipe.size} px: choose one from {smallest} to {largest}.")
    if not 0 <= recipe.margin <= 1:
        raise UserError(f"margin is {recipe.margin}: choose a fraction from 0 to 1.")
    if workers is not None and workers < 1:
        raise UserError(f"workers is {workers}: choose at least 1.")
    return recipe


def _standing(folder: Path, settings: dict[str, Any], stamp: str) -> Prepared | None:
    try:
        prepared = load(folder)
    except Altered:
        raise
    except UserError:
        return None
    manifest = prepared.manifest
    # Tables from before they were hashed are written anew from what is known of the shards.
    if manifest["settings"] != settings or manifest["inputs"] != stamp or "tables" not in manifest:
        return None
    for number, shard in enumerate(manifest["shards"]):
        path = prepared.shard_path(number)
        if not path.is_file() or path.stat().st_size != shard["bytes"]:
            return None
    return prepared


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    with writing_to(folder):
        (folder / "parts").mkdir(parents=True, exist_ok=True)
        lock = take_lock(folder / ".lock", f"preparing {folder}")
    with lock:
        yield


def _prepare(
    card: DataSet,
    listing: Listing,
    stamp: str,
    recipe: Recipe,
    settings: dict[str, Any],
    folder: Path,
    workers: int,
    scheduler: str | None,
) -> None:
    start = time.monotonic()
    with Progress(f"{card.title}: reading", len(listing.sources)) as progress:
        hashed = hash_contents(listing.sources, progress.advance)
    sources, duplicates = separate_duplicates(hashed, keep_disputed=card.asks_by_name)
    parts = shard_parts.split(folder, sources, settings, settings["shard_images"])
    with writing_to(folder):
        (folder / "manifest.json").unlink(missing_ok=True)
        shard_parts.remove_others(folder, parts)
    missing = [part for part in parts if part.record() is None]
    if scheduler is None:
        made = make_shards(missing, recipe, workers, card.title)
    else:
        made, workers = spread_shards(missing, recipe, scheduler, card.title)
    with writing_to(folder):
        manifest = _write_tables(folder, parts, listing.rejected, duplicates, card.title)
        seconds = time.monotonic() - start
        manifest |= {
            "title": card.title,
            "settings": settings,
            "inputs": stamp,
            "coverage": card.coverage(listing.files),
            "fingerprint": fingerprint(_rows(parts), settings),
            "libraries": _libraries(),
            "speed": {
                "workers": workers,
                "seconds": round(seconds, 1),
                "images": made,
                "images_per_second": round(made / seconds, 1),
            },
        }
        write_manifest(folder, manifest)


def _rows(parts: list[shard_parts.Part]) -> Iterator[dict[str, Any]]:
    for part in parts:
        for row in part.record()["rows"]:
            yield dict(zip(COLUMNS, row, strict=True))


def _write_tables(
    folder: Path,
    parts: list[shard_parts.Part],
    refused: list[Rejected],
    duplicates: list[Duplicate],
    title: str,
) -> dict[str, Any]:
    """Write index.csv, rejected.csv and duplicates.csv; return the manifest's counts and shards."""
    landmark_sources: Counter[str] = Counter()
    shards = []
    rejected = [(item.name, item.reason) for item in (*refused, *(d for d in duplicates if d.kept is None))]

    def rows() -> Iterator[list[Any]]:
        for part in parts:
            record = part.record()
            rejected.extend(map(tuple, record["rejected"]))
            images = len(record["rows"])
            shards.append({"images": images, "bytes": record["bytes"], "sha256": record["sha256"]})
            landmark_sources.update(row[COLUMNS.index("landmark_source")] for row in record["rows"])
            yield from record["rows"]

    write_table(folder / "index.csv", COLUMNS, rows())
    rejected.sort()
    write_table(folder / "rejected.csv", ("name", "reason"), rejected)
    write_table(
        folder / "duplicates.csv",
        ("name", "kept", "reason"),
        ((d.name, d.kept, d.reason) for d in duplicates),
    )
    reasons = Counter(_kind(reason) for _, reason in rejected)
    if not landmark_sources:
        raise UserError(
            f"no image of {title} could be prepared; most often: {reasons.most_common(1)[0][0]}. "
            f"{folder / 'rejected.csv'} says why for each file."
        )
    counts = {
        "prepared": sum(landmark_sources.values()),
        "rejected": len(rejected),
        "reasons": dict(reasons.most_common()),
        "duplicates": sum(duplicate.kept is not None for duplicate in duplicates),
        "landmark_sources": dict(landmark_sources.most_common()),
    }
    return {"counts": counts, "shards": shards}


def _kind(reason: str) -> str:
    """Return a reason without its numbers, so that reasons of one kind are counted together."""
    return re.sub(r"-?\d[\d,.]*(?<=\d)", "N", reason)


def _libraries() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "tensorflow": tf.__version__,
    }
