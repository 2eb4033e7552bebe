"""A paper's results folder out of its records, and the proof that a committed folder is just that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from common.errors import UserError
from common.evidence import strict
from common.evidence.claims import Claim, Verdict, judge_all
from common.evidence.claims_page import claims_markdown
from common.evidence.contributions import StoredPredictions
from common.evidence.figures import data_hash, save, stored_hash
from common.evidence.formats import GENERATED, describe, measured_on, to_csv, to_latex, to_markdown
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record, load
from common.evidence.settings import name_settings
from common.evidence.tables import Grid, Table, fill
from common.files import atomic_write
from common.unfinished import is_unfinished

CONTENTS = "contents.json"
INDEX = "README.md"
STRAY = "comes from no record"


@dataclass(frozen=True)
class Page:
    """A page that comes from other measurements than records of runs, kept beside them.

    Attributes:
        name: of its file ("gradient-check").
        title: for readers.
        about: one clause for the index: what it was computed on ("float64, no data").
        text: takes the paper's results folder, returns Markdown without the title; None where nothing was
            measured.
    """

    name: str
    title: str
    about: str
    text: Callable[[Path], str | None]


@dataclass(frozen=True)
class Report:
    """All that is shown of a paper.

    Attributes:
        paper: the paper's key, also its folder under results.
        title: the paper's title, for readers.
        tables, plots, claims, pages: what to render, in the order of the paper.
    """

    paper: str
    title: str
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...] = ()
    claims: tuple[Claim, ...] = ()
    pages: tuple[Page, ...] = ()


class Entry(TypedDict):
    """A table, figure or page, and the data that it shows."""

    kind: str
    name: str
    title: str
    data: list[str]


class Runs(TypedDict):
    """How many runs there are, and the hours that they took."""

    count: int
    hours: float


class _Always(TypedDict):
    title: str
    entries: list[Entry]
    runs: Runs


class Contents(_Always, total=False):
    """What the index says of a paper; the verdicts, how many of each, where it has claims."""

    claims: dict[str, int]


@dataclass
class _Rendered:
    """Texts by file name, figures by file name, and the entries of the paper's contents."""

    texts: dict[str, str] = field(default_factory=dict)
    figures: dict[str, tuple[Plot, PlotData]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def render(report: Report, results_root: Path) -> list[Path]:
    """Write a paper's tables, figures and claims, and the index of all papers; return the files' paths.

    A figure that shows this data already is left alone, so that another version of Matplotlib changes none.
    """
    rendered = _render(report, results_root)
    folder = Path(results_root) / report.paper
    for name, text in rendered.texts.items():
        _write(folder / name, text)
    for name, (plot, data) in rendered.figures.items():
        if stored_hash(folder / name) != data_hash(data.values):
            save(plot.draw(data.values), folder / name, data.values)
    _write(Path(results_root) / INDEX, _index(results_root))
    return [*(folder / name for name in (*rendered.texts, *rendered.figures)), Path(results_root) / INDEX]


def check(report: Report, results_root: Path) -> list[str]:
    """Return what sets a paper's committed results apart from what its records render to; nothing is written.

    Each entry is a path and what is wrong with it. A figure is compared by the hash of the data it shows.
    """
    rendered = _render(report, results_root)
    folder = Path(results_root) / report.paper
    wrong = [_compare(folder / name, text) for name, text in rendered.texts.items()]
    for name, (_, data) in rendered.figures.items():
        stored = stored_hash(folder / name)
        if stored != data_hash(data.values):
            wrong.append(f"{folder / name} {'shows other data' if stored else 'is missing or unmarked'}")
    shown = {*rendered.texts, *rendered.figures}
    wrong += [f"{path} {STRAY}" for path in shown_in(folder) if path.name not in shown]
    wrong.append(_compare(Path(results_root) / INDEX, _index(results_root)))
    return [sentence for sentence in wrong if sentence]


def shown_in(folder: Path) -> list[Path]:
    """Return the files that a folder of results shows; those that a process is writing now are none yet."""
    return sorted(path for path in folder.glob("*") if path.is_file() and not is_unfinished(path))


def filled(table: Table, records: Sequence[Record], results_root: Path) -> Grid:
    """Fill a table from its paper's records and from those of the papers that lend it rows."""
    lenders = {row.lender for row in table.rows if row.lender is not None}
    return fill(table, records, {paper: load(results_root, paper) for paper in lenders})


def _render(report: Report, results_root: Path) -> _Rendered:
    records = load(results_root, report.paper)
    rendered = _Rendered()
    for table in report.tables:
        grid = filled(table, records, results_root)
        rendered.texts |= {
            f"{table.name}.md": to_markdown(grid),
            f"{table.name}.csv": to_csv(grid),
            f"{table.name}.tex": to_latex(grid),
        }
        rendered.entries.append(_entry("table", table, measured_on(grid).values()))
    for plot in report.plots:
        data = plot.data(records, Path(results_root))
        if data is not None:
            rendered.figures[f"{plot.name}.png"] = plot, data
            rendered.texts[f"{plot.name}.md"] = _plot_page(plot, data)
            rendered.entries.append(_entry("figure", plot, data.shown()))
    for page in report.pages:
        text = page.text(Path(results_root) / report.paper)
        if text is not None:
            rendered.texts[f"{page.name}.md"] = f"<!-- {GENERATED} -->\n\n# {page.title}\n\n{text}"
            rendered.entries.append(
                {"kind": "page", "name": page.name, "title": page.title, "data": [page.about]}
            )
    contents = {"title": report.title, "entries": rendered.entries, "runs": _runs(records)}
    if report.claims:
        verdicts = judge_all(report.claims, records, StoredPredictions(results_root))
        rendered.texts["claims.md"] = claims_markdown(report.claims, verdicts)
        contents["claims"] = _count_verdicts(verdicts)
    rendered.texts[CONTENTS] = json.dumps(contents, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return rendered


def _entry(kind: str, item: Table | Plot, data: Iterable[str]) -> Entry:
    return {"kind": kind, "name": item.name, "title": item.title, "data": list(data)}


def _runs(records: Sequence[Record]) -> Runs:
    return {"count": len(records), "hours": round(sum(record.seconds for record in records) / 3600, 1)}


def _count_verdicts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    return dict(Counter(one.verdict for one in verdicts))


def _plot_page(plot: Plot, data: PlotData) -> str:
    parts = [f"<!-- {GENERATED} -->", f"# {plot.title}", f"![{plot.title}]({plot.name}.png)", plot.caption]
    names = name_settings(data.settings)
    if names:
        lines = [f"- **{name}**: {describe(setting)}" for setting, name in names.items()]
        parts += ["## What the data are", "\n".join(lines)]
    if data.records:
        links = [f"- [{record.run}](runs/{record.run}.json)" for record in data.records]
        parts += ["## Runs behind the figure", "\n".join(links)]
    return "\n\n".join(parts) + "\n"


def _index(results_root: Path) -> str:
    """Return the page that lists every paper with contents under `results_root`."""
    parts = [
        f"<!-- {GENERATED} -->",
        "# Results",
        "Every number here comes from a record in the paper's `runs` folder, which names the data, their "
        "fingerprint, the configuration and the code behind it. Numbers measured on generated faces say so.",
    ]
    for path in sorted(Path(results_root).glob(f"*/{CONTENTS}")):
        try:
            contents = strict.build(Contents, strict.parse(path.read_text(encoding="utf-8")), "it")
            parts += _index_parts(path.parent.name, contents)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{path} is damaged ({error}): delete it and run make tables.") from error
    return "\n\n".join(parts) + "\n"


def _index_parts(folder: str, contents: Contents) -> list[str]:
    runs = contents["runs"]
    parts = [f"## {contents['title']}", f"{runs['count']} runs, {runs['hours']} hours of training."]
    parts.append("\n".join(_index_line(folder, entry) for entry in contents["entries"]))
    if "claims" in contents:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(contents["claims"].items()))
        parts.append(f"[Claims and verdicts]({folder}/claims.md): {counts}.")
    return parts


def _index_line(folder: str, entry: Entry) -> str:
    place = f"{folder}/{entry['name']}"
    kinds = {"table": ("csv", "tex"), "figure": ("png",), "page": ()}[entry["kind"]]
    others = ", ".join(f"[{kind}]({place}.{kind})" for kind in kinds)
    others = f" ({others})" if others else ""
    data = "; ".join(entry["data"]) or "nothing was run"
    return f"- [{entry['title']}]({place}.md){others}: {data}"


def _compare(path: Path, text: str) -> str | None:
    if not path.is_file():
        return f"{path} is missing"
    return None if path.read_bytes() == text.encode() else f"{path} is not what the records render to"


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text)
