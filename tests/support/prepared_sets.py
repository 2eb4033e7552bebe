"""Prepared sets made in a moment, without files or workers behind them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from common.files import sha256_file, write_table
from data_prep.formats.images import dhash
from data_prep.prepared.index import COLUMN_TYPES, COLUMNS, Prepared, load, shard_name, write_manifest
from data_prep.prepared.shards import write_shard
from tests.support.image_files import picture


def make_index(rows: list[dict]) -> pd.DataFrame:
    """Return an index of `rows`; columns that a row lacks are filled with values that suit a test."""
    complete = []
    for number, row in enumerate(rows):
        name = row.get("name", f"{number:05d}.jpg")
        digest = hashlib.sha256(name.encode()).hexdigest()
        default = {"name": name, "shard": 0, "position": number, "landmark_source": "manual"}
        default |= {"width": 48, "height": 48, "sha256": digest, "dhash": digest[:16], "dhash256": digest}
        complete.append(default | row)
    return pd.DataFrame(complete, columns=COLUMNS).astype(COLUMN_TYPES)


def write_prepared(
    folder: Path, images: int = 25, size: int = 32, shard_images: int = 10, dataset: str = "made-up"
) -> Prepared:
    """Write shards of `picture(row)` for each row, with tables and manifest, and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, shards = [], []
    for shard, start in enumerate(range(0, images, shard_images)):
        inside = range(start, min(start + shard_images, images))
        path = folder / shard_name(shard)
        write_shard(path, (_jpeg(picture(row, size, size)) for row in inside))
        shards.append({"images": len(inside), "bytes": path.stat().st_size, "sha256": sha256_file(path)})
        for position, row in enumerate(inside):
            hashes = {"dhash": dhash(picture(row)), "dhash256": dhash(picture(row), 16)}
            rows.append({"shard": shard, "position": position, "age": row % 100, **hashes})
    index = make_index(rows)
    write_table(folder / "index.csv", COLUMNS, index.astype(object).where(index.notna(), None).to_numpy())
    write_table(folder / "rejected.csv", ("name", "reason"), ())
    write_table(folder / "duplicates.csv", ("name", "kept", "reason"), ())
    nothing = {"rejected": 0, "reasons": {}, "duplicates": 0}
    manifest = {
        "title": "Made up",
        "fingerprint": "0" * 64,
        "inputs": "0" * 64,
        "coverage": f"{images} files",
        "settings": {"dataset": dataset, "size": size, "template": "utkface"},
        "counts": {"prepared": images, "landmark_sources": {"manual": images}, **nothing},
        "shards": shards,
        "libraries": {},
        "speed": {"workers": 1, "seconds": 1.0, "images": images, "images_per_second": 1.0},
    }
    write_manifest(folder, manifest)
    return load(folder)


def _jpeg(pixels: np.ndarray) -> bytes:
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        95,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    return cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)[1].tobytes()
