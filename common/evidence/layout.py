"""A filled table cut into blocks narrow enough to be read without scrolling: what the formats write."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from common.evidence.tables import Cell, Grid, Heading, InPaper, Measured

WIDTH = 100
"""Characters in a row as it is read, gaps between its columns included: what a laptop's window shows."""

GAP = 3
_LABELS = (36, 28)
_HEADING = 10
_SEEDS = "Seeds"
_PAPER = "In the paper"
_MEASURED = "Measured here"


@dataclass(frozen=True)
class Block:
    """A table of its own: some columns of a grid, and the rows that hold a number in them.

    Attributes:
        title: what all of it is about, "" where nothing tells it from the others.
        header: headings in lines, that of the rows' labels first.
        rows: their labels in lines, and the cells.
    """

    title: str
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Layout:
    """The blocks of a table and its footnotes, marked in the order in which the blocks are read."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[str, str], ...]


def lay_out(grid: Grid, width: int = WIDTH, *, mark: int = 0, paper: bool = True) -> Layout:
    """Cut a table into blocks.

    A block ends where the table names another part, or where it would be wider than `width`; the columns of
    one test set are kept together if they fit, and blocks of one part are about equally wide. A table is
    turned where its specification says so.

    Args:
        grid: the filled table.
        width: characters in a row; a label and one column are always beside each other.
        mark: characters that a format adds to the mark of a footnote.
        paper: whether the paper's own numbers are shown.
    """
    places = [n for n, one in enumerate(grid.headings) if paper or isinstance(one, Measured)]
    cut = _turned if grid.table.turned else _upright
    blocks: list[Block] = []
    for part in _parts(grid, places):
        tries: list[list[Block]] = [_balanced(*cut(grid, part, label), width, mark) for label in _LABELS]
        fewest = min(tries, key=len)
        blocks += fewest
    if blocks and blocks[0].title == _PAPER and len(blocks) > 1 and not blocks[1].title:
        blocks[1] = replace(blocks[1], title=_MEASURED)
    titles = ["", *(block.title for block in blocks)]
    if len(blocks) == 1:
        titles = [titles[1], titles[1]]
    untold = [
        replace(block, title="" if block.title == before else block.title)
        for block, before in zip(blocks, titles, strict=False)
    ]
    return _renumbered(grid, untold)


def seeds_in(grid: Grid) -> list[int]:
    """Return the numbers of seeds behind the measured cells, each once, the largest first."""
    counts = {len(c.observations) for line in grid.lines for c in line.cells if c.observations}
    return sorted(counts, reverse=True)


def _parts(grid: Grid, places: Sequence[int]) -> list[list[int]]:
    """Return the columns of each part; the paper's own stand in the first where the table is turned."""

    def belongs(place: int) -> tuple[str | None, bool]:
        heading = grid.headings[place]
        return _part(heading), isinstance(heading, InPaper)

    parts = [list(part) for _, part in groupby(places, key=belongs)]
    if grid.table.turned and len(parts) > 1 and isinstance(grid.headings[parts[0][0]], InPaper):
        return [parts[0] + parts[1], *parts[2:]]
    return parts


def _part(heading: Heading) -> str | None:
    return heading.column.part if isinstance(heading, Measured) else None


Cut = tuple[list[list[int]], Callable[[Sequence[int]], Block]]
"""What may not be divided, and what makes a block of several such."""


def _upright(grid: Grid, part: Sequence[int], label: int) -> Cut:
    units = [list(unit) for _, unit in groupby(part, key=lambda n: _unit(grid.headings[n]))]
    return units, lambda chosen: _block(grid, chosen, label)


def _turned(grid: Grid, part: Sequence[int], label: int) -> Cut:
    lines = [[n] for n, line in enumerate(grid.lines) if any(line.cells[p].is_number for p in part)]
    return lines, lambda chosen: _turned_block(grid, part, chosen, label)


