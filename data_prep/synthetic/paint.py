"""Drawing with soft brushes on float images: polygons, tapered strokes and bunches of hairs.

Colours are linear light in 0..1; gamma 2 stands for sRGB, because its inverse is one square root. Points are
canvas pixels (N, 2); the centre of the top left pixel is (0, 0).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import cv2
import numpy as np

_SHIFT = 4  # fractional bits of the coordinates handed to OpenCV


def linear(red: float, green: float, blue: float) -> np.ndarray:
    """Return the (3,) float32 linear light of an sRGB colour in 0..255."""
    return np.square(np.array([red, green, blue], np.float32) / np.float32(255))


def mix(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """Return `share` of the second colour in the first."""
    return (first + (second - first) * np.float32(share)).astype(np.float32)


class Brush:
    """A mask over a part of the canvas: `where` the rows and columns, `mask` (h, w) float32 in 0..1."""

    def __init__(self, where: tuple[slice, slice], mask: np.ndarray) -> None:
        self.where, self.mask = where, mask

    def paint(self, image: np.ndarray, colour: np.ndarray, strength: float = 1.0) -> None:
        """Blend `colour` (3,) or (h, w, 3) into the (S, S, 3) image."""
        part = image[self.where]
        part += (self.mask * np.float32(strength))[..., None] * (colour - part)

    def multiply(self, image: np.ndarray, factor: np.ndarray, strength: float = 1.0) -> None:
        """Multiply by `factor` (3,) where the mask is 1."""
        part = image[self.where]
        part *= 1 + (self.mask * np.float32(strength))[..., None] * (np.asarray(factor, np.float32) - 1)

    def add(self, field: np.ndarray, amount: float) -> None:
        """Add `amount` to a (S, S) field or (S, S, 3) image where the mask is 1."""
        mask = self.mask * np.float32(amount)
        field[self.where] += mask if field.ndim == 2 else mask[..., None]

    def within(self, other: Brush) -> Brush:
        """Return this brush where `other` also paints."""
        full = tuple(
            slice(max(a.start, b.start), max(a.start, b.start, min(a.stop, b.stop)))
            for a, b in zip(self.where, other.where, strict=True)
        )
        return Brush(full, self._cut(full) * other._cut(full))

    def half(self, where: tuple[slice, slice]) -> np.ndarray:
        """Return the mask in the window `where` of even borders at half the resolution."""
        cover = np.zeros(tuple(part.stop - part.start for part in where), np.float32)
        inner = self.within(Brush(where, np.ones_like(cover)))
        rows, columns = (
            slice(own.start - part.start, own.stop - part.start)
            for own, part in zip(inner.where, where, strict=True)
        )
        cover[rows, columns] = inner.mask
        return cv2.resize(cover, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)

    def _cut(self, where: tuple[slice, slice]) -> np.ndarray:
        rows, columns = (
            slice(w.start - o.start, w.stop - o.start) for w, o in zip(where, self.where, strict=True)
        )
        return self.mask[rows, columns]


def polygons(
    size: int, shapes: Sequence[np.ndarray], blur: float = 0.0, levels: Sequence[float] | None = None
) -> Brush:
    """Return the brush of filled polygons on a canvas of `size` px, blurred by sigma `blur` px.

    `levels` (0..1, one a polygon) weaken single polygons; later ones overwrite earlier ones.
    """
    whole = [_fixed(points) for points in shapes]
    where, corner = _box(whole[0] if len(whole) == 1 else np.concatenate(whole), size, blur)
    mask = np.zeros((where[0].stop - where[0].start, where[1].stop - where[1].start), np.uint8)
    for points, level in zip(whole, levels or [1.0] * len(whole), strict=True):
        cv2.fillPoly(mask, [points - corner], int(255 * min(level, 1.0) + 0.5), cv2.LINE_AA, _SHIFT)
    return Brush(where, _soft(mask, blur))


def hairs(size: int, roots: np.ndarray, tips: np.ndarray, level: float, blur: float) -> Brush:
    """Return the brush of straight hairs one canvas pixel wide from `roots` (N, 2) to `tips` (N, 2)."""
    ends = _fixed(np.stack([roots, tips], axis=1))
    where, corner = _box(ends.reshape(-1, 2), size, blur)
    mask = np.zeros((where[0].stop - where[0].start, where[1].stop - where[1].start), np.uint8)
    cv2.polylines(mask, ends - corner, False, int(255 * level + 0.5), 1, cv2.LINE_AA, _SHIFT)
    return Brush(where, _soft(mask, blur))


def _fixed(points: np.ndarray) -> np.ndarray:
    """Return points as OpenCV draws them: whole numbers of a sixteenth of a pixel."""
    return np.rint(points * (1 << _SHIFT)).astype(np.int32)


def _box(points: np.ndarray, size: int, blur: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """Return the window around fixed-point `points` and their blur, never empty, and its corner."""
    margin = int(3 * blur) + 3
    left, top, width, height = cv2.boundingRect(points)
    x0, y0 = (min(max((start >> _SHIFT) - margin, 0), size - 1) for start in (left, top))
    x1 = max(min(((left + width) >> _SHIFT) + margin + 1, size), x0 + 1)
    y1 = max(min(((top + height) >> _SHIFT) + margin + 1, size), y0 + 1)
    return (slice(y0, y1), slice(x0, x1)), np.array([x0 << _SHIFT, y0 << _SHIFT], np.int32)


def _soft(mask: np.ndarray, blur: float) -> np.ndarray:
    soft = mask * np.float32(1 / 255)
    return cv2.GaussianBlur(soft, (0, 0), blur) if blur > 0 else soft


def polygon(size: int, points: np.ndarray, blur: float = 0.0) -> Brush:
    """Return the brush of one filled polygon."""
    return polygons(size, [points], blur)


def disc(size: int, centre: np.ndarray, radius: float | tuple[float, float], blur: float = 0.0) -> Brush:
    """Return the brush of a disc, or of an upright ellipse where `radius` is a pair."""
    return polygon(size, circle(centre, radius), blur)


def circle(centre: np.ndarray, radius: float | tuple[float, float], count: int = 24) -> np.ndarray:
    """Return the corners (count, 2) of a circle or upright ellipse."""
    return np.asarray(centre) + _unit_circle(count) * np.asarray(radius)


@cache
def _unit_circle(count: int) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def ribbon(
    points: np.ndarray, width: float | np.ndarray, taper: tuple[float, float] = (0.15, 0.15)
) -> np.ndarray:
    """Return the outline of strokes along `points` (..., N, 2), `width` px wide in the middle, tapered to
    both ends.

    Several strokes at once take one width each; the outlines are (..., 2 N, 2).
    """
    points = np.asarray(points, np.float64)
    along = np.empty_like(points)
    along[..., 1:-1, :] = points[..., 2:, :] - points[..., :-2, :]
    along[..., 0, :] = points[..., 1, :] - points[..., 0, :]
    along[..., -1, :] = points[..., -1, :] - points[..., -2, :]
    normal = along[..., ::-1] * (-1, 1)
    normal /= np.maximum(np.sqrt(np.square(normal).sum(axis=-1, keepdims=True)), 1e-6)
    half = 0.5 * np.asarray(width)[..., None, None] * _profile(points.shape[-2], taper)
    return np.concatenate([points + normal * half, (points - normal * half)[..., ::-1, :]], axis=-2)


@cache
def _profile(count: int, taper: tuple[float, float]) -> np.ndarray:
    t = np.linspace(0, 1, count)
    return np.maximum(np.sin(np.pi * t) ** 0.6, taper[0] * (1 - t) + taper[1] * t)[:, None]


def moved(points: np.ndarray, right: float, down: float) -> np.ndarray:
    """Return `points` (..., 2) moved by (right, down)."""
    return points + np.array([right, down])


def curve(points: Iterable[tuple[float, float]], count: int = 13) -> np.ndarray:
    """Return `count` points of the smooth curve through three or more control points (Catmull-Rom)."""
    control = np.asarray(points, np.float64)
    return _spline(len(control), count) @ control


@cache
def _spline(knots: int, count: int) -> np.ndarray:
    """The (count, knots) matrix that turns control points into points of the curve."""
    control = np.eye(knots)
    control = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    position = np.linspace(0, knots - 1, count)
    index = np.minimum(position.astype(int), knots - 2)
    t = (position - index)[:, None]
    a, b, c, d = (control[index + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
