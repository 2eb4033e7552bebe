"""Galleries that strangers join: a search among a set's own images and those of any other prepared sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.files import sha256_json
from data_prep.prepared.index import Prepared
from data_prep.protocols.identification import Identification
from data_prep.protocols.near_duplicates import has_lookalike


@dataclass(frozen=True, eq=False)
class Distractors:
    """Images of one other set that join a gallery.

    Attributes:
        prepared: the set.
        rows: (M,) rows of its index, ascending.
    """

    prepared: Prepared
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class GalleryWithDistractors:
    """A search whose gallery is a scheme's own, followed by the images of each crowd.

    Attributes:
        description: one sentence with the rule.
        scheme: probes and own gallery; `scheme.leave_out` holds for the joined gallery as it stands.
        crowds: the strangers.
        hash: SHA-256 over the scheme's and the strangers' names.
    """

    description: str
    scheme: Identification
    crowds: tuple[Distractors, ...]
    hash: str

    def gallery(self, own: np.ndarray, crowds: Sequence[np.ndarray]) -> np.ndarray:
        """Return the vectors of the joined gallery, (N + M, D).

        Args:
            own: (images of the set, D), by row of its index.
            crowds: for each crowd (its rows, D), in their order.
        """
        return np.concatenate([own[self.scheme.gallery], *crowds])

    def people(self, own: np.ndarray) -> np.ndarray:
        """Return who is in the joined gallery, (N + M,) object; None, whom nobody is, for strangers.

        Args:
            own: (images of the set,) identities, by row of its index.
        """
        distractors = np.full(sum(len(crowd.rows) for crowd in self.crowds), None, object)
        return np.concatenate([np.asarray(own, object)[self.scheme.gallery], distractors])


def with_distractors(
    prepared: Prepared, scheme: Identification, others: Sequence[Prepared]
) -> GalleryWithDistractors:
    """Let the images of other prepared sets join the gallery of a scheme, as `identification.leave_one_out`.

    An image that is a copy of one in the own gallery (see `data_prep.protocols.near_duplicates`) is no
    stranger and stays out. That no other picture shows one of the set's people is taken for granted, as in
    MegaFace's protocol on FG-NET.

    Args:
        prepared: the set that the scheme is of.
        scheme: probes and own gallery.
        others: sets prepared to the same size and template.

    Raises:
        ValueError: a set was prepared otherwise than the first.
    """
    own_hashes = prepared.index["dhash256"].iloc[scheme.gallery]
    crowds = []
    for other in others:
        if _crop(other) != _crop(prepared):
            raise ValueError(f"{other.folder} is of other crops than {prepared.folder}")
        copies = has_lookalike(other.index["dhash256"], own_hashes)
        crowds.append(Distractors(other, np.flatnonzero(~copies)))
    names = [crowd.prepared.index["name"].iloc[crowd.rows].to_list() for crowd in crowds]
    titles = ", ".join(
        f"{len(crowd.rows):,} of {crowd.prepared.manifest.get('title', 'others')}" for crowd in crowds
    )
    return GalleryWithDistractors(
        f"{scheme.description}, and {titles or 'nobody'} as distractors",
        scheme,
        tuple(crowds),
        sha256_json([scheme.hash, [[crowd.prepared.fingerprint for crowd in crowds], names]]),
    )


def _crop(prepared: Prepared) -> tuple[object, ...]:
    settings = prepared.manifest["settings"]
    return tuple(settings.get(name) for name in ("size", "template", "margin"))
