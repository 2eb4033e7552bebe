"""Figures 4 and 5 as they are drawn from records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from common.evidence.figures import bar_chart, line_chart
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record
from common.evidence.settings import Setting
from common.evidence.tables import Row
from reproductions.jmcnn.experiments import Experiment
from reproductions.shared.recognition.points import Line, plot_data, series

_BARS = (
    "Means over seeds; bars are 95% intervals over seeds and people (`common.metrics.crossed`), cut at 0 and "
    "100%; with one seed they count the people alone."
)


def figure4(
    name: str, title: str, sweep: Sequence[Experiment], columns: Sequence[str], more: str = ""
) -> Plot:
    """Return rank-1 over lambda.

    Args:
        name: of the file.
        title: what it is of.
        sweep: one experiment a weight.
        columns: keys of the searches, a line each.
        more: ends the caption.
    """
    return Plot(
        name,
        f"Figure 4. Rank-1 over λ, {title}",
        f"{_BARS} λ = 0 has the age head and no regulariser.{more}",
        partial(_sweep, tuple(sweep), tuple(columns)),
        partial(_draw_sweep, [f"{one.weight:g}" for one in sweep]),
    )


def _sweep(
    sweep: Sequence[Experiment], columns: Sequence[str], records: Sequence[Record], root: Path
) -> PlotData | None:
    lines = [Line([(one.name, column, True) for one in sweep], "rank-1") for column in columns]
    sets = {column.partition("-")[0] for column in columns}

    def label(line: int, shown: Sequence[Setting]) -> str:
        test = shown[0].test
        return test.protocol if len(sets) == 1 else f"{test.title}, {test.protocol}"

    return plot_data(records, root, lines, label)


def _draw_sweep(ticks: Sequence[str], values: dict[str, Any]) -> Figure:
    return line_chart(series(values), "λ", "Rank-1 (%)", ticks=ticks)


def figure5(
    key: str,
    title: str,
    rows: Sequence[Row],
    periods: Sequence[str],
    ticks: Sequence[str] = (),
    axis: str = "Database",
) -> Plot:
    """Return mean average precision by period.

    Args:
        key: what the columns of the set begin with.
        title: of the set.
        rows: a group of bars each.
        periods: what the columns end with.
        ticks: the periods in words; empty is as they are.
        axis: what they are.
    """
    return Plot(
        f"fig5-{key}",
        f"Figure 5. Mean average precision by period, {title}",
        _BARS,
        partial(_periods, key, tuple(rows), tuple(periods)),
        partial(_draw_periods, tuple(ticks or periods), axis),
    )


def _periods(
    key: str, rows: Sequence[Row], periods: Sequence[str], records: Sequence[Record], root: Path
) -> PlotData | None:
    lines = [Line([(row.experiment, f"{key}-{period}", False) for period in periods], "MAP") for row in rows]
    return plot_data(records, root, lines, lambda line, shown: rows[line].label)


def _draw_periods(ticks: tuple[str, ...], axis: str, values: dict[str, Any]) -> Figure:
    return bar_chart(ticks, series(values), axis, "MAP (%)")
