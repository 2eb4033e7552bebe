"""Figures in one house style, drawn from plain data, each PNG marked with the hash of what it shows.

The mark lets a check tell whether a committed figure shows what the records say now, without drawing it
again: pixels differ between versions of Matplotlib and of its fonts, the data do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType
from PIL import Image

from common.files import atomic_write, sha256_json

DPI = 150
# Okabe and Ito's palette: told apart with every kind of colour vision; shapes and hatches help in grey print.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "xx", "--", "oo", "**")
_MARK = "Data-SHA256"
# Of a legend: characters to the inch, and what a line's key takes of them.
_CHARACTERS, _KEY = 14, 6
_STYLE: dict[RcKeyType, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True)
class Series:
    """Points of one name, with intervals where there are any.

    Attributes:
        label: for the legend.
        x: positions; for bars the numbers of the groups.
        y: values.
        low, high: ends of the intervals; None or NaN at a point without one.
        dashed: drawn as a dashed line, where it is one.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    dashed: bool = False

    def __post_init__(self) -> None:
        given = [values for values in (self.x, self.y, self.low, self.high) if values is not None]
        if len({len(values) for values in given}) != 1 or (self.low is None) != (self.high is None):
            raise ValueError(f"{self.label}: x, y and both ends of the intervals must be equally long")

    @property
    def whiskers(self) -> np.ndarray | None:
        """Lengths of the error bars below and above y, (2, N), NaN where there is none; None without any."""
        if self.low is None:
            return None
        y, low, high = (np.array(values, dtype=float) for values in (self.y, self.low, self.high))
        return np.stack([y - low, high - y])


def line_chart(
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    title: str = "",
    ticks: Sequence[str] = (),
    y_scale: str = "linear",
) -> Figure:
    """Return a chart of lines with markers and error bars.

    Args:
        series: the lines.
        x_label, y_label, title: of the axes and above them.
        ticks: names for x = 0, 1, ...; whole numbers without them.
        y_scale: "linear" or "log".
    """
    with mpl.rc_context(_STYLE):
        figure, axes = _blank(6.0, 3.6, x_label, y_label, title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if ticks:
            axes.set_xticks(range(len(ticks)), ticks)
        axes.set_yscale(y_scale)
        for index, one in enumerate(series):
            axes.errorbar(
                one.x, one.y, one.whiskers, color=_cycle(PALETTE, index), marker=_cycle(MARKERS, index),
                markersize=5, capsize=3, elinewidth=1, label=one.label,
            )  # fmt: skip
        _legend(figure, axes, series)
        return figure


def line_panels(
    panels: Mapping[str, Sequence[Series]], x_label: str, y_labels: Sequence[str], title: str = ""
) -> Figure:
    """Return charts of lines under their titles, one label of y a panel, three beside one another at most.

    The panels share one legend: what has one label has one colour in all of them.
    """
    with mpl.rc_context(_STYLE):
        rows = math.ceil(len(panels) / 3)
        beside = math.ceil(len(panels) / rows)
        figure = _figure(3.4 * beside, 0.6 + 2.8 * rows)
        drawn: dict[str, Any] = {}
        for axes, (name, several), y_label in zip(
            figure.subplots(rows, beside, squeeze=False).flat, panels.items(), y_labels, strict=True
        ):
            for one in several:
                place = list(drawn).index(one.label) if one.label in drawn else len(drawn)
                style = {"color": _cycle(PALETTE, place), "linestyle": "--" if one.dashed else "-"}
                (line,) = axes.plot(one.x, one.y, label=one.label, **style)
                drawn.setdefault(one.label, line)
            axes.set(title=name, xlabel=x_label, ylabel=y_label)
        columns = _legend_columns(figure, list(drawn))
        figure.legend(list(drawn.values()), list(drawn), loc="outside lower center", ncols=columns)
        figure.suptitle(title, fontsize=10)
        return figure


def bar_chart(
    groups: Sequence[str], series: Sequence[Series], x_label: str, y_label: str, title: str = ""
) -> Figure:
    """Return a chart of grouped bars with error bars; a series' x are the numbers of its groups."""
    with mpl.rc_context(_STYLE):
        figure, axes = _blank(max(6.0, 0.7 * len(groups) + 1.5), 3.6, x_label, y_label, title)
        width = 0.8 / len(series)
        for index, one in enumerate(series):
            axes.bar(
                np.asarray(one.x) + (index - (len(series) - 1) / 2) * width, one.y, width, yerr=one.whiskers,
                color=_cycle(PALETTE, index), hatch=_cycle(HATCHES, index), edgecolor="white",
                error_kw={"capsize": 2.5, "elinewidth": 1, "ecolor": "#333333"}, label=one.label,
            )  # fmt: skip
        axes.set_xticks(range(len(groups)), groups)
        axes.grid(visible=False, axis="x")
        _legend(figure, axes, series)
        return figure


def target_chart(panels: Sequence[Series], x_label: str, y_label: str) -> Figure:
    """Return panels side by side, each the bars of one target distribution under its label (as in Fig. 1)."""
    with mpl.rc_context(_STYLE):
        figure = _figure(3.4 * len(panels), 2.8)
        for index, (axes, one) in enumerate(
            zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True)
        ):
            axes.bar(one.x, one.y, width=1.0, color=_cycle(PALETTE, index))
            axes.set(title=one.label, xlabel=x_label, ylabel=y_label if index == 0 else "")
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            axes.grid(visible=False, axis="x")
        return figure


