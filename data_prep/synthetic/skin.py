"""The colour of the skin over the face: flush, shadows, pores, freckles, age spots, moles, beard."""

from __future__ import annotations

import cv2
import numpy as np

from data_prep.synthetic import noise
from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.colours import Colours, darkness
from data_prep.synthetic.paint import mix
from data_prep.synthetic.relief import bumps, chart_axis
from data_prep.synthetic.shape import Shape
from data_prep.synthetic.traits import Traits

_RED = np.array([0.10, -0.55, -0.50], np.float32)
_BLUISH = np.array([-0.75, -0.80, -0.55], np.float32)
_BROWN = np.array([-0.45, -0.62, -0.72], np.float32)


def _smooth(values: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def _flush(axis: np.ndarray, s: Shape, t: Traits, a: Ageing) -> np.ndarray:
    """Where blood shows: cheeks, nose tip, ears' neighbourhood, eyelids."""
    glow = 0.14 + 0.05 * t.redness + 0.16 * a.childhood + 0.04 * a.spots
    cheek_y = 0.5 * (s.eye_y + s.mouth_y) + 0.05
    return bumps(
        axis,
        [
            (0.38, cheek_y, 0.15, 0.13, glow),
            (0.0, s.nose_tip_y + 0.02, 0.11, 0.08, 0.75 * glow),
            (s.eye_x, s.eye_y - 0.04, 0.12, 0.06, 0.10),
            (0.0, 0.92, 0.14, 0.06, 0.4 * glow),
        ],
    )


def _shadows(axis: np.ndarray, s: Shape, t: Traits, a: Ageing) -> np.ndarray:
    """Where light seldom comes: sockets, beside and under the nose, under the lip, rings under the eyes."""
    rings = 0.06 + 0.16 * a.sag + 0.02 * t.eye_depth
    return bumps(
        axis,
        [
            (0.15, s.eye_y - 0.015, 0.055, 0.055, 0.16 - 0.06 * a.childhood),
            (s.eye_x + 0.01, s.eye_y - 0.075, 0.13, 0.030, 0.10 + 0.03 * t.eye_depth),
            (s.eye_x - 0.03, s.eye_y + 0.095, 0.10, 0.035, rings),
            (0.0, s.nose_y + 0.012, 0.10, 0.022, 0.12),
            (s.nose_width + 0.02, s.nose_y - 0.03, 0.025, 0.05, 0.10),
            (0.0, s.mouth_y + s.lip_low + s.gap + 0.045, 0.12, 0.028, 0.14),
            (s.mouth_width + 0.02, s.mouth_y + s.corner_y, 0.028, 0.028, 0.14),
            (0.46, s.mouth_y, 0.09, 0.16, 0.08 * a.thinning),
        ],
    )


def beard_region(axis: np.ndarray, s: Shape, kind: str) -> np.ndarray:
    """Return where a beard of `kind` ("full", "moustache" or "goatee") grows, (G, G) float32 in 0..1."""
    x, y = np.abs(axis)[None, :], axis[:, None]
    lip_top = s.mouth_y - s.lip_up - 0.5 * s.gap
    moustache = _smooth(y, s.nose_y + 0.015, s.nose_y + 0.04) * _smooth(-y, -lip_top - 0.03, -lip_top + 0.005)
    moustache = moustache * _smooth(-x, -s.mouth_width - 0.07, -s.mouth_width + 0.0)
    droop = _smooth(x, s.mouth_width - 0.03, s.mouth_width + 0.03) * _smooth(
        -x, -s.mouth_width - 0.10, -s.mouth_width - 0.03
    )
    droop = droop * _smooth(y, s.nose_y + 0.03, s.nose_y + 0.10)
    if kind == "moustache":
        return np.maximum(moustache, droop * _smooth(-y, -s.mouth_y - 0.05, -s.mouth_y + 0.02))
    lip_bottom = s.mouth_y + s.lip_low + 0.5 * s.gap + 0.03
    chin = _smooth(y, lip_bottom, lip_bottom + 0.05)
    if kind == "goatee":
        return np.maximum(np.maximum(moustache, droop), chin * _smooth(-x, -0.30, -0.20))
    edge = s.mouth_y + 0.04 - 0.9 * np.clip(x - s.mouth_width - 0.05, 0, None) ** 0.9
    jaw = _smooth(y - edge, 0.0, 0.08) * _smooth(x, s.mouth_width - 0.01, s.mouth_width + 0.04)
    return np.maximum(np.maximum(moustache, droop), np.maximum(chin, jaw))


def beard_kind(t: Traits) -> tuple[str, float]:
    """Return (kind, density) of a grown man's beard; most men shave and keep a shadow of it."""
    if t.beard_style > 1.1:
        return "full", 0.92
    if t.beard_style > 0.75:
        return "goatee", 0.85
    if t.beard_style > 0.45:
        return "moustache", 0.9
    return "full", 0.10 + 0.12 * (t.beard_style > -0.3)


def _brown(axis: np.ndarray, s: Shape, t: Traits, a: Ageing, seed: int, zoom: float) -> np.ndarray:
    """Where pigment gathers: freckles, a mole, and age spots that come where a pattern peaks, and grow."""
    shape = (len(axis), len(axis))
    light = 1 - 0.5 * darkness(t)
    spots = noise.patch("grain", shape, seed + 5, 1.7 * zoom)
    brown = np.float32(0.55 * a.spots * light) * _smooth(spots, 2.7 - 1.1 * a.spots, 3.3 - 1.0 * a.spots)
    freckled = min(max(t.freckles - 0.6, 0), 1.4) * (1 - a.infancy) * (1 - 0.4 * a.dullness)
    if freckled > 0:
        y = s.nose_tip_y - 0.07
        band = np.minimum(bumps(axis, [(0.26, y, 0.22, 0.13, 1.0), (0, y - 0.01, 0.15, 0.12, 0.6)]), 1)
        pattern = _smooth(noise.patch("grain", shape, seed + 2, zoom), 0.9, 2.2)
        brown += np.float32(0.5 * freckled * light) * band * pattern
    if t.mole_size > 0.2:
        x, y = 0.42 * np.tanh(0.8 * t.mole_x), 0.5 + 0.22 * np.tanh(t.mole_y)
        radius = 0.012 + 0.008 * t.mole_size
        away = np.sqrt(np.square(axis[None, :] - np.float32(x)) + np.square(axis[:, None] - np.float32(y)))
        brown += _smooth(-away, -1.6 * radius, -0.6 * radius) * np.float32(0.85 * min(1.0, a.years / 12))
    return brown


def _tone(shape: tuple[int, int], a: Ageing, seed: int, zoom: float) -> np.ndarray:
    """Unevenness without a colour of its own, from blotches to pores."""
    weights = {
        "clouds": 0.012,
        "blotches": 0.008 + 0.026 * a.spots,
        "grain": 0.008 + 0.022 * a.spots * a.maturity,
        "pores": (0.012 + 0.016 * a.dullness) * (1 - a.childhood),
    }
    tone = np.ones(shape, np.float32)
    for place, (kind, weight) in enumerate(weights.items()):
        tone += np.float32(weight) * noise.patch(kind, shape, seed + 10 + place, zoom)
    return tone


def paint_skin(size: int, s: Shape, t: Traits, a: Ageing, colours: Colours, seed: int) -> np.ndarray:
    """Return the (size, size, 3) float32 chart of the skin's linear colour; `seed` is the person's."""
    axis = chart_axis(size)
    zoom = size / 192
    shape = (size, size)
    flush = _flush(axis, s, t, a)
    veins = _smooth(noise.patch("blotches", shape, seed + 4, zoom), 0.2, 2.2)
    flush = flush + np.float32(0.03 + 0.10 * a.spots) * veins
    layers = [_tone(shape, a, seed, zoom), flush, _brown(axis, s, t, a, seed, zoom), _shadows(axis, s, t, a)]
    effects = np.stack([np.ones(3), _RED, _BROWN, 0.3 * _RED + _BLUISH]) * colours.skin
    chart = cv2.transform(cv2.merge(layers), effects.astype(np.float32).T)
    np.maximum(chart, 0.05 * colours.skin, out=chart)
    if a.beard > 0.02:
        kind, density = beard_kind(t)
        _grow_beard(chart, beard_region(axis, s, kind), density * a.beard, colours, seed, zoom)
    return chart


def _grow_beard(
    chart: np.ndarray, region: np.ndarray, density: float, colours: Colours, seed: int, zoom: float
) -> None:
    """Paint hair of `density` over the region: a bluish shadow where sparse, strands where dense."""
    shape = region.shape
    strands = noise.patch("pores", shape, seed + 6, zoom)
    locks = noise.patch("grain", shape, seed + 7, zoom)
    uneven = (0.10 * strands + 0.05 * locks) * np.float32(min(1.0, 3 * density) * (1 - 0.5 * density))
    cover = np.minimum(np.maximum(region * (np.float32(density) + uneven), 0), 1)
    shade = np.maximum(1 + (0.22 * strands + 0.14 * locks) * np.float32(density), 0.3)
    # Shaved hair shines through the skin as a cool shadow, whatever its colour.
    shadow = mix(colours.skin * np.float32([0.30, 0.33, 0.38]), colours.beard, min(1.0, 1.4 * density))
    chart += cover[..., None] * (shadow * shade[..., None] - chart)
