"""What is not the face: background, neck, shoulders, clothes, ears."""

from __future__ import annotations

import cv2
import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.colours import Colours
from data_prep.synthetic.head import Head
from data_prep.synthetic.latents import Nuisance
from data_prep.synthetic.light import Light
from data_prep.synthetic.paint import circle, curve, disc, linear, mix, polygon, ribbon
from data_prep.synthetic.shape import Shape

_WALLS = [
    (196, 200, 205),
    (120, 140, 160),
    (170, 160, 140),
    (90, 105, 90),
    (60, 62, 70),
    (205, 190, 170),
    (150, 110, 100),
]
_CLOTHES = [
    (40, 48, 70),
    (140, 40, 42),
    (225, 225, 222),
    (60, 90, 70),
    (30, 30, 32),
    (95, 115, 160),
    (180, 150, 110),
    (120, 85, 120),
]


def paint_background(size: int, n: Nuisance, light: Light) -> np.ndarray:
    """Return the (size, size, 3) linear background: a wall or a view far out of focus."""
    rng = np.random.default_rng([n.seed, 11])
    first, second = (linear(*_WALLS[k]) for k in rng.integers(len(_WALLS), size=2))
    second = mix(first, second, float(rng.uniform(0.1, 0.7)))
    small = np.empty((16, 16, 3), np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    axis = np.linspace(-1, 1, 16)
    ramp = np.clip(0.5 + 0.4 * (np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]), 0, 1)
    noise = rng.standard_normal((16, 16, 1)) + 0.25 * rng.standard_normal((16, 16, 3))
    blobs = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), rng.uniform(0.8, 2.0))
    small[:] = first + ramp[..., None] * (second - first)
    small *= np.maximum(1 + blobs * rng.uniform(0.0, 0.9), 0.2)
    small = np.clip(cv2.resize(small, (64, 64), interpolation=cv2.INTER_CUBIC), 0.004, 1) * (
        light.colour * 0.85
    )
    return cv2.resize(small.astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR)


