"""What stands behind a cell of a table: records, seeds, configuration, data, split and command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from common.errors import UserError, unknown
from common.evidence.formats import describe_test
from common.evidence.records import Record
from common.evidence.settings import Observation, variant_of
from common.evidence.tables import Cell, Grid, Heading, Line
from common.metrics import metric

T = TypeVar("T")

Command = Callable[[Sequence[Record]], str]
"""Says how the runs of one row are made again."""


@dataclass(frozen=True)
class Number:
    """A measured cell and where it stands."""

    grid: Grid
    line: Line
    heading: Heading
    cell: Cell


def numbers(grid: Grid) -> Iterator[Number]:
    """Yield the measured cells of a table, row by row."""
    for line in grid.lines:
        for heading, cell in zip(grid.headings, line.cells, strict=True):
            if cell.observations:
                yield Number(grid, line, heading, cell)


def find(grid: Grid, row: str, column: str) -> Number:
    """Return the measured cell at a row and a column, each named in full or by a part that no other has.

    Raises:
        UserError: there is no such row or column, or no such number; the nearest names are told.
    """
    there = list(numbers(grid))
    line = _named("row", row, {one.label.text: one for one in grid.lines})
    inside = {one.heading.title: one for one in there if one.line is line}
    if not inside:
        raise UserError(f"nothing was measured of {line.label.text!r} in {grid.table.name}.")
    return _named(f"column of {line.label.text!r} with a number", column, inside)


def record_link(record: Record) -> str:
    """Return where a record stands, as seen from the folder of all results."""
    return f"{record.paper}/runs/{record.run}.json"


def seed_value(one: Observation) -> str:
    """Return what one run measured, with the interval in its record: "5.36 [5.11, 5.62]"."""
    item, known = one.measurement, metric(one.measurement.metric)
    return f"{known.format(item.value)} [{known.format(item.low)}, {known.format(item.high)}]"


def facts(number: Number, command: Command) -> list[tuple[str, str]]:
    """Return what there is to say of a cell but its runs, as (what, text)."""
    first = number.cell.observations[0]
    item, record = first.measurement, first.record
    known = metric(item.metric)
    trained = [f"{data.name}, {data.images:,} images" for data in record.trained_on]
    return [
        ("Measures", f"{item.metric} of {item.decision}, in {known.unit}, {known.direction}"),
        ("Tested on", f"{item.data.name}: {describe_test(item.data)}"),
        ("Trained on", "; ".join(trained) or "nothing"),
        ("Configuration", f"{record.configuration_hash[:12]}, {record.precision}, profile {record.profile}"),
        ("Made by", f"code {record.code_version} on {record.device}"),
        ("Again", command([one.record for one in number.cell.observations])),
    ]


def explained(number: Number, command: Command) -> str:
    """Return all that stands behind a cell, for a terminal."""
    table = number.grid.table
    lines = [f"{table.title}", f"{number.line.label.text} · {number.heading.title}: {number.cell.text}", ""]
    lines += [f"{what + ':':<15}{text}" for what, text in facts(number, command)]
    lines += ["", "Runs"]
    lines += [
        f"  seed {one.record.seed}: {seed_value(one)}  {record_link(one.record)}"
        for one in number.cell.observations
    ]
    content = variant_of(number.cell.observations[0].record).content
    lines += ["", "Configuration", *(f"  {key} = {content[key]}" for key in sorted(content))]
    return "\n".join(lines) + "\n"


def _named(kind: str, asked: str, there: dict[str, T]) -> T:
    """Return what is called so, or is the only one whose name holds what was asked."""
    if asked in there:
        return there[asked]
    parts = [name for name in there if asked and asked.lower() in name.lower()]
    if len(parts) == 1:
        return there[parts[0]]
    if parts:
        raise UserError(f"several a {kind} hold {asked!r}: {', '.join(map(repr, parts))}; name one.")
    raise unknown(kind, asked, there)
