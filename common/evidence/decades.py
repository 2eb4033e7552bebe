"""Error by decade of life under two rows, and their difference, out of the predictions beside the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from common.errors import UserError
from common.evidence.figures import MARKERS, PALETTE, free_figure
from common.evidence.plots import PlotData
from common.evidence.predictions import predictions_path
from common.evidence.records import Record, predictions_of, run_path
from common.evidence.settings import Observation, name_settings, observe
from common.metrics.crossed import crossed


class Decade(TypedDict):
    """A decade of life under two rows, in years.

    Attributes:
        first: age that it begins with.
        images: how many there are.
        errors: MAE of every seed, of either row.
        gains: by how much every seed of the second row is better than the same of the first.
        gain: their mean.
        low, high: ends of its 95% interval over seeds and people; None where there is one of these.
    """

    first: int
    images: int
    errors: list[list[float]]
    gains: list[float]
    gain: float
    low: float | None
    high: float | None


def decade_data(
    records: Sequence[Record],
    results_root: Path,
    rows: Mapping[str, str],
    column: str,
    decision: str = "expectation",
) -> PlotData | None:
    """Return the data of a chart of MAE by decade under two rows, paired by seed, for `draw_decades`.

    Of the settings that `column` was measured in, the one of the largest profile is shown, and of several
    configurations of a row the one with most seeds.

    Args:
        rows: experiment -> label, two of them; the second is held against the first.

    Returns:
        None where the two were not run with a seed in common.
    """
    found = [observe(records, experiment, column, "MAE", decision) for experiment in rows]
    settings = sorted(set(found[0]) & set(found[1]), key=lambda one: one.order)
    for setting in settings:
        several = [max(one[setting].values(), key=len) for one in found]
        seeds = set.intersection(*({one.record.seed for one in row} for row in several))
        pair = [[one for one in row if one.record.seed in seeds] for row in several]
        if seeds:
            values = {
                "title": name_settings([setting])[setting],
                "rows": list(rows.values()),
                "decades": decades_of(pair[0], pair[1], results_root),
            }
            return PlotData(values, (setting,), tuple(one.record for row in pair for one in row))
    return None


def decades_of(
    first: Sequence[Observation], second: Sequence[Observation], results_root: Path
) -> list[Decade]:
    """Return the decades of life under two rows of the same seeds, youngest first.

    Args:
        first, second: observations of one setting, one a seed, in the same order of seeds.
        results_root: where the records and their predictions stand.

    Raises:
        UserError: predictions are absent, or two runs hold different images.
    """
    frames = [[_predictions(one, results_root) for one in row] for row in (first, second)]
    reference = frames[0][0]
    for frame, one in zip((*frames[0], *frames[1]), (*first, *second), strict=True):
        if not frame[["name", "age"]].equals(reference[["name", "age"]]):
            raise UserError(
                f"the predictions of {one.record.run} and {first[0].record.run} are of different images: "
                "delete the record that is wrong and run it again."
            )
    decision = first[0].measurement.decision
    errors = np.array([[(frame[decision] - frame["age"]).abs() for frame in row] for row in frames])
    subjects = reference["subject"] if reference["subject"].notna().any() else None
    decades = reference["age"].to_numpy() // 10
    found = []
    for one in np.unique(decades):
        inside = decades == one
        asked = None if subjects is None else subjects[inside]
        found.append(_decade(int(one), errors[:, :, inside], asked))
    return found


def _decade(number: int, errors: np.ndarray, subjects: pd.Series | None) -> Decade:
    gains = errors[0] - errors[1]
    images = gains.shape[1]
    units = images if subjects is None else subjects.nunique(dropna=False)
    low, high = crossed(gains, subjects).interval() if units > 1 else (None, None)
    return Decade(
        first=10 * number,
        images=images,
        errors=errors.mean(axis=2).tolist(),
        gains=gains.mean(axis=1).tolist(),
        gain=float(gains.mean()),
        low=low,
        high=high,
    )


def draw_decades(values: Mapping[str, Any]) -> Figure:
    """Draw what `decade_data` returns: the errors of both rows above, their difference below."""
    decades, names = values["decades"], values["rows"]

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True)
        for row, name in enumerate(names):
            for place, decade in enumerate(decades):
                label = name if place == 0 else None
                _dots(above, place + (row - 0.5) * 0.3, decade["errors"][row], row, label)
        for place, decade in enumerate(decades):
            _dots(below, place, decade["gains"], 2, "one seed" if place == 0 else None)
            if decade["low"] is not None:
                ends = [[decade["gain"] - decade["low"]], [decade["high"] - decade["gain"]]]
                below.errorbar(
                    [place], [decade["gain"]], ends, color="#333333", marker="_", markersize=12, capsize=4,
                    label="mean, 95% interval" if place == 0 else None,
                )  # fmt: skip
        below.axhline(0, color="#333333", linewidth=0.8)
        above.set_ylim(bottom=0)
        above.set(ylabel="MAE (years)", title=values["title"])
        below.set(ylabel=f"{names[0]} less\n{names[1]} (years)", xlabel="Age (years), and how many images")
        labels = [f"{one['first']}–{one['first'] + 9}\n{one['images']:,}" for one in decades]
        below.set_xticks(range(len(decades)), labels)
        for axes in (above, below):
            axes.grid(visible=True, axis="y")
            axes.legend(loc="best")

    return free_figure(max(6.0, 0.62 * len(decades) + 1.2), 5.6, draw)


def _dots(axes: Any, place: float, values: Sequence[float], style: int, label: str | None) -> None:
    """Draw a dot a seed, side by side."""
    apart = 0.05 * (np.arange(len(values)) - (len(values) - 1) / 2)
    axes.plot(
        place + apart, values, color=PALETTE[style], marker=MARKERS[style], linestyle="", markersize=4.5,
        alpha=0.85, label=label,
    )  # fmt: skip


def _predictions(observation: Observation, results_root: Path) -> pd.DataFrame:
    record, item = observation.record, observation.measurement
    path = predictions_path(run_path(results_root, record.paper, record.run))
    rows = predictions_of(record, results_root, item.column, ("age", item.decision))
    lacking = {"name", "subject"} - set(rows)
    if lacking:
        raise UserError(
            f"{path} lacks the column {', '.join(sorted(lacking))}: delete its record and run it again."
        )
    chosen = rows.sort_values("name", ignore_index=True)
    if len(chosen) != item.data.images:
        raise UserError(
            f"{path} holds {len(chosen)} images of {item.column}, its record {item.data.images}: "
            "delete the record and run it again."
        )
    return chosen
