"""Charts as vector graphics: curves, and values with intervals over groups; colours are the style sheet's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from common.evidence.page.html import esc, tag

WIDTH, HEIGHT = 340, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 22, 38
COLOURS = 7

Place = Callable[[float], float]
"""Takes a value along an axis to its place in the picture."""


@dataclass(frozen=True)
class Curve:
    """Points of one name.

    Attributes:
        label: for the legend.
        x, y: the points.
        low, high: ends of their intervals, None without.
        joined: whether a line joins the points.
        dashed: how it is drawn.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    joined: bool = True
    dashed: bool = False


def chart(title: str, curves: Sequence[Curve], x_label: str, y_label: str, names: Sequence[str] = ()) -> str:
    """Return one panel.

    Args:
        title: above it.
        curves: what to draw; curves of one label have one colour.
        x_label, y_label: of the axes.
        names: of x = 0, 1, ..., where x are groups; the curves then stand beside one another.
    """
    labels = list(dict.fromkeys(one.label for one in curves))
    ends = [end for one in curves for end in (*one.y, *(one.low or ()), *(one.high or ())) if end is not None]
    bottom, top, ticks = nice(min(ends), max(ends))
    xs = [x for one in curves for x in one.x]
    first, last = (-0.5, len(names) - 0.5) if names else (min(xs), max(xs))

    def across(x: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (x - first) / ((last - first) or 1), 1)

    def up(y: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - bottom) / (top - bottom), 1)

    parts = [tag("text", esc(title), x=LEFT, y=12, class_="title")]
    for tick in ticks:
        parts.append(tag("path", d=f"M{LEFT} {up(tick)}H{WIDTH - RIGHT}", class_="grid"))
        parts.append(tag("text", _number(tick), x=LEFT - 5, y=up(tick) + 4, text_anchor="end"))
    marks = list(enumerate(names)) if names else [(x, _number(x)) for x in nice(first, last)[2]]
    parts += [
        tag("text", esc(name), x=across(x), y=HEIGHT - BOTTOM + 14, text_anchor="middle")
        for x, name in marks
        if first <= x <= last
    ]
    parts.append(tag("text", esc(x_label), x=(LEFT + WIDTH) / 2, y=HEIGHT - 6, text_anchor="middle"))
    middle = (HEIGHT - BOTTOM + TOP) / 2
    turned = f"rotate(-90 11 {middle})"
    parts.append(tag("text", esc(y_label), x=11, y=middle, text_anchor="middle", transform=turned))
    for one in curves:
        place = labels.index(one.label)
        aside = (place - (len(labels) - 1) / 2) * 0.6 / len(labels) if names else 0
        parts += _drawn(replace(one, x=[x + aside for x in one.x]), place % COLOURS, across, up)
    return tag(
        "svg",
        *parts,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{title}: {y_label} by {x_label}",
    )


def legend(labels: Sequence[str]) -> str:
    """Return the names of curves with their colours."""
    items = [
        tag("li", tag("span", "", class_=f"key k{place % COLOURS}", aria_hidden="true") + esc(label))
        for place, label in enumerate(dict.fromkeys(labels))
    ]
    return tag("ul", *items, class_="legend")


def nice(low: float, high: float) -> tuple[float, float, list[float]]:
    """Return ends of an axis and four to seven round ticks in it.

    Example:
        >>> nice(3.2, 9.1)
        (3.0, 10.0, [4.0, 6.0, 8.0, 10.0])
    """
    if high <= low:
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    bottom, top = (math.floor(low / (step / 2)) * step / 2, math.ceil(high / (step / 2)) * step / 2)
    first, last = math.ceil(bottom / step - 1e-9), math.floor(top / step + 1e-9)
    return round(bottom, 10), round(top, 10), [round(n * step, 10) for n in range(first, last + 1)]


def _drawn(one: Curve, colour: int, across: Place, up: Place) -> list[str]:
    parts = []
    if one.joined:
        points = " ".join(f"{across(x)},{up(y)}" for x, y in zip(one.x, one.y, strict=True))
        parts.append(tag("polyline", points=points, class_=f"curve c{colour}{' dashed' * one.dashed}"))
    if one.low is not None and one.high is not None:
        ends = [
            f"M{across(x)} {up(low)}V{up(high)}"
            for x, low, high in zip(one.x, one.low, one.high, strict=True)
            if low is not None and high is not None
        ]
        parts.append(tag("path", d="".join(ends), class_=f"whisker c{colour}"))
    if one.low is not None or not one.joined:
        dots = "".join(f"M{across(x)} {up(y)}h.01" for x, y in zip(one.x, one.y, strict=True))
        parts.append(tag("path", d=dots, class_=f"dot c{colour}"))
    return parts


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
