"""A forest plot of a paper's claims: each comparison's mean, interval and seeds, on one scale a unit."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from common.evidence.claims import LEVEL, NOT_TESTED, Claim, Verdict
from common.evidence.headlines import paper_statistic
from common.evidence.page.html import esc, tag
from common.evidence.page.sources import Sources
from common.evidence.settings import Observation, Setting, name_settings
from common.metrics import metric
from common.metrics.crossed import Crossed

MARKS = {"reproduced": "✓", "not reproduced": "✗", "undecided, bounded": "~", NOT_TESTED: "–"}
_WIDEST = 3
"""Half widths of the usual interval that the scale reaches beyond a value; longer intervals are cut."""


class _Compared(NamedTuple):
    """A verdict on something that was compared."""

    verdict: Verdict
    found: Crossed
    setting: Setting

    @property
    def claim(self) -> Claim:
        return self.verdict.claim


def verdict(one: Verdict) -> str:
    """Return the words of a verdict with its mark."""
    return verdict_text(one.verdict, one.words)


def verdict_text(word: str, words: str) -> str:
    """Return a verdict's words with its mark, which a screen reader leaves out."""
    mark = tag("span", MARKS.get(word, "○"), aria_hidden="true")
    return tag("span", f"{mark} {esc(words)}", class_=f"verdict {word.replace(',', '').replace(' ', '-')}")


def forest(verdicts: Sequence[Verdict], sources: Sources) -> str:
    """Return the plot as tables with a small picture in each row; "" where nothing was compared."""
    found = [
        _Compared(one, one.found, one.setting)
        for one in verdicts
        if one.found is not None and one.setting is not None
    ]
    names = name_settings(one.setting for one in found)
    plots = []
    for scale in dict.fromkeys(_scale(one.claim) for one in found):
        ordered = [one for one in found if _scale(one.claim) == scale]
        low, high = _domain(ordered)
        rows: list[str] = []
        before: Claim | None = None
        for one in ordered:
            cells = [
                _name(one.claim, again=one.claim == before),
                tag("td", esc(names[one.setting]), role="cell"),
                tag("td", _picture(one, low, high), role="cell", class_="plot"),
                tag("td", _number(one, sources), role="cell", class_="n"),
                tag("td", verdict(one.verdict), role="cell"),
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
    rows = [[each.measurement.value for each in several] for several in (one.worse, *one.between, one.better)]
    if not all(rows):
        return []
    if one.claim.between:
        sign = -1 if one.claim.falling else 1
        return [sign * _slope(values) for values in zip(*rows, strict=False)]
    pairs = [(ours, theirs) for theirs, ours in zip(*rows, strict=False)]
    return [paper_statistic(one.claim, pair) for pair in pairs if pair[1] or one.claim.ratio is None]


def _slope(values: Sequence[float]) -> float:
    """Return the rise from one value to the next, by least squares."""
    middle = (len(values) - 1) / 2
    places = [place - middle for place in range(len(values))]
    return sum(x * y for x, y in zip(places, values, strict=True)) / sum(x * x for x in places)


def _name(claim: Claim, again: bool) -> str:
    """Return the head of a row; said once, and again only where nothing is seen."""
    name = tag("span", esc(claim.name), class_="unseen") if again else esc(claim.name)
    return tag("th", name, scope="row", role="rowheader")


def _scale(claim: Claim) -> str:
    known = metric(claim.metric)
    unit = "" if claim.ratio is not None else f", {known.unit}"
    return f"{claim.statistic.capitalize()} in {claim.metric}{unit}"


def _domain(compared: Sequence[_Compared]) -> tuple[float, float]:
    """Return the ends of a scale that shows the values, what is demanded, and usual intervals whole."""
    halves = [one.found.interval(LEVEL)[1] - one.found.value for one in compared]
    reach = _WIDEST * statistics.median(halves)
    ends = [one.claim.demanded for one in compared]
    for one, half in zip(compared, halves, strict=True):
        ends += [one.found.value - min(half, reach), one.found.value + min(half, reach), *seeds(one.verdict)]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low or 1)
    return low - room, high + room


def _number(one: _Compared, sources: Sources) -> str:
    low, high = map(one.claim.format, one.found.interval(LEVEL))
    text = f"{one.claim.format(one.found.value)} [{low}, {high}]"
    return sources.rows(text, behind(one.verdict))


def behind(one: Verdict) -> list[tuple[str, Sequence[Observation]]]:
    """Return the rows that a verdict compares, by the names of their experiments, the first one first."""
    decided = one.claim.worse_decision is not None
    return [
        (
            f"{first.record.experiment}, {first.measurement.decision}"
            if decided
            else first.record.experiment,
            rows,
        )
        for rows in (one.better, *one.between, one.worse)
        for first in rows[:1]
    ]


def _picture(one: _Compared, low: float, high: float) -> str:
    def place(value: float) -> float:
        return round(200 * (min(max(value, low), high) - low) / (high - low), 1)

    start, end = map(place, one.found.interval(LEVEL))
    dots = "".join(f"M{place(value)} 10h.01" for value in seeds(one.verdict))
    middle = place(one.found.value)
    parts = [
        tag("path", d=f"M{place(one.claim.demanded)} 0V20", class_="demanded"),
        tag("path", d=f"M{start} 10H{end}", class_="interval"),
        tag("path", d=dots, class_="seed") if dots else "",
        tag("path", d=f"M{middle} 4V16", class_="mean"),
    ]
    return tag("svg", *parts, viewBox="0 0 200 20", preserveAspectRatio="none", aria_hidden="true")
