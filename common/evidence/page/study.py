"""The section of one study: what it comes to, its claims, its tables and figures, and where it departs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.evidence import coverage
from common.evidence.claims import Verdict, judge_all
from common.evidence.contributions import StoredPredictions
from common.evidence.headlines import Score, chosen, scoreboard
from common.evidence.page.figures import figure
from common.evidence.page.forest import forest
from common.evidence.page.html import esc, link, numbered, tag
from common.evidence.page.markdown import page_html
from common.evidence.page.predictions import calibration
from common.evidence.page.sources import Sources
from common.evidence.page.tables import table
from common.evidence.records import Record
from common.evidence.render import Report, filled
from common.evidence.settings import Observation, name_settings, observe

OPEN_TABLES = 1
"""Tables that are not folded away."""


@dataclass(frozen=True)
class Told:
    """What a study's own page tells.

    Attributes:
        page: where it stands, as seen from the results.
        departures: its numbered list of departures from the paper, in Markdown.
        contradictions: that of what the paper says against itself.
    """

    page: str
    departures: str = ""
    contradictions: str = ""


@dataclass(frozen=True)
class Study:
    """A study's report with what the records make of it."""

    report: Report
    told: Told
    records: Sequence[Record]
    verdicts: tuple[Verdict, ...]
    scores: Sequence[Score]

    @classmethod
    def of(cls, report: Report, told: Told, records: Sequence[Record], stored: StoredPredictions) -> Study:
        """Judge the claims and fill the scoreboard."""
        verdicts = judge_all(report.claims, records, stored) if report.claims else ()
        return cls(report, told, records, verdicts, scoreboard(report.headlines, report.claims, verdicts))

    @property
    def name(self) -> str:
        """The study's key."""
        return self.report.paper

    @property
    def headlined(self) -> list[Verdict | None]:
        """The verdicts on the scoreboard, in the order of `scores`."""
        return [chosen(one, self.verdicts) for one in self.report.headlines]

    @property
    def paragraph(self) -> str:
        """What the study comes to, in plain words."""
        return " ".join([self.report.about, *(one["plainly"] for one in self.scores)]).strip()


def section(study: Study, results_root: Path, stored: StoredPredictions, sources: Sources) -> str:
    """Return a study's section."""
    report, records = study.report, study.records
    parts = [tag("h2", esc(report.title)), tag("p", esc(study.paragraph))]
    plot = forest(study.verdicts, sources)
    if plot:
        untested = sorted({one.claim.name for one in study.verdicts if one.found is None})
        said = (
            "Dots are seeds, the bar is the mean with its interval over seeds and people, the dashed line is "
            "what the claim demands. "
        )
        said += f"Nothing to compare yet: {'; '.join(untested)}." if untested else ""
        parts += [tag("h3", "Claims"), tag("p", esc(said)), plot]
        parts.append(tag("p", link(f"{study.name}/claims.md", "The claims in full, and the rule")))
    tables = [
        (one, table(study.name, filled(one, records, results_root, stored), sources)) for one in report.tables
    ]
    tables_shown = [(one, text) for one, text in tables if text]
    if tables_shown:
        parts.append(tag("h3", "Tables"))
        parts += [
            text if place < OPEN_TABLES else tag("details", tag("summary", esc(one.title)), text)
            for place, (one, text) in enumerate(tables_shown)
        ]
    empty = [one.title for one, text in tables if not text]
    parts += [tag("p", esc(f"Nothing was run of: {'; '.join(empty)}."), class_="absent")] if empty else []
    figures = [(plot, plot.data(records, results_root)) for plot in report.plots]
    drawn = [figure(study.name, plot, data) for plot, data in figures if data is not None]
    if drawn:
        count = f"{len(drawn)} figure{'s' * (len(drawn) > 1)}"
        parts += [tag("h3", "Figures"), tag("details", tag("summary", count), *drawn)]
    parts += _pages(study, results_root)
    parts.append(calibration(_expectations(study), stored, sources))
    if study.told.departures:
        folded = tag(
            "details",
            tag("summary", "Where this differs from the paper, and why"),
            numbered(study.told.departures),
        )
        parts += [tag("h3", "Departures"), folded]
    if study.told.page:
        parts.append(tag("p", link(study.told.page, "About this study: commands, protocols, departures")))
    return tag("section", *parts, id=study.name)


def _pages(study: Study, results_root: Path) -> list[str]:
    """Return the pages that the study has rendered beside its tables, folded away."""
    folder, parts = Path(results_root) / study.name, []
    pages = [(page.name, page.title) for page in study.report.pages]
    for name, title in (*pages, (coverage.NAME, coverage.TITLE)):
        path = folder / f"{name}.md"
        if path.is_file():
            text = page_html(path.read_text(encoding="utf-8"), study.name)
            own = tag("p", link(f"{study.name}/{name}.md", "This page by itself"))
            parts.append(tag("details", tag("summary", esc(title)), text, own))
    return [tag("h3", "Beside the tables"), *parts] if parts else []


def _expectations(study: Study) -> dict[str, Sequence[Observation]]:
    """Return the runs that say ages, by row and test set."""
    asked = sorted(
        {
            (one.experiment, item.column)
            for one in study.records
            for item in one.measurements
            if (item.metric, item.decision) == ("MAE", "expectation")
        }
    )
    found: dict[str, Sequence[Observation]] = {}
    for experiment, column in asked:
        for setting, variants in observe(study.records, experiment, column, "MAE", "expectation").items():
            for variant, several in variants.items():
                name = f"{experiment}, {name_settings([setting])[setting]}"
                found[f"{name} [{variant.short}]" if len(variants) > 1 else name] = several
    return found
