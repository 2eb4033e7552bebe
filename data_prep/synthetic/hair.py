"""Hair: the mass with its strands, its greying and its light, laid over the finished head."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import ndtri

from data_prep.synthetic import noise
from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.colours import Colours
from data_prep.synthetic.head import Head, Window
from data_prep.synthetic.light import Light
from data_prep.synthetic.paint import Brush, circle, polygon
from data_prep.synthetic.shape import Shape
from data_prep.synthetic.styles import LONG, Style, opening, outer
from data_prep.synthetic.traits import Traits

_STRANDS_A_RADIAN = 120.0
CROPPED = 0.028  # hair thinner than this beside the head shows its ends, not its length
_STRANDS_DOWN = 55.0
_ENDS = np.float32(75.0)  # tile pixels a head unit of curls and cut ends
_UNSEEN = 0.005  # share of grey hair that nobody notices


@dataclass(frozen=True)
class Mane:
    """The hair of one picture within a window of the canvas."""

    style: Style
    where: Window
    colour: np.ndarray  # (h, w, 3) linear, lit
    strands: np.ndarray  # (h, w) noise along the hair, zero mean, unit variance
    mass: Brush  # where it stands against the background

    def lay(self, image: np.ndarray, cover: np.ndarray, brightness: float) -> None:
        """Blend the hair into the (S, S, 3) image where `cover` (h, w) says."""
        part = image[self.where]
        colour = self.colour if brightness == 1 else self.colour * np.float32(brightness)
        part[:] = cv2.blendLinear(colour, part, cover, 1 - cover)

    def cut(self, brush: Brush) -> np.ndarray:
        """Return the brush's mask in the window, (h, w)."""
        cover = np.zeros(self.strands.shape, np.float32)
        rows, columns = (
            slice(b.start - w.start, b.stop - w.start) for b, w in zip(brush.where, self.where, strict=True)
        )
        cover[rows, columns] = brush.mask
        return cover


def _knots(s: Shape, style: Style) -> list[np.ndarray]:
    """Return the outlines of bunches and buns in face coordinates."""
    if style.bunches:
        return [circle((side * 0.86, s.eye_y + 0.22), (0.17, 0.30)) for side in (-1.0, 1.0)]
    return [circle((0.0, -1.12), (0.25, 0.19))] if style.bun else []


def grow(
    head: Head, s: Shape, t: Traits, a: Ageing, style: Style, colours: Colours, light: Light, seed: int
) -> Mane:
    """Return the hair of a person: its outline, and colour and strands around it."""
    edge = outer(head, style)
    soft = 0.5 * _softness(style, a) * head.scale
    everything = np.concatenate([edge, *(head.flat(knot, -0.1) for knot in _knots(s, style))])
    where = head.window(everything, int(3 * soft) + 6)
    mass = polygon(head.canvas, edge, soft)

    u, v = head.upright(where, step=2)
    strands, locks, greying = _patterns(u, v, t, a, style, seed)
    lit, crest = _lit(u, v, light)
    tone = np.maximum(np.float32(0.82) + np.float32(0.17) * strands + np.float32(0.16) * locks, 0.2)
    tone *= _doubled(lit)
    shine = np.maximum(np.float32(0.5) + np.float32(0.5) * strands + np.float32(0.4) * locks, 0)
    shine *= _doubled(crest)
    white = np.minimum(np.maximum((_threshold(a) - greying) * np.float32(0.32) + np.float32(0.5), 0), 1)
    # Brown strands, what greying adds to them, and gloss: a colour is one weighted sum of three.
    gloss = 0.055 * light.key * (1 - 0.6 * style.curl) * (0.25 + np.sqrt(colours.hair))
    parts = np.stack([colours.hair, colours.grey - colours.hair, gloss]) * light.colour
    colour = cv2.transform(cv2.merge([tone, tone * white, shine]), parts.T)
    return Mane(style, where, colour, strands, mass)


