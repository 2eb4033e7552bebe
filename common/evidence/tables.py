"""Tables: a specification of rows and columns, filled from records and from nothing else.

The paper's numbers and the measured ones stand in columns of their own. A measured column is named by the
records that fill it (data set, protocol, profile), never by the specification, so that a number measured on
stand-in data cannot appear under the name of the data it stands in for. No cell is set in bold: with a few
seeds the best of a column is seldom known.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.evidence.records import Record
from common.evidence.settings import (
    Observation,
    Observations,
    Setting,
    Variant,
    differences,
    name_settings,
    observe,
)
from common.metrics import metric

CITED = "Literature value as the paper quotes it; measured neither by its authors nor here."
NOT_IN_PAPER = "The paper gives no number here."
ONLY_CITED = "Quoted only; this method was not run here."
NOT_RUN = "Not run on this data under this profile."
NOTHING_RUN = "Nothing was run yet."
OTHER_VARIANT = "Not run with this configuration."


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        label: for readers.
        experiment: the records' experiment that fills the row; None where the method is only quoted.
        paper: paper column -> the paper's value; a text is printed as it is.
        cited: the paper itself took its values from the literature.
        decision: where it is not the table's ("regression").
        lender: the other paper of this suite whose records fill the row ("jmcnn"), measured on the same data
            by the same protocols; None is the table's own.
    """

    label: str
    experiment: str | None = None
    paper: Mapping[str, float | str] = field(default_factory=dict)
    cited: bool = False
    decision: str | None = None
    lender: str | None = None

    @property
    def runs(self) -> str:
        """The folder of the row's records as seen from the table."""
        return "runs" if self.lender is None else f"../{self.lender}/runs"


@dataclass(frozen=True)
class Column:
    """One test set to show, in as many columns as there are settings it was measured in.

    Attributes:
        key: `column` of the measurements.
        title: the heading where nothing was run.
        absent: why nothing was run, for the footnote of the dashes; None leaves such a column out.
        metric, decision: where they are not the table's.
    """

    key: str
    title: str
    absent: str | None = None
    metric: str | None = None
    decision: str | None = None


@dataclass(frozen=True)
class Table:
    """The specification of a table.

    Attributes:
        name: of its files ("table2").
        title: "Table 2. Neighborhood loss against cross entropy".
        caption: one or two sentences.
        rows, columns: what to show, in order.
        paper_columns: the paper's own columns, in order.
        row_title: heading of the labels ("Loss").
        metric, decision: of every cell, where row or column say nothing else.
        same_training: False where rows differ in what they were trained on by intent.
        interval: over what the intervals of single seeds are.
    """

    name: str
    title: str
    caption: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    paper_columns: tuple[str, ...] = ()
    row_title: str = "Method"
    metric: str = "MAE"
    decision: str = "expectation"
    same_training: bool = True
    interval: str = "the test's subjects, or its images where subjects are unknown"

    def __post_init__(self) -> None:
        strangers = {key for row in self.rows for key in row.paper} - set(self.paper_columns)
        if strangers:
            raise ValueError(f"{self.name}: no paper column {', '.join(sorted(strangers))}")


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the table.

    Attributes:
        text: for readers, without notes.
        notes: marks of its footnotes, "a", "b", ...
        observations: the records behind a measured cell, by seed.
    """

    text: str
    notes: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return statistics.fmean(one.measurement.value for one in self.observations)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over seeds, None for one seed."""
        values = [one.measurement.value for one in self.observations]
        return statistics.stdev(values) if len(values) > 1 else None


@dataclass(frozen=True)
class Heading:
    """A column of the filled table.

    Attributes:
        name: of the paper's column or of the setting.
        title: the name with what it needs beside the other columns.
    """

    name: str
    title: str


class InPaper(Heading):
    """One of the paper's own columns."""


@dataclass(frozen=True)
class Measured(Heading):
    """A column of what was measured in one setting."""

    column: Column
    setting: Setting


@dataclass(frozen=True)
class Absent(Heading):
    """A column of dashes, and why nothing was run."""

    column: Column
    why: str


Ours = Measured | Absent


