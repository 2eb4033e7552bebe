"""Which faces a run is trained and tested on: protocols a to d of README.md, by what the user holds.

a. train on UTKFace, test on all of FG-NET, never seen
b. then fine-tune on four of FG-NET's five subject-exclusive folds, test on the fifth
c. test on the part of UTKFace whose pictures, copies included, were not trained on
d. the paper's: train on IMDB-WIKI, test on FG-NET, 6,000 images of MORPH and 500 of CACD
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from common.errors import UserError
from common.evidence.records import Data
from common.files import sha256_json
from data_prep import protocols, shards
from data_prep.datasets import get
from data_prep.index import Prepared
from data_prep.prepare import prepare
from data_prep.protocols import Split
from data_prep.samples import Sample
from reproductions.options import Options

TEMPLATE = "utkface"
"""Where the landmarks come to lie: UTKFace is published so, and the other sets are aligned to it."""

_MEMORY = 6 * 2**30
_TRAINING = {"utkface": "grouped", "imdb-wiki": "train", "synthetic": "grouped"}
_FOREIGN = {"fgnet": ("all", "never seen"), "morph": ("drawn", "6,000 drawn"), "cacd": ("drawn", "500 drawn")}


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
        """Whether the distinct images take less than 6 GiB."""
        return len(np.unique(self.rows)) * 3 * self.prepared.size**2 < _MEMORY


@dataclass(frozen=True, eq=False)
class Fold:
    """Protocol b: what a network is fine-tuned on, and what it is then tested on."""

    train: Faces
    test: Faces


@dataclass(frozen=True, eq=False)
class Material:
    """All faces of a run.

    Attributes:
        train: before balancing.
        tests: by the key of their column.
        folds: of protocol b; empty without FG-NET.
    """

    train: Faces
    tests: dict[str, Faces]
    folds: tuple[Fold, ...]

    @property
    def folds_test(self) -> Data | None:
        """What a record says of the test images of all folds together."""
        if not self.folds:
            return None
        return _describe_folds(self.folds)


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...], folds: bool) -> Material:
    """Prepare the faces that the user holds at `size` pixels and divide them.

    Raises:
        UserError: a data folder was given that holds no training set.
    """
    name = training_set(options, prefers)
    prepared = _prepared(options, name, size)
    (split,) = protocols.PROTOCOLS[name][_TRAINING[name]](prepared.index)
    train = _faces(prepared, split.train, split, "training split")
    tests = {name: _faces(prepared, split.test, split, "test split")} if len(split.test) else {}
    fold_pairs: tuple[Fold, ...] = ()
    for other, (protocol, title) in _FOREIGN.items():
        if name != "synthetic" and _holds(options, other):
            foreign = _prepared(options, other, size)
            (drawn,) = protocols.PROTOCOLS[other][protocol](foreign.index)
            tests[other] = _faces(foreign, drawn.test, drawn, title)
            if other == "fgnet" and folds:
                fold_pairs = tuple(
                    Fold(_faces(foreign, f.train, f, "folds"), _faces(foreign, f.test, f, "folds"))
                    for f in protocols.PROTOCOLS["fgnet"]["folds"](foreign.index)
                )
    return Material(train, tests, fold_pairs)


def training_set(options: Options, prefers: tuple[str, ...]) -> str:
    """Return the name of the set to train on: the first of `prefers` that is there, else generated faces."""
    if options.profile == "smoke" or options.data_root is None:
        return "synthetic"
    for name in prefers:
        if _holds(options, name):
            return name
    folders = " or ".join(get(name).folder for name in prefers)
    raise UserError(
        f"{options.data_root} holds no set to train on ({folders}): see make data-utkface, "
        "or leave DATA_ROOT out to run on generated faces."
    )


def _holds(options: Options, name: str) -> bool:
    """Whether the user's folder holds an image of the set: CACD's label file alone does not count."""
    if options.data_root is None:
        return False
    folder = options.data_root / get(name).folder
    return folder.is_dir() and any(isinstance(found, Sample) for found in get(name).scan(folder))


def _prepared(options: Options, name: str, size: int) -> Prepared:
    root = options.data_root if options.data_root is not None and name != "synthetic" else None
    if root is None:
        from data_prep.datasets import synthetic

        root = options.prepared_root / "generated"
        synthetic.generate_default(root / get("synthetic").folder)
    return prepare(name, root, options.prepared_root, size=size, template=TEMPLATE)


def _faces(prepared: Prepared, rows: np.ndarray, split: Split, protocol: str) -> Faces:
    people = prepared.index["identity"].iloc[rows].nunique()
    card = get(prepared.manifest["settings"]["dataset"])
    data = Data(
        dataset=card.name,
        title=card.title,
        protocol=protocol,
        fingerprint=prepared.fingerprint,
        split_hash=split.hash,
        images=len(rows),
        subjects=people or None,
        coverage=prepared.coverage,
        stand_in=card.name == "synthetic",
    )
    return Faces(prepared, rows, data)


def _describe_folds(folds: tuple[Fold, ...]) -> Data:
    parts = [fold.test.data for fold in folds]
    return replace(
        parts[0],
        protocol=f"{len(folds)} folds, fine-tuned",
        split_hash=sha256_json([part.split_hash for part in parts]),
        images=sum(part.images for part in parts),
        subjects=sum(part.subjects or 0 for part in parts) or None,
    )
