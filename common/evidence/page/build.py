"""The page as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from common.evidence.claims_page import RULE
from common.evidence.contributions import StoredPredictions
from common.evidence.explained import Command
from common.evidence.page.forest import behind, verdict_text
from common.evidence.page.html import esc, link, listed, numbered, prose, region, tag
from common.evidence.page.predictions import browser
from common.evidence.page.sources import Sources
from common.evidence.page.speed import speed
from common.evidence.page.study import Study, Told, section
from common.evidence.records import load
from common.evidence.render import Report

PAGE = "index.html"
_HERE = Path(__file__).parent
_HEADS = ("The paper says", "Where", "Data", "Paper", "Here [95%]", "Verdict", "Why")
_GENERATED = (
    "The faces are generated and the networks small: these numbers show that everything runs, and nothing "
    "about the papers."
)


def results_page(
    reports: Sequence[Report], told: Mapping[str, Told], results_root: Path, command: Command
) -> str:
    """Return the page of all results as HTML that needs no other file and no network.

    Args:
        reports: of the studies, in order.
        told: by study, what its own page tells.
        results_root: where records stand, and the page is to stand.
        command: says how the runs of a row are made again.

    Raises:
        UserError: records, predictions or a headline do not fit one another.
    """
    root = Path(results_root)
    stored, sources = StoredPredictions(root), Sources(command)
    studies = [
        Study.of(report, told.get(report.paper, Told("")), load(root, report.paper), stored)
        for report in reports
    ]
    studies = [one for one in studies if one.records]
    scores = _scoreboard(studies, sources)
    sections = [section(one, root, stored, sources) for one in studies]
    others = {
        "scores": ("The scoreboard", scores),
        **{one.name: (one.report.authors or one.report.title, "") for one in studies},
        "contradictions": ("What the papers say against themselves", _contradictions(studies)),
        "speed": ("Speed and devices", speed({one.name: one.records for one in studies})),
        "predictions": ("Predictions", _predictions(studies, stored, sources)),
        "rule": ("How a verdict is reached", _rule()),
    }
    shown = {name: one for name, one in others.items() if one[1] or name in {s.name for s in studies}}
    contents = listed(link(f"#{name}", title) for name, (title, _) in shown.items())
    body = [_part("scores", *shown["scores"])] if "scores" in shown else []
    body += sections
    body += [_part(name, *shown[name]) for name in list(others)[len(studies) + 1 :] if name in shown]
    template = Template((_HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        script=(_HERE / "page.js").read_text(encoding="utf-8"),
        note=tag("p", esc(_GENERATED), class_="generated") if _all_generated(studies) else "",
        answers="".join(_answers(studies)),
        contents=contents,
        body="\n".join(body),
        said=sources.said(),
    )


def _part(name: str, title: str, content: str) -> str:
    return tag("section", tag("h2", esc(title)), content, id=name)


def _all_generated(studies: Sequence[Study]) -> bool:
    tests = [item.data for one in studies for record in one.records for item in record.measurements]
    return bool(tests) and all(data.stand_in for data in tests)


def _answers(studies: Sequence[Study]) -> list[str]:
    return [
        tag("p", tag("strong", esc(score["question"])), " ", esc(score["answer"]))
        for one in studies
        for score in one.scores
        if score["question"]
    ]


def _scoreboard(studies: Sequence[Study], sources: Sources) -> str:
    groups = []
    for one in studies:
        rows = []
        for score, verdict in zip(one.scores, one.headlined, strict=True):
            here = esc(score["here"])
            if verdict is not None and score["here"] != "–":
                here = sources.rows(score["here"], behind(verdict))
            word = verdict.verdict if verdict else score["verdict"]
            told = tag("a", verdict_text(word, score["verdict"]), href=f"#{one.name}")
            paper = tag("span", "Paper: ", class_="narrow") + esc(score["paper"])
            cells = [
                tag("th", esc(score["says"]), scope="row", role="rowheader"),
                tag("td", esc(score["source"]), role="cell"),
                tag("td", esc(score["on"]), role="cell"),
                tag("td", paper, role="cell", class_="n"),
                tag("td", here, role="cell", class_="n"),
                tag("td", told, role="cell"),
                tag("td", esc(score["why"]), role="cell"),
            ]
            rows.append(tag("tr", *cells, role="row"))
        if rows:
            name = tag(
                "th",
                esc(one.report.authors),
                scope="rowgroup",
                colspan=len(_HEADS),
                class_="group",
                role="rowheader",
            )
            groups.append(tag("tbody", tag("tr", name, role="row"), *rows, role="rowgroup"))
    if not groups:
        return ""
    head = tag("thead", tag("tr", *(tag("th", one, scope="col") for one in _HEADS)))
    return region(tag("table", head, *groups, class_="scores stacked", role="table"), "The scoreboard")


def _contradictions(studies: Sequence[Study]) -> str:
    parts = []
    for one in studies:
        if one.told.contradictions:
            parts += [
                tag("h3", esc(one.report.authors or one.report.title)),
                numbered(one.told.contradictions),
            ]
    return "".join(parts)


def _predictions(studies: Sequence[Study], stored: StoredPredictions, sources: Sources) -> str:
    found = []
    for one in studies:
        tables = browser([verdict for verdict in one.headlined if verdict is not None], stored, sources)
        if tables:
            found += [tag("h3", esc(one.report.authors)), tables]
    said = (
        "What the networks of the scoreboard said of the same pictures, by name: a sample drawn by hash, "
        "means over the seeds. Everything is beside the records."
    )
    return tag("p", said) + "".join(found) if found else ""


def _rule() -> str:
    before, _, after = RULE.partition("\n- ")
    items, _, rest = after.partition("\n\n")
    parts = [tag("p", prose(text)) for text in before.split("\n\n")]
    parts.append(listed(prose(text) for text in items.split("\n- ")))
    return "".join([*parts, *(tag("p", prose(text)) for text in rest.split("\n\n"))])
