"""Light on the head: one soft key light, a hemisphere of sky, cast shadows and a little gloss."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.latents import Nuisance

# Light enters skin and leaves it beside the terminator, red the farthest.
_WRAP = (0.42, 0.28, 0.22)


@dataclass(frozen=True)
class Light:
    """Direction towards the key light on the canvas (x right, y down, z to the camera), and strengths."""

    x: float
    y: float
    z: float
    key: float
    ambient: float
    colour: np.ndarray  # (3,) of everything

    @classmethod
    def of(cls, n: Nuisance) -> Light:
        azimuth, elevation = np.deg2rad(n.light_azimuth), np.deg2rad(n.light_elevation)
        warm = np.array([1 + 0.10 * n.warmth, 1.0, 1 - 0.16 * n.warmth], np.float32)
        return cls(
            x=float(np.sin(azimuth) * np.cos(elevation)),
            y=float(-np.sin(elevation)),
            z=float(np.cos(azimuth) * np.cos(elevation)),
            key=0.60 + 0.55 * n.light_hardness,
            ambient=0.58 - 0.38 * n.light_hardness,
            colour=warm * np.float32(n.exposure),
        )


def normals(depth: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the unit normals (x, y, z) of a depth map (S, S) in head units with `scale` px a unit."""
    factor = scale / 8.0
    x = cv2.Sobel(depth, cv2.CV_32F, 1, 0, scale=-factor)
    y = cv2.Sobel(depth, cv2.CV_32F, 0, 1, scale=-factor)
    z = 1 / np.sqrt(x * x + y * y + 1)
    return x * z, y * z, z


def cast_shadow(depth: np.ndarray, light: Light, scale: float) -> np.ndarray:
    """Return how much of the key light arrives, (h, w) in 0..1: nose and brows throw shadows."""
    blocked = np.zeros_like(depth)
    across = max(float(np.hypot(light.x, light.y)), 0.05)
    slope = light.z / across
    for reach in (0.035, 0.07, 0.12, 0.18):
        x, y = light.x / across * reach * scale, light.y / across * reach * scale
        shift = np.float32([[1, 0, -x], [0, 1, -y]])
        moved = cv2.warpAffine(depth, shift, depth.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        moved -= depth
        moved -= np.float32(reach * slope)
        moved *= np.float32(1 / (0.03 + 0.25 * reach))
        np.maximum(blocked, moved, out=blocked)
    return 1 - cv2.GaussianBlur(np.minimum(blocked, 1), (0, 0), max(0.018 * scale, 0.5))


def shade(albedo: np.ndarray, depth: np.ndarray, light: Light, a: Ageing, scale: float) -> np.ndarray:
    """Return the lit (h, w, 3) linear image of the head.

    Args:
        albedo: (h, w, 3) linear colour.
        depth: (h / 2, w / 2) towards the camera in head units; light varies slowly enough for that.
        light: what falls on it.
        a: the person's age, for the gloss of the skin.
        scale: pixels of `depth` a head unit.
    """
    x, y, z = normals(depth, scale)
    towards = x * light.x + y * light.y + z * light.z
    arriving = cast_shadow(depth, light, scale) * np.float32(light.key)
    sky = np.float32(light.ambient) * (np.float32(0.86) - np.float32(0.22) * y + np.float32(0.08) * z)
    irradiance = cv2.merge(
        [
            np.maximum((towards + np.float32(wrap)) * np.float32(1 / (1 + wrap)), 0) * arriving + sky
            for wrap in _WRAP
        ]
    )
    half = np.array([light.x, light.y, light.z + 1.0])
    half = (half / np.linalg.norm(half)).astype(np.float32)
    gloss = np.maximum(x * half[0] + y * half[1] + z * half[2], 0)
    for _ in range(4):
        gloss *= gloss
    gloss *= arriving * np.float32(0.085 - 0.03 * a.dullness - 0.02 * a.childhood)
    full = albedo.shape[1::-1]
    lit = cv2.resize(irradiance, full, interpolation=cv2.INTER_LINEAR)
    lit *= albedo
    lit += cv2.resize(gloss, full, interpolation=cv2.INTER_LINEAR)[..., None]
    lit *= light.colour
    return lit
