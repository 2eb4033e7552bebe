"""The manifest of a prepared set: what was prepared how, and the hashes of all that lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from common.errors import UserError
from common.evidence import sealed, strict

MANIFEST = "manifest.json"
TABLES = ("index.csv", "rejected.csv", "duplicates.csv")
SIZES = (16, 1024)
"""Least and largest side of crops in pixels."""


class Shard(TypedDict):
    """A shard, of which the images are counted."""

    images: int
    bytes: int
    sha256: str


class Counts(TypedDict):
    """How many files became what; why so many were refused; where the landmarks of so many come from."""

    prepared: int
    rejected: int
    reasons: dict[str, int]
    duplicates: int
    landmark_sources: dict[str, int]


class Speed(TypedDict):
    """How long the last preparation took; shards that stood already are not among its images."""

    workers: int
    seconds: float
    images: int
    images_per_second: float


class _Always(TypedDict):
    title: str
    settings: dict[str, Any]
    inputs: str
    coverage: str
    fingerprint: str
    counts: Counts
    shards: list[Shard]
    libraries: dict[str, str]
    speed: Speed


class Manifest(_Always, total=False):
    """A manifest; those from before tables were hashed lack these.

    `settings` are those of `data_prep.preparation.prepare` and of `data_prep.preparation.crop.Recipe`,
    `inputs` is a hash of the files as they lay there, `tables` the SHA-256 of each of `TABLES`.
    """

    tables: dict[str, str]


class Altered(UserError):
    """A file that the suite wrote for itself is not as it wrote it."""


def altered(path: Path) -> Altered:
    """Return the error for a file of a prepared set."""
    return Altered(
        f"{path} was changed after the set was prepared: delete that file and run the command again, which "
        "writes it anew. Labels are corrected in the files of the set itself, which then count as another."
    )


def read_manifest(folder: Path) -> Manifest:
    """Return a prepared set's manifest.

    Raises:
        OSError: it cannot be read.
        Altered: it was changed after it was written.
        ValueError: it is no manifest, with a clause that says why.
    """
    found = sealed.parse((folder / MANIFEST).read_text(encoding="utf-8"))
    if found.edited:
        raise altered(folder / MANIFEST)
    manifest = strict.build(Manifest, found.content, "it")
    _check_settings(manifest["settings"])
    if "tables" in manifest and set(manifest["tables"]) != set(TABLES):
        raise ValueError(f"it.tables must name {', '.join(TABLES)}")
    return manifest


def _check_settings(settings: dict[str, Any]) -> None:
    for name, kind in (("dataset", str), ("template", str), ("size", int)):
        strict.build(kind, settings.get(name), f"it.settings.{name}")
    if not SIZES[0] <= settings["size"] <= SIZES[1]:
        raise ValueError(f"it.settings.size is {settings['size']}")
