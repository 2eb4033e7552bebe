"""Filled tables as Markdown, CSV and LaTeX, byte for byte the same for the same records."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections.abc import Sequence

from common.evidence.records import Data
from common.evidence.settings import Observation, Setting
from common.evidence.tables import NOTHING_RUN, Cell, Grid, Heading, InPaper, Line, Measured, Ours
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


def to_text(grid: Grid, width: int = 100) -> str:
    """Return what was measured, for a terminal, with its notes.

    Rows and columns without a measured number are left out, headings are set in several lines, and what does
    not fit into `width` characters follows below as a table of its own. The paper's numbers stand beside
    those measured on real faces.
    """
    measured = {number for line in grid.lines for number, cell in enumerate(line.cells) if cell.observations}
    lines = [line for line in grid.lines if any(cell.observations for cell in line.cells)]
    shown = [grid.headings[number] for number in measured]
    real = any(isinstance(one, Measured) and not one.setting.test.stand_in for one in shown)
    columns = [
        number
        for number, heading in enumerate(grid.headings)
        if number in measured
        or (real and isinstance(heading, InPaper) and any(line.cells[number].text != "–" for line in lines))
    ]
    if not measured:
        return f"{grid.table.title}\n\n{NOTHING_RUN}\n"
    labels = [_marked(line.label, line.label.text, "{} [{}]") for line in lines]
    used = {
        mark
        for line in lines
        for cell in (line.label, *(line.cells[n] for n in columns))
        for mark in cell.notes
    }
    first = (grid.table.row_title, labels)
    blocks: list[list[tuple[str, list[str]]]] = [[]]
    for number in columns:
        cells = [_marked(line.cells[number], line.cells[number].text, "{} [{}]") for line in lines]
        column = (grid.headings[number].title, cells)
        if blocks[-1] and _width([first, *blocks[-1], column]) > width:
            blocks.append([])
        blocks[-1].append(column)
    parts = [grid.table.title]
    parts += ["\n".join(text_table([first, *block])) for block in blocks]
    parts += [
        "\n".join(textwrap.fill(f"[{mark}] {text}", width) for mark, text in grid.notes if mark in used)
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_NARROWEST = 12
"""Characters in a line of a heading, at least."""


def _column_width(heading: str, cells: Sequence[str]) -> int:
    longest = max(map(len, heading.split()))
    return max(_NARROWEST, longest, *map(len, cells))


def _width(columns: Sequence[tuple[str, Sequence[str]]]) -> int:
    return sum(_column_width(*one) + 3 for one in columns) - 3


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
    """Return the table as a page: title, caption, table, notes, then what each column and number rests on."""
    table = grid.table
    parts = [f"<!-- {GENERATED} -->", f"# {table.title}", table.caption, _reading(grid)]
    parts += ["\n".join(_body(grid, "{}<sup>{}</sup>"))]
    parts += ["  \n".join(_notes(grid, "<sup>{}</sup> {}"))] if grid.notes else []
    settings = measured_on(grid)
    if settings:
        listed = [f"- **{name}**: {describe(setting)}" for setting, name in settings.items()]
        parts += ["## What the columns are", "\n".join(listed)]
        parts += ["## Runs behind the numbers", "\n".join(_traces(grid))]
    return "\n\n".join(parts) + "\n"


def to_csv(grid: Grid) -> str:
    """Return the table in long form, one line a number, the paper's and ours told apart by `source`.

    `low` and `high` are the 95% interval over test subjects (or images) of a single seed, or empty; the run
    files behind a number stand in `runs`, separated by spaces.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV_COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for line in grid.lines:
        for heading, cell in zip(grid.headings, line.cells, strict=True):
            if isinstance(heading, InPaper) and cell.text != "–":
                writer.writerow(_paper_entry(grid, line, heading, cell))
            elif isinstance(heading, Measured) and cell.observations:
                writer.writerow(_measured_entry(grid, line, heading, cell))
    return text.getvalue()