def matrix_chart(
    panels: Mapping[str, np.ndarray], labels: Sequence[str], x_label: str, y_label: str, title: str = ""
) -> Figure:
    """Return square matrices of percentages side by side, each number in its cell, under its label."""
    with mpl.rc_context({**_STYLE, "axes.grid": False}):
        side = 0.75 * len(labels) + 1.2
        figure = _figure(max(side * len(panels), 4.0), side + 0.3)
        for index, (axes, (name, shares)) in enumerate(
            zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True)
        ):
            axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
            places = range(len(labels))
            axes.set_xticks(places, labels)
            axes.set_yticks(places, labels if index == 0 else [""] * len(labels))
            axes.set(title=name, xlabel=x_label, ylabel=y_label if index == 0 else "")
            for row, column in np.ndindex(*shares.shape):
                colour = "white" if shares[row, column] > 55 else "black"
                axes.text(column, row, f"{shares[row, column]:.0f}", ha="center", va="center", color=colour)
        figure.suptitle(title, fontsize=10)
        return figure


@dataclass(frozen=True)
class Box:
    """One box of a flow chart: its place in whole columns and rows, a title, and lines of text below it."""

    column: float
    row: float
    title: str
    text: str = ""


def flow_chart(
    boxes: Sequence[Box],
    arrows: Sequence[tuple[int, int]],
    ties: Sequence[tuple[int, int, str]] = (),
) -> Figure:
    """Return boxes joined by arrows, as a network is drawn.

    Args:
        boxes: rows grow upwards.
        arrows: (from, to) numbers of boxes.
        ties: (one, other, label): a dashed line without direction between two boxes.
    """
    columns = max(box.column for box in boxes) + 1
    rows = [box.row for box in boxes]
    with mpl.rc_context({**_STYLE, "axes.grid": False, "font.size": 8}):
        figure = _figure(1.02 * columns, max(rows) - min(rows) + 1)
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(-0.55, columns - 0.45)
        axes.set_ylim(min(rows) - 0.5, max(rows) + 0.5)
        drawn = []
        for box in boxes:
            said = f"$\\bf{{{_escaped(box.title)}}}$\n{box.text}".strip()
            text = axes.text(
                box.column, box.row, said, ha="center", va="center",
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "#eef4fa", "edgecolor": PALETTE[0]},
                linespacing=1.35, zorder=3,
            )  # fmt: skip
            drawn.append((box, text.get_bbox_patch()))
        for start, end in arrows:
            _connect(axes, drawn[start], drawn[end], arrowstyle="-|>", color="#555555", linewidth=1)
        for start, end, label in ties:
            one, other = boxes[start], boxes[end]
            tie = {"arrowstyle": "-", "color": PALETTE[1], "linewidth": 1.4, "linestyle": "--"}
            _connect(axes, drawn[start], drawn[end], **tie)
            axes.text(
                (one.column + other.column) / 2, (one.row + other.row) / 2, label, ha="center", va="center",
                color=PALETTE[1], bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}, zorder=4,
            )  # fmt: skip
        return figure


def free_figure(width: float, height: float, draw: Callable[[Figure], None]) -> Figure:
    """Return a figure of so many inches, laid out by `draw`, in the house style without grids."""
    with mpl.rc_context({**_STYLE, "axes.grid": False}):
        figure = _figure(width, height)
        draw(figure)
    return figure


def _connect(axes: Axes, start: tuple[Box, Any], end: tuple[Box, Any], **style: Any) -> None:
    """Draw a line from box to box, each given with the patch at whose edge the line ends."""
    (one, one_patch), (other, other_patch) = start, end
    axes.annotate(
        "",
        (other.column, other.row),
        (one.column, one.row),
        arrowprops={"patchA": one_patch, "patchB": other_patch, "shrinkA": 0, "shrinkB": 0, **style},
        zorder=1,
    )


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace(" ", r"\ ")


def save(figure: Figure, path: Path, data: Any) -> None:
    """Write a figure as PNG, whole or not at all, marked with the hash of its data and nothing of the day."""
    with atomic_write(path, "wb") as file:
        figure.savefig(file, format="png", dpi=DPI, metadata={_MARK: data_hash(data), "Software": None})


def data_hash(data: Any) -> str:
    """Return the hash of JSON-able data, numbers taken to six significant digits.

    Six, since the last bits of a mean depend on the processor, and nobody sees the seventh digit in a plot.
    """
    return sha256_json(_rounded(data))


def stored_hash(path: Path) -> str | None:
    """Return the data hash a PNG is marked with; None where there is no file, no PNG or no mark."""
    try:
        with Image.open(path) as image:
            return image.info.get(_MARK)
    except OSError:
        return None


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else None
    return value


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def _blank(width: float, height: float, x_label: str, y_label: str, title: str) -> tuple[Figure, Axes]:
    figure = _figure(width, height)
    axes = figure.add_subplot()
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    return figure, axes


def _legend(figure: Figure, axes: Axes, series: Sequence[Series]) -> None:
    """Put the legend above the plot, where it hides nothing."""
    if len(series) > 1:
        columns = _legend_columns(figure, [one.label for one in series])
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=columns)


def _legend_columns(figure: Figure, labels: Sequence[str]) -> int:
    """Return how many labels of a legend stand beside one another: three at most, the rows even."""
    widest = max(map(len, labels)) + _KEY
    fitting = max(1, min(len(labels), 3, int(_CHARACTERS * figure.get_figwidth()) // widest))
    return math.ceil(len(labels) / math.ceil(len(labels) / fitting))


def _cycle(options: Sequence[str], index: int) -> str:
    return options[index % len(options)]
