"""Figure 11: how the ages of the training set are distributed, and what the intervals make of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from matplotlib.figure import Figure

from common.evidence.counts import Of, store_counts, stored_counts
from common.evidence.figures import Series, bar_chart
from common.evidence.plots import PlotData
from common.evidence.records import Record
from reproductions.age_gender.labels import AGE_INTERVALS
from reproductions.shared.harness.options import Options

COUNTS = "ages"
"""Name of what is stored, see `common.evidence.counts`."""

_LAST = 100


class Counts(TypedDict):
    """What the figure shows."""

    of: Of
    data: str
    coverage: str
    ages: list[int]
    intervals: list[int]


def store(options: Options) -> None:
    """Count the ages of the profile's training set and store the counts."""
    from reproductions.age_gender import data
    from reproductions.age_gender.experiments import JOINT
    from reproductions.age_gender.study import PAPER

    recipe = JOINT.recipe(options.profile)
    train = data.load(options, recipe.size, recipe.prefers).train
    found = describe(train.ages, data.classes(train)["age"])
    described = train.data
    store_counts(
        Path(options.results_root) / PAPER,
        COUNTS,
        {"data": described.name, "coverage": described.coverage, **found},
        dataset=described.dataset,
        fingerprint=described.fingerprint,
        images=described.images,
        stand_in=described.stand_in,
    )


def describe(ages: np.ndarray, intervals: np.ndarray) -> dict[str, list[int]]:
    """Return how many images there are of each age, those over 100 as 100, and in each interval."""
    return {
        "ages": np.bincount(np.clip(ages, 0, _LAST), minlength=_LAST + 1).tolist(),
        "intervals": np.bincount(intervals, minlength=len(AGE_INTERVALS)).tolist(),
    }


def data(records: Sequence[Record], root: Path) -> PlotData | None:
    """Return what the figure shows; None where the ages were not counted yet."""
    values = stored_counts(Path(root) / "age-gender", COUNTS, Counts, "run make fig11-age-gender")
    return None if values is None else PlotData(values, about=values["data"])


def draw(values: dict[str, Any]) -> Figure:
    """Draw the share of each decade, coloured by interval share in the title."""
    ages = np.array(values["ages"])
    decades = [int(ages[first : first + 10].sum()) for first in range(0, _LAST + 1, 10)]
    total = max(sum(decades), 1)
    names = [f"{first}–{first + 9}" for first in range(0, _LAST, 10)] + ["100–"]
    shares = ", ".join(
        f"{label}: {100 * count / total:.0f}%"
        for label, count in zip(AGE_INTERVALS, values["intervals"], strict=True)
    )
    series = [Series("images", list(range(len(decades))), decades)]
    return bar_chart(names, series, "Age (years)", "Images", f"{values['data']}\n{shares}")
