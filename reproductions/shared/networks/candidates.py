"""What a study offers to be published: trained networks of one kind, and faces to try them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence import provenance
from common.evidence.records import run_path
from common.evidence.sealed import parse
from data_prep.prepared import shards
from data_prep.prepared.faces import Faces
from data_prep.protocols.recognition_tests import VerificationTest
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained
from reproductions.shared.networks.published import Backing


@dataclass(frozen=True)
class Member:
    """A trained network that may be published.

    Attributes:
        trained: its record and weights.
        build: makes it, computing in float32: (N, size, size, 3) uint8 -> (N, D), by its kind P(age > k),
            the probability of each gender, or vectors of length one.
    """

    trained: Trained
    build: Callable[[], keras.Model]


@dataclass(frozen=True)
class Candidate:
    """Trained networks that differ in their seeds alone.

    Attributes:
        members: at least one.
        size, template: of the faces that they take.
        mirrored, zooms: views over which their answers are averaged.
        validation: faces that they were neither trained nor tested on.
        tests: column -> faces.
        pairs: column -> pairs of faces, for a network that tells people apart; the first are of the set to
            which the validation faces belong.
        judged: for a network that takes faces to age groups: given what it does, (N, S, S, 3) uint8 faces
            and (N,) groups to faces, returns what judges say of what is made, a row each.
    """

    members: tuple[Member, ...]
    size: int
    template: str
    mirrored: bool
    zooms: tuple[float, ...]
    validation: Faces
    tests: Mapping[str, Faces]
    pairs: Mapping[str, VerificationTest] = field(default_factory=dict)
    judged: Callable[[Callable[[np.ndarray, np.ndarray], np.ndarray]], pd.DataFrame] | None = None

    def some_faces(self, count: int) -> np.ndarray:
        """Return the first validation faces as the networks take them, (count, size, size, 3) uint8 RGB."""
        faces = self.validation
        return shards.read_images(faces.prepared, faces.rows[:count], self.size)


def backing(trained: Trained, options: Options) -> Backing:
    """Return what backs a trained network.

    Raises:
        UserError: the record is not committed as it stands (but for a first look), or it does not tell of
            these weights.
    """
    record = trained.record
    path = run_path(options.results_root, record.paper, record.run)
    if not options.is_first_look and not provenance.is_committed(path):
        raise UserError(
            f"{path} is not committed as it stands: a network is published only where everybody can read "
            "its record; commit the record first."
        )
    stated = trained.stated
    if stated is None:
        raise UserError(
            f"the record {path} states no hash of its weights, so that nobody knows which they were: train "
            "again with WEIGHTS=needed (--weights needed), or with RESUME=no for a new record."
        )
    seal = parse(path.read_text(encoding="utf-8")).seal
    if seal is None:
        raise UserError(f"the record {path} has no hash of its own: make seal writes it.")
    below = Path(record.paper) / "runs" / path.name
    return Backing(below.as_posix(), seal, stated, again=record.weights.get(trained.weights.name) != stated)
