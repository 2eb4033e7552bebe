"""What is to be prepared: a set's files listed, hashed, and freed of byte-identical copies."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from data_prep.samples import Point, Rejected, Sample

LABELS = ("identity", "age", "gender", "year")
# Two copies of a picture may come from albums of different years; they must show one person at one age.
MUST_AGREE = ("age", "gender", "identity")


@dataclass(frozen=True, slots=True)
class Source:
    """A `Sample` on its way into a prepared set: compact, because there may be half a million.

    Attributes:
        stamp: size in bytes and time of last change in nanoseconds.
        sha256: of the file's content; "" until it has been read.
    """

    name: str
    path: str
    identity: str | None
    age: int | None
    gender: str | None
    year: int | None
    landmarks: tuple[Point, ...] | None
    aligned: str | None
    stamp: tuple[int, int]
    sha256: str = ""

    @property
    def labels(self) -> tuple[Any, ...]:
        """The values of `LABELS`."""
        return self.identity, self.age, self.gender, self.year


@dataclass(frozen=True)
class Duplicate:
    """A file that has the same bytes as others: the name of the one that is kept, or None where none is."""

    name: str
    kept: str | None
    reason: str


@dataclass(frozen=True)
class Listing:
    """A set's files by name: those to prepare and those refused already."""

    sources: list[Source]
    rejected: list[Rejected]

    @property
    def files(self) -> int:
        """How many files the copy holds."""
        return len(self.sources) + len(self.rejected)

    def stamp(self) -> str:
        """Return a hash of names, labels, sizes and times, for which no file needs to be read."""
        entries = ([_tuple(source), source.stamp] for source in self.sources)
        return hash_stream(itertools.chain(entries, ([item.name, item.reason] for item in self.rejected)))


def list_sources(scanned: Iterable[Sample | Rejected]) -> Listing:
    """Sort what a data set's `scan` yields by name, and set aside what is not there or is listed twice."""
    sources: dict[str, Source] = {}
    rejected = []
    for item in scanned:
        if isinstance(item, Rejected):
            rejected.append(item)
        elif item.name in sources:
            rejected.append(
                Rejected(item.name, "the set lists this file more than once; its first entry is used")
            )
        else:
            try:
                status = os.stat(item.path)
            except OSError as error:
                rejected.append(Rejected(item.name, f"the file cannot be read: {error.strerror}"))
            else:
                sources[item.name] = _source(item, (status.st_size, status.st_mtime_ns))
    return Listing([sources[name] for name in sorted(sources)], sorted(rejected, key=_name))


def hash_contents(sources: list[Source], advance: Callable[[], None] = lambda: None) -> list[Source]:
    """Return `sources` with the SHA-256 of their contents; one that cannot be read keeps "".

    `advance` is called after each file. Reading fails again, with its reason, when the file is decoded.
    """
    hashed = []
    with ThreadPoolExecutor(4) as pool:
        # Slices bound the queue of the pool, which takes all it is given at once.
        for start in range(0, len(sources), 1024):
            part = sources[start : start + 1024]
            for source, digest in zip(part, pool.map(_content_hash, part), strict=True):
                hashed.append(replace(source, sha256=digest))
                advance()
    return hashed


def separate_duplicates(sources: list[Source]) -> tuple[list[Source], list[Duplicate]]:
    """Return the sources to prepare and the byte-identical copies that are not, both by name.

    Of copies with the same labels the first name is kept. Where two copies disagree about age, gender or
    identity, nobody knows which is right: none is kept. A label that is unknown disagrees with nothing. Empty
    files are left for `inspect` to refuse.
    """
    by_content: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        size, _ = source.stamp
        if size and source.sha256:
            by_content[source.sha256].append(source)
    duplicates = [
        duplicate for copies in by_content.values() if len(copies) > 1 for duplicate in _judge(copies)
    ]
    dropped = {duplicate.name for duplicate in duplicates}
    kept = [source for source in sources if source.name not in dropped]
    return kept, sorted(duplicates, key=_name)


def hash_stream(values: Iterable[Any]) -> str:
    """Return the SHA-256 of a stream of JSON-able values, one canonical line each."""
    digest = hashlib.sha256()
    for value in values:
        line = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def content_key(source: Source) -> list[Any]:
    """Return all that decides what becomes of `source`, independent of where and when its file was stored."""
    return [_tuple(source), source.sha256]


def _tuple(source: Source) -> list[Any]:
    return [source.name, source.labels, source.landmarks, source.aligned]


def _source(sample: Sample, stamp: tuple[int, int]) -> Source:
    values = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    return Source(**{**values, "path": os.fspath(sample.path)}, stamp=stamp)


def _content_hash(source: Source) -> str:
    try:
        with open(Path(source.path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _judge(copies: list[Source]) -> Iterator[Duplicate]:
    conflicts = []
    for label in MUST_AGREE:
        values = {getattr(source, label) for source in copies} - {None}
        if len(values) > 1:
            conflicts.append(f"{label} {' or '.join(map(str, sorted(values)))}")
    if conflicts:
        reason = f"byte-identical copies disagree: {', '.join(conflicts)}"
        yield from (Duplicate(source.name, None, reason) for source in copies)
    else:
        first, *others = copies
        for source in others:
            yield Duplicate(source.name, first.name, f"byte-identical to {first.name}, with the same labels")


def _name(item: Any) -> str:
    return item.name
