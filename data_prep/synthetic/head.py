"""The head in space: a rounded base with relief, turned by the pose and seen by an orthographic camera."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.relief import EXTENT, chart_axis
from data_prep.synthetic.shape import Shape

Window = tuple[slice, slice]  # rows and columns of the canvas

_TURNS = ("yaw", "pitch", "roll")
_TABLE = 1024
_PIVOT_Y, _PIVOT_Z = 0.2, 0.55
_SCALE = 0.345  # canvas heights a head unit


@dataclass(frozen=True)
class Surface:
    """What the camera sees of the head within a window of the canvas, (h, w) float32 but for `depth`."""

    where: Window
    x: np.ndarray  # face coordinates of the visible point
    y: np.ndarray
    depth: np.ndarray  # towards the camera, head units, (h / 2, w / 2): one value for 2 x 2 pixels
    inside: np.ndarray  # 1 on the head, 0 off it


class Head:
    """Geometry of one picture.

    Each horizontal section of the base is an ellipse of half width w(y) and half depth d(y) about z = c(y): a
    ray of the camera meets it in closed form under yaw. Relief and pitch move the meeting point a little; a
    few rounds of fixed-point iteration follow them.
    """

    def __init__(self, shape: Shape, relief: np.ndarray, nuisance: Nuisance, canvas: int) -> None:
        self.shape, self.relief, self.canvas = shape, relief, canvas
        self.scale = canvas * _SCALE * nuisance.zoom
        self._sin, self._cos = {}, {}
        for name in _TURNS:
            angle = np.deg2rad(getattr(nuisance, name))
            self._sin[name], self._cos[name] = float(np.sin(angle)), float(np.cos(angle))
        self._centre = (
            canvas * (0.5 + nuisance.shift_x) - 0.5,
            canvas * (0.5 + nuisance.shift_y) - 0.5,
        )

    @cached_property
    def sections(self) -> np.ndarray:
        """Half width, half depth and centre depth over y from -1 to 1: (3, 1024) float32."""
        y = np.linspace(-1, 1, _TABLE)
        width = np.interp(y, *self.shape.outline)
        front = np.where(
            y < 0.05, 0.82 * np.sqrt(np.clip(1 - ((y - 0.05) / 1.08) ** 2, 0, 1)), 0.82 - 0.03 * y
        )
        chin = np.clip((y - 0.72) / 0.28, 0, 1)
        front -= 0.24 * (1 - np.sqrt(1 - chin**2))
        depth = 0.80 * width
        return np.stack([width, depth, front - depth]).astype(np.float32)

    def _section(self, y: np.ndarray) -> np.ndarray:
        index = np.clip((y + 1) * (0.5 * (_TABLE - 1)), 0, _TABLE - 1).astype(np.int32)
        return self.sections[:, index]

    def _height(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.on_chart(self.relief, x, y)

    def on_chart(self, chart: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Read a chart (G, G) or (G, G, C) at face coordinates of shape (H, W)."""
        factor = np.float32((chart.shape[0] - 1) / (2 * EXTENT))
        map_x, map_y = ((values + np.float32(EXTENT)) * factor for values in (x, y))
        return cv2.remap(chart, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    @cached_property
    def _front(self) -> np.ndarray:
        """The chart of z of the front surface, base and relief together: (G, G) float32."""
        axis = chart_axis(len(self.relief))
        width, depth, centre = self._section(axis)[:, :, None]
        side = np.minimum(np.abs(axis)[None, :] / np.maximum(width, np.float32(1e-3)), 1)
        return centre + depth * np.sqrt(1 - side * side) + self.relief

    def surface_z(self, points: np.ndarray) -> np.ndarray:
        """Return z (N,) of the front surface at face coordinates `points` (N, 2)."""
        maps = ((points + EXTENT) * ((len(self.relief) - 1) / (2 * EXTENT))).astype(np.float32)
        return cv2.remap(self._front, maps[:, None], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[
            :, 0
        ]

    @cached_property
    def _camera(self) -> tuple[np.ndarray, np.ndarray]:
        """Matrix (3, 2) and offset (2,) from space to canvas pixels: yaw, then pitch, roll and scale."""
        sin_yaw, sin_pitch, sin_roll = (self._sin[name] for name in _TURNS)
        cos_yaw, cos_pitch, cos_roll = (self._cos[name] for name in _TURNS)
        turned = np.array([[cos_yaw, 0, sin_yaw], [0, 1, 0], [-sin_yaw, 0, cos_yaw]])
        tilted = np.array([[1, 0, 0], [0, cos_pitch, -sin_pitch], [0, sin_pitch, cos_pitch]])
        rolled = np.array([[cos_roll, -sin_roll, 0], [sin_roll, cos_roll, 0]]) * self.scale
        matrix = (rolled @ tilted @ turned).T
        return matrix, self._centre - np.array([0.0, _PIVOT_Y, _PIVOT_Z]) @ matrix

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return canvas pixels (N, 2) of points in space (N, 3); pixel centres are whole numbers."""
        matrix, offset = self._camera
        return points @ matrix + offset

    def on_face(self, points: np.ndarray) -> np.ndarray:
        """Return canvas pixels (N, 2) of points of the visible surface given in face coordinates (N, 2)."""
        matrix, offset = self._camera
        return points @ matrix[:2] + (self.surface_z(points)[:, None] * matrix[2] + offset)

    def flat(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Return canvas pixels (N, 2) of points (N, 2) in the plane of depth `z`."""
        matrix, offset = self._camera
        return points @ matrix[:2] + (z * matrix[2] + offset)

    def upright(self, where: Window | None = None, step: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return head units right of and below the pivot, roll undone, for each pixel of a window: two
        float32 arrays.

        With `step` 2 there is one value for each block of 2 x 2 pixels, taken at its middle.
        """
        rows, columns = where or (slice(0, self.canvas), slice(0, self.canvas))
        sin, cos = self._sin["roll"], self._cos["roll"]
        middle = 0.5 * (step - 1)

        def axis(pixels: slice, centre: float) -> np.ndarray:
            return ((np.arange(pixels.start, pixels.stop, step) + (middle - centre)) / self.scale).astype(
                np.float32
            )

        u, v = axis(columns, self._centre[0])[None, :], axis(rows, self._centre[1])[:, None]
        return u * np.float32(cos) + v * np.float32(sin), v * np.float32(cos) - u * np.float32(sin)

    def window(self, points: np.ndarray, margin: int) -> Window:
        """Return the rows and columns of the canvas around `points` (N, 2), with even borders."""
        low = np.clip(np.floor(points.min(axis=0)).astype(int) - margin, 0, self.canvas) // 2 * 2
        high = np.clip(np.ceil(points.max(axis=0)).astype(int) + margin + 1, 0, self.canvas)
        high = np.minimum(np.maximum((high + 1) // 2 * 2, low + 2), self.canvas)
        low = np.minimum(low, high - 2)
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))

    def cast(self) -> Surface:
        """Send one ray for each 2 x 2 pixels onto the head; what lies between is interpolated."""
        f = np.float32
        heights = np.linspace(-1, 1, 25)
        where = self.window(np.concatenate([self.silhouette(heights, side) for side in (-1, 1)]), 4)
        sin_yaw, cos_yaw = f(self._sin["yaw"]), f(self._cos["yaw"])
        sin_pitch, cos_pitch = f(self._sin["pitch"]), f(self._cos["pitch"])
        u, v = self.upright(where, step=2)
        u = u + f(_PIVOT_Z) * sin_yaw
        v = v - f(_PIVOT_Z) * cos_yaw * sin_pitch
        depth = np.full_like(u, 0.6)
        height = np.zeros_like(u)
        for _ in range(4):
            y = (v + depth * sin_pitch) / cos_pitch + f(_PIVOT_Y)
            width, half, centre = self._section(y)
            ray = u - (centre + height) * sin_yaw
            wide, deep = width * cos_yaw, half * sin_yaw
            reach = np.sqrt(wide * wide + deep * deep) + f(1e-4)
            side = np.minimum(np.maximum(ray / reach, -1), 1)
            root = np.sqrt(1 - side * side)
            x = width * (side * wide - root * deep) / reach
            z = centre + half * (side * deep + root * wide) / reach
            height = self._height(x, y)
            depth = (z + height) * cos_yaw - x * sin_yaw
        # How far inside the edge a point is, in pixels: it survives interpolation better than a mask would.
        margin = np.minimum(reach - np.abs(ray), 1 - np.abs(y)) * f(self.scale)

        # Beyond the edge the surface goes on falling, so that light at the edge sees no flat rim.
        depth += np.minimum(margin, 0) * f(2.5 / self.scale)

        def full(values: np.ndarray) -> np.ndarray:
            return cv2.resize(values, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)

        inside = np.minimum(np.maximum(full(margin) + f(0.5), 0), 1)
        return Surface(where, full(x), full(y), depth, inside)

    def silhouette(
        self, y: np.ndarray, side: float, out: np.ndarray | float = 0.0, up: np.ndarray | float = 0.0
    ):
        """Return canvas pixels (N, 2) of the head's edge at heights `y`, moved outwards and up by head units.

        Args:
            y: (N,) heights in face coordinates.
            side: -1 the left edge as seen in the image, +1 the right.
            out: how far beyond the edge, (N,) or a number.
            up: how far above it.
        """
        width, half, centre = self._section(np.asarray(y, np.float64)).astype(np.float64)
        sin, cos = self._sin["yaw"], self._cos["yaw"]
        reach = np.maximum(np.hypot(width * cos, half * sin), 1e-6)
        x = side * (width * width * cos / reach + out * cos)
        z = centre + side * (half * half * sin / reach + out * sin)
        return self.project(np.column_stack([x, np.asarray(y) - up, z]))
