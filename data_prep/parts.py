"""What is known of each shard while a set is being prepared: the memory that lets a killed run go on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.files import atomic_write, sha256_file
from data_prep.crop import Crop
from data_prep.index import COLUMNS, LANDMARK_COLUMNS, shard_name
from data_prep.plan import Source, content_key, hash_stream
from data_prep.shards import write_shard


@dataclass(frozen=True)
class Part:
    """A shard, the sources it is made of, and the key that changes when any of them or the settings do."""

    folder: Path
    shard: int
    sources: list[Source]
    key: str

    @property
    def shard_path(self) -> Path:
        """The shard's file."""
        return self.folder / shard_name(self.shard)

    @property
    def record_path(self) -> Path:
        """The file that tells what the shard holds; it appears after the shard."""
        return self.folder / "parts" / f"{self.shard:05d}.json"

    def record(self) -> dict[str, Any] | None:
        """Return what was recorded of this shard (key, bytes, sha256, rows, rejected), or None: make it."""
        try:
            record = json.loads(self.record_path.read_text(encoding="utf-8"))
            stands = record["key"] == self.key and self.shard_path.stat().st_size == record["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return record if stands else None

    def write(self, crops: Iterator[Crop | str]) -> None:
        """Make the shard of the next `len(sources)` crops, then its record.

        Raises:
            UserError: the disk is full or cannot be written to.
        """
        rows: list[list[Any]] = []
        rejected: list[tuple[str, str]] = []

        def jpegs() -> Iterator[bytes]:
            for source in self.sources:
                crop = next(crops)
                if isinstance(crop, str):
                    rejected.append((source.name, crop))
                else:
                    rows.append(_row(source, crop, self.shard, len(rows)))
                    yield crop.jpeg

        write_shard(self.shard_path, jpegs())
        record = {
            "key": self.key,
            "bytes": self.shard_path.stat().st_size,
            "sha256": sha256_file(self.shard_path),
            "rows": rows,
            "rejected": rejected,
        }
        with atomic_write(self.record_path) as file:
            json.dump(record, file, separators=(",", ":"))


def split(folder: Path, sources: list[Source], settings: dict[str, Any], shard_images: int) -> list[Part]:
    """Return the parts of a prepared set: `sources` in order, `shard_images` to a shard."""
    parts = []
    for shard, start in enumerate(range(0, len(sources), shard_images)):
        inside = sources[start : start + shard_images]
        key = hash_stream([settings, COLUMNS, *map(content_key, inside)])
        parts.append(Part(folder, shard, inside, key))
    return parts


def remove_others(folder: Path, parts: list[Part]) -> None:
    """Delete what a killed run left half written, and shards of an earlier, longer list of files."""
    keep = {part.shard_path for part in parts} | {part.record_path for part in parts}
    for pattern in (".*.part", "parts/.*.part", "shard-*.tfrecord", "parts/*.json"):
        for path in folder.glob(pattern):
            if path not in keep:
                path.unlink()


def _row(source: Source, crop: Crop, shard: int, position: int) -> list[Any]:
    values = {
        "name": source.name,
        "shard": shard,
        "position": position,
        "identity": source.identity,
        "age": source.age,
        "gender": source.gender,
        "year": source.year,
        "landmark_source": crop.landmark_source,
        "width": crop.width,
        "height": crop.height,
        "sha256": source.sha256,
        "dhash": crop.dhash,
        "dhash256": crop.dhash256,
    }
    if crop.face is not None:
        values["score"] = _number(crop.face.score, 4)
        values.update(zip(("x1", "y1", "x2", "y2"), (_number(value) for value in crop.face.box), strict=True))
        points = (_number(value) for value in crop.face.landmarks.ravel())
        values.update(zip(LANDMARK_COLUMNS, points, strict=True))
    return [values.get(column) for column in COLUMNS]


def _number(value: float, digits: int = 2) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