class Body:
    """Neck and shoulders: they follow the head's roll by a third and its place, but not its other turns."""

    def __init__(self, head: Head, n: Nuisance) -> None:
        self.head, self.scale = head, head.scale
        angle = np.deg2rad(n.roll) / 3
        self._turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        self._base = head.project(np.array([[0.0, 0.55, 0.05]]))[0]

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return canvas pixels (N, 2) of points (N, 2) in head units below the middle of the mouth."""
        return (np.asarray(points) - (0, 0.55)) @ self._turn * self.scale + self._base


def paint_body(
    image: np.ndarray, head: Head, s: Shape, a: Ageing, n: Nuisance, colours: Colours, light: Light
) -> None:
    """Paint shoulders, clothes and neck into the (S, S, 3) image."""
    rng = np.random.default_rng([n.seed, 13])
    body, size, scale = Body(head, n), head.canvas, head.scale
    grown = 1 - a.childhood
    broad = 0.82 + 0.55 * grown + 0.14 * max(a.masculinity, 0)
    slope = 1.28 - 0.06 * grown
    shoulder = curve(
        [
            (s.neck * 1.02, 1.10),
            (s.neck * 1.35, slope - 0.03),
            (broad * 0.8, slope + 0.12),
            (broad, slope + 0.35),
            (broad * 1.05, 2.6),
        ],
        13,
    )
    cloth = linear(*_CLOTHES[int(rng.integers(len(_CLOTHES)))]) * np.float32(rng.uniform(0.6, 1.3))
    falloff = np.linspace(1.0 + 0.35 * light.x, 1.0 - 0.35 * light.x, size, dtype=np.float32)[::-1]
    lit = (light.ambient + 0.6 * light.key) * light.colour
    torso = polygon(size, body(np.concatenate([shoulder, (shoulder * (-1, 1))[::-1]])), 0.8)
    torso.paint(image, cloth * lit * falloff[torso.where[1]][None, :, None])

    side = curve(
        [
            (s.neck * 0.98, 0.35),
            (s.neck, 0.75),
            (s.neck * 1.03, 1.05),
            (s.neck * 1.25, 1.22),
            (s.neck * 1.5, 1.30),
        ],
        11,
    )
    dip = 1.36 + 0.16 * rng.random()
    front = [(-s.neck * 1.5, 1.30), (0.0, dip), (s.neck * 1.5, 1.30)]
    neck = polygon(size, body(np.concatenate([side, curve(front, 9)[::-1], (side * (-1, 1))[::-1]])), 0.8)
    columns = np.arange(neck.where[1].start, neck.where[1].stop, dtype=np.float32)
    across = np.clip(
        (columns - np.float32(body(np.zeros((1, 2)))[0, 0])) / np.float32(s.neck * scale), -0.98, 0.98
    )
    facing = np.clip(across * light.x + np.sqrt(1 - across**2) * light.z * 0.9 + 0.30, 0, 1.3) / 1.3
    tone = np.float32(light.ambient * 0.8) + np.float32(light.key * 0.8) * facing
    neck.paint(image, (colours.skin * light.colour) * tone[None, :, None])
    collar = polygon(size, ribbon(body(curve(front, 9)), 0.05 * scale, (1, 1)), 0.02 * scale)
    collar.multiply(image, np.float32([0.55, 0.55, 0.55]), 0.7)
    if a.sag > 0.3:
        for x in (-0.12, 0.10):
            cord = polygon(
                size, ribbon(body([(x * 0.9, 0.8), (x, 1.05), (x * 0.6, 1.26)]), 0.035 * scale), 0.018 * scale
            )
            cord.multiply(image, np.float32([0.72, 0.66, 0.64]), a.sag)

    # The head's own shadow falls on the neck.
    y = np.linspace(0.2, 1.0, 9)
    jaw = (
        np.concatenate([head.silhouette(y, -1), head.silhouette(y[::-1], 1)])
        + np.array([-0.05 * light.x, 0.13]) * scale
    )
    polygon(size, jaw, 0.045 * scale).multiply(
        image, np.float32([0.36, 0.28, 0.26]), 0.65 + 0.35 * n.light_hardness
    )


def paint_ears(image: np.ndarray, head: Head, s: Shape, a: Ageing, colours: Colours, light: Light) -> None:
    """Paint both ears before the head, which covers the far one as it turns away."""
    size, scale = head.canvas, head.scale
    width = float(np.interp(s.ear_y, *s.outline))
    for side in (-1.0, 1.0):
        tall = 0.5 * s.ear_height
        shape = [
            (-0.05, -0.75),
            (0.045, -1.0),
            (0.085, -0.55),
            (0.070, 0.1),
            (0.030, 0.75),
            (-0.01, 1.05),
            (-0.05, 0.8),
        ]
        points = np.array([(side * (width + x), s.ear_y + tall * y) for x, y in shape])
        place = head.flat(curve(np.vstack([points, points[:1]]), 25), -0.02)
        facing = light.ambient + light.key * float(np.clip(0.62 + 0.5 * side * light.x, 0.1, 1))
        ear = polygon(size, place, 0.7)
        ear.paint(
            image, colours.skin * np.float32([1.0, 0.86, 0.84]) * light.colour * np.float32(0.9 * facing)
        )
        shell = head.flat(circle((side * (width + 0.018), s.ear_y - 0.1 * tall), (0.032, 0.55 * tall)), -0.02)
        polygon(size, shell, 0.012 * scale).within(ear).multiply(image, np.float32([0.5, 0.4, 0.38]), 0.8)
        lobe = head.flat(np.array([[side * (width + 0.0), s.ear_y + 0.9 * tall]]), -0.02)[0]
        disc(size, lobe, 0.02 * scale, 1.0).within(ear).multiply(
            image, np.float32([1.08, 0.95, 0.95]), a.childhood
        )
