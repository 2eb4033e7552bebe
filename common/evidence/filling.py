"""A table filled from records and from nothing else: which number stands where, and what was not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from common.evidence.contributions import StoredPredictions
from common.evidence.intervals import Summary, summary
from common.evidence.provenance import CHANGED
from common.evidence.records import Record
from common.evidence.settings import (
    Observations,
    Setting,
    Variant,
    differences,
    hidden_stand_in,
    name_settings,
    observe,
)
from common.evidence.tables import DASH, Cell, Column, Grid, Heading, InPaper, Line, Measured, Row, Table
from common.metrics import metric
from common.metrics.catalogue import Metric

CITED = "Literature value as the paper quotes it; measured neither by its authors nor here."
NOT_IN_PAPER = "The paper gives no number here."
ONLY_CITED = "Quoted only; this method was not run here."
NOT_RUN = "Not run on this data under this profile."
NOT_MEASURED = "Not measured on this data: it takes {}."
NO_INTERVAL = "The mean of the seeds alone: the predictions stored with them tell no interval."
UNCOMMITTED = "Among its runs are such of code that was not committed as it ran: seeds {}."
OTHER_VARIANT = "Not run with this configuration."


class _Notes:
    """Footnotes marked a, b, ... in order of first use; the same sentence keeps its mark.

    Letters, since a number in superscript after a number is read as a power.
    """

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        rounds, letter = divmod(len(self.marks), 26)
        return self.marks.setdefault(text, chr(ord("a") + letter) * (rounds + 1))

    def mark(self, cell: Cell) -> Cell:
        """Return a cell whose notes are sentences with their marks in place of them."""
        return replace(cell, notes=tuple(map(self, cell.notes)))

    def listed(self) -> tuple[tuple[str, str], ...]:
        return tuple((mark, text) for text, mark in self.marks.items())


def fill(
    table: Table,
    records: Sequence[Record],
    lent: Mapping[str, Sequence[Record]] | None = None,
    stored: StoredPredictions | None = None,
) -> Grid:
    """Fill a table from a paper's records, and rows that other papers lend from theirs.

    A cell averages the seeds of one configuration in one setting. Where a row was run in several
    configurations it becomes several lines, and a footnote says what sets them apart.

    Args:
        table: the specification.
        records: of the paper.
        lent: records of other papers by their key, see `Row.lender`.
        stored: the predictions beside all of them, that intervals are told from.

    Raises:
        UserError: records contradict each other, or their predictions are damaged.
    """
    everybody: Mapping[str | None, Sequence[Record]] = {None: records} | dict(lent or {})
    observed = {
        (row_index, column): observe(
            everybody.get(row.lender, ()),
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
        lines += _lines(table, row, found, headings, stored)
    kept = [line for line in lines if any(cell.is_number for cell in line.cells)]
    shown = [place for place in range(len(headings)) if any(line.cells[place].is_number for line in kept)]
    notes = _Notes()
    marked = [
        Line(notes.mark(line.label), line.row, tuple(notes.mark(line.cells[place]) for place in shown))
        for line in kept
    ]
    not_run = _not_run(table, observed, kept)
    return Grid(table, tuple(headings[place] for place in shown), tuple(marked), notes.listed(), not_run)


def _asked(table: Table, row: Row, column: Column) -> tuple[str, str]:
    return column.metric or table.metric, column.decision or row.decision or table.decision


def _not_run(
    table: Table, observed: Mapping[tuple[int, Column], Observations], kept: Sequence[Line]
) -> tuple[str, ...]:
    """Say what is left out: rows that were never run, and data that nothing was run on."""
    sentences = []
    rows = [line.row for line in kept]
    tried = {column for (_, column), found in observed.items() if found}
    if tried and (left := [row for row in table.rows if row not in rows]):
        # In quotation marks, for a label may hold semicolons and commas of its own.
        said = [f'"{row.label}"' + (f" ({row.absent})" if row.absent else "") for row in left]
        # A row may have runs that hold nothing of a table whose every column takes something more.
        done = "measured" if all(column.takes for column in table.columns) else "run"
        sentences.append(f"Not {done} here: {'; '.join(said)}.")
    had = {column.title for column in tried}
    lacking = {c.title: c.absent for c in table.columns if c.absent and c.title not in had}
    if lacking:
        targets = ", ".join(dict.fromkeys(f"make {target}" for target in lacking.values()))
        say = "says" if len(lacking) == 1 else "say"
        sentences.append(f"Not run on {', '.join(lacking)} ({targets} {say} how to get a copy).")
    measured = {column.metric or table.metric for column in tried}
    taking = {c.metric or table.metric: c.takes for c in table.columns if c.takes}
    sentences += [
        f"Not measured: {name}, which takes {of}." for name, of in taking.items() if name not in measured
    ]
    return tuple(sentences)


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
    one_decision = len({column.decision or table.decision for column in table.columns}) == 1
    one_profile = len({setting.profile for setting in names}) == 1
    short = _short_names(settings, names, one_profile)
    for column in table.columns:
        parts = [part for part in (column.metric, None if one_decision else column.decision) if part]
        suffix = "".join(f" · {part}" for part in parts)
        headings += [
            Measured(names[s], names[s] + suffix, column, s, short[s], ", ".join(parts))
            for s in settings[column]
        ]
    return tuple(headings)


def _short_names(
    settings: Mapping[Column, Sequence[Setting]], names: Mapping[Setting, str], one_profile: bool
) -> dict[Setting, str]:
    """Name settings in few words by what their records say; where two would have one name, in full."""
    short = {}
    for column, several in settings.items():
        for setting in several:
            title = f"{setting.test.title}{' (stand-in)' if setting.test.stand_in else ''}"
            place = setting.test.protocol if column.short is None else column.short
            trained = "trained on generated faces" if hidden_stand_in(setting) else ""
            name = ", ".join(part for part in (title, place, trained) if part)
            short[setting] = name if one_profile else f"{name} · {setting.profile}"
    often = Counter(short.values())
    return {setting: text if often[text] == 1 else names[setting] for setting, text in short.items()}


def _lines(
    table: Table,
    row: Row,
    found: Mapping[Column, Observations],
    headings: Sequence[Heading],
    stored: StoredPredictions | None,
) -> list[Line]:
    notes = [f"Decided by {row.decision}."] if row.decision not in (None, table.decision) else []
    if row.lender is not None:
        notes.append(f"From the records of {row.lender}, on the same data by the same protocol.")
    paper = tuple(_paper_cell(table, row, title) for title in table.paper_columns)
    variants = _separate(found)
    lines = []
    for variant, difference in zip(variants, differences([v for v in variants if v]) or [""], strict=True):
        label, own = row.label, []
        if variant is not None:
            label = f"{row.label} [{variant.short}]"
            own = [f"Configuration {variant.short}: {difference}."]
        cells = tuple(_cell(row, variant, h, found, stored) for h in headings if isinstance(h, Measured))
        own += _of_uncommitted_code(cells)
        lines.append(Line(Cell(label, (*notes, *own)), row, paper + cells))
    return lines


def _of_uncommitted_code(cells: Sequence[Cell]) -> list[str]:
    """Return the note of a row some of whose runs are of code that no commit holds, [] where none is."""
    seeds = {
        one.record.seed
        for cell in cells
        for one in cell.observations
        if one.record.code_version.endswith(CHANGED)
    }
    return [UNCOMMITTED.format(", ".join(map(str, sorted(seeds))))] if seeds else []


def _separate(found: Mapping[Column, Observations]) -> list[Variant | None]:
    """Return the variants that need lines of their own, or [None] where every cell has at most one."""
    cells = [variants for settings in found.values() for variants in settings.values()]
    if all(len(variants) == 1 for variants in cells):
        return [None]
    return [*sorted({v for cell in cells for v in cell}, key=lambda v: (v.configuration_hash, v.precision))]


def _paper_cell(table: Table, row: Row, title: str) -> Cell:
    if title not in row.paper:
        return Cell(DASH, (NOT_IN_PAPER,))
    value = row.paper[title]
    text = value if isinstance(value, str) else metric(table.metric).format(value)
    return Cell(text, (CITED,) if row.cited else ())


def _cell(
    row: Row,
    variant: Variant | None,
    heading: Measured,
    found: Mapping[Column, Observations],
    stored: StoredPredictions | None,
) -> Cell:
    if row.experiment is None:
        return Cell(DASH, (ONLY_CITED,))
    variants = found[heading.column].get(heading.setting, {})
    if not variants and row.decision and heading.column.decision:
        return Cell(DASH, (f"Decided by {row.decision} only.",))
    if not variants:
        return Cell(DASH, (_why_not(row, heading.column),))
    observations = next(iter(variants.values())) if variant is None else variants.get(variant, ())
    if not observations:
        return Cell(DASH, (OTHER_VARIANT,))
    found_here = summary(observations, stored)
    known = metric(observations[0].measurement.metric)
    notes = () if found_here.low is not None else (NO_INTERVAL,)
    return Cell(_written(found_here, known), notes, observations, found_here.low, found_here.high)


def _why_not(row: Row, column: Column) -> str:
    if row.absent:
        return f"{row.absent[:1].upper()}{row.absent[1:]}."
    return NOT_MEASURED.format(column.takes) if column.takes else NOT_RUN


def _written(found: Summary, known: Metric) -> str:
    """Return "6.41 [6.1, 6.7]": the ends with a digit less than the mean where that has two or more."""
    text = known.format(found.value)
    if found.low is None or found.high is None:
        return text
    coarse = replace(known, digits=known.digits - (known.digits > 1))
    return f"{text} [{coarse.format(found.low)}, {coarse.format(found.high)}]"
