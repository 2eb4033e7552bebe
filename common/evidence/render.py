"""A paper's results folder out of its records, and the proof that a committed folder is just that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common.evidence.answers import Standing
from common.evidence.claims import Claim, Verdict, judge_all
from common.evidence.claims_page import claims_markdown
from common.evidence.contributions import StoredPredictions
from common.evidence.coverage import ABOUT, NAME, TITLE, Item, counts, cover, coverage_markdown
from common.evidence.figures import data_hash, save, stored_hash
from common.evidence.filling import fill
from common.evidence.formats import GENERATED, describe, measured_on, to_csv, to_latex, to_markdown
from common.evidence.headlines import Headline, check_plain, scoreboard
from common.evidence.index import CLAIMS, CONTENTS, INDEX, Entry, Runs, index_text
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record, load
from common.evidence.settings import name_settings
from common.evidence.tables import Grid, Table
from common.files import atomic_write
from common.unfinished import is_unfinished

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
        authors: in short, for the scoreboard ("Kwak et al.").
        about: what the paper does, in a plain sentence or two that begin the paragraph about it; no numbers.
        headlines: the claims that stand on the scoreboard.
        coverage: all that the paper holds, and what answers it.
    """

    paper: str
    title: str
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...] = ()
    claims: tuple[Claim, ...] = ()
    pages: tuple[Page, ...] = ()
    authors: str = ""
    about: str = ""
    headlines: tuple[Headline, ...] = ()
    coverage: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        check_plain(self.about)
        if self.headlines and not self.authors:
            raise ValueError(f"{self.paper}: headlines need the paper's authors")


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
    _write(Path(results_root) / INDEX, index_text(results_root))
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
    wrong.append(_compare(Path(results_root) / INDEX, index_text(results_root)))
    return [sentence for sentence in wrong if sentence]


def shown_in(folder: Path) -> list[Path]:
    """Return the files that a folder of results shows; those that a process is writing now are none yet."""
    return sorted(path for path in folder.glob("*") if path.is_file() and not is_unfinished(path))


def filled(
    table: Table, records: Sequence[Record], results_root: Path, stored: StoredPredictions | None = None
) -> Grid:
    """Fill a table from its paper's records and from those of the papers that lend it rows.

    Args:
        stored: the predictions beside the records, where several tables share what is read of them.
    """
    lenders = {row.lender for row in table.rows if row.lender is not None}
    lent = {paper: load(results_root, paper) for paper in lenders}
    return fill(table, records, lent, stored or StoredPredictions(results_root))


def _render(report: Report, results_root: Path) -> _Rendered:
    records = load(results_root, report.paper)
    stored = StoredPredictions(results_root)
    rendered = _Rendered()
    for table in report.tables:
        grid = filled(table, records, results_root, stored)
        if not grid.is_a_page:
            # A page without a measured number says less than a line of the index.
            rendered.entries.append(_entry("absent", table, grid.not_run))
            continue
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
    verdicts = judge_all(report.claims, records, stored)
    if report.claims:
        rendered.texts[CLAIMS] = claims_markdown(report.claims, verdicts)
        contents["claims"] = _count_verdicts(one for one in verdicts if one.claim.of_paper)
        contents["asked"] = _count_verdicts(one for one in verdicts if not one.claim.of_paper)
        contents["scores"] = scoreboard(report.headlines, report.claims, verdicts)
    if report.coverage:
        covered = cover(report.coverage, _standing(rendered, verdicts, records))
        rendered.texts[f"{NAME}.md"] = f"<!-- {GENERATED} -->\n\n# {TITLE}\n\n{coverage_markdown(covered)}"
        rendered.entries.append({"kind": "page", "name": NAME, "title": TITLE, "data": [ABOUT]})
        contents["coverage"] = counts(covered)
    contents |= {"authors": report.authors, "about": report.about}
    rendered.texts[CONTENTS] = json.dumps(contents, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return rendered


def _entry(kind: str, item: Table | Plot, data: Iterable[str]) -> Entry:
    return {"kind": kind, "name": item.name, "title": item.title, "data": list(data)}


def _runs(records: Sequence[Record]) -> Runs:
    return {"count": len(records), "hours": round(sum(record.seconds for record in records) / 3600, 1)}


def _standing(rendered: _Rendered, verdicts: Iterable[Verdict], records: Sequence[Record]) -> Standing:
    """Return what stands of a paper; what was measured on generated faces answers nothing."""
    real = [one for one in verdicts if one.setting is None or not one.setting.test.stand_in]
    runs = {
        (record.experiment, record.seed)
        for record in records
        if not all(item.data.stand_in for item in record.measurements)
    }
    return Standing(dict(rendered.texts), real, Counter(experiment for experiment, _ in runs))


def _count_verdicts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Count verdicts; those that do not stand beside all claims apart."""
    weak = " (not beside all claims)"
    return dict(Counter(one.verdict + ("" if one.corrected else weak) for one in verdicts))


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


def _compare(path: Path, text: str) -> str | None:
    if not path.is_file():
        return f"{path} is missing"
    return None if path.read_bytes() == text.encode() else f"{path} is not what the records render to"


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text)
