"""The specification of a figure: which of the records' numbers it shows, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from common.evidence.records import Record
from common.evidence.settings import Setting, name_settings


@dataclass(frozen=True)
class PlotData:
    """What a figure shows.

    Attributes:
        values: lists, dicts, texts and numbers; all that `draw` gets.
        settings: where it was measured; empty for a figure of something else than measurements.
        records: the runs behind it.
        about: what is shown where neither settings nor records say it.
    """

    values: Any
    settings: tuple[Setting, ...] = ()
    records: tuple[Record, ...] = ()
    about: str = "a formula, no data"

    def shown(self) -> list[str]:
        """Name the data that the figure shows, for the list of results."""
        if self.settings:
            return list(name_settings(self.settings).values())
        if not self.records:
            return [self.about]
        trained = {(data.name, one.profile) for one in self.records for data in one.trained_on}
        return [f"training on {name} · {profile}" for name, profile in sorted(trained)]


@dataclass(frozen=True)
class Plot:
    """The specification of a figure.

    Attributes:
        name: of its files ("figure1").
        title: "Fig. 1. Targets".
        caption: one or two sentences, with what the error bars are.
        data: takes a paper's records and the results folder, returns what to show, or None where nothing was
            run.
        draw: makes a Matplotlib figure of `PlotData.values`.
    """

    name: str
    title: str
    caption: str
    data: Callable[[Sequence[Record], Path], PlotData | None]
    draw: Callable[[Any], Figure]
