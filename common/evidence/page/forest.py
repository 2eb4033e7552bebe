"""A forest plot of a paper's claims: each comparison's mean, interval and seeds, on one scale a unit."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from common.evidence.claims import LEVEL, NOT_TESTED, Claim, Verdict
from common.evidence.headlines import paper_statistic
from common.evidence.page.html import esc, tag
from common.evidence.page.sources import Sources
from common.evidence.settings import name_settings
from common.metrics import metric
from common.metrics.crossed import Crossed

MARKS = {"reproduced": "✓", "not reproduced": "✗", "undecided, bounded": "~", NOT_TESTED: "–"}
_WIDEST = 3
"""Half widths of the usual interval that the scale reaches beyond a value; longer intervals are cut."""


def verdict(one: Verdict) -> str:
    """Return the words of a verdict with its mark."""
    return verdict_text(one.verdict, one.words)


def verdict_text(word: str, words: str) -> str:
    """Return a verdict's words with its mark, which a screen reader leaves out."""
    mark = tag("span", MARKS.get(word, "○"), aria_hidden="true")
    return tag("span", f"{mark} {esc(words)}", class_=f"verdict {word.replace(',', '').replace(' ', '-')}")


def forest(verdicts: Sequence[Verdict], sources: Sources) -> str:
    """Return the plot as tables with a small picture in each row; "" where nothing was compared."""
    found = [(one, one.setting, one.found) for one in verdicts if one.setting and one.found]
    names = name_settings(setting for _, setting, _ in found)
    plots = []
    for scale in dict.fromkeys(_scale(one.claim) for one, _, _ in found):
        ordered = [each for each in found if _scale(each[0].claim) == scale]
        low, high = _domain([(one, chance) for one, _, chance in ordered])
        rows, before = [], None
        for one, setting, chance in ordered:
            cells = [
                tag("th", esc(one.claim.name) if one.claim != before else "", scope="row", role="rowheader"),
                tag("td", esc(names[setting]), role="cell"),
                tag("td", _picture(one, chance, low, high), role="cell", class_="plot"),
                tag("td", _number(one, chance, sources), role="cell", class_="n"),
                tag("td", verdict(one), role="cell"),
            ]
            before = one.claim
            rows.append(tag("tr", *cells, role="row"))
        heads = ("Claim", "Data", f"{scale}: {low:.3g} to {high:.3g}", f"Mean [{LEVEL:.0%}]", "Verdict")
        head = tag(
            "tr", *(tag("th", esc(one), scope="col", role="columnheader") for one in heads), role="row"
        )
        body = tag("thead", head, role="rowgroup") + tag("tbody", *rows, role="rowgroup")
        plots.append(
            tag("table", body, class_="forest stacked", role="table", aria_label=f"Claims by {scale}")
        )
    return "".join(plots)


def seeds(one: Verdict) -> list[float]:
    """Return the statistic of each seed by itself."""
    if one.claim.worse is None:
        return [each.measurement.value for each in one.better]
    found = []
    for ours, theirs in zip(one.better, one.worse, strict=False):
        try:
            pair = (ours.measurement.value, theirs.measurement.value)
            found.append(paper_statistic(one.claim, pair))
        except ZeroDivisionError:
            continue
    return found


def _scale(claim: Claim) -> str:
    known = metric(claim.metric)
    unit = "" if claim.ratio is not None else f", {known.unit}"
    return f"{claim.statistic.capitalize()} in {claim.metric}{unit}"


def _domain(compared: Sequence[tuple[Verdict, Crossed]]) -> tuple[float, float]:
    """Return the ends of a scale that shows the values, what is demanded, and usual intervals whole."""
    halves = [chance.interval(LEVEL)[1] - chance.value for _, chance in compared]
    reach = _WIDEST * statistics.median(halves)
    ends = [one.claim.demanded for one, _ in compared]
    for (one, chance), half in zip(compared, halves, strict=True):
        ends += [chance.value - min(half, reach), chance.value + min(half, reach), *seeds(one)]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low or 1)
    return low - room, high + room


def _number(one: Verdict, chance: Crossed, sources: Sources) -> str:
    low, high = map(one.claim.format, chance.interval(LEVEL))
    text = f"{one.claim.format(chance.value)} [{low}, {high}]"
    rows = [(several[0].record.experiment, several) for several in (one.better, one.worse) if several]
    return sources.rows(text, rows)


def _picture(one: Verdict, chance: Crossed, low: float, high: float) -> str:
    def place(value: float) -> float:
        return round(200 * (min(max(value, low), high) - low) / (high - low), 1)

    start, end = map(place, chance.interval(LEVEL))
    dots = "".join(f"M{place(value)} 10h.01" for value in seeds(one))
    middle = place(chance.value)
    parts = [
        tag("path", d=f"M{place(one.claim.demanded)} 0V20", class_="demanded"),
        tag("path", d=f"M{start} 10H{end}", class_="interval"),
        tag("path", d=dots, class_="seed") if dots else "",
        tag("path", d=f"M{middle} 4V16", class_="mean"),
    ]
    return tag("svg", *parts, viewBox="0 0 200 20", preserveAspectRatio="none", aria_hidden="true")
