"""Which faces a run is trained and tested on, by what the user holds.

UTKFace    85, 5 and 10 percent; copies of a picture never straddle two parts
IMDB-WIKI  the part WIKI, cleaned as in the text or as in the code; the same shares, nobody in two parts
FG-NET     never trained on: its ages, faces aligned or cut out by Viola-Jones as in the paper

Without a data folder generated people stand in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from common.errors import UserError
from data_prep.datasets.held import holds
from data_prep.preparation.on_demand import prepared_set
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols import splits
from data_prep.protocols.splits import faces_of
from reproductions.age_gender.labels import age_intervals, gender_classes
from reproductions.shared.harness.held_sets import first_held, tell_once
from reproductions.shared.harness.options import Options

TEMPLATE = "utkface"
"""Where the landmarks come to lie: UTKFace is published so, and all others are brought to it."""

_DETECTORS = {"wiki-text": "viola-jones", "wiki-code": "viola-jones"}
_FOREIGN = {
    "fgnet": ("auto", "never seen"),
    "fgnet-viola-jones": ("viola-jones", "never seen, faces by Viola-Jones"),
}


@dataclass(frozen=True, eq=False)
class Partition:
    """All faces of a run.

    Attributes:
        train, validation: trained on, and looked at after every epoch.
        tests: by the key of their column.
    """

    train: Faces
    validation: Faces
    tests: dict[str, Faces]


@lru_cache(maxsize=2)
def load(options: Options, size: int, prefers: tuple[str, ...], percent: int = 100) -> Partition:
    """Prepare the faces that the user holds at `size` pixels and divide them.

    Args:
        options: data and folders.
        size: side of the faces in pixels.
        prefers: training sets in the order of preference.
        percent: of the training images, see `data_prep.protocols.splits.part_of_training`.

    Raises:
        UserError: a data folder was given that holds no training set, or too small a part of one.
    """
    name = training_set(options, prefers)
    prepared = _prepared(options, name, size, _DETECTORS.get(name, "auto"))
    (whole,) = splits.PROTOCOLS[name]["grouped"](prepared.index)
    if not len(whole.validation) or len(whole.test) < 2:
        raise UserError(
            f"{len(prepared.index)} images of {prepared.manifest['title']} are too few to train, validate "
            "and test with: complete the copy, or leave DATA_ROOT out to run on generated faces."
        )
    split = splits.part_of_training(prepared.index, whole, percent)
    title = "training split" if percent == 100 else f"{percent}% of the training split"
    tests = {name: faces_of(prepared, whole.test, whole, "test split")}
    if name != "synthetic" and holds(options.data_root, "fgnet"):
        for column, (detector, protocol) in _FOREIGN.items():
            foreign = _prepared(options, "fgnet", size, detector)
            (drawn,) = splits.PROTOCOLS["fgnet"]["all"](foreign.index)
            if foreign.index["identity"].iloc[drawn.test].nunique() < 2:
                tell_once("FG-NET is passed over: this copy has too few people to make an interval of.")
                continue
            tests[column] = faces_of(foreign, drawn.test, drawn, protocol)
    validation = faces_of(prepared, whole.validation, whole, "validation split")
    return Partition(faces_of(prepared, split.train, split, title), validation, tests)


def training_set(options: Options, prefers: tuple[str, ...]) -> str:
    """Return the name of the set to train on: the first of `prefers` that is there, else generated faces."""
    return first_held(options, prefers, "set to train on", "utkface")


def classes(faces: Faces) -> dict[str, np.ndarray]:
    """Return the class of each of `faces` by task, (N,) int32; a task with an unknown label is left out."""
    known = {task: labels[faces.rows] for task, labels in index_classes(faces.prepared).items()}
    return {task: labels for task, labels in known.items() if (labels >= 0).all()}


def index_classes(prepared: Prepared) -> dict[str, np.ndarray]:
    """Return the class of each image of an index by task, (images,) int32, `UNKNOWN` where there is none."""
    index = prepared.index
    return {
        "age": age_intervals(index["age"].to_numpy(np.float64, na_value=np.nan)),
        "gender": gender_classes(index["gender"].to_numpy(object, na_value=None)),
    }


def _prepared(options: Options, name: str, size: int, detector: str) -> Prepared:
    return prepared_set(name, options.data_root, options.prepared_root, size, TEMPLATE, detector)
