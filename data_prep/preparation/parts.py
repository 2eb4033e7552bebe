"""What is known of each shard while a set is being prepared: the memory that lets a killed run go on."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from common.evidence import sealed, strict
from common.files import atomic_write, hash_stream, sha256_file
from data_prep.datasets.samples import LABELS
from data_prep.preparation.crop import Crop
from data_prep.preparation.sources import Source, content_key
from data_prep.prepared.index import COLUMNS, LANDMARK_COLUMNS, shard_name
from data_prep.prepared.shards import write_shard

_LANDMARK_SOURCE = COLUMNS.index("landmark_source")


class Record(TypedDict):
    """What is known of a shard.

    `rows` are the index's, `rejected` the names and reasons of the others, `bytes` and `sha256` the shard's.
    """

    key: str
    bytes: int
    sha256: str
    rows: list[Any]
    rejected: list[list[str]]


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

    def record(self) -> Record | None:
        """Return what was recorded of this shard, or None where it has to be made.

        A record that was changed does not stand, which is told on the terminal.
        """
        try:
            found = sealed.parse(self.record_path.read_text(encoding="utf-8"))
            record = strict.build(Record, found.content, "it")
            if record["key"] != self.key or self.shard_path.stat().st_size != record["bytes"]:
                return None
        except (OSError, ValueError):
            return None
        if found.edited or not self._is_of_sources(record):
            told = f"{self.record_path} was changed after it was written: its shard is made again"
            print(told, file=sys.stderr, flush=True)
            return None
        return record

    def _is_of_sources(self, record: Record) -> bool:
        """Whether the rows say of the sources what these say; records of old have no hash of their own."""
        refused = {tuple(row)[:1] for row in record["rejected"]}
        sources = [source for source in self.sources if (source.name,) not in refused]
        return len(sources) == len(record["rows"]) and all(
            isinstance(row, list)
            and len(row) == len(COLUMNS)
            and isinstance(row[_LANDMARK_SOURCE], str)
            and dict(zip(COLUMNS, row, strict=True)).items() >= _told(source, self.shard, place).items()
            for place, (source, row) in enumerate(zip(sources, record["rows"], strict=True))
        )

    def write(self, crops: Iterator[Crop | str]) -> None:
        """Make the shard of the next `len(sources)` crops, then its record.

        Raises:
            UserError: the disk is full or cannot be written to.
        """
        rows: list[list[Any]] = []
        rejected: list[list[str]] = []

        def jpegs() -> Iterator[bytes]:
            for source in self.sources:
                crop = next(crops)
                if isinstance(crop, str):
                    rejected.append([source.name, crop])
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
            json.dump(sealed.sealed(record), file, separators=(",", ":"))


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


def _told(source: Source, shard: int, position: int) -> dict[str, Any]:
    """Return what a row of the index says of a source before its picture is looked at."""
    labels = dict(zip(LABELS, source.labels, strict=True))
    place = {"name": source.name, "sha256": source.sha256, "shard": shard, "position": position}
    return place | labels


def _row(source: Source, crop: Crop, shard: int, position: int) -> list[Any]:
    values = _told(source, shard, position) | {
        "landmark_source": crop.landmark_source,
        "width": crop.width,
        "height": crop.height,
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
