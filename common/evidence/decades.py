"""Error by decade of life, averaged over the seeds of a row, out of the predictions beside its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from common.errors import UserError
from common.evidence.figures import Series, bar_chart
from common.evidence.plots import PlotData
from common.evidence.predictions import predictions_path
from common.evidence.records import Record, predictions_of, run_path
from common.evidence.settings import Observation, name_settings, observe
from common.metrics.age import Decade, error_by_decade


def decade_data(
    records: Sequence[Record],
    results_root: Path,
    rows: Mapping[str, str],
    column: str,
    decision: str = "expectation",
) -> PlotData | None:
    """Return the data of a bar chart of MAE by decade, one series a row, for `draw_decades`.

    Of the settings that `column` was measured in, the one of the largest profile is shown.

    Args:
        rows: experiment -> label.

    Returns:
        None where nothing was run.
    """
    found = {experiment: observe(records, experiment, column, "MAE", decision) for experiment in rows}
    settings = sorted({one for several in found.values() for one in several}, key=lambda one: one.order)
    if not settings:
        return None
    setting = settings[0]
    series, used = [], []
    for experiment, label in rows.items():
        variants = found[experiment].get(setting, {})
        for variant, observations in variants.items():
            name = label if len(variants) == 1 else f"{label} [{variant.short}]"
            series.append({"label": name, "decades": _plain(decades_over_seeds(observations, results_root))})
            used += [one.record for one in observations]
    title = name_settings([setting])[setting]
    return PlotData({"title": title, "series": series}, (setting,), tuple(used))


def draw_decades(values: Mapping[str, Any]) -> Figure:
    """Draw what `decade_data` returns: bars of MAE with 95% intervals over subjects, images below."""
    images = {decade[0]: decade[4] for one in values["series"] for decade in one["decades"]}
    firsts = sorted(images)
    series = []
    for one in values["series"]:
        first, mean, low, high, _ = zip(*one["decades"], strict=True)
        series.append(Series(one["label"], [firsts.index(age) for age in first], mean, low, high))
    groups = [f"{first}–{first + 9}\n{images[first]:,}" for first in firsts]
    return bar_chart(groups, series, "Age (years), and how many images", "MAE (years)", values["title"])


def decades_over_seeds(observations: Sequence[Observation], results_root: Path) -> tuple[Decade, ...]:
    """Return MAE by decade for the runs behind a cell (see `observe`).

    Each image's absolute error is averaged over the seeds first, so that the interval is over subjects (over
    images where unknown) and says nothing of the spread of the seeds.

    Args:
        observations: of one setting and variant, one a seed.
        results_root: where the records and their predictions stand.

    Raises:
        UserError: predictions are absent, or two seeds hold different images.
    """
    frames = [_predictions(one, results_root) for one in observations]
    first = frames[0]
    for frame, one in zip(frames, observations, strict=True):
        if not frame[["name", "age"]].equals(first[["name", "age"]]):
            raise UserError(
                f"the predictions of {one.record.run} and {observations[0].record.run} are of different "
                "images: delete the record that is wrong and run it again."
            )
    decision = observations[0].measurement.decision
    errors = sum((frame[decision] - frame["age"]).abs() for frame in frames) / len(frames)
    subjects = first["subject"] if first["subject"].notna().any() else None
    return error_by_decade(first["age"], first["age"] + errors, subjects)


def _plain(decades: Sequence[Decade]) -> list[list[float | None]]:
    ends = [(d.interval.low, d.interval.high) if d.interval else (None, None) for d in decades]
    return [[d.first, d.value, *end, d.images] for d, end in zip(decades, ends, strict=True)]


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
