"""Some images of a prepared set, with their labels, and what a record says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.evidence.records import Data
from data_prep.datasets import get
from data_prep.prepared import shards
from data_prep.prepared.index import Prepared

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
