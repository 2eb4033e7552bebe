"""The points of a figure of lines: means with their intervals, of one training set and one profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.evidence.contributions import StoredPredictions
from common.evidence.figures import Series
from common.evidence.intervals import summary
from common.evidence.plots import PlotData
from common.evidence.records import Data, Record
from common.evidence.settings import Observations, Setting, observe
from reproductions.shared.harness.profiles import PROFILES
from reproductions.shared.recognition.evaluation import DECISION


@dataclass(frozen=True)
class Line:
    """A series of points.

    Attributes:
        points: experiment, column, and whether its training data make the setting, of each.
        metric, decision: what is measured at each.
    """

    points: Sequence[tuple[str, str, bool]]
    metric: str
    decision: str = DECISION


def plot_data(
    records: Sequence[Record],
    root: Path,
    lines: Sequence[Line],
    label: Callable[[int, Sequence[Setting]], str],
) -> PlotData | None:
    """Return one series a line, under the largest profile that anything was run under and no other.

    Args:
        records: of the paper.
        root: of the results, where their predictions are.
        lines: to be drawn.
        label: number of a line and its points' settings -> its name.
    """
    found = [
        [
            observe(records, name, column, line.metric, line.decision, same)
            for name, column, same in line.points
        ]
        for line in lines
    ]
    profiles = {setting.profile for row in found for point in row for setting in point}
    if not profiles:
        return None
    largest = next(profile for profile in reversed(PROFILES) if profile in profiles)
    drawn, settings, used = [], [], []
    stored = StoredPredictions(root)
    for number, row in enumerate(found):
        points, shown = [], []
        chosen = _one_training(row, largest)
        for place, point in enumerate(row):
            setting = next((one for one in point if one.profile == largest and one.trained == chosen), None)
            if setting is not None:
                # Of several configurations the one with most seeds.
                observations = max(point[setting].values(), key=len)
                found_here = summary(observations, stored)
                points.append([place, found_here.value, found_here.low, found_here.high])
                shown.append(setting)
                used += [one.record for one in observations]
        if points:
            drawn.append({"label": label(number, shown), "points": points})
            settings += shown
    by_run = {record.run: record for record in used}
    return PlotData({"series": drawn}, tuple(dict.fromkeys(settings)), tuple(by_run.values()))


def _one_training(row: Sequence[Observations], profile: str) -> tuple[Data, ...] | None:
    """Return the training data that most points of a series share, of equals those of most images.

    A line through runs of different data would show the data's differences as the series'.
    """
    trainings = [
        trained for point in row for trained in {one.trained for one in point if one.profile == profile}
    ]
    return max(
        dict.fromkeys(trainings),
        key=lambda one: (trainings.count(one), sum(data.images for data in one)),
        default=None,
    )


def series(values: dict[str, Any]) -> list[Series]:
    """Return the series of what `plot_data` returns."""
    return [
        Series(one["label"], *(list(part) for part in zip(*one["points"], strict=True)))
        for one in values["series"]
    ]
