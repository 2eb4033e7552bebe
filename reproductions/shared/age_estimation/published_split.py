"""The faces of a run on a published split of UTKFace: its three parts and nothing else."""

from __future__ import annotations

from functools import lru_cache

from common.errors import UserError
from data_prep.datasets.held import require_set
from data_prep.preparation.on_demand import prepared_set
from data_prep.protocols.listed_split import listed_split
from data_prep.protocols.split_list import FILES, FOLDER, Listed, find_list, read_list
from data_prep.protocols.splits import faces_of
from reproductions.shared.age_estimation.data import TEMPLATE, Partition
from reproductions.shared.age_estimation.experiments import PUBLISHED
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.harness.options import Options


def require_list(options: Options) -> Listed:
    """Return the list that the user's data folder holds beside UTKFace.

    Raises:
        UserError: the profile takes generated faces, the list or UTKFace is not there, or it cannot be read.
    """
    if options.data_root is None or options.is_first_look:
        raise UserError(
            "a published split divides your own copy of UTKFace: give DATA_ROOT, and PROFILE=cpu or larger."
        )
    path = find_list(options.data_root)
    if path is None:
        raise UserError(
            f"no list of a split at {options.data_root / FOLDER}: put {FILES[0]} or a table there, see "
            "reproductions/neighborhood_loss/README.md."
        )
    require_set("utkface", options.data_root)
    return read_list(path)


@lru_cache(maxsize=2)
def load(options: Options, size: int, number: int) -> Partition:
    """Prepare UTKFace at `size` pixels and divide it by split `number` of the list, from 0.

    Raises:
        UserError: see `require_list` and `data_prep.protocols.listed_split.listed_split`.
    """
    listed = require_list(options)
    prepared = prepared_set("utkface", options.data_root, options.prepared_root, size, TEMPLATE)
    division = listed_split(prepared, listed, number)
    tell_once(division.told())
    split = division.split
    train, validation, test = (
        faces_of(prepared, rows, split, f"{part} part, {split.name}")
        for part, rows in zip(("training", "validation", "test"), split.parts().values(), strict=True)
    )
    return Partition(train, validation, {PUBLISHED: test}, ())
