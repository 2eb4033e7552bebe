"""Tables: a specification of rows and columns, and what it is when records have filled it (see `filling`).

The paper's numbers and the measured ones stand in columns of their own. A measured column is named by the
records that fill it (data set, protocol, profile), never by the specification, so that a number measured on
stand-in data cannot appear under the name of the data it stands in for. No cell is set in bold: with a few
seeds the best of a column is seldom known. Rows and columns without any number are left out, and said below.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.evidence.settings import Observation, Setting

DASH = "–"
NOTHING_RUN = "Nothing was run yet."


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
        absent: why it was not run, or has nothing there to measure ("finds boxes only").
    """

    label: str
    experiment: str | None = None
    paper: Mapping[str, float | str] = field(default_factory=dict)
    cited: bool = False
    decision: str | None = None
    lender: str | None = None
    absent: str | None = None

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
        absent: the make target that says how to get the data ("data-morph"), for the line of what was not
            run; None where there is nothing to be got.
        metric, decision: where they are not the table's.
        short: what tells this test from others of its data set ("adults"), in place of the whole protocol.
        part: heading of the part of the table that the column stands in, where it has parts.
        takes: what measuring it takes beside the data ("the packages of ..."), for runs without it; None
            where every run measures it.
    """

    key: str
    title: str
    absent: str | None = None
    metric: str | None = None
    decision: str | None = None
    short: str | None = None
    part: str | None = None
    takes: str | None = None


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
        decided_by: the decision in words, where its name is none; empty is its name.
        same_training: False where rows differ in what they were trained on by intent.
        interval: what the intervals count beside the seeds.
        turned: shown with its columns as rows and its rows as columns.
        least: rows that must be measured before it is a page: 2 where the first stands in another table.
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
    decided_by: str = ""
    same_training: bool = True
    interval: str = "the people tested (images, where nobody is named)"
    turned: bool = False
    least: int = 1

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
        low, high: ends of the 95% interval over seeds and people; None where it is not known.
    """

    text: str
    notes: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether anything stands here, measured or the paper's."""
        return self.text != DASH

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
    """A column of what was measured in one setting.

    Attributes:
        column, setting: what it shows.
        data: the data in few words ("FG-NET, adults"), which no other setting of the table has.
        asked: metric and decision where they are not the table's ("CS@3, median"), or "".
    """

    column: Column
    setting: Setting
    data: str
    asked: str


@dataclass(frozen=True)
class Line:
    """A row of the filled table."""

    label: Cell
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A filled table: what the formats write.

    Attributes:
        table: the specification.
        headings, lines: columns and rows, each with a number at least.
        notes: (mark, sentence).
        not_run: a sentence on the rows, and one on the data, that were left out; empty where none was.
    """

    table: Table
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...]
    not_run: tuple[str, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether anything of it was measured."""
        return any(cell.observations for line in self.lines for cell in line.cells)

    @property
    def is_a_page(self) -> bool:
        """Whether as many rows were measured as the table needs to say something."""
        measured = {line.row.label for line in self.lines if any(cell.observations for cell in line.cells)}
        return len(measured) >= self.table.least
