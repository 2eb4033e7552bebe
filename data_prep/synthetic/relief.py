"""The relief of a face over its rounded base: brows, sockets, nose, cheeks, lips, chin."""

from __future__ import annotations

import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.shape import CHIN, Shape
from data_prep.synthetic.traits import Traits

# The chart is the square of face coordinates on which relief and colour of the skin are drawn.
EXTENT = 1.05


def chart_axis(size: int) -> np.ndarray:
    """Return the (size,) float32 coordinates of the chart's rows, which are also those of its columns."""
    return np.linspace(-EXTENT, EXTENT, size, dtype=np.float32)


def bumps(axis: np.ndarray, table: list[tuple[float, float, float, float, float]]) -> np.ndarray:
    """Sum mirrored Gaussian hills (x, y, sigma x, sigma y, height) into a (size, size) float32 chart.

    A hill at x = 0 stands once, any other at +x and -x. Gaussians are separable: the sum is one matrix
    product.
    """
    x, y, sx, sy, height = (
        np.array(column, dtype=np.float32)[:, None] for column in zip(*table, strict=True)
    )
    rows = height * np.exp(-0.5 * np.square((axis - y) / sy))
    columns = np.exp(-0.5 * np.square((axis - x) / sx))
    columns += np.where(x == 0, 0, np.exp(-0.5 * np.square((axis + x) / sx)))
    return rows.T @ columns


def _nose(axis: np.ndarray, s: Shape, t: Traits, a: Ageing) -> np.ndarray:
    """The bridge: a ridge that rises from the root to the tip and ends steeply above the lip."""
    y = axis[:, None]
    root, tip, base = s.eye_y - 0.10, s.nose_tip_y, s.nose_y
    along = np.clip((y - root) / (tip - root), 0, 1)
    height = (0.055 + 0.02 * t.nose_bridge * (1 - a.childhood)) * np.sin(
        np.pi * 0.5 * np.clip(along * 3, 0, 1)
    )
    height = height + (0.185 + 0.012 * t.nose_length - 0.08 * a.childhood) * along**1.4
    fall = 1 / (1 + np.exp(np.clip((y - (base - 0.030)) / 0.020, -30, 30)))
    rise = 1 / (1 + np.exp(np.clip(-(y - root) / 0.05, -30, 30)))
    width = 0.052 + 0.006 * t.nose_width + 0.035 * along**2
    return height * fall * rise * np.exp(-0.5 * np.square(axis[None, :] / width))


def build(size: int, s: Shape, t: Traits, a: Ageing, n: Nuisance) -> np.ndarray:
    """Return the (size, size) float32 relief of a face on the chart."""
    axis = chart_axis(size)
    c, m, adult = a.childhood, a.masculinity, 1 - a.childhood
    cheek_y = s.eye_y + 0.42 * (s.nose_y - s.eye_y) + 0.06
    smile = max(n.smile, 0)
    hollow = a.thinning * (0.5 - 0.25 * t.fatness) + 0.12 * adult * (m - t.fatness)
    nose_ball = 0.075 + 0.012 * t.nose_width
    table = [
        # x, y, sigma x, sigma y, height
        (0.24, s.brow_y + 0.03, 0.15, 0.05, 0.020 + 0.022 * adult * (0.7 + m)),
        (0.0, s.brow_y + 0.03, 0.08, 0.07, 0.012 * adult),
        (
            s.eye_x,
            s.eye_y - 0.015,
            0.14,
            0.085,
            -0.075 - 0.014 * t.eye_depth * adult - 0.03 * a.sag + 0.03 * c,
        ),
        (0.125, s.eye_y - 0.02, 0.045, 0.06, -0.050 + 0.02 * c),
        (s.eye_x, s.eye_y, 0.085, 0.060, 0.055),
        (0.0, s.nose_tip_y, nose_ball, 0.060, 0.070 - 0.01 * c),
        (s.nose_width - 0.045, s.nose_y - 0.050, 0.042, 0.042, 0.066),
        (s.nose_width + 0.05, s.nose_y - 0.05, 0.045, 0.06, -0.022),
        (0.42, cheek_y, 0.13, 0.10, 0.035 + 0.012 * t.cheekbones + 0.02 * c + 0.03 * smile),
        (0.36, s.mouth_y - 0.10, 0.15, 0.15, 0.075 * c + 0.02 * t.fatness + 0.02 * smile),
        (0.43, s.mouth_y - 0.06, 0.11, 0.13, -0.055 * hollow),
        (0.0, s.mouth_y, 0.21, 0.13, 0.05),
        (0.06, s.mouth_y - 0.7 * s.lip_up - 0.5 * s.gap, 0.09, 0.022, 0.03 * (1 - 0.6 * a.thinning)),
        (0.0, s.mouth_y + 0.6 * s.lip_low + 0.5 * s.gap, 0.12, 0.032, 0.045 * (1 - 0.5 * a.thinning)),
        (0.0, s.mouth_y, 0.18, 0.012, -0.03),
        (s.mouth_width + 0.015, s.mouth_y + s.corner_y, 0.03, 0.03, -0.022),
        (0.0, s.nose_y + 0.06, 0.022, 0.04, -0.012),
        (0.0, s.mouth_y + s.lip_low + s.gap + 0.05, 0.13, 0.035, -0.030 - 0.01 * m),
        (
            0.0,
            0.5 * (s.mouth_y + CHIN) + 0.09,
            0.12 + 0.015 * t.chin_width,
            0.09,
            0.055 + 0.01 * m - 0.02 * c,
        ),
        (0.60, s.eye_y - 0.17, 0.11, 0.14, -0.035 * adult - 0.04 * a.thinning),
        (0.40, 0.80, 0.09, 0.09, 0.06 * a.sag),
        (0.27, 0.84, 0.05, 0.08, -0.035 * a.sag),
        (s.eye_x, s.eye_y + 0.125, 0.085, 0.026, 0.020 * a.sag),
        (s.eye_x - 0.02, s.eye_y + 0.165, 0.10, 0.020, -0.016 * a.sag),
        (0.0, s.eye_y - 0.42, 0.30, 0.16, 0.03 * c),
    ]
    return (bumps(axis, table) + _nose(axis, s, t, a)).astype(np.float32)
