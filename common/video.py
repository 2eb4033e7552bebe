"""Video files written whole: MP4 of MPEG-4 Part 2, the one kind that every OpenCV wheel writes quickly.

VLC, mpv, ffplay, QuickTime and Windows' own player play it; browsers do not. The wheel has no encoder of
H.264, which browsers play, and its VP9 takes 30 times as long as MPEG-4.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError
from common.faces.detection import require_image
from common.files import atomic_path

CODEC = "mp4v"


def silence_ffmpeg() -> None:
    """Keep OpenCV and the FFmpeg in it from writing to standard error about files that cannot be read.

    Works only before the process opens its first video; what the user has set stays.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextlib.contextmanager
def write_mp4(path: Path, rate: float) -> Iterator[Callable[[np.ndarray], None]]:
    """Yield a function that appends a frame, (H, W, 3) uint8 RGB, to the video that appears at the end.

    All frames are brought to the size of the first, with a row or column repeated where that is odd, which
    the format does not know. There is no sound. A block that raises or is killed leaves nothing under `path`.

    Args:
        path: the file, ending in ".mp4".
        rate: frames a second, above 0.

    Raises:
        UserError: the file does not hold what was written, as when the disk is full.
        ValueError: no frame was written, or `rate` is no rate.
    """
    if not rate > 0:
        raise ValueError(f"frames a second are above 0, not {rate}")
    with atomic_path(path) as beside:
        writer = _Writer(beside, rate)
        try:
            yield writer.append
        finally:
            writer.close()
        if writer.frames == 0:
            raise ValueError(f"no frame was written to {path}")
        if _frames(beside) != writer.frames:
            raise UserError(f"cannot write {path} whole: is the disk full?")


class _Writer:
    def __init__(self, path: Path, rate: float) -> None:
        self._path, self._rate = path, rate
        self._video: cv2.VideoWriter | None = None
        self.frames = 0

    def append(self, image: np.ndarray) -> None:
        require_image(image)
        if self._video is None:
            self._open(image)
        if image.shape[:2] != self._size:
            image = cv2.resize(image, self._size[::-1], interpolation=cv2.INTER_AREA)
        odd = [side % 2 for side in self._size]
        if any(odd):
            image = cv2.copyMakeBorder(image, 0, odd[0], 0, odd[1], cv2.BORDER_REPLICATE)
        self._video.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        self.frames += 1

    def _open(self, image: np.ndarray) -> None:
        silence_ffmpeg()
        self._size = image.shape[:2]
        height, width = (side + side % 2 for side in self._size)
        self._video = cv2.VideoWriter(
            str(self._path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*CODEC), self._rate, (width, height)
        )
        if not self._video.isOpened():
            raise UserError(
                f"OpenCV {cv2.__version__} cannot write a video of {width} x {height} at {self._rate:g} "
                "frames/s here: make room on the disk, or install what make setup installs."
            )

    def close(self) -> None:
        if self._video is not None:
            self._video.release()


def _frames(path: Path) -> int:
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        return int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() and video.grab() else 0
    finally:
        video.release()
