"""Filled tables as Markdown, CSV and LaTeX, byte for byte the same for the same records."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from common.evidence.layout import WIDTH, lay_out, seeds_in
from common.evidence.records import Data
from common.evidence.settings import Observation, Setting
from common.evidence.tables import NOTHING_RUN, Cell, Grid, Heading, InPaper, Line, Measured
from common.metrics import metric

GENERATED = "Generated from the records in runs/; changes made here are lost."
_CSV_COLUMNS = (
    "table", "row", "column", "source", "dataset", "protocol", "trained_on", "stand_in", "profile", "metric",
    "decision", "value", "standard_deviation", "low", "high", "images", "subjects", "seeds", "configuration",
    "precision", "runs",
)  # fmt: skip
_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "±": r"$\pm$", "·": r"$\cdot$", "–": "--", "σ": r"$\sigma$", "λ": r"$\lambda$",
    "≤": r"$\le$", "≥": r"$\ge$", "×": r"$\times$", "→": r"$\to$",
    "|": r"$|$", "²": r"$^2$",
}  # fmt: skip


def to_text(grid: Grid, width: int = WIDTH) -> str:
    """Return what was measured, for a terminal, with its notes and what was not run.

    What does not fit into `width` characters follows below as a table of its own. The paper's numbers stand
    beside those measured on real faces.
    """
    left_out = [_paragraph(" ".join(grid.not_run), width)] if grid.not_run else []
    if not grid.is_measured:
        return "\n\n".join([grid.table.title, NOTHING_RUN, *left_out]) + "\n"
    real = any(isinstance(one, Measured) and not one.setting.test.stand_in for one in grid.headings)
    shown = lay_out(_measured(grid), width, mark=3, paper=real)
    parts = [grid.table.title]
    for block in shown.blocks:
        columns = [
            [_marked(cell, cell.text, "{} [{}]").replace("\n", " ") for cell in cells]
            for cells in zip(block.header, *block.rows, strict=True)
        ]
        parts += [block.title] if block.title else []
        parts.append("\n".join(text_table([(heading, cells) for heading, *cells in columns])))
    notes = [_paragraph(f"[{mark}] {text}", width) for mark, text in shown.notes]
    parts += ["\n".join(notes)] if notes else []
    return "\n\n".join([*parts, _paragraph(_seeds(grid), width), *left_out]) + "\n"


def _paragraph(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_on_hyphens=False)


def _measured(grid: Grid) -> Grid:
    """Return a grid without the rows of which the paper alone says something."""
    lines = tuple(line for line in grid.lines if any(cell.observations for cell in line.cells))
    return replace(grid, lines=lines)


_NARROWEST, _SHORT = 10, 6
"""Characters in a line of a heading, at least: in a table, and where room is short."""


def _column_width(heading: str, cells: Sequence[str]) -> int:
    longest = max(map(len, heading.split()))
    return max(min(_NARROWEST, len(heading)), longest, *map(len, cells))


def text_table(columns: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Return columns under headings of several lines, for a terminal; the first is left-aligned.

    Args:
        columns: (heading, cells) each.
    """
    widths = [_column_width(*one) for one in columns]
    wrapped = [textwrap.wrap(heading, width) for (heading, _), width in zip(columns, widths, strict=True)]
    high = max(map(len, wrapped))
    heads = [[""] * (high - len(one)) + one for one in wrapped]
    rows = [
        *zip(*heads, strict=True),
        tuple("-" * width for width in widths),
        *zip(*(cells for _, cells in columns), strict=True),
    ]
    return [
        "   ".join(
            f"{text:{'<' if place == 0 else '>'}{widths[place]}}" for place, text in enumerate(row)
        ).rstrip()
        for row in rows
    ]


def to_markdown(grid: Grid) -> str:
    """Return the table as a page: title, caption, table, notes, then what each column and number rests on.

    Its blocks are `common.evidence.layout.WIDTH` characters wide at most, as they are read.
    """
    table, shown = grid.table, lay_out(grid)
    parts = [f"<!-- {GENERATED} -->", f"# {table.title}", table.caption, reading(grid)]
    for block in shown.blocks:
        parts += [f"**{block.title}**"] if block.title else []
        header, *rows = [
            [_marked(cell, cell.text, "{}<sup>{}</sup>").replace("\n", "<br>") for cell in cells]
            for cells in (block.header, *block.rows)
        ]
        parts.append("\n".join(markdown_table(header, rows)))
    parts += ["  \n".join(f"<sup>{mark}</sup> {text}" for mark, text in shown.notes)] if shown.notes else []
    parts += [" ".join(grid.not_run)] if grid.not_run else []
    settings = measured_on(grid)
    if settings:
        short = {one.setting: one.data for one in grid.headings if isinstance(one, Measured)}
        listed = [f"- {_both(short[s], name)}: {describe(s)}" for s, name in settings.items()]
        parts += ["## What the columns are", "\n".join(listed)]
        parts += ["## Runs behind the numbers", "\n".join(_traces(grid))]
    return "\n\n".join(parts) + "\n"


