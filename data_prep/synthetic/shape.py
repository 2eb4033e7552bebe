"""Where the features of a face are and how large: anthropometry, growth, sex, ageing, expression.

Lengths are in half heights of the head: the crown is at y = -1, the chin at y = +1, x = 0 is the middle of
the face, y grows downwards, z towards the camera. Adult values follow the usual proportions (head breadth
0.67, distance of the pupils 0.56, eyes near half height); those of infants put the eyes lower, the cranium
wider and the jaw smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.traits import Traits

CROWN, CHIN = -1.0, 1.0
_HEIGHTS = np.array([-1.0, -0.75, -0.4, 0.0, 0.3, 0.52, 0.72, 0.86, 0.95, 1.0])


@dataclass(frozen=True)
class Shape:
    """The frontal plan of one face with its expression. Pairs are mirrored: the value of the right half."""

    outline: tuple[np.ndarray, np.ndarray]  # y, half width of the head there
    eye_x: float
    eye_y: float
    eye_width: float  # half the length of the lid opening
    eye_up: float  # height of the upper lid above the line of the corners
    eye_low: float
    eye_tilt: float  # how much higher the outer corner is
    iris: float  # radius
    brow_y: float
    brow_thickness: float
    brow_arch: float
    brow_tilt: float
    nose_y: float  # the base; the tip is a little higher
    nose_width: float
    nose_tip_y: float
    mouth_y: float
    mouth_width: float
    lip_up: float
    lip_low: float
    corner_y: float  # of the mouth: smiling is negative
    gap: float  # between the lips
    hairline_y: float  # at the middle of the forehead
    ear_y: float
    ear_height: float
    neck: float  # half width


def _outline(t: Traits, a: Ageing) -> tuple[np.ndarray, np.ndarray]:
    """Return (y, half width) of the head's outline: an ellipse whose width is modulated from crown to chin.

    The modulation is given at heights y = -cos(tau); sin(tau) rounds both ends.
    """
    c, m, fat = a.childhood, a.masculinity, 0.5 * t.fatness + 0.15 * a.sag
    widths = np.array([0.70, 0.725, 0.69, 0.675, 0.655, 0.635, 0.605, 0.56, 0.53, 0.52])
    widths = widths + c * np.array([0.10, 0.10, 0.10, 0.075, 0.075, 0.095, 0.105, 0.105, 0.08, 0.05])
    widths += m * np.array([0, 0, 0, 0.005, 0.008, 0.02, 0.035, 0.035, 0.03, 0.03])
    widths += 0.03 * t.face_width * np.array([1, 1, 1, 1, 1, 1, 0.9, 0.7, 0.6, 0.6])
    widths += t.cheekbones * np.array([0, 0, -0.004, 0.012, 0.022, 0.005, -0.01, -0.01, 0, 0])
    adult = 1 - 0.7 * c
    widths += adult * 0.024 * t.jaw_width * np.array([0, 0, 0, 0, 0.2, 0.7, 1, 0.9, 0.5, 0.4])
    widths += adult * 0.022 * t.jaw_angle * np.array([0, 0, 0, 0, 0, 0.6, 1, 0.3, -0.6, -0.8])
    widths += adult * 0.035 * t.chin_width * np.array([0, 0, 0, 0, 0, 0, 0.2, 0.7, 1, 1])
    widths += 0.04 * fat * np.array([0, 0, 0, 0.1, 0.5, 0.9, 1, 0.8, 0.5, 0.4])
    widths += 0.05 * a.sag * np.array([0, 0, 0, -0.1, -0.3, 0.0, 0.8, 1.0, 0.4, 0.2])
    y, matrix = _outline_spline()
    return y, matrix @ widths


@cache
def _outline_spline() -> tuple[np.ndarray, np.ndarray]:
    """Return y (257,) and the (257, 10) matrix that turns the modulation at _HEIGHTS into half widths."""
    tau = np.linspace(0, np.pi, 257)
    spline = CubicSpline(np.arccos(-_HEIGHTS), np.eye(len(_HEIGHTS)))(tau)
    return -np.cos(tau), np.sin(tau)[:, None] * spline


def plan(t: Traits, a: Ageing, n: Nuisance) -> Shape:
    """Place the features of the person with traits `t`, of age `a`, with the expression in `n`."""
    c, m, adult = a.childhood, a.masculinity, 1 - a.childhood
    # A long face is a long way from the eyes to the chin: its eyes are higher in the head.
    eye_y = 0.015 + 0.20 * c + 0.02 * t.eye_height - 0.03 * t.face_height * (0.4 + 0.6 * adult)
    face = CHIN - eye_y
    nose_y = eye_y + face * (0.445 - 0.06 * c + 0.018 * t.nose_length * adult + 0.012 * m + 0.025 * a.sag)
    mouth_y = eye_y + face * (0.650 - 0.015 * c + 0.012 * t.mouth_height - 0.012 * t.chin_height * adult)
    mouth_y = max(mouth_y, nose_y + 0.15)
    open_lids = 1 + 0.16 * t.eye_opening - 0.22 * a.sag - 0.04 * m
    lids = np.clip(1 - 0.45 * n.squint - 0.18 * max(n.smile, 0) + 0.12 * max(n.brow_raise, 0), 0.25, 1.35)
    smile = n.smile
    lip_age = (1 - 0.55 * a.thinning) * (1 - 0.12 * m)
    corner_y = -0.012 - 0.048 * smile + 0.030 * a.sag + 0.02 * max(-smile, 0)
    return Shape(
        outline=_outline(t, a),
        eye_x=0.285 + 0.013 * t.eye_distance + 0.008 * t.face_width + 0.012 * c,
        eye_y=eye_y,
        eye_width=0.136 + 0.009 * t.eye_width + 0.028 * c - 0.006 * a.sag,
        eye_up=(0.058 + 0.048 * c) * open_lids * lids,
        eye_low=(0.028 + 0.014 * c) * (0.6 + 0.4 * open_lids) * (0.6 + 0.4 * lids),
        eye_tilt=0.012 + 0.012 * t.eye_tilt - 0.022 * a.sag - 0.004 * m,
        iris=0.057 + 0.025 * c + 0.002 * t.eye_width,
        brow_y=eye_y
        - (0.175 + 0.018 * t.brow_height - 0.014 * m + 0.015 * c - 0.02 * a.sag + 0.03 * n.brow_raise),
        brow_thickness=(0.036 + 0.008 * t.brow_thickness) * (1 + 0.26 * m) * (1 - 0.35 * c),
        brow_arch=0.032 + 0.014 * t.brow_arch - 0.010 * m + 0.008 * n.brow_raise,
        brow_tilt=0.012 * t.brow_tilt + 0.010 - 0.012 * a.sag + 0.015 * min(n.brow_raise, 0),
        nose_y=nose_y,
        nose_width=0.148
        + 0.016 * t.nose_width
        + 0.010 * m
        + 0.016 * a.sag
        + 0.016 * t.melanin * adult
        - 0.030 * c
        + 0.012 * max(smile, 0),
        nose_tip_y=nose_y - 0.065 - 0.012 * t.nose_tip - 0.012 * c + 0.025 * a.sag,
        mouth_y=mouth_y,
        mouth_width=0.230
        + 0.018 * t.mouth_width
        + 0.012 * m
        - 0.045 * c
        + 0.042 * max(smile, 0)
        - 0.012 * a.thinning,
        lip_up=(0.056 + 0.010 * t.lip_upper + 0.008 * t.melanin) * lip_age * (1 - 0.25 * max(smile, 0)),
        lip_low=(0.074 + 0.011 * t.lip_lower + 0.008 * t.melanin) * lip_age * (1 - 0.15 * max(smile, 0)),
        corner_y=corner_y,
        gap=0.10 * n.mouth_open,
        hairline_y=eye_y - 0.60 + 0.035 * t.hairline - 0.06 * c,
        ear_y=eye_y + 0.14,
        ear_height=0.235 + 0.018 * t.ear_size - 0.01 * c + 0.045 * a.sag,
        neck=0.345 + 0.06 * m * a.maturity + 0.02 * t.fatness - 0.07 * c,
    )
