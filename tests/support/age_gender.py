"""A classifier of age and gender that answers as it is told, and films of drawn faces to try it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from common.video import silence_ffmpeg
from reproductions.age_gender.video import Written, annotate_video
from reproductions.age_gender.video_following import Classifier, Pace
from reproductions.age_gender.video_reading import Video
from tests.support.cartoon import cartoon

# Before the first video is opened: later it has no effect.
silence_ffmpeg()

AGES = ("0-30", "31-45", "46-60", "61-100")
GENDERS = ("female", "male")


class Told:
    """Answers 31-45 and male, every second face less surely, and calls `told` before each answer.

    Attributes:
        asked: shapes of the faces it was asked about.
    """

    size, template, margin = 32, "utkface", 0.0
    ages, genders = AGES, GENDERS

    def __init__(self, told: Callable[[int], None] = lambda asked: None) -> None:
        self._told = told
        self.asked: list[tuple[int, ...]] = []

    def predict(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert faces.dtype == np.uint8
        self.asked.append(faces.shape)
        self._told(len(self.asked))
        sure = np.arange(len(faces)) % 2 == 0
        ages = np.where(sure[:, None], [0.1, 0.7, 0.1, 0.1], [0.5, 0.3, 0.1, 0.1])
        genders = np.where(sure[:, None], [0.1, 0.9], [0.7, 0.3])
        return ages, genders


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


def annotated(
    path: Path, out: Path, classifier: Classifier | None = None, pace: Pace | None = None
) -> Written:
    """Annotate a film by `Told` or another classifier."""
    with Video(str(path)) as opened:
        return annotate_video(opened, classifier or Told(), out, pace)


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
