"""Films of a drawn face, and what is read back of a film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from common.video.writing import silence_ffmpeg
from tests.support.cartoon import cartoon

# Before the first video is opened: later it has no effect.
silence_ffmpeg()


def moving(frames: int, height: int = 180, width: int = 240, step: float = 2.0) -> Iterator[np.ndarray]:
    """Yield frames of one drawn face that moves to the right by `step` pixels a frame."""
    image, _ = cartoon(height, width, ((0.5, 0.5, 0.25),))
    for number in range(frames):
        yield np.roll(image, round(step * number), axis=1)


def film(path: Path, frames: int = 30, height: int = 180, width: int = 240, rate: float = 25.0) -> Path:
    """Write `moving` as MP4 and return its path."""
    return write_mp4(path, moving(frames, height, width), rate)


def write_mp4(path: Path, frames: Iterable[np.ndarray], rate: float = 25.0) -> Path:
    """Write frames, RGB of even sides, as MPEG-4 Part 2 at a constant rate and return the path."""
    video = None
    for frame in frames:
        if video is None:
            size = frame.shape[1::-1]
            video = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), rate, size)
        video.write(np.ascontiguousarray(frame[..., ::-1]))
    video.release()
    return path


def half(path: Path) -> None:
    """Write the first half of a film."""
    data = film(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def read(path: Path) -> list[np.ndarray]:
    """Return all frames of a video, BGR."""
    video = cv2.VideoCapture(str(path))
    frames = []
    while True:
        done, frame = video.read()
        if not done:
            return frames
        frames.append(frame)


def seconds_of(path: Path) -> list[float]:
    """Return when the frames of a video are shown, counted from the first."""
    video = cv2.VideoCapture(str(path))
    found = []
    while video.grab():
        found.append(video.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    return found