def _balanced(
    units: Sequence[Sequence[int]], make: Callable[[Sequence[int]], Block], width: int, mark: int
) -> list[Block]:
    """Return the fewest blocks no wider than `width`, and of these the narrowest."""
    best = _packed(units, make, width, mark)
    for narrower in range(width - 1, width // 2, -1):
        found = _packed(units, make, narrower, mark)
        if len(found) > len(best) or any(_width(block, mark) > width for block in found):
            break
        best = found
    return best


def _packed(
    units: Sequence[Sequence[int]], make: Callable[[Sequence[int]], Block], width: int, mark: int
) -> list[Block]:
    chosen: list[list[int]] = [[]]
    for unit in units:
        if _width(make([*chosen[-1], *unit]), mark) <= width:
            chosen[-1] += unit
        elif _width(make(unit), mark) <= width:
            chosen.append(list(unit))
        else:
            for place in unit:
                if chosen[-1] and _width(make([*chosen[-1], place]), mark) > width:
                    chosen.append([])
                chosen[-1].append(place)
    return [make(places) for places in chosen if places]


def _unit(heading: Heading) -> object:
    return heading.setting if isinstance(heading, Measured) else None


def _block(grid: Grid, places: Sequence[int], label: int) -> Block:
    lines = [line for line in grid.lines if any(line.cells[n].is_number for n in places)]
    cells = [[line.cells[n] for n in places] for line in lines]
    title, names = _named(grid, places)
    header = [Cell(grid.table.row_title)]
    for number, name in enumerate(names):
        header.append(Cell(_wrapped(name, max([_HEADING, *(len(row[number].text) for row in cells)]))))
    if len(seeds_in(grid)) > 1 and any(cell.observations for row in cells for cell in row):
        header.append(Cell(_SEEDS))
        cells = [[*row, _seeds(row)] for row in cells]
    labels = [replace(line.label, text=_wrapped(line.label.text, label)) for line in lines]
    rows = tuple((name, *row) for name, row in zip(labels, cells, strict=True))
    return Block(title, tuple(header), rows)


def _turned_block(grid: Grid, part: Sequence[int], chosen: Sequence[int], label: int) -> Block:
    lines = [grid.lines[n] for n in chosen]
    places = [n for n in part if any(line.cells[n].is_number for line in lines)]
    title, names = _named(grid, places)
    asked = {one.asked for n in places if isinstance(one := grid.headings[n], Measured)}
    header = [Cell("Measure" if asked == set(names) else "Tested on")]
    for line in lines:
        widest = max([_HEADING, *(len(line.cells[n].text) for n in places)])
        header.append(replace(line.label, text=_wrapped(line.label.text, widest)))
    rows = [
        (Cell(_wrapped(name, label)), *(line.cells[n] for line in lines))
        for name, n in zip(names, places, strict=True)
    ]
    if len(seeds_in(grid)) > 1:
        rows.append((Cell(_SEEDS), *(_seeds([line.cells[n] for n in places]) for line in lines)))
    return Block(title, tuple(header), tuple(rows))


def _named(grid: Grid, places: Sequence[int]) -> tuple[str, list[str]]:
    """Return the title of a block, and its headings without what the title says already."""
    headings = [grid.headings[n] for n in places]
    measured = [one for one in headings if isinstance(one, Measured)]
    if not measured:
        return _PAPER, [one.name for one in headings]
    part, asked = _part(measured[0]), measured[0].asked
    title, telling = part or "", ["data", "asked"]
    if len({one.setting for one in measured}) == 1 and all(one.asked for one in measured):
        title, telling = measured[0].data, ["asked"]
    elif part and asked and all(one.asked == asked for one in measured):
        title, telling = part if asked in part.lower() else f"{part}: {asked}", ["data"]
    names = []
    for one in headings:
        parts = [str(getattr(one, name)) for name in telling] if isinstance(one, Measured) else []
        names.append(", ".join(filter(None, parts)) or f"{one.name} (paper)")
    return title, names


def _seeds(cells: Iterable[Cell]) -> Cell:
    counts = sorted({len(cell.observations) for cell in cells if cell.observations})
    return Cell("–".join(map(str, dict.fromkeys((counts[0], counts[-1])))) if counts else "")


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _longest(text: str) -> int:
    return max(map(len, text.split("\n")), default=0)


def _width(block: Block, mark: int) -> int:
    def length(cell: Cell) -> int:
        return _longest(cell.text) + (len(",".join(cell.notes)) + mark if cell.notes else 0)

    widths = [max(map(length, column)) for column in zip(block.header, *block.rows, strict=True)]
    return sum(widths) + GAP * (len(widths) - 1)


def _renumbered(grid: Grid, blocks: Sequence[Block]) -> Layout:
    """Mark the footnotes that are shown by a, b, ... in the order in which they are read."""
    texts = dict(grid.notes)
    marks: dict[str, str] = {}
    order = [mark for mark, _ in grid.notes]

    def mark(note: str) -> str:
        if note not in marks:
            marks[note] = order[len(marks)]
        return marks[note]

    def marked(cells: Iterable[Cell]) -> tuple[Cell, ...]:
        return tuple(replace(cell, notes=tuple(map(mark, cell.notes))) for cell in cells)

    again = tuple(Block(one.title, marked(one.header), tuple(map(marked, one.rows))) for one in blocks)
    return Layout(again, tuple((mark, texts[note]) for note, mark in marks.items()))
