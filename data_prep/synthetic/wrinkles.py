"""Lines of the face: where they run, when they come, how deep they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.head import Head
from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.paint import Brush, curve, polygons, ribbon
from data_prep.synthetic.shape import Shape


@dataclass(frozen=True)
class Line:
    """One wrinkle: control points in face coordinates, width in head units, depth 0..1."""

    points: list[tuple[float, float]]
    width: float
    depth: float


def _forehead(s: Shape, a: Ageing, n: Nuisance, rng: np.random.Generator) -> list[Line]:
    top, low = s.hairline_y + 0.10, s.brow_y - 0.07
    lines = []
    for k in range(4):
        y = low + (top - low) * (0.10 + 0.26 * k) + rng.normal(0, 0.012)
        reach, tilt, bow = rng.uniform(0.22, 0.42), rng.normal(0, 0.010), rng.normal(0.014, 0.010)
        points = [
            (-reach, y - tilt + bow),
            (-0.4 * reach, y),
            (0.45 * reach, y + 0.2 * tilt),
            (reach, y + tilt + bow),
        ]
        onset = (0.10, 0.0, 0.16, 0.38)[k]
        raised = 0.35 * max(n.brow_raise, 0) * (0.3 + a.maturity * 0.7)
        lines.append(Line(points, 0.020, 0.95 * max(a.wrinkles - onset, 0) + raised * (a.wrinkles + 0.12)))
    return lines


def _between_brows(s: Shape, a: Ageing, n: Nuisance, rng: np.random.Generator) -> list[Line]:
    frown = 0.5 * max(-n.brow_raise, 0) * (a.wrinkles + 0.2)
    lines = []
    for side in (-1, 1):
        x = side * (0.055 + rng.uniform(0, 0.02))
        points = [(x, s.brow_y + 0.045), (x * 0.85, s.brow_y - 0.015), (x * 1.05, s.brow_y - 0.085)]
        lines.append(Line(points, 0.018, 0.85 * max(a.wrinkles - 0.08, 0) + frown))
    return lines


def _beside_eye(s: Shape, a: Ageing, n: Nuisance, rng: np.random.Generator, side: float) -> list[Line]:
    x, y = s.eye_x + s.eye_width, s.eye_y - 0.5 * s.eye_tilt
    laugh = 1 + 0.7 * max(n.smile, 0)
    lines = []
    for k, slope in enumerate((-0.55, -0.15, 0.25, 0.65)):
        slope += rng.normal(0, 0.08)
        start, end = 0.035 + 0.01 * k, 0.035 + rng.uniform(0.09, 0.15)
        points = [
            (x + start, y + slope * start),
            (x + 0.5 * (start + end), y + slope * 0.55 * (start + end)),
            (x + end, y + slope * end * 1.15),
        ]
        depth = laugh * max(a.wrinkles - (0.06, 0.0, 0.04, 0.25)[k], 0)
        lines.append(Line([(side * px, py) for px, py in points], 0.014, 0.8 * depth))
    return lines


def _under_eye(s: Shape, a: Ageing, rng: np.random.Generator, side: float) -> list[Line]:
    lines = []
    for k, drop in enumerate((0.075, 0.145)):
        y = s.eye_y + s.eye_low + drop + rng.normal(0, 0.006)
        w = s.eye_width * (0.95 + 0.12 * k)
        points = [
            (s.eye_x - w, y - 0.045),
            (s.eye_x - 0.3 * w, y),
            (s.eye_x + 0.5 * w, y - 0.008),
            (s.eye_x + 1.05 * w, y - 0.055),
        ]
        depth = (0.12 + 0.8 * a.sag, 0.85 * max(a.sag - 0.15, 0))[k] * (1 - 0.6 * a.childhood)
        lines.append(Line([(side * px, py) for px, py in points], 0.018 + 0.006 * k, depth))
    return lines


def _cheek(s: Shape, a: Ageing, n: Nuisance, rng: np.random.Generator, side: float) -> list[Line]:
    smile = max(n.smile, 0)
    out = s.mouth_width + 0.065 + 0.02 * a.sag + rng.uniform(-0.008, 0.012)
    corner = s.mouth_y + s.corner_y
    fold = [
        (s.nose_width + 0.012, s.nose_y - 0.085),
        (s.nose_width + 0.075, s.nose_y + 0.02),
        (out, corner - 0.045),
        (out - 0.005, corner + 0.04 + 0.05 * a.sag),
    ]
    depth = (0.10 + 0.38 * smile) * (1 - 0.35 * a.childhood) + 0.40 * a.wrinkles + 0.42 * a.sag
    lines = [Line(fold, 0.034, depth)]
    marionette = [
        (s.mouth_width + 0.02, corner + 0.02),
        (s.mouth_width + 0.045, corner + 0.09),
        (s.mouth_width + 0.03, corner + 0.17),
    ]
    lines.append(Line(marionette, 0.022, 0.75 * max(a.sag - 0.2, 0)))
    for k in range(3):
        x = 0.40 + 0.055 * k + rng.normal(0, 0.01)
        cheek = [(x, s.nose_y - 0.06 + 0.02 * k), (x + 0.02, s.mouth_y - 0.05), (x - 0.015, s.mouth_y + 0.12)]
        lines.append(Line(cheek, 0.016, 0.75 * max(a.wrinkles - 0.55 - 0.1 * k, 0)))
    return [Line([(side * px, py) for px, py in line.points], line.width, line.depth) for line in lines]


def _mouth(s: Shape, a: Ageing, rng: np.random.Generator) -> list[Line]:
    lines = []
    for x in np.linspace(-0.8, 0.8, 7) * s.mouth_width + rng.normal(0, 0.008, 7):
        y = s.mouth_y - s.lip_up - 0.5 * s.gap
        points = [(x, y + 0.012), (x * 1.02, y - 0.02), (x * 1.06, y - 0.055)]
        lines.append(Line(points, 0.011, 0.85 * max(a.wrinkles - 0.55, 0)))
    y = s.mouth_y + s.lip_low + s.gap + 0.075
    lines.append(
        Line([(-0.12, y + 0.02), (0, y), (0.12, y + 0.02)], 0.024, 0.10 + 0.5 * a.wrinkles * a.maturity)
    )
    return lines


def wrinkle_lines(s: Shape, a: Ageing, n: Nuisance, seed: int) -> list[Line]:
    """Return the lines of a face: `seed` is the person's and gives their course, age its depth."""
    rng = np.random.default_rng([seed, 3])
    lines = _forehead(s, a, n, rng) + _between_brows(s, a, n, rng)
    for side in (-1.0, 1.0):
        lines += _beside_eye(s, a, n, rng, side) + _under_eye(s, a, rng, side) + _cheek(s, a, n, rng, side)
    return lines + _mouth(s, a, rng)


def draw_wrinkles(head: Head, lines: list[Line]) -> Brush | None:
    """Return the brush of all lines on the canvas, as strong as each is deep; None for a smooth face."""
    seen = [line for line in lines if line.depth > 0.03]
    if not seen:
        return None
    paths = head.on_face(np.concatenate([curve(line.points, 9) for line in seen])).reshape(len(seen), 9, 2)
    widths = np.maximum([line.width * head.scale for line in seen], 1.2)
    return polygons(
        head.canvas,
        ribbon(paths, widths),
        0.008 * head.scale,
        [min(0.85 * line.depth, 0.95) for line in seen],
    )
