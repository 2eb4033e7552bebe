"""How far apart UTKFace's ages of one photograph are: no network comes below what its labels err by.

    make noise-neighborhood DATA_ROOT=...

A photograph that was collected twice was labelled twice. Copies of the same bytes whose ages disagree are
left out when the set is prepared; scaled and recompressed ones are found by a perceptual hash
(`data_prep.protocols.near_duplicates`) and kept together in one part of every split.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.counts import Of, store_counts, stored_counts
from common.evidence.formats import markdown_table
from common.evidence.render import Page
from data_prep.datasets.held import holds
from data_prep.preparation.on_demand import prepared_set
from data_prep.protocols.near_duplicates import near_pairs
from reproductions.neighborhood_loss.experiments import RECIPES
from reproductions.shared.harness.options import Options

COUNTS = "noise"
"""Name of what is stored, see `common.evidence.counts`."""

_SET = "utkface"
_REMEDY = "run make noise-neighborhood DATA_ROOT=..."


class Counts(TypedDict):
    """What was counted: how many years the two ages of each pair of near copies lie apart."""

    of: Of
    apart: list[int]


def store(options: Options, folder: Path) -> None:
    """Find the near copies in the UTKFace that the data folder holds, and store how far their ages lie apart.

    Args:
        options: with the data folder.
        folder: results of the paper.

    Raises:
        UserError: no data folder was given, or it holds no UTKFace.
    """
    if options.data_root is None or not holds(options.data_root, _SET):
        raise UserError(
            "labels are compared on UTKFace: give a DATA_ROOT that holds it, see make data-utkface."
        )
    recipe = RECIPES[options.profile]
    prepared = prepared_set(_SET, options.data_root, options.prepared_root, recipe.size, _SET)
    store_counts(
        folder,
        COUNTS,
        describe(prepared.index),
        dataset=_SET,
        fingerprint=prepared.manifest["fingerprint"],
        images=len(prepared.index),
        stand_in=False,
    )


def describe(index: pd.DataFrame) -> dict[str, Any]:
    """Return the counts of a prepared set's index, which has `age` and `dhash256`."""
    pairs = near_pairs(index["dhash256"])
    ages = index["age"].to_numpy(float)
    return {"apart": sorted(np.abs(ages[pairs[:, 0]] - ages[pairs[:, 1]]).astype(int).tolist())}


def page(folder: Path) -> str | None:
    """Return the page in Markdown; None where nothing was counted.

    Args:
        folder: results of the paper.
    """
    found = stored_counts(folder, COUNTS, Counts, _REMEDY)
    if found is None or not found["apart"]:
        return None
    apart = np.array(found["apart"])
    mean = apart.mean()
    told = (
        f"{len(apart):,} pairs among the {found['of']['images']:,} images are near copies of one photograph, "
        "by a hash of 256 bits of which at most 27 differ. The ages of the two lie "
        f"{mean:.2f} years apart in the mean and {np.median(apart):.0f} in the median. If the errors of "
        f"labels were independent and normal, one label would err by {mean / np.sqrt(2):.2f} years in the "
        "mean: about so much of an error on UTKFace would be the labels', whatever the network. Photographs "
        "that were collected twice need not be like the others."
    )
    steps = (0, 1, 2, 5, 10, 20)
    rows = [[f"at most {step}", f"{100 * np.mean(apart <= step):.1f}"] for step in steps]
    return "\n".join([told, "", *markdown_table(("Years apart", "% of pairs"), rows)]) + "\n"


PAGE = Page("noise", "How far apart two labels of one photograph are", "UTKFace, near copies", page)