def _patterns(
    u: np.ndarray, v: np.ndarray, t: Traits, a: Ageing, style: Style, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return three patterns of unit variance, (h, w): strands, locks, and which strands grey first.

    Strands run away from the parting; curls and cut ends have no direction.
    """
    parting = np.float32(0.22 * np.tanh(t.hair_parting))
    radius, angle = cv2.cartToPolar(v + np.float32(1.52), u - parting)
    angle -= (angle > np.pi) * np.float32(2 * np.pi)
    if style.curl > 0:
        phase = radius * np.float32(13.0) + angle * np.float32(9.0) + np.float32(seed % 7)
        angle += np.float32(0.05 * style.curl) * np.sin(phase)
    across = _doubled(angle * np.float32(_STRANDS_A_RADIAN) + np.float32(seed % 509))
    along = _doubled(radius * np.float32(_STRANDS_DOWN))
    strands = noise.sample("strands", across, along)
    locks = noise.sample("locks", across, along)
    greying = noise.sample("strands", across * np.float32(1.7) + 181, along) if a.grey > _UNSEEN else strands
    cropped = style.side < CROPPED and a.infancy < 0.3
    if cropped or style.curl > 0.8:
        ends = noise.sample("grain" if cropped else "curls", _doubled(u * _ENDS), _doubled(v * _ENDS))
        if cropped:
            strands = np.float32(0.5) * strands + np.float32(0.7) * ends
        else:
            strands = np.float32(0.6) * ends + np.float32(0.3) * strands
            greying = np.float32(0.5) * ends + np.float32(0.8) * greying
            locks = np.float32(0.25) * locks
    return strands, locks, greying


def _threshold(a: Ageing) -> np.float32:
    """Return the level of a normal pattern below which as many strands lie as are grey."""
    return np.float32(ndtri(min(a.grey, 0.998)) if a.grey > _UNSEEN else -99.0)


def _doubled(values: np.ndarray) -> np.ndarray:
    return cv2.resize(values, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)


def _softness(style: Style, a: Ageing) -> float:
    return 0.016 + 0.012 * style.curl + 0.012 * a.sparse


def _lit(u: np.ndarray, v: np.ndarray, light: Light) -> tuple[np.ndarray, np.ndarray]:
    """Return the light on the hair as on a dome, and the band below the crown where strands shine."""
    x, y = u * np.float32(1 / 0.92), (v + np.float32(0.40)) * np.float32(1 / 1.05)
    z = np.sqrt(np.maximum(1 - x * x - y * y, np.float32(0.08)))
    towards = np.maximum((x * light.x + y * light.y + z * light.z + 0.25) * np.float32(1 / 1.25), 0)
    crest = np.exp(-np.square((y + np.float32(0.52 - 0.25 * light.y)) * np.float32(1 / 0.16)))
    return np.float32(light.ambient) + np.float32(light.key) * towards, crest


def paint_back(image: np.ndarray, head: Head, s: Shape, mane: Mane) -> None:
    """Paint what long hair shows behind the neck, and bunches and buns, before the body is painted."""
    if mane.style.ends >= LONG:
        mane.lay(image, mane.cut(mane.mass), 0.42)
    for knot in _knots(s, mane.style):
        mane.lay(image, mane.cut(polygon(head.canvas, head.flat(knot, -0.1), 0.014 * head.scale)), 0.8)


def paint_front(image: np.ndarray, head: Head, s: Shape, t: Traits, a: Ageing, mane: Mane) -> None:
    """Paint the hair over the head, with its shadow on the skin."""
    scale, style = head.scale, mane.style
    free = polygon(head.canvas, opening(head, s, t, a, style), _softness(style, a) * scale)
    gap = np.zeros((head.canvas, head.canvas), np.float32)
    gap[free.where] = free.mask
    cover = mane.cut(mane.mass) * (1 - gap[mane.where])
    _cast(image[mane.where], cover, scale, np.float32(0.42 * (1 - 0.8 * a.sparse)))
    # Thin hair is fewer strands, not fainter ones: the strands' own pattern decides where the scalp shows.
    thin = 0.5 * a.sparse * (1 - 0.5 * a.infancy) + 0.25 * a.bald * (1 - a.bald)
    border = 1 - np.square(2 * cover - 1) * np.float32(1 - thin)
    ragged = cover + np.float32(0.20 + 0.35 * thin) * mane.strands * border
    ragged = np.minimum(np.maximum((ragged - np.float32(0.28 + 0.75 * thin)) * np.float32(2.3), 0), 1)
    mane.lay(image, ragged * (cover > 0.02) * np.float32(0.92 - 0.40 * a.infancy), 1.0)


def _cast(image: np.ndarray, cover: np.ndarray, scale: float, strength: float) -> None:
    """Darken what lies just below the hair."""
    small = cv2.resize(cover, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 0.0175 * scale)
    shift = np.float32([[1, 0, 0.005 * scale], [0, 1, 0.0175 * scale]])
    shade = cv2.resize(cv2.warpAffine(small, shift, small.shape[::-1]), cover.shape[::-1])
    image *= (1 - strength * shade)[..., None]
