"""A short film of rendered people who come, move about and go: the video of whoever has none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from common.video.writing import write_webm
from data_prep.synthetic.camera import develop
from data_prep.synthetic.face import render
from data_prep.synthetic.latents import Latents, Nuisance, sample_identity
from data_prep.synthetic.light import Light
from data_prep.synthetic.scene import paint_background

WIDTH, HEIGHT, RATE = 640, 480, 25.0
FRAMES = 200
# A turn of the head and a smile in so many pictures, between which is blended: rendering each frame would
# take minutes.
_POSES = 6
_LOOP = 4.0  # seconds
_ZOOM = 0.6  # leaves room for the shoulders


@dataclass(frozen=True)
class Actor:
    """A person of the film.

    Attributes:
        seed: of identity and clothes.
        age: years.
        gender: "male" or "female".
        size: side in pixels of the square that shows head and shoulders.
        path: (second, x, y) of the middle of that square in the frame, by which it moves.
    """

    seed: int
    age: float
    gender: str
    size: int
    path: Sequence[tuple[float, float, float]]

    def place(self, second: float) -> tuple[float, float]:
        """Return x, y of the middle of the square, with the sway of somebody who stands."""
        times, xs, ys = np.transpose(self.path)
        sway = 2 * math.pi * second / _LOOP + self.seed
        x, y = np.interp(second, times, xs), np.interp(second, times, ys)
        return float(x + 4 * math.sin(sway)), float(y + 3 * math.sin(2 * sway))


CAST = (
    Actor(11, 71, "male", 380, ((2.0, 840, 305), (4.0, 325, 305), (5.6, 325, 305), (7.6, 840, 305))),
    Actor(5, 38, "male", 460, ((0.0, 140, 270), (8.0, 160, 270))),
    Actor(8, 23, "female", 480, ((0.0, 340, 265), (1.6, 500, 260), (6.0, 490, 260), (7.0, 440, 265))),
)
"""The film's people, the hindmost first."""


def write_clip(path: Path, frames: int = FRAMES) -> None:
    """Write the film's first `frames` frames as WebM, 640 x 480, 25 frames a second, whole or not at all."""
    with write_webm(path, RATE) as append:
        for number, frame in enumerate(film(range(frames), CAST)):
            append(frame, number / RATE)


def film(numbers: Iterable[int] = range(FRAMES), cast: Sequence[Actor] = CAST) -> Iterator[np.ndarray]:
    """Yield the film's frames of these numbers, (480, 640, 3) uint8 RGB, the same bytes every time."""
    room = Nuisance(seed=4, noise=0.0)
    wall = develop(paint_background(WIDTH, room, Light.of(room)), room, WIDTH)[:HEIGHT].astype(np.float32)
    poses = [[cut_out(latents, actor.size) for latents in _loop(actor)] for actor in cast]
    for number in numbers:
        second = number / RATE
        frame = wall.copy()
        for actor, pictures in zip(cast, poses, strict=True):
            _paste(frame, _between(pictures, second / _LOOP), actor.place(second))
        yield cv2.convertScaleAbs(frame)


def cut_out(latents: Latents, size: int) -> np.ndarray:
    """Return the person without background, (size, size, 4) float32: RGB times cover in [0, 255], cover.

    Rendered on black and on white: what differs is what of the background is seen. Cover is that of developed
    pixels, so that a fine edge may be a little off; where all or nothing is covered it is exact.
    """
    black, white = (render(latents, size, background).image.astype(np.float32) for background in (0.0, 1.0))
    blank = white[0, 0].max()
    cover = 1 - np.clip((white - black).mean(axis=-1, keepdims=True) / blank, 0, 1)
    return np.concatenate([black, cover], axis=-1)


def _loop(actor: Actor) -> Iterator[Latents]:
    identity = sample_identity(np.random.default_rng([2, actor.seed]))
    for pose in range(_POSES):
        turn = 2 * math.pi * pose / _POSES
        nuisance = Nuisance(
            yaw=7 * math.sin(turn),
            pitch=2 * math.cos(turn),
            smile=0.35 - 0.35 * math.cos(turn),
            zoom=_ZOOM,
            seed=actor.seed,
        )
        yield Latents(identity, actor.age, actor.gender, nuisance)


def _between(pictures: Sequence[np.ndarray], turns: float) -> np.ndarray:
    place = turns * len(pictures)
    before, part = int(place), place % 1
    first, second = (pictures[(before + step) % len(pictures)] for step in (0, 1))
    return cv2.addWeighted(first, 1 - part, second, part, 0)


def _paste(frame: np.ndarray, picture: np.ndarray, centre: tuple[float, float]) -> None:
    """Lay a cut-out (S, S, 4) onto `frame`, (H, W, 3) float32, in place, its middle at `centre`."""
    half = picture.shape[0] / 2
    shift = np.float32([[1, 0, centre[0] - half], [0, 1, centre[1] - half]])
    moved = cv2.warpAffine(picture, shift, (frame.shape[1], frame.shape[0]), flags=cv2.INTER_LINEAR)
    frame *= 1 - moved[..., 3:]
    frame += moved[..., :3]
