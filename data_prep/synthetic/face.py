"""One picture from its latents, in the order a painter works: form, skin, features, light, hair."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from data_prep.synthetic import eyes, hair, mouth, relief, scene, skin
from data_prep.synthetic.ageing import age_person
from data_prep.synthetic.camera import develop
from data_prep.synthetic.colours import colour_person
from data_prep.synthetic.head import Head
from data_prep.synthetic.latents import Latents
from data_prep.synthetic.light import Light, shade
from data_prep.synthetic.shape import Shape, plan
from data_prep.synthetic.styles import choose
from data_prep.synthetic.traits import Traits, texture_seed
from data_prep.synthetic.wrinkles import draw_wrinkles, wrinkle_lines

_SUPERSAMPLING = 2


@dataclass(frozen=True)
class Picture:
    """A rendered photograph."""

    image: np.ndarray  # (size, size, 3) uint8 RGB
    landmarks: np.ndarray  # (5, 2) float32 pixels: left eye, right eye, nose tip, left and right mouth corner


def render(latents: Latents, size: int = 128, background: float | None = None) -> Picture:
    """Render the face of `latents` as a picture of `size` px (at least 32).

    The same latents give the same bytes. Landmarks come from the geometry: the middle of each lid opening,
    the tip of the nose, the corners of the lips; left is the smaller x.

    Args:
        latents: who, how old, in what circumstances.
        size: side in pixels.
        background: a flat grey in linear light, in [0, 1], in place of the wall of the circumstances.
    """
    if size < 32:
        raise ValueError(f"a face needs at least 32 px, not {size}")
    canvas = size * _SUPERSAMPLING
    n = latents.nuisance
    t = Traits.of(latents.identity)
    seed = texture_seed(latents.identity)
    a = age_person(t, latents.age, latents.gender)
    s = plan(t, a, n)
    light = Light.of(n)
    colours = colour_person(t, a)
    chart_size = round(0.75 * canvas)
    heights = relief.build(chart_size, s, t, a, n)
    head = Head(s, heights, n, canvas)
    mane = hair.grow(head, s, t, a, choose(t, a, latents.gender), colours, light, seed)

    image = (
        scene.paint_background(canvas, n, light)
        if background is None
        else np.full((canvas, canvas, 3), background, np.float32)
    )
    hair.paint_back(image, head, s, mane)
    scene.paint_body(image, head, s, a, n, colours, light)
    scene.paint_ears(image, head, s, a, colours, light)

    surface = head.cast()
    albedo = np.zeros_like(image)
    albedo[surface.where] = head.on_chart(
        skin.paint_skin(chart_size, s, t, a, colours, seed), surface.x, surface.y
    )
    rng = np.random.default_rng([seed, 5])
    lines = draw_wrinkles(head, wrinkle_lines(s, a, n, seed))
    depth = surface.depth
    if lines is not None:
        lines.multiply(albedo, np.float32([0.60, 0.50, 0.48]))
        depth = depth - np.float32(0.016) * lines.half(surface.where)
    mouth.paint_nose(albedo, head, s, a)
    mouth.paint_mouth(albedo, head, s, a, colours)
    openings = {}
    for side in (-1.0, 1.0):
        openings[side] = eyes.paint_eye(albedo, head, s, t, a, n, colours, side)
        eyes.paint_brow(albedo, head, s, t, a, colours, side, rng)
    lit = shade(albedo[surface.where], depth, light, a, 0.5 * head.scale)
    part = image[surface.where]
    part[:] = cv2.blendLinear(lit, part, surface.inside, 1 - surface.inside)
    for side, opening in openings.items():
        eyes.glint(image, head, s, n, side, opening)
    hair.paint_front(image, head, s, t, a, mane)
    if n.glasses > 0:
        eyes.paint_glasses(image, head, s, n)
    return Picture(develop(image, n, size), _landmarks(head, s))


def _landmarks(head: Head, s: Shape) -> np.ndarray:
    eyes_and_nose = [[-s.eye_x, s.eye_y], [s.eye_x, s.eye_y], [0.0, s.nose_tip_y]]
    points = head.on_face(np.concatenate([eyes_and_nose, mouth.corners(s)]))
    return ((points + 0.5) / _SUPERSAMPLING - 0.5).astype(np.float32)