def to_csv(grid: Grid) -> str:
    """Return the table in long form, one line a number, the paper's and ours told apart by `source`.

    `low` and `high` are the 95% interval over seeds and people (with one seed over people alone), empty where
    it is not known, and `standard_deviation` is that of the seeds; the run files behind a number stand in
    `runs`, separated by spaces.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV_COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for line in grid.lines:
        for heading, cell in zip(grid.headings, line.cells, strict=True):
            if isinstance(heading, InPaper) and cell.is_number:
                writer.writerow(_paper_entry(grid, line, heading, cell))
            elif isinstance(heading, Measured) and cell.observations:
                writer.writerow(_measured_entry(grid, line, heading, cell))
    return text.getvalue()


def to_latex(grid: Grid) -> str:
    """Return the table as a LaTeX `table` for the booktabs package, a `tabular` a block."""
    shown = lay_out(grid)
    lines = [f"% {GENERATED}", r"\begin{table}", r"\centering", rf"\caption{{{latex(grid.table.title)}}}"]
    lines.append(rf"\label{{tab:{grid.table.name}}}")
    for number, block in enumerate(shown.blocks):
        lines += [r"\par\medskip"] * (number > 0)
        lines += [rf"{latex(block.title)}\\"] * bool(block.title)
        lines += [rf"\begin{{tabular}}{{l{'r' * (len(block.header) - 1)}}}", r"\toprule"]
        header, *rows = [
            " & ".join(_marked(c, _stacked(c.text), r"{}\textsuperscript{{{}}}") for c in cells) + r" \\"
            for cells in (block.header, *block.rows)
        ]
        lines += [header, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"]
    lines += [r"\par\smallskip\footnotesize", latex(reading(grid))]
    lines += [rf"\par\textsuperscript{{{mark}}} {latex(text)}" for mark, text in shown.notes]
    lines += [rf"\par {latex(' '.join(grid.not_run))}"] if grid.not_run else []
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def latex(text: str) -> str:
    """Escape a text for LaTeX; `code` becomes a typewriter's."""
    escaped = "".join(_LATEX.get(character, character) for character in text)
    return re.sub("`([^`]*)`", r"\\texttt{\1}", escaped)


def measured_on(grid: Grid) -> dict[Setting, str]:
    """Return the settings that a table shows and their names, in the order of the columns."""
    return {one.setting: one.name for one in grid.headings if isinstance(one, Measured)}


def describe(setting: Setting) -> str:
    """Say what a setting was tested and trained on: "1,002 images of 82 subjects (...); trained on ..."."""
    trained = " and ".join(f"{d.title}, {d.protocol} ({d.images:,} images)" for d in setting.trained)
    training = f"trained on {trained}" if trained else "nothing was trained"
    if not setting.same_training:
        training = "trained on what each row's records say"
    return f"{describe_test(setting.test)}; {training}."


def describe_test(test: Data) -> str:
    """Say what a test set is: "1,002 images of 82 subjects (...; copy 0a1b2c3d, split 4e5f6a7b)"."""
    return f"{_count(test)} ({test.coverage}; copy {test.fingerprint[:8]}, split {test.split_hash[:8]})"


def link_runs(observations: Sequence[Observation], runs: str = "runs") -> str:
    """Return Markdown links to the records of the observations: "seeds [1](...), [2](...)".

    Args:
        observations: what is linked.
        runs: the folder of their records as seen from the page.
    """
    links = [f"[{one.record.seed}]({runs}/{one.record.run}.json)" for one in observations]
    return f"seed{'s' if len(links) > 1 else ''} {', '.join(links)}"


