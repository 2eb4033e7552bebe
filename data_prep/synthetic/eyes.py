"""Eyes with lids, lashes and irises, and the brows above them."""

from __future__ import annotations

import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.colours import Colours
from data_prep.synthetic.head import Head
from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.paint import (
    Brush,
    circle,
    curve,
    disc,
    hairs,
    linear,
    mix,
    moved,
    polygon,
    polygons,
    ribbon,
)
from data_prep.synthetic.shape import Shape
from data_prep.synthetic.traits import Traits

_PUPIL, _CARUNCLE, _LASH = linear(14, 12, 12), linear(200, 120, 110), linear(26, 19, 16)
_OLD_CORNEA = linear(170, 172, 175)  # a pale ring round the iris


def _lids(s: Shape, side: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper and lower lid's edge (13, 2) in face coordinates, inner corner first."""
    w, tilt = s.eye_width, s.eye_tilt
    inner, outer = (-w, 0.35 * tilt + 0.008), (w, -tilt)
    upper = [
        inner,
        (-0.62 * w, -0.62 * s.eye_up),
        (-0.08 * w, -s.eye_up - 0.2 * tilt),
        (0.55 * w, -0.72 * s.eye_up - tilt),
        outer,
    ]
    lower = [
        inner,
        (-0.45 * w, 0.62 * s.eye_low),
        (0.2 * w, s.eye_low),
        (0.68 * w, 0.58 * s.eye_low - 0.5 * tilt),
        outer,
    ]
    place = np.array([side * s.eye_x, s.eye_y])
    flip = np.array([side, 1.0])
    return curve(upper) * flip + place, curve(lower) * flip + place


def paint_eye(
    albedo: np.ndarray, head: Head, s: Shape, t: Traits, a: Ageing, n: Nuisance, colours: Colours, side: float
) -> Brush:
    """Paint the eye on `side` (-1 left, +1 right as seen in the image) into the (S, S, 3) albedo.

    Returns the brush of the lid opening.
    """
    size, scale = head.canvas, head.scale
    lids = np.concatenate(_lids(s, side))
    seen = head.on_face(lids)
    upper, lower = seen[:13], seen[13:]
    opening = polygon(size, np.concatenate([upper, lower[::-1]]))
    opening.paint(albedo, colours.sclera)

    eyeball = np.array(
        [
            [side * s.eye_x + 0.022 * n.gaze_x, s.eye_y - 0.10 * s.eye_up + 0.015 * n.gaze_y],
            [side * (s.eye_x - 0.92 * s.eye_width), s.eye_y + 0.35 * s.eye_tilt + 0.008],
        ]
    )
    middle, corner = head.on_face(eyeball)
    radius = s.iris * scale

    def layer(
        size_in_iris: float, blur: float, colour: np.ndarray, strength: float = 1.0, drop: float = 0.0
    ) -> None:
        ring = disc(size, moved(middle, 0, drop * radius), size_in_iris * radius, blur)
        ring.within(opening).paint(albedo, colour, strength)

    layer(1.0, 0.5, colours.iris * np.float32(0.28))
    layer(0.84, 0.6, colours.iris)
    layer(0.52, 0.25 * radius, colours.iris * np.float32(1.9), 0.6, drop=0.30)
    layer(0.44, 0.5, _PUPIL)
    if a.sag > 0.6:
        layer(1.02, 0.8, _OLD_CORNEA, 0.3 * (a.sag - 0.6))
    disc(size, corner, 0.016 * scale, 0.8).within(opening).paint(albedo, _CARUNCLE, 0.7)
    shade = polygon(size, ribbon(moved(upper, 0, 0.016 * scale), 0.045 * scale), 0.010 * scale)
    shade.within(opening).multiply(albedo, np.float32([0.30, 0.28, 0.28]))
    _paint_lids(albedo, head, t, a, colours, lids[:13], upper, lower, side)
    return opening


def _paint_lids(
    albedo: np.ndarray,
    head: Head,
    t: Traits,
    a: Ageing,
    colours: Colours,
    lid: np.ndarray,
    upper: np.ndarray,
    lower: np.ndarray,
    side: float,
) -> None:
    """Paint lashes, the crease above the eye and the fold of an ageing lid.

    `lid` is the edge of the upper lid in face coordinates, `upper` and `lower` both edges on the canvas.
    """
    size, scale = head.canvas, head.scale
    girl = max(-a.masculinity, 0.0)
    tail = moved(upper[-1:], side * (0.008 + 0.02 * girl) * scale, -(0.002 + 0.016 * girl) * scale)
    line = moved(np.concatenate([upper[1:], tail]), 0, -0.004 * scale)
    lash = mix(_LASH, colours.brows, 0.25 + 0.35 * a.grey)
    thick = (0.019 + 0.012 * girl - 0.004 * a.thinning) * scale
    polygon(size, ribbon(line, thick, (0.3, 0.5)), 0.5).paint(albedo, lash, 0.92 - 0.25 * a.infancy)
    below = polygon(size, ribbon(moved(lower[2:], 0, 0.004 * scale), 0.012 * scale), 0.7)
    below.paint(albedo, mix(lash, colours.skin, 0.45), 0.45 + 0.25 * girl)
    rim = polygon(size, ribbon(moved(lower[2:], 0, 0.018 * scale), 0.018 * scale), 0.9)
    rim.paint(albedo, colours.skin * np.float32([1.1, 0.95, 0.95]), 0.5)

    lift = max(0.030 + 0.010 * t.lid_fold + 0.006 * girl - 0.012 * a.sag, 0.012)
    crease = np.concatenate([moved(lid[1:-1], 0, -lift), moved(lid[-1:], side * 0.03, 0.03 * a.sag - 0.008)])
    crease = head.on_face(crease)
    strong = min(max(0.50 + 0.16 * t.lid_fold - 0.15 * a.childhood, 0.12), 0.8)
    polygon(size, ribbon(crease, 0.014 * scale), 0.9).multiply(albedo, np.float32([0.42, 0.32, 0.30]), strong)
    covered = polygon(size, np.concatenate([crease, upper[::-1]]), 1.2)
    covered.multiply(albedo, np.float32([0.86, 0.76, 0.74]), 0.5 + 0.3 * girl * a.maturity)


def glint(image: np.ndarray, head: Head, s: Shape, n: Nuisance, side: float, opening: Brush) -> None:
    """Add the reflection of the light in the eye to the shaded (S, S, 3) image."""
    azimuth, elevation = np.deg2rad(n.light_azimuth), np.deg2rad(n.light_elevation)
    towards = np.array([np.sin(azimuth), -0.8 * np.sin(elevation)]) * 0.6 * s.iris
    centre = np.array([[side * s.eye_x + 0.022 * n.gaze_x, s.eye_y - 0.10 * s.eye_up]]) + towards
    spot = disc(head.canvas, head.on_face(centre)[0], 0.013 * head.scale, 0.6)
    spot.within(opening).add(image, 0.35 + 0.4 * n.light_hardness)


def paint_brow(
    albedo: np.ndarray,
    head: Head,
    s: Shape,
    t: Traits,
    a: Ageing,
    colours: Colours,
    side: float,
    rng: np.random.Generator,
) -> None:
    """Paint the brow on `side` as a soft band under some seventy single hairs."""
    size, scale = head.canvas, head.scale
    inner, outer = s.eye_x - 0.165, s.eye_x + 0.175
    span = np.array([0.0, 0.3, 0.66, 1.0])
    rise = np.array([0.2, -0.45, -1.0, 0.35]) * s.brow_arch + np.array([0, -0.3, -0.66, -0.6]) * s.brow_tilt
    control = np.column_stack([inner + (outer - inner) * span, s.brow_y + rise])
    line = curve(control, 17) * (side, 1.0)
    profile = np.interp(np.linspace(0, 1, 17), [0, 0.12, 0.5, 0.85, 1], [0.55, 1.0, 0.9, 0.5, 0.12])[:, None]
    half = np.array([0, 0.5 * s.brow_thickness]) * profile
    band = polygon(
        size, np.concatenate([head.on_face(line - half), head.on_face(line + half)[::-1]]), 0.010 * scale
    )
    faint = (1 - 0.72 * a.infancy) * (1 - 0.30 * a.childhood)
    bushy = 0.25 * max(a.masculinity, 0) * a.sag
    cover = (
        np.clip(0.62 + 0.10 * t.brow_thickness + 0.15 * a.masculinity, 0.35, 0.9)
        * faint
        * (1 - 0.25 * a.thinning)
    )
    band.paint(albedo, colours.brows, cover)

    count = 70
    along = rng.uniform(0.0, 1.0, count)
    root = np.column_stack([np.interp(along, np.linspace(0, 1, 17), line[:, k]) for k in range(2)])
    root[:, 1] += (
        rng.uniform(-0.5, 0.55, count)
        * s.brow_thickness
        * np.interp(along, np.linspace(0, 1, 17), profile[:, 0])
    )
    length = (0.035 + 0.02 * rng.random(count)) * (1 + bushy)
    lean = np.interp(along, [0, 0.25, 0.7, 1], [1.35, 0.75, 0.15, -0.25]) + rng.normal(0, 0.15 + bushy, count)
    tip = root + np.column_stack([side * np.cos(lean), -np.sin(lean)]) * length[:, None]
    ends = head.on_face(np.concatenate([root, tip]))
    strokes = hairs(size, ends[:count], ends[count:], 0.6, 0.5)
    strokes.paint(albedo, colours.brows * np.float32(0.8), faint)


def paint_glasses(image: np.ndarray, head: Head, s: Shape, n: Nuisance) -> None:
    """Draw thin frames over the finished face."""
    size, scale = head.canvas, head.scale
    rng = np.random.default_rng([n.seed, 7])
    rim = mix(linear(30, 26, 24), linear(150, 125, 85), float(rng.random() ** 2))
    radius = np.array([0.185, 0.135 + 0.03 * rng.random()])
    z = float(head.surface_z(np.array([[0.0, s.eye_y]]))[0]) + 0.06
    width = (0.012 + 0.012 * rng.random()) * scale
    strokes = []
    for side in (-1.0, 1.0):
        centre = np.array([side * (s.eye_x + 0.005), s.eye_y + 0.035])
        ring = head.flat(circle(centre, tuple(radius), 28), z)
        ring = np.concatenate([ring, ring[:2]])
        strokes += [ribbon(ring, width, (1, 1))]
        hinge = np.array(
            [[centre[0] + side * radius[0], s.eye_y - 0.01, z], [side * 0.68, s.eye_y - 0.02, 0.05]]
        )
        strokes += [ribbon(head.project(hinge), width, (1, 1))]
    bridge = [
        (-s.eye_x + radius[0], s.eye_y + 0.0),
        (0, s.eye_y - 0.025),
        (s.eye_x - radius[0], s.eye_y + 0.0),
    ]
    strokes += [ribbon(head.flat(curve(bridge, 7), z), width, (1, 1))]
    shifted = [stroke + 0.02 * scale for stroke in strokes]
    polygons(size, shifted, 0.015 * scale).multiply(image, np.float32([0.6, 0.6, 0.6]), n.glasses)
    polygons(size, strokes, 0.5).paint(image, rim, 0.9 * n.glasses)
