"""The frames of a video file or a camera, whatever its size, colours and rate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from common.errors import UserError
from common.video import silence_ffmpeg

# Of a camera that does not tell, or a file whose header is nonsense: outside this range.
_USUAL_RATE, _SLOWEST, _FASTEST = 25.0, 1.0, 240.0


class Video:
    """A video opened for reading, used as a context manager and then iterated over once.

    Sound is not read. Frames are turned upright where the file says how it was held, grey is made RGB, and
    frames of another size are brought to that of the first.

    Args:
        where: path of a file, or a camera's number as text ("0").

    Attributes:
        name: for sentences and file names ("clip.mp4", "camera 0").
        camera: whether it is one, and so ends only when it is stopped.
        rate: frames a second, 25 where that is not known.
        frames: how many the file says it has, None where it does not or it is a camera.

    Raises:
        UserError: there is no such file or camera, or no picture can be read from it.
    """

    def __init__(self, where: str) -> None:
        silence_ffmpeg()
        self.camera = where.isdecimal()
        self.name = f"camera {int(where)}" if self.camera else Path(where).name
        self._video = _open_camera(int(where)) if self.camera else _open_file(Path(where).expanduser())
        done, self._first = self._video.read()
        if not done:
            self._video.release()
            raise UserError(
                f"{self.name} gives no picture: see whether another program uses it."
                if self.camera
                else f"{where} holds no picture that can be read: it is broken, or not a video."
            )
        rate = self._video.get(cv2.CAP_PROP_FPS)
        self.rate = rate if math.isfinite(rate) and _SLOWEST <= rate <= _FASTEST else _USUAL_RATE
        frames = int(self._video.get(cv2.CAP_PROP_FRAME_COUNT))
        self.frames = frames if frames > 0 and not self.camera else None

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield the frames, (H, W, 3) uint8 RGB, all of one size."""
        size = self._first.shape[1::-1]
        done, frame = True, self._first
        while done:
            if frame.shape[1::-1] != size:
                frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
            yield cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB if frame.ndim == 2 else cv2.COLOR_BGR2RGB)
            done, frame = self._video.read()

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._video.release()


def _open_file(path: Path) -> cv2.VideoCapture:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise UserError(f"{path} {what}: give a video file or a camera's number, as in VIDEO=clip.mp4.")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty: give another video file.")
    # The absolute path: a name like "http:x" must not be taken for an address.
    video = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    if not video.isOpened():
        raise UserError(
            f"{path} has no video that can be read: it is broken, holds sound alone, is not for you to "
            "read, or is in a format that OpenCV's FFmpeg does not know."
        )
    return video


def _open_camera(number: int) -> cv2.VideoCapture:
    video = cv2.VideoCapture(number)
    if not video.isOpened():
        raise UserError(f"there is no camera {number}: plug it in, or give another number or a video file.")
    return video