def markdown_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, *, narrow: bool = False
) -> list[str]:
    """Return the lines of a Markdown table padded to be read as it is; `left` columns are left-aligned.

    Args:
        header, rows: cells, of any Markdown that stands in one line.
        left: how many columns are left-aligned.
        narrow: headings are broken into lines as wide as the cells below them, for pages that are rendered.
    """
    if narrow:
        lengths = [max([_SHORT, *(len(_plain(row[i])) for row in rows)]) for i in range(len(header))]
        header = [broken(text, width) for text, width in zip(header, lengths, strict=True)]
    header, *rows = ([text.replace("|", r"\|") for text in row] for row in (header, *rows))
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [f"{text:{'<' if i < left else '>'}{widths[i]}}" for i, text in enumerate(row)]
        return f"| {' | '.join(cells)} |"

    rule = ["-" * width if i < left else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return [line(header), f"| {' | '.join(rule)} |", *map(line, rows)]


def broken(text: str, width: int) -> str:
    """Return a text for a Markdown cell, in lines of `width` characters where its words allow that."""
    return "<br>".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _both(short: str, name: str) -> str:
    return f"**{name}**" if name.startswith(short) else f"**{short}** ({name})"


def _plain(cell: str) -> str:
    """Return the longest line of a Markdown cell as it is read."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub("</?sup>|[*`]", "", cell))
    return max(plain.split("<br>"), key=len)


def _count(data: Data) -> str:
    return f"{data.images:,} images" + (f" of {data.subjects:,} subjects" if data.subjects else "")


def reading(grid: Grid) -> str:
    """Say how the cells of a table are read: what is measured, in what unit, and what the brackets hold."""
    known = metric(grid.table.metric)
    columns = [one.column for one in grid.headings if isinstance(one, Measured)]
    others = (
        ""
        if all(c.metric is None and c.decision is None for c in columns)
        else " unless a column says otherwise"
    )
    decided = f"decided by {grid.table.decided_by or grid.table.decision}{others}"
    return f"{known.name} in {known.unit}, {known.direction}; {decided}. {_seeds(grid)}"


def _seeds(grid: Grid) -> str:
    """Say what a measured cell holds, and of how many seeds where that is the same for all."""
    counts = seeds_in(grid)
    counted = grid.table.interval
    if counts == [1]:
        return f"Measured cells hold the value of one seed and in brackets its 95% interval over {counted}."
    alone = "; with one seed it counts the latter alone" if 1 in counts else ""
    of = f"the {counts[0]} seeds" if len(counts) == 1 else "the seeds"
    return (
        f"Measured cells hold the mean of {of} and in brackets its 95% interval, which counts both the seeds "
        f"and {counted}{alone}."
    )


def _marked(cell: Cell, text: str, mark: str) -> str:
    return mark.format(text, ",".join(cell.notes)) if cell.notes else text


def _traces(grid: Grid) -> list[str]:
    """List the runs of each line; columns are named where not all rest on the same runs."""
    traces = []
    for line in grid.lines:
        behind: dict[str, list[str]] = {}
        for heading, cell in zip(grid.headings, line.cells, strict=True):
            if cell.observations:
                links = link_runs(cell.observations, line.row.runs)
                behind.setdefault(links, []).append(heading.title)
        for runs, titles in behind.items():
            where = f" on {'; '.join(titles)}" if len(behind) > 1 else ""
            traces.append(f"- **{line.label.text}**{where}: {runs}")
    return traces


def _stacked(text: str) -> str:
    parts = text.split("\n")
    return r"\shortstack{" + r" \\ ".join(map(latex, parts)) + "}" if len(parts) > 1 else latex(text)


def _paper_entry(grid: Grid, line: Line, heading: Heading, cell: Cell) -> dict[str, object]:
    return {
        "table": grid.table.name,
        "row": line.label.text,
        "column": heading.name,
        "source": "cited by the paper" if line.row.cited else "paper",
        "metric": grid.table.metric,
        "value": cell.text,
    }


def _measured_entry(grid: Grid, line: Line, heading: Measured, cell: Cell) -> dict[str, object]:
    first, setting = cell.observations[0], heading.setting
    alone = len(cell.observations) == 1
    return {
        "table": grid.table.name,
        "row": line.label.text,
        "column": heading.title,
        "source": "measured",
        "dataset": setting.test.dataset,
        "protocol": setting.test.protocol,
        "trained_on": " + ".join(data.dataset for data in setting.trained),
        "stand_in": "yes" if any(data.stand_in for data in (setting.test, *setting.trained)) else "no",
        "profile": setting.profile,
        "metric": first.measurement.metric,
        "decision": first.measurement.decision,
        "value": f"{cell.mean:.6g}",
        "standard_deviation": "" if alone else f"{cell.deviation:.6g}",
        "low": "" if cell.low is None else f"{cell.low:.6g}",
        "high": "" if cell.high is None else f"{cell.high:.6g}",
        "images": setting.test.images,
        "subjects": setting.test.subjects or "",
        "seeds": " ".join(str(one.record.seed) for one in cell.observations),
        "configuration": first.record.configuration_hash[:12],
        "precision": first.record.precision,
        "runs": " ".join(f"{line.row.runs}/{one.record.run}.json" for one in cell.observations),
    }
