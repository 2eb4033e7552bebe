"""What is to be prepared: a set's files listed, hashed, and freed of byte-identical copies."""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from common.files import hash_stream
from data_prep.datasets.samples import Point, Rejected, Sample

# Two copies of a picture may come from albums of different years; they must show one person at one age.
MUST_AGREE = ("age", "gender", "identity")


@dataclass(frozen=True, slots=True)
class Source:
    """A `Sample` on its way into a prepared set: compact, because there may be half a million.

    Attributes:
        size: of the file in bytes.
        changed: when it was last, in nanoseconds.
        digest: SHA-256 of the file's content; empty until it has been read.
    """

    name: str
    path: str
    identity: str | None
    age: int | None
    gender: str | None
    year: int | None
    landmarks: tuple[Point, ...] | None
    aligned: str | None
    size: int
    changed: int
    digest: bytes = b""

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal digits."""
        return self.digest.hex()

    @property
    def stamp(self) -> tuple[int, int]:
        """What tells that a file is another, as far as can be seen without reading it."""
        return self.size, self.changed

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
        return len(self.sources) + sum(item.files for item in self.rejected)

    def stamp(self, keep_disputed: bool = False) -> str:
        """Return a hash of names, labels, sizes and times, for which no file needs to be read.

        Args:
            keep_disputed: what becomes of copies that disagree (see `separate_duplicates`).
        """
        entries = ([_tuple(source), source.stamp] for source in self.sources)
        refused = ([item.name, item.reason] for item in self.rejected)
        rule = [["disputed labels are unknown"]] if keep_disputed else []
        return hash_stream(itertools.chain(entries, refused, rule))


def list_sources(scanned: Iterable[Sample | Rejected]) -> Listing:
    """Sort what a data set's `scan` yields by name, and set aside what is not there or is listed twice.

    Of a file that is listed with other labels nobody knows which are right: it is not used.
    """
    sources: dict[str, Source] = {}
    further: dict[str, list[Source]] = defaultdict(list)
    rejected = []
    for item in scanned:
        if isinstance(item, Rejected):
            rejected.append(item)
            continue
        try:
            status = os.stat(item.path)
        except OSError as error:
            rejected.append(Rejected(item.name, f"the file cannot be read: {error.strerror}"))
            continue
        source = _source(item, status.st_size, status.st_mtime_ns)
        if sources.setdefault(item.name, source) is not source:
            further[item.name].append(source)
    for name, several in further.items():
        conflicts = _conflicts([sources[name], *several])
        if conflicts:
            del sources[name]
            reason = f"the set lists this file more than once: {_told(conflicts)}"
        else:
            reason = "the set lists this file more than once; its first entry is used"
        rejected += [Rejected(name, reason)] * len(several)
    return Listing([sources[name] for name in sorted(sources)], sorted(rejected, key=_name))


def hash_contents(sources: list[Source], advance: Callable[[], None] = lambda: None) -> list[Source]:
    """Give `sources`, in place, the digests of their contents, and return them; unreadable ones keep none.

    `advance` is called after each file. Reading fails again, with its reason, when the file is decoded.
    """
    with ThreadPoolExecutor(4) as pool:
        # Slices bound the queue of the pool, which takes all it is given at once.
        for start in range(0, len(sources), 1024):
            part = sources[start : start + 1024]
            for place, digest in enumerate(pool.map(_content_hash, part), start):
                sources[place] = replace(sources[place], digest=digest)
                advance()
    return sources


def separate_duplicates(
    sources: list[Source], keep_disputed: bool = False
) -> tuple[list[Source], list[Duplicate]]:
    """Return the sources to prepare and the byte-identical copies that are not, both by name.

    Of copies with the same labels the first name is kept. Where two copies disagree about age, gender or
    identity, nobody knows which is right: none is kept, unless the set's protocol asks for the picture,
    whoever it shows. A label that is unknown disagrees with nothing. Empty files are left for `inspect` to
    refuse.

    Args:
        keep_disputed: of copies that disagree keep the first, with the labels they disagree about unknown.
    """
    seen, again = set(), set()
    for source in sources:
        (again if source.digest in seen else seen).add(source.digest)
    by_content: dict[bytes, list[Source]] = defaultdict(list)
    for source in sources:
        if source.size and source.digest and source.digest in again:
            by_content[source.digest].append(source)
    del seen, again
    duplicates, disputed = [], {}
    for copies in by_content.values():
        if len(copies) < 2:
            continue
        conflicts = _conflicts(copies)
        if conflicts and keep_disputed:
            disputed[copies[0].name] = replace(copies[0], **dict.fromkeys(conflicts))
        duplicates += _judge(copies, conflicts, keep_disputed)
    dropped = {duplicate.name for duplicate in duplicates}
    kept = [disputed.get(source.name, source) for source in sources if source.name not in dropped]
    return kept, sorted(duplicates, key=_name)


def content_key(source: Source) -> list[Any]:
    """Return all that decides what becomes of `source`, independent of where and when its file was stored."""
    return [_tuple(source), source.sha256]


def _tuple(source: Source) -> list[Any]:
    return [source.name, source.labels, source.landmarks, source.aligned]


def _source(sample: Sample, size: int, changed: int) -> Source:
    values = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    values |= {"path": os.fspath(sample.path)}
    for label in ("identity", "gender"):
        if values[label] is not None:
            # Of a person with a hundred pictures one name is enough.
            values[label] = sys.intern(str(values[label]))
    return Source(**values, size=size, changed=changed)


def _content_hash(source: Source) -> bytes:
    try:
        with open(Path(source.path), "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""


def _conflicts(copies: list[Source]) -> dict[str, list[Any]]:
    """Return the values of each label that the copies disagree about."""
    found = {label: {getattr(source, label) for source in copies} - {None} for label in MUST_AGREE}
    return {label: sorted(values) for label, values in found.items() if len(values) > 1}


def _told(conflicts: dict[str, list[Any]]) -> str:
    return ", ".join(f"{label} {' or '.join(map(str, values))}" for label, values in conflicts.items())


def _judge(copies: list[Source], conflicts: dict[str, list[Any]], keep: bool) -> Iterator[Duplicate]:
    first, *others = copies
    if conflicts and not keep:
        reason = f"byte-identical copies disagree: {_told(conflicts)}"
        yield from (Duplicate(source.name, None, reason) for source in copies)
        return
    labels = f"taken as unknown: {_told(conflicts)}" if conflicts else "with the same labels"
    for source in others:
        yield Duplicate(source.name, first.name, f"byte-identical to {first.name}, {labels}")


def _name(item: Any) -> str:
    return item.name
