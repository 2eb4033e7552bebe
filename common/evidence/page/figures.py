"""A study's figures, drawn from the data of the PNGs where these have one of the house's forms.

The forms are curves in panels, curves by epoch, points with intervals, errors by decade, confusion matrices
and targets; whatever else a study draws is linked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.evidence.page.charts import Curve, chart, legend
from common.evidence.page.html import esc, link, listed, region, tag
from common.evidence.plots import Plot, PlotData

MOST_POINTS = 80
"""Of a curve; more are thinned."""

DRAWN_AGES = 60


def figure(paper: str, plot: Plot, data: PlotData) -> str:
    """Return a figure with its caption and its runs."""
    drawn = _drawn(data.values)
    page = f"{paper}/{plot.name}.md"
    runs = [link(f"{paper}/runs/{one.run}.json", one.run) for one in data.records]
    behind = tag("details", tag("summary", f"{len(runs)} runs behind it"), listed(runs)) if runs else ""
    if not drawn:
        return tag("p", link(page, plot.title), ": ", esc(plot.caption), class_="elsewhere")
    caption = tag("figcaption", tag("strong", link(page, plot.title)), " ", esc(plot.caption), behind)
    return tag("figure", drawn, caption)


def _drawn(values: Any) -> str:
    for fits, draw in _FORMS:
        if fits(values):
            return draw(values)
    return ""


def _panels(values: Mapping[str, Any]) -> str:
    labels, panels = [], []
    for name, several in values["panels"].items():
        curves = [
            Curve(one["label"], *_thinned(one["x"], one["y"]), dashed=bool(one.get("dashed")))
            for one in several
            if one["y"]
        ]
        if curves:
            labels += [one.label for one in curves]
            panels.append(chart(name, curves, "Step", ""))
    dashes = any(one.get("dashed") for several in values["panels"].values() for one in several)
    note = tag("p", "Solid: training images; dashed: validation images.") if dashes else ""
    return legend(labels) + tag("div", *panels, class_="panels") + note


def _epochs(values: Mapping[str, Any]) -> str:
    curves = [
        Curve(one["label"], list(range(1, len(one["values"]) + 1)), one["values"]) for one in values["series"]
    ]
    drawn = chart(values.get("title", ""), curves, "Epoch", "")
    return legend([one.label for one in curves]) + tag("div", drawn, class_="panels")


def _points(values: Mapping[str, Any]) -> str:
    names = [f"{point[0]:g}" for point in max((one["points"] for one in values["series"]), key=len)]
    curves = []
    for one in values["series"]:
        x, y, low, high = zip(*one["points"], strict=True)
        curves.append(Curve(one["label"], [names.index(f"{value:g}") for value in x], y, low, high))
    drawn = chart("", curves, "", "", names)
    return legend([one.label for one in curves]) + tag("div", drawn, class_="panels")


def _decades(values: Mapping[str, Any]) -> str:
    images = {decade[0]: decade[4] for one in values["series"] for decade in one["decades"]}
    firsts = sorted(images)
    curves = []
    for one in values["series"]:
        first, mean, low, high, _ = zip(*one["decades"], strict=True)
        places = [firsts.index(age) for age in first]
        curves.append(Curve(one["label"], places, mean, low, high, joined=False))
    names = [str(first) for first in firsts]
    drawn = chart(values["title"], curves, "Decade of age from (years)", "MAE (years)", names)
    counts = ", ".join(f"{images[first]:,} from {first}" for first in firsts)
    counted = tag("p", f"Images by decade: {counts}.")
    return legend([one.label for one in curves]) + tag("div", drawn, class_="panels") + counted


def _confusion(values: Mapping[str, Any]) -> str:
    tables = []
    for panel in values["panels"]:
        heads = [tag("th", "true, down; answer, across", scope="col")]
        heads += [tag("th", esc(one), scope="col") for one in values["labels"]]
        rows = [tag("tr", *heads)]
        for label, counts in zip(values["labels"], panel["counts"], strict=True):
            total = max(sum(counts), 1)
            cells = [
                tag("td", f"{100 * count / total:.0f}", class_="shade", style=f"--p:{100 * count // total}%")
                for count in counts
            ]
            rows.append(tag("tr", tag("th", esc(label), scope="row"), *cells))
        caption = tag("caption", esc(f"{panel['label']}: % of each true class"))
        tables.append(tag("table", caption, tag("thead", rows[0]), tag("tbody", *rows[1:])))
    return region(tag("div", *tables, class_="panels"), values["title"])


def _targets(values: Mapping[str, Sequence[float]]) -> str:
    panels = [
        chart(label, [Curve(label, list(range(DRAWN_AGES)), target[:DRAWN_AGES])], "Age class (years)", "")
        for label, target in values.items()
    ]
    return tag("div", *panels, class_="panels")


def _thinned(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return at most `MOST_POINTS` and one points, each the mean of those that it stands for."""
    step = -(-len(x) // MOST_POINTS)
    places = range(0, len(x), step)
    return [sum(x[n : n + step]) / len(x[n : n + step]) for n in places], [
        sum(y[n : n + step]) / len(y[n : n + step]) for n in places
    ]


def _series_of(key: str) -> Callable[[Any], bool]:
    return lambda values: (
        isinstance(values, dict)
        and bool(values.get("series"))
        and all(isinstance(one, dict) and one.get(key) for one in values["series"])
    )


def _is_panels(values: Any) -> bool:
    return isinstance(values, dict) and isinstance(values.get("panels"), dict)


def _is_confusion(values: Any) -> bool:
    return isinstance(values, dict) and {"labels", "panels", "title"} == values.keys()


def _is_targets(values: Any) -> bool:
    return (
        isinstance(values, dict)
        and bool(values)
        and all(
            isinstance(one, list) and len(one) >= DRAWN_AGES and isinstance(one[0], float)
            for one in values.values()
        )
    )


_FORMS: tuple[tuple[Callable[[Any], bool], Callable[[Any], str]], ...] = (
    (_series_of("decades"), _decades),
    (_series_of("values"), _epochs),
    (_series_of("points"), _points),
    (_is_confusion, _confusion),
    (_is_panels, _panels),
    (_is_targets, _targets),
)
