"""Figure A.1 (b, c): how the labelled set spreads over ages and genders, before and after balancing.

(a) shows sample faces, which are nobody's to publish here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from common.evidence.counts import Of, store_counts, stored_counts
from common.evidence.figures import Series, bar_chart, line_chart
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record
from common.evidence.render import Page
from reproductions.mtlface.experiments import RECIPES
from reproductions.mtlface.study import PAPER
from reproductions.shared.harness.held_sets import first_held
from reproductions.shared.harness.options import Options
from reproductions.shared.pseudo_labels import labelling
from reproductions.shared.pseudo_labels.balanced import balanced, group_names
from reproductions.shared.pseudo_labels.labelled_set import qualities
from reproductions.shared.pseudo_labels.labelling import labels_of
from reproductions.shared.pseudo_labels.published import record_of
from reproductions.shared.recognition.identity_sets import TEMPLATE

COUNTS = "labelled-set"
"""Name of what is stored, see `common.evidence.counts`."""

_OLDEST = 99  # a century of whole bins; older is counted to the last year
_BIN = 5


class _Score(TypedDict):
    first: int
    images: int
    value: float
    low: float | None
    high: float | None


class DecadeCounts(_Score, total=False):
    """As of `reproductions.shared.pseudo_labels.estimators.DecadeScore`."""

    bias: float | None


class QualityCounts(TypedDict):
    """As of `reproductions.shared.pseudo_labels.estimators.Quality`."""

    data: str
    decades: list[DecadeCounts]


class _Always(TypedDict):
    of: Of
    title: str
    coverage: str
    estimator: dict[str, str] | None
    gender_from: str
    quality: list[QualityCounts]
    spread: float | None
    target: int
    strata: list[str]
    groups: list[str]
    before: list[list[int]]
    after: list[list[int]]
    ages: list[int]
    ages_balanced: list[int]


class Counts(_Always, total=False):
    """What figure and page show, as of `describe`; files from before genders were estimated lack these."""

    gender_estimator: dict[str, str] | None
    gender_dissent: float | None
    gender_quality: list[QualityCounts]


def store(options: Options) -> None:
    """Label the identity set that is trained on unless it is labelled, store its counts, and print them."""
    recipe = RECIPES[options.profile]
    name = first_held(options, recipe.prefers, "set of identities", "lfw")
    # In the crops that are trained on, which lie there already.
    labels = labels_of(options, name, recipe.crop, TEMPLATE)
    manifest = labels.attrs["manifest"]
    store_counts(
        Path(options.results_root) / PAPER,
        COUNTS,
        describe(labels),
        dataset=manifest["dataset"],
        fingerprint=manifest["of"]["images"],
        images=len(labels),
        stand_in=name == "synthetic",
    )
    print(labelling.report(labels))


def describe(labels: pd.DataFrame) -> dict[str, Any]:
    """Return what the figure and the page show of a labelled set, JSON-able."""
    even = balanced(labels)
    ages = np.clip(np.floor(labels["age_expectation"].to_numpy() + 0.5).astype(int), 0, _OLDEST)
    manifest = labels.attrs["manifest"]
    return {
        "title": manifest["title"],
        "coverage": manifest["coverage"],
        "estimator": manifest["of"]["estimator"],
        "gender_from": manifest["gender_from"],
        "gender_estimator": manifest["of"]["genders"],
        "gender_dissent": manifest["gender_dissent"],
        "quality": manifest["quality"],
        "gender_quality": manifest["gender_quality"],
        "spread": None if labels["age_spread"].isna().all() else float(labels["age_spread"].median()),
        "target": even.target,
        "strata": list(even.strata),
        "groups": list(group_names()),
        "before": even.before.tolist(),
        "after": even.after.tolist(),
        "ages": np.bincount(ages, minlength=_OLDEST + 1).tolist(),
        "ages_balanced": np.bincount(ages[even.rows], minlength=_OLDEST + 1).tolist(),
    }


def _stored(records: Sequence[Record], results_root: Path) -> PlotData | None:
    found = _counts(Path(results_root) / PAPER)
    return None if found is None else PlotData(found, about=f"{found['title']}, {found['coverage']}")


def _counts(folder: Path) -> dict[str, Any] | None:
    return stored_counts(folder, COUNTS, Counts, "run make figa1-mtlface")


def _draw_ages(values: Mapping[str, Any]) -> Figure:
    """(b): images by age, `_BIN` years together, each point over the middle of its years."""
    series = [
        Series(label, *_binned(values[key]))
        for label, key in (
            ("all", "ages"),
            (f"balanced, at most {values['target']:,} a group", "ages_balanced"),
        )
    ]
    return line_chart(series, "Estimated age (years)", f"Images by {_BIN} years", values["title"])


def _binned(counts: Sequence[int]) -> tuple[list[float], list[int]]:
    starts = range(0, len(counts), _BIN)
    return [start + (_BIN - 1) / 2 for start in starts], [
        sum(counts[start : start + _BIN]) for start in starts
    ]


def _draw_groups(values: Mapping[str, Any]) -> Figure:
    """(c): images by age group and gender."""
    several = len(values["strata"]) > 1
    series = []
    for number, stratum in enumerate(values["strata"]):
        for when, counts in (("all", values["before"]), ("balanced", values["after"])):
            label = f"{stratum}, {when}" if several else when
            series.append(Series(label, range(len(values["groups"])), counts[number]))
    title = values["title"] if several else f"{values['title']}; genders are not known"
    return bar_chart(values["groups"], series, "Estimated age (years)", "Images", title)


def _page(folder: Path) -> str | None:
    """Return what the estimates are worth, as Markdown."""
    found = _counts(folder)
    if found is None:
        return None
    ages = _network(folder, found["estimator"]) or "the set's own labels"
    genders = found["gender_from"]
    if by := _network(folder, found.get("gender_estimator")):
        genders = f"{genders}: {by}"
    lines = [
        f"**{found['title']}** ({found['coverage']}): {sum(found['ages']):,} images, ages from {ages}, "
        f"genders from {genders}; {sum(found['ages_balanced']):,} images when no age group of a "
        f"gender has more than {found['target']:,}, people held out for tests among them.",
    ]
    if found["spread"] is not None:
        lines.append(f"The median spread of an estimate of an age is {found['spread']:.1f} years.")
    if found.get("gender_dissent") is not None:
        lines.append(labelling.dissent(found["gender_dissent"]))
    if found["quality"]:
        lines.append(
            "Below is what the estimators are worth on pictures whose ages and genders are known. Those of "
            "the labelled pictures are not: what they are worth on these is not measured. Where estimates "
            "are drawn to the middle there (last column), the same is to be expected of them here."
        )
    for quality in qualities(found):
        lines.append(
            f"## Error of the ages on {quality.data}\n\nMAE {quality.mean:.2f} years over all images.\n\n"
            f"{labelling.quality_table(quality, labelling.AGE_SCORE)}"
        )
    for quality in qualities(found, "gender_quality"):
        lines.append(
            f"## Accuracy of the genders on {quality.data}\n\nImage by image, {quality.mean:.1f}% over all "
            f"images.\n\n{labelling.quality_table(quality, labelling.GENDER_SCORE)}"
        )
    return "\n\n".join(lines) + "\n"


def _network(folder: Path, identity: Mapping[str, str] | None) -> str | None:
    """Return the name of a network, linked to its record where that lies beside published labels."""
    if not identity:
        return None
    run, record = f"`{identity['run']}`", record_of(folder.parent, identity["run"])
    named = f"[{run}](../{record.relative_to(folder.parent).as_posix()})" if os.path.isfile(record) else run
    return f"{named} (weights {identity['weights'][:12]})"


PLOTS = (
    Plot(
        "figa1-b",
        "Figure A.1 (b). Ages of the labelled set",
        "Images by estimated age, five years together, before and after balancing. The supplement's figure "
        'shows "dataset statistics (b and c)" of SCAF and is not in the text at hand: that (b) are ages and '
        "(c) groups and genders is our reading.",
        _stored,
        _draw_ages,
    ),
    Plot(
        "figa1-c",
        "Figure A.1 (c). Age groups and genders of the labelled set",
        "Images by age group, and by gender where it is known, before and after balancing.",
        _stored,
        _draw_groups,
    ),
)
PAGE = Page(
    "labelled-set",
    "The labelled set, and what its labels are worth",
    "ages and genders estimated by networks trained here",
    _page,
)
