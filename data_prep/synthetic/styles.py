"""Haircuts: what a person wears at an age, and the outlines of the hair on the head."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.head import Head
from data_prep.synthetic.paint import curve
from data_prep.synthetic.shape import CROWN, Shape
from data_prep.synthetic.traits import Traits

LONG = 0.4  # hair whose ends are lower than this is long: it falls past the ears


@dataclass(frozen=True)
class Style:
    """A haircut; lengths are in head units."""

    top: float  # height of the hair above the crown
    side: float  # thickness beside the head
    ends: float  # y to which the hair falls in front; ears are at about 0.15 to 0.35
    fringe: float = 0.0  # 0 none to 1 down to the brows
    sweep: float = 0.0  # the fringe slants to one side
    curl: float = 0.0  # 0 straight, 0.5 wavy, 1 curly
    flare: float = 0.0  # how much wider long hair is at its ends
    bunches: bool = False  # two bunches beside the head
    bun: bool = False  # a knot on top


_BOYS = (
    Style(0.035, 0.012, 0.10),
    Style(0.060, 0.025, 0.12, fringe=0.30, sweep=0.35),
    Style(0.080, 0.045, 0.20, fringe=0.85),
    Style(0.100, 0.025, 0.10, fringe=0.15, sweep=0.2),
    Style(0.085, 0.060, 0.26, fringe=0.65, sweep=0.25, curl=0.5),
    Style(0.120, 0.075, 0.18, fringe=0.25, curl=1.0),
)
_MEN = (
    Style(0.025, 0.008, 0.10),
    Style(0.075, 0.025, 0.14, fringe=0.08, sweep=0.25),
    Style(0.060, 0.020, 0.12, fringe=0.22, sweep=0.1),
    Style(0.110, 0.022, 0.10),
    Style(0.090, 0.060, 0.30, fringe=0.35, sweep=0.35, curl=0.5),
    Style(0.110, 0.060, 0.16, fringe=0.05, curl=1.0),
)
_GIRLS = (
    Style(0.050, 0.040, 1.30, fringe=0.80),
    Style(0.050, 0.020, 0.15, bunches=True),
    Style(0.060, 0.070, 0.80, fringe=0.85),
    Style(0.050, 0.050, 1.35, sweep=0.3, fringe=0.1, flare=0.05),
    Style(0.060, 0.075, 1.15, curl=0.5, flare=0.10),
    Style(0.130, 0.150, 0.85, curl=1.0, flare=0.10),
)
_WOMEN = (
    Style(0.060, 0.050, 1.60, flare=0.03),
    Style(0.045, 0.015, 0.12, bun=True),
    Style(0.070, 0.085, 0.85, fringe=0.75),
    Style(0.090, 0.060, 1.45, sweep=0.4, fringe=0.12, flare=0.10),
    Style(0.085, 0.095, 1.20, curl=0.5, flare=0.15),
    Style(0.140, 0.170, 0.80, curl=1.0, flare=0.12),
)
_BABY = Style(0.012, 0.004, 0.02)


def choose(t: Traits, a: Ageing, gender: str) -> Style:
    """Return the haircut of a person: one of six, which grows up with the person; old women cut it."""
    index = min(int(ndtr(t.hair_style) * 6), 5)
    small, grown = (_BOYS, _MEN) if gender == "male" else (_GIRLS, _WOMEN)
    child, adult = small[index], grown[index]
    style = child if a.years < 13 else adult
    if t.melanin > 0.9 and not style.bun:
        style = replace(style, curl=max(style.curl, 0.9), top=style.top * 1.2)
    elif style.curl == 0 and t.hair_curl > 0.8:
        style = replace(style, curl=0.5)
    if gender == "female" and a.years > 58 + 6 * t.hair_volume and style.ends > 0.7:
        style = replace(
            style,
            ends=0.45,
            side=0.075,
            top=0.10,
            fringe=0.25,
            sweep=0.3,
            curl=max(style.curl, 0.5),
            flare=0.0,
        )
    grown_in = 1 - a.infancy
    if a.infancy > 0.45:
        return replace(_BABY, ends=0.05, curl=style.curl)
    volume = (1 + 0.16 * t.hair_volume) * (0.55 + 0.45 * grown_in) * (1 - 0.35 * a.sparse)
    ends = style.ends if style.ends < LONG else LONG + (style.ends - LONG) * min(1.0, (a.years - 0.5) / 6.0)
    return replace(style, top=style.top * volume, side=style.side * volume, ends=ends)


def outer(head: Head, style: Style) -> np.ndarray:
    """Return the outline of the hair on the canvas (N, 2), from its left end over the crown to the right."""
    tau = np.linspace(np.arccos(-min(style.ends, 0.25)), 0.0, 19)
    y = -np.cos(tau)
    crownness = np.clip((0.1 - y) / 1.1, 0, 1)
    thick = style.side + (style.top - style.side) * crownness
    out, up = thick * np.sin(tau) ** 0.6, thick * np.clip(np.cos(tau), 0, 1)
    left, right = head.silhouette(y, -1, out, up), head.silhouette(y, 1, out, up)[::-1]
    if style.ends < LONG:
        return np.concatenate([left, right])
    edge = 0.66 + style.side
    falls = [
        (edge, 0.4),
        (edge + 0.3 * style.flare, 0.5 * (0.4 + style.ends)),
        (edge + style.flare, style.ends - 0.05),
        (0.72 * edge, style.ends),
    ]
    fall = curve(falls, 9)
    return np.concatenate([head.flat(fall * (-1, 1), 0.1)[::-1], left, right, head.flat(fall, 0.1)])


def opening(head: Head, s: Shape, t: Traits, a: Ageing, style: Style) -> np.ndarray:
    """Return the outline of what hair leaves free: forehead, face and, below the hair's ends, everything."""

    def width(y: float) -> float:
        return float(np.interp(y, *s.outline))

    drop = style.fringe * (s.brow_y - 0.05 - s.hairline_y) * (1 - a.bald)
    line = s.hairline_y + drop
    peak = 0.05 * a.maturity * max(a.masculinity, 0) * (1 - style.fringe)
    bare, temples = min(max(a.bald - 0.28, 0.0) / 0.52, 1.0), min(1.6 * a.bald, 1.0)
    middle = line + (CROWN - 0.25 - line) * bare**0.8
    flank = line + 0.02 - 0.02 * t.hairline - 0.30 * temples
    flank = flank + (CROWN - 0.20 - flank) * bare**0.8
    temple_y = min(s.hairline_y + 0.15 + 0.75 * drop, s.eye_y - 0.24) - 0.16 * temples - 0.15 * bare
    temple = (0.50 + 0.06 * bare, temple_y)
    half = [
        (0.0, middle),
        (0.22, 0.5 * (middle + flank) - peak),
        (0.40, min(flank + 0.02 - 0.5 * peak, temple_y)),
        temple,
        (0.90 * width(s.eye_y - 0.20), s.eye_y - 0.20),
        (0.89 * width(s.eye_y), s.eye_y - 0.01),
    ]
    if style.ends < LONG:
        half += [(0.95 * width(style.ends), style.ends), (1.6, style.ends + 0.03), (1.6, 2.5)]
    else:
        half += [
            (0.91 * width(0.3), 0.3),
            (0.93 * width(0.6), 0.60),
            (0.52, 0.95),
            (0.50, max(style.ends - 0.25, 1.0)),
            (0.80, max(style.ends, 1.0) + 0.06),
            (1.60, 2.5),
        ]
    right = np.array(half)
    left = right[::-1] * (-1, 1)
    tilt = style.sweep * drop * np.sign(t.hair_parting or 1.0)
    both = np.concatenate([left[:-1], right])
    both[:, 1] += tilt * both[:, 0] * 2.0 * (np.abs(both[:, 0]) < 0.45)
    return head.on_face(both)
