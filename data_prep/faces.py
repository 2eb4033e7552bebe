"""Some images of a prepared set, with their labels, and what a record says of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.records import Data
from data_prep import shards
from data_prep.datasets import get
from data_prep.datasets.locate import given
from data_prep.index import Prepared
from data_prep.prepare import prepare
from data_prep.protocols import Split
from data_prep.samples import Sample

MEMORY = 6 * 2**30
"""Bytes that the decoded images of a training may take; more are streamed."""


@dataclass(frozen=True, eq=False)
class Faces:
    """Some images of a prepared set.

    Attributes:
        prepared, rows: which images, as row numbers of the index; repeats are allowed.
        data: what a record says of them.
    """

    prepared: Prepared
    rows: np.ndarray
    data: Data

    @property
    def ages(self) -> np.ndarray:
        """(N,) int32 years."""
        return self.prepared.index["age"].iloc[self.rows].to_numpy(np.int32)

    @property
    def names(self) -> np.ndarray:
        """(N,) file names."""
        return self.prepared.index["name"].iloc[self.rows].to_numpy(object)

    @property
    def subjects(self) -> np.ndarray | None:
        """(N,) identities, or None where they are unknown."""
        identity = self.prepared.index["identity"].iloc[self.rows]
        return identity.to_numpy(object) if identity.notna().all() else None

    def images(self) -> np.ndarray:
        """Decode into memory: (N, size, size, 3) uint8 RGB."""
        return shards.read_images(self.prepared, self.rows)

    @property
    def fits_in_memory(self) -> bool:
        """Whether the distinct images take less than `MEMORY`."""
        return len(np.unique(self.rows)) * 3 * self.prepared.size**2 < MEMORY


def identity_labels(faces: Faces) -> np.ndarray:
    """Return the class of each image of the index, (images,) int32: people in the order of their names.

    -1 stands for people that are not in `faces`.
    """
    identity = faces.prepared.index["identity"]
    people = pd.Index(np.sort(identity.iloc[faces.rows].unique().astype(object)))
    return people.get_indexer(identity.astype(object)).astype(np.int32)


def people_in(faces: Faces) -> int:
    """Return the number of people."""
    return int(faces.prepared.index["identity"].iloc[faces.rows].nunique())


def faces_of(prepared: Prepared, rows: np.ndarray, split: Split, protocol: str) -> Faces:
    """Return rows of a prepared set as faces.

    Args:
        prepared: the set.
        rows: which of its images.
        split: that drew them.
        protocol: which images those are and in which role, for readers ("never seen", "test split").
    """
    people = prepared.index["identity"].iloc[rows].nunique()
    return Faces(prepared, rows, describe_data(prepared, protocol, split.hash, len(rows), people or None))


def describe_data(
    prepared: Prepared, protocol: str, split_hash: str, images: int, subjects: int | None
) -> Data:
    """Return what a record says of some images of a prepared set; arguments as of `Data`."""
    card = get(prepared.manifest["settings"]["dataset"])
    return Data(
        dataset=card.name,
        title=card.title,
        protocol=protocol,
        fingerprint=prepared.fingerprint,
        split_hash=split_hash,
        images=images,
        subjects=subjects,
        coverage=prepared.coverage,
        stand_in=card.name == "synthetic",
    )


def holds(data_root: Path | None, name: str) -> bool:
    """Whether a data folder holds an image of the set: CACD's label file alone does not count.

    Raises:
        UserError: there is a folder of the set, but it does not hold it, or its labels cannot be read.
    """
    if data_root is None:
        return False
    card = get(name)
    folder = given(data_root / card.folder)
    if not folder.is_dir():
        return False
    if card.reading_of:
        try:
            card.find(folder)
        except UserError:
            return False
    return any(isinstance(found, Sample) for found in card.scan(folder))


def require_set(name: str, data_root: Path | None) -> None:
    """Refuse a data folder that does not hold a set, before work is spent on anything else.

    Raises:
        UserError: it is not there; the sentence says how to get it.
    """
    if data_root is not None and name != "synthetic":
        get(name).scan(data_root / get(name).folder)


def prepared_set(
    name: str, data_root: Path | None, prepared_root: Path, size: int, template: str, detector: str = "auto"
) -> Prepared:
    """Prepare a data set of the user, or the generated one, which is rendered first if it is not there.

    Args:
        name: of the data set.
        data_root, prepared_root: where sets are, and where prepared ones go.
        size, template, detector: as of `data_prep.prepare.prepare`.
    """
    if data_root is None or name == "synthetic":
        from data_prep.datasets import synthetic

        data_root = prepared_root / "generated"
        synthetic.generate_default(data_root / get("synthetic").folder)
    return prepare(name, data_root, prepared_root, size=size, template=template, detector=detector)