@dataclass(frozen=True)
class Line:
    """A row of the filled table."""

    label: Cell
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A filled table: what the formats write; `notes` are (mark, sentence)."""

    table: Table
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...]


class _Notes:
    """Footnotes marked a, b, ... in order of first use; the same sentence keeps its mark.

    Letters, since a number in superscript after a number is read as a power.
    """

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}

    def __call__(self, text: str) -> tuple[str, ...]:
        rounds, letter = divmod(len(self.marks), 26)
        return (self.marks.setdefault(text, chr(ord("a") + letter) * (rounds + 1)),)

    def listed(self) -> tuple[tuple[str, str], ...]:
        return tuple((mark, text) for text, mark in self.marks.items())


def fill(table: Table, records: Sequence[Record], lent: Mapping[str, Sequence[Record]] | None = None) -> Grid:
    """Fill a table from a paper's records, and rows that other papers lend from theirs.

    A cell averages the seeds of one configuration in one setting. Where a row was run in several
    configurations it becomes several lines, and a footnote says what sets them apart.

    Args:
        table: the specification.
        records: of the paper.
        lent: records of other papers by their key, see `Row.lender`.

    Raises:
        UserError: records contradict each other.
    """
    notes = _Notes()
    lenders: Mapping[str | None, Sequence[Record]] = {None: records} | dict(lent or {})
    observed = {
        (row_index, column): observe(
            lenders.get(row.lender, ()),
            row.experiment,
            column.key,
            *_asked(table, row, column),
            table.same_training,
        )
        for row_index, row in enumerate(table.rows)
        if row.experiment is not None
        for column in table.columns
    }
    headings = _headings(table, observed)
    lines = []
    for index, row in enumerate(table.rows):
        found = {column: observed.get((index, column), {}) for column in table.columns}
        lines += _lines(table, row, found, headings, notes)
    return Grid(table, headings, tuple(lines), notes.listed())


def _asked(table: Table, row: Row, column: Column) -> tuple[str, str]:
    return column.metric or table.metric, column.decision or row.decision or table.decision


def _headings(table: Table, observed: Mapping[tuple[int, Column], Observations]) -> tuple[Heading, ...]:
    settings = {
        column: sorted(
            {setting for (_, other), found in observed.items() if other == column for setting in found},
            key=lambda setting: setting.order,
        )
        for column in table.columns
    }
    names = name_settings(setting for several in settings.values() for setting in several)
    headings: list[Heading] = [InPaper(title, f"{title} (in the paper)") for title in table.paper_columns]
    absent = set()
    one_decision = len({column.decision or table.decision for column in table.columns}) == 1
    for column in table.columns:
        parts = (column.metric, None if one_decision else column.decision)
        suffix = "".join(f" · {part}" for part in parts if part)
        headings += [Measured(names[s], names[s] + suffix, column, s) for s in settings[column]]
        if not settings[column] and column.absent and column.title not in absent:
            # Once, however many metrics would have been shown.
            absent.add(column.title)
            headings.append(Absent(column.title, f"{column.title} · not run", column, column.absent))
    if len(headings) == len(table.paper_columns):
        column = Column("", "Measured here")
        headings.append(Absent(column.title, f"{column.title} · not run", column, NOTHING_RUN))
    return tuple(headings)


def _lines(
    table: Table, row: Row, found: Mapping[Column, Observations], headings: Sequence[Heading], notes: _Notes
) -> list[Line]:
    label_notes = notes(f"Decided by {row.decision}.") if row.decision not in (None, table.decision) else ()
    if row.lender is not None:
        label_notes += notes(f"From the records of {row.lender}, on the same data by the same protocol.")
    paper = tuple(_paper_cell(table, row, title, notes) for title in table.paper_columns)
    variants = _separate(found)
    lines = []
    for variant, difference in zip(variants, differences([v for v in variants if v]) or [""], strict=True):
        label, marks = row.label, label_notes
        if variant is not None:
            label = f"{row.label} [{variant.short}]"
            marks += notes(f"Configuration {variant.short}: {difference}.")
        cells = tuple(_cell(row, variant, h, found, notes) for h in headings if isinstance(h, Ours))
        lines.append(Line(Cell(label, marks), row, paper + cells))
    return lines


def _separate(found: Mapping[Column, Observations]) -> list[Variant | None]:
    """Return the variants that need lines of their own, or [None] where every cell has at most one."""
    cells = [variants for settings in found.values() for variants in settings.values()]
    if all(len(variants) == 1 for variants in cells):
        return [None]
    return [*sorted({v for cell in cells for v in cell}, key=lambda v: (v.configuration_hash, v.precision))]


def _paper_cell(table: Table, row: Row, title: str, notes: _Notes) -> Cell:
    if title not in row.paper:
        return Cell("–", notes(NOT_IN_PAPER))
    value = row.paper[title]
    text = value if isinstance(value, str) else metric(table.metric).format(value)
    return Cell(text, notes(CITED) if row.cited else ())


def _cell(
    row: Row, variant: Variant | None, heading: Ours, found: Mapping[Column, Observations], notes: _Notes
) -> Cell:
    if isinstance(heading, Absent):
        return Cell("–", notes(heading.why))
    if row.experiment is None:
        return Cell("–", notes(ONLY_CITED))
    variants = found[heading.column].get(heading.setting, {})
    if not variants and row.decision and heading.column.decision:
        return Cell("–", notes(f"Decided by {row.decision} only."))
    if not variants:
        return Cell("–", notes(NOT_RUN))
    observations = next(iter(variants.values())) if variant is None else variants.get(variant, ())
    if not observations:
        return Cell("–", notes(OTHER_VARIANT))
    return Cell(_summary(observations), (), observations)


def _summary(observations: Sequence[Observation]) -> str:
    """Return "6.41 ± 0.05 (3)", mean, deviation and number of seeds, or "6.41 [6.10, 6.72]" for one seed."""
    cell = Cell("", (), tuple(observations))
    known = metric(observations[0].measurement.metric)
    if cell.deviation is None:
        only = observations[0].measurement
        return f"{known.format(only.value)} [{known.format(only.low)}, {known.format(only.high)}]"
    return f"{known.format(cell.mean)} ± {known.format(cell.deviation)} ({len(observations)})"
