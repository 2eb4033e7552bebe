"""Lips, teeth, nostrils: what the lower half of a face is drawn with."""

from __future__ import annotations

import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.colours import Colours
from data_prep.synthetic.head import Head
from data_prep.synthetic.paint import curve, disc, linear, mix, polygon, ribbon
from data_prep.synthetic.shape import Shape


def corners(s: Shape) -> np.ndarray:
    """Return the corners of the mouth (2, 2) in face coordinates, left first."""
    y = s.mouth_y + s.corner_y
    return np.array([[-s.mouth_width, y], [s.mouth_width, y]])


def _lines(s: Shape) -> dict[str, np.ndarray]:
    """Return the four edges of the lips, each (25, 2) from left to right."""
    w, y, c, gap = s.mouth_width, s.mouth_y, s.mouth_y + s.corner_y, 0.5 * s.gap
    droop = 0.35 * s.corner_y

    def edge(heights: list[tuple[float, float]]) -> np.ndarray:
        half = [(w * x, height) for x, height in heights]
        left = [(-x, height) for x, height in reversed(half) if x > 0]
        return curve(left + half, 25)

    return {
        "top": edge(
            [
                (0.0, y - gap - 0.80 * s.lip_up),
                (0.20, y - gap - s.lip_up),
                (0.6, y - gap - 0.5 * s.lip_up + droop),
                (1.0, c),
            ]
        ),
        "upper": edge(
            [(0.0, y - gap + 0.006), (0.25, y - gap - 0.002), (0.65, y - 0.85 * gap + droop), (1.0, c)]
        ),
        "lower": edge(
            [(0.0, y + gap + 0.006), (0.25, y + gap + 0.002), (0.65, y + 0.8 * gap + droop), (1.0, c)]
        ),
        "bottom": edge(
            [
                (0.0, y + gap + s.lip_low),
                (0.35, y + gap + 0.92 * s.lip_low),
                (0.7, y + 0.8 * gap + 0.5 * s.lip_low + droop),
                (1.0, c),
            ]
        ),
    }


def paint_mouth(albedo: np.ndarray, head: Head, s: Shape, a: Ageing, colours: Colours) -> None:
    """Paint the lips, and between them what a smile or an open mouth shows, into the (S, S, 3) albedo."""
    size, scale = head.canvas, head.scale
    lines = {name: head.on_face(points) for name, points in _lines(s).items()}
    soft = (0.006 + 0.007 * a.thinning + 0.004 * a.childhood) * scale
    cover = 0.92 - 0.30 * a.thinning
    upper = polygon(size, np.concatenate([lines["top"], lines["upper"][::-1]]), soft)
    upper.paint(albedo, colours.lips * np.float32(0.82), cover)
    lower = polygon(size, np.concatenate([lines["lower"], lines["bottom"][::-1]]), soft)
    lower.paint(albedo, colours.lips, cover)
    if s.gap > 0.012:
        _paint_inside(albedo, size, scale, lines, s, a)
    dark = mix(colours.lips * np.float32(0.12), linear(30, 12, 12), 0.3)
    middle = 0.5 * (lines["upper"] + lines["lower"])
    polygon(size, ribbon(middle, 0.016 * scale, (0.35, 0.35)), 0.6).paint(
        albedo, dark, 0.85 if s.gap <= 0.012 else 0.2
    )
    for corner in head.on_face(corners(s)):
        disc(size, corner, 0.011 * scale, 0.009 * scale).multiply(albedo, np.float32([0.35, 0.25, 0.25]))


def _paint_inside(
    albedo: np.ndarray, size: int, scale: float, lines: dict[str, np.ndarray], s: Shape, a: Ageing
) -> None:
    """Paint the dark of an open mouth and the upper teeth, once there are any."""
    inside = polygon(size, np.concatenate([lines["upper"], lines["lower"][::-1]]), 0.5)
    inside.paint(albedo, linear(58, 22, 22))
    teeth = min(1.0, a.years / 1.5) * (1 - 0.5 * max(a.sag - 0.7, 0) / 0.3)
    edge = lines["upper"][3:-3]
    tall = min(0.055, 0.75 * s.gap) * scale * np.sin(np.linspace(0.25, np.pi - 0.25, len(edge)))
    strip = np.concatenate([edge, (edge + np.column_stack([np.zeros(len(edge)), tall]))[::-1]])
    enamel = mix(linear(235, 228, 215), linear(205, 186, 140), 0.8 * a.dullness)
    polygon(size, strip, 0.6).within(inside).paint(albedo, enamel, 0.92 * teeth)


def paint_nose(albedo: np.ndarray, head: Head, s: Shape, a: Ageing) -> None:
    """Paint nostrils and the creases of the wings into the albedo; the rest of a nose is shading."""
    size, scale = head.canvas, head.scale
    spread = 0.52 * s.nose_width
    for side in (-1.0, 1.0):
        place = head.on_face(np.array([[side * spread, s.nose_y - 0.018]]))[0]
        hole = disc(size, place, (0.030 * scale, 0.014 * scale), 0.009 * scale)
        hole.multiply(albedo, np.float32([0.16, 0.09, 0.08]), 0.72 - 0.12 * a.childhood)
        wing = [
            (side * (s.nose_width - 0.03), s.nose_y - 0.105),
            (side * (s.nose_width + 0.008), s.nose_y - 0.06),
            (side * (s.nose_width - 0.004), s.nose_y - 0.018),
            (side * (s.nose_width - 0.045), s.nose_y - 0.004),
        ]
        crease = polygon(size, ribbon(head.on_face(curve(wing, 11)), 0.020 * scale), 0.009 * scale)
        crease.multiply(albedo, np.float32([0.45, 0.34, 0.32]), 0.60 - 0.25 * a.childhood)
    under = head.on_face(
        curve([(-0.055, s.nose_y - 0.012), (0, s.nose_y + 0.004), (0.055, s.nose_y - 0.012)], 7)
    )
    polygon(size, ribbon(under, 0.022 * scale), 0.010 * scale).multiply(
        albedo, np.float32([0.5, 0.4, 0.38]), 0.45
    )