def to_latex(grid: Grid) -> str:
    """Return the table as a LaTeX `table` for the booktabs package."""
    kinds = [isinstance(heading, InPaper) for heading in grid.headings]
    paper, ours = sum(kinds), len(kinds) - sum(kinds)
    lines = [f"% {GENERATED}", r"\begin{table}", r"\centering", rf"\caption{{{latex(grid.table.title)}}}"]
    lines += [rf"\label{{tab:{grid.table.name}}}", rf"\begin{{tabular}}{{l{'r' * len(kinds)}}}", r"\toprule"]
    spans = [(paper, "Paper", 2), (ours, "Measured here", 2 + paper)]
    spans = [span for span in spans if span[0]]
    lines += [" & " + " & ".join(rf"\multicolumn{{{n}}}{{c}}{{{name}}}" for n, name, _ in spans) + r" \\"]
    lines += [" ".join(rf"\cmidrule(lr){{{first}-{first + n - 1}}}" for n, _, first in spans)]
    titles = [latex(grid.table.row_title), *map(_stacked, grid.headings)]
    lines += [" & ".join(titles) + r" \\", r"\midrule"]
    for line in grid.lines:
        cells = [_marked(c, latex(c.text), r"{}\textsuperscript{{{}}}") for c in (line.label, *line.cells)]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\par\smallskip\footnotesize", latex(_reading(grid))]
    lines += [rf"\par\textsuperscript{{{mark}}} {latex(text)}" for mark, text in grid.notes]
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
    test = setting.test
    trained = " and ".join(f"{d.title}, {d.protocol} ({d.images:,} images)" for d in setting.trained)
    training = f"trained on {trained}" if trained else "nothing was trained"
    if not setting.same_training:
        training = "trained on what each row's records say"
    return (
        f"{_count(test)} ({test.coverage}; copy {test.fingerprint[:8]}, split {test.split_hash[:8]}); "
        f"{training}."
    )


def link_runs(observations: Sequence[Observation], runs: str = "runs") -> str:
    """Return Markdown links to the records of the observations: "seeds [1](...), [2](...)".

    Args:
        observations: what is linked.
        runs: the folder of their records as seen from the page.
    """
    links = [f"[{one.record.seed}]({runs}/{one.record.run}.json)" for one in observations]
    return f"seed{'s' if len(links) > 1 else ''} {', '.join(links)}"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Return the lines of a Markdown table padded to be read as it is; `left` columns are left-aligned."""
    header, *rows = ([text.replace("|", r"\|") for text in row] for row in (header, *rows))
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [f"{text:{'<' if i < left else '>'}{widths[i]}}" for i, text in enumerate(row)]
        return f"| {' | '.join(cells)} |"

    rule = ["-" * width if i < left else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return [line(header), f"| {' | '.join(rule)} |", *map(line, rows)]


def _count(data: Data) -> str:
    return f"{data.images:,} images" + (f" of {data.subjects:,} subjects" if data.subjects else "")


def _reading(grid: Grid) -> str:
    known = metric(grid.table.metric)
    columns = [one.column for one in grid.headings if isinstance(one, Ours)]
    others = (
        ""
        if all(c.metric is None and c.decision is None for c in columns)
        else " unless a column says otherwise"
    )
    return (
        f"{known.name} in {known.unit}, {known.direction}; decided by {grid.table.decision}{others}. "
        "Measured cells hold mean ± standard deviation over seeds (number of seeds), or with a single seed "
        f"its value [95% interval over {grid.table.interval}]."
    )


def _marked(cell: Cell, text: str, mark: str) -> str:
    return mark.format(text, ",".join(cell.notes)) if cell.notes else text


def _body(grid: Grid, mark: str) -> list[str]:
    header = [grid.table.row_title, *(heading.title for heading in grid.headings)]
    rows = [[_marked(c, c.text, mark) for c in (line.label, *line.cells)] for line in grid.lines]
    return markdown_table(header, rows)


def _notes(grid: Grid, form: str) -> list[str]:
    return [form.format(mark, text) for mark, text in grid.notes]


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


def _stacked(heading: Heading) -> str:
    parts = (heading.name if isinstance(heading, InPaper) else heading.title).replace(" · ", ", ").split(", ")
    return r"\shortstack{" + r" \\ ".join(map(latex, parts)) + "}" if len(parts) > 1 else latex(parts[0])


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
        "low": f"{first.measurement.low:.6g}" if alone else "",
        "high": f"{first.measurement.high:.6g}" if alone else "",
        "images": setting.test.images,
        "subjects": setting.test.subjects or "",
        "seeds": " ".join(str(one.record.seed) for one in cell.observations),
        "configuration": first.record.configuration_hash[:12],
        "precision": first.record.precision,
        "runs": " ".join(f"{line.row.runs}/{one.record.run}.json" for one in cell.observations),
    }
