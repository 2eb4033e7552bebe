"""Which faces a run is trained and tested on: protocols a to d, by what the user holds.

a. train on UTKFace, test on all of FG-NET, never seen
b. then fine-tune on four of FG-NET's five subject-exclusive folds, test on the fifth
c. test on the part of UTKFace whose pictures, copies included, were not trained on
d. the paper's: train on IMDB-WIKI, test on FG-NET, 6,000 images of MORPH and 500 of CACD

Protocol e, a split of UTKFace that others publish, is in `published_split`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from common.evidence.records import Data
from common.files import sha256_json
from data_prep.datasets.held import holds
from data_prep.preparation.on_demand import prepared_set
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols import splits
from data_prep.protocols.splits import faces_of
from reproductions.shared.harness.held_sets import first_held, tell_once
from reproductions.shared.harness.options import Options

TEMPLATE = "utkface"
"""Where the landmarks come to lie: UTKFace is published so, and the other sets are aligned to it."""

_TRAINING = {"utkface": "grouped", "imdb-wiki": "train", "synthetic": "grouped"}
_FOREIGN = {"fgnet": ("all", "never seen"), "morph": ("drawn", "6,000 drawn"), "cacd": ("drawn", "500 drawn")}


@dataclass(frozen=True, eq=False)
class Fold:
    """Protocol b: what a network is fine-tuned on, and what it is then tested on."""

    train: Faces
    test: Faces


@dataclass(frozen=True, eq=False)
class Partition:
    """All faces of a run.

    Attributes:
        train: before balancing.
        validation: pictures of the training set that are neither trained nor tested on, for what is fitted
            to a trained network's answers; None where the protocol keeps none.
        tests: by the key of their column.
        folds: of protocol b; empty without FG-NET.
    """

    train: Faces
    validation: Faces | None
    tests: dict[str, Faces]
    folds: tuple[Fold, ...]

    @property
    def folds_test(self) -> Data | None:
        """What a record says of the test images of all folds together."""
        if not self.folds:
            return None
        return _describe_folds(self.folds)


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...], folds: bool) -> Partition:
    """Prepare the faces that the user holds at `size` pixels and divide them.

    Raises:
        UserError: a data folder was given that holds no training set.
    """
    name = training_set(options, prefers)
    prepared = prepared_set(name, options.data_root, options.prepared_root, size, TEMPLATE)
    (split,) = splits.PROTOCOLS[name][_TRAINING[name]](prepared.index)
    train = faces_of(prepared, split.train, split, "training split")
    validation = None
    if len(split.validation):
        validation = faces_of(prepared, split.validation, split, "validation split")
    tests = {name: faces_of(prepared, split.test, split, "test split")} if len(split.test) else {}
    fold_pairs: tuple[Fold, ...] = ()
    for other, (protocol, title) in _FOREIGN.items():
        if name != "synthetic" and holds(options.data_root, other):
            foreign = prepared_set(other, options.data_root, options.prepared_root, size, TEMPLATE)
            (drawn,) = splits.PROTOCOLS[other][protocol](foreign.index)
            tests[other] = faces_of(foreign, drawn.test, drawn, title)
            if other == "fgnet" and folds:
                fold_pairs = _folds(foreign)
    for other in [one for one, faces in tests.items() if _units(faces) < 2]:
        tell_once(f"{tests[other].data.title} is passed over: this copy has too few to make an interval of.")
        del tests[other]
    return Partition(train, validation, tests, fold_pairs)


def _folds(prepared: Prepared) -> tuple[Fold, ...]:
    """Return the folds of protocol b; none where one of a partial copy has nobody to test or to train on."""
    folds = splits.PROTOCOLS["fgnet"]["folds"](prepared.index)
    if not all(len(fold.train) and len(fold.test) for fold in folds):
        tell_once("FG-NET's folds are passed over: one of them has nobody in this copy.")
        return ()
    return tuple(
        Fold(faces_of(prepared, f.train, f, "folds"), faces_of(prepared, f.test, f, "folds")) for f in folds
    )


def _units(faces: Faces) -> int:
    """Return what an interval is made over: people where they are known, else images."""
    return len(faces.rows) if faces.subjects is None else len(set(faces.subjects))


def training_set(options: Options, prefers: tuple[str, ...]) -> str:
    """Return the name of the set to train on: the first of `prefers` that is there, else generated faces."""
    return first_held(options, prefers, "set to train on", "utkface")


def _describe_folds(folds: tuple[Fold, ...]) -> Data:
    parts = [fold.test.data for fold in folds]
    return replace(
        parts[0],
        protocol=f"{len(folds)} folds, fine-tuned",
        split_hash=sha256_json([part.split_hash for part in parts]),
        images=sum(part.images for part in parts),
        subjects=sum(part.subjects or 0 for part in parts) or None,
    )
