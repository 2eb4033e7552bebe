"""The frames of a video file or a camera and their times, whatever its size, colours, rate and damage."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from common.errors import UserError
from common.files import expanded
from common.video.containers import is_avi, lacks_its_list, lists_its_frames
from common.video.times import Times
from common.video.writing import silence_ffmpeg

_USUAL_RATE = 25.0
_SLOWEST, _FASTEST = 1 / 3600, 10_000.0
"""Frames a second: a frame an hour, and more than any camera's file. What lies outside is nonsense."""

_STREAMS = frozenset((".mjpeg", ".mjpg"))
"""Endings of films that begin as a photograph does."""

_DIGITS = 6  # of a camera's number; what is longer is a file's name

_UNREADABLE = 20_000
"""How many times in a row the decoder may fail before that is taken for the film's end: at the true one they
take half a second. It gives up some 64 frames at a time, or a single one."""


class Video:
    """A video opened for reading, used as a context manager and then iterated over once.

    Sound is not read. Frames are turned upright where the file says how it was held, grey is made RGB, and
    frames of another size are brought to that of the first. Behind damage it is gone on with.

    Args:
        where: path of a file, or a camera's number as text ("0").

    Attributes:
        name: for sentences ("clip.mp4", "camera 0").
        path: of the file, None of a camera.
        camera: whether it is one, and so ends only when it is stopped.
        rate: frames a second as stated, 25 where what is stated is nonsense.
        frames: how many the file says it has, None where it does not or it is a camera.

    Raises:
        UserError: there is no such file or camera, or no picture can be read from it.
    """

    def __init__(self, where: str) -> None:
        silence_ffmpeg()
        self.camera = where.isdecimal() and len(where) <= _DIGITS
        self.path = None if self.camera else expanded(where).absolute()
        self.name = f"camera {int(where)}" if self.camera else _printable(self.path.name)
        self._video = _open_camera(int(where)) if self.camera else _open_file(self.path)
        if not self._grab():
            self._video.release()
            raise UserError(
                f"{self.name} gives no picture: see whether another program uses it."
                if self.camera
                else f"{self.name} holds no picture that can be read: it is broken, or not a video."
            )
        self._stated_rate = self._video.get(cv2.CAP_PROP_FPS)
        sensible = math.isfinite(self._stated_rate) and _SLOWEST <= self._stated_rate <= _FASTEST
        self.rate = self._stated_rate if sensible else _USUAL_RATE
        frames = int(self._video.get(cv2.CAP_PROP_FRAME_COUNT))
        # Of Matroska that knows no rate 1,000 is said, and as many frames a second.
        known = frames > 0 and not self.camera and (self.rate < 1000 or lists_its_frames(self.path))
        self.frames = frames if known else None
        self._times = Times(self.rate, trusted=sensible)

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        """Yield the second of each frame and the frame, (H, W, 3) uint8 RGB, all of one size.

        A file's seconds are its presentation times, a camera's those at which its frames came.
        """
        size, start = None, time.monotonic()
        grabbed = True
        while grabbed:
            done, frame = self._video.retrieve()
            if done:
                size = size or frame.shape[1::-1]
                if frame.shape[1::-1] != size:
                    frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
                if self.camera:
                    second = time.monotonic() - start
                else:
                    second = self._times.next(self._video.get(cv2.CAP_PROP_POS_MSEC) / 1000)
                yield (
                    second,
                    cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB if frame.ndim == 2 else cv2.COLOR_BGR2RGB),
                )
            grabbed = self._grab()

    def remarks(self) -> list[str]:
        """Return what the user must know of the frames yielded so far, after the film's end, in sentences."""
        if self.camera:
            return []
        found = []
        if not self._times.trusted:
            found.append(
                f"{self.name} states {self._stated_rate:g} frames/s, which is nonsense: its times are "
                f"those of {_USUAL_RATE:g} frames/s."
            )
        elif self._times.untold:
            found.append(
                f"{self.name} does not tell when its frames are shown: they follow at the "
                f"{self.rate:g} frames/s that it states."
            )
        lost = self._times.lost(self.frames or 0, counted=lists_its_frames(self.path))
        if lost:
            early = "; behind damage its times are early, for an AVI only counts" if is_avi(self.path) else ""
            found.append(
                f"of the {self._times.frames + lost:,} frames of {self.name}, {lost:,} could not be read: "
                f"damaged, missing, or left out by the film's own list of edits{early}."
            )
        return found

    def _grab(self) -> bool:
        """Go to the next frame that can be decoded; False at the end."""
        attempts = 1 if self.camera else _UNREADABLE
        return any(self._video.grab() for _ in range(attempts))

    def close(self) -> None:
        """Let the file or the camera go."""
        self._video.release()

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _printable(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _open_file(path: Path) -> cv2.VideoCapture:
    name = _printable(str(path))
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file" if path.exists() else "is not there"
        raise UserError(f"{name} {what}: give a video file or a camera's number, as in VIDEO=clip.mp4.")
    if path.stat().st_size == 0:
        raise UserError(f"{name} is empty: give another video file.")
    if _is_photograph(path):
        # The decoder would take it for a film of one frame.
        raise UserError(
            f"{name} is a photograph: give a film, or let make age-of PHOTO=... say the ages in it."
        )
    # The absolute path: a name like "http:x" must not be taken for an address.
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not video.isOpened():
        if lacks_its_list(path):
            raise UserError(
                f"the end of {name} is missing, and with it the list of its frames (the moov atom): copy the "
                "film again whole, or have it mended by a program such as untrunc."
            )
        raise UserError(
            f"{name} has no video that can be read: it is broken, holds sound alone, is not for you to "
            "read, or is in a format that OpenCV's FFmpeg does not know."
        )
    return video


def _is_photograph(path: Path) -> bool:
    """Return whether a file holds a single picture, by its content."""
    name = str(path)
    return path.suffix.lower() not in _STREAMS and cv2.haveImageReader(name) and cv2.imcount(name) == 1


def _open_camera(number: int) -> cv2.VideoCapture:
    video = cv2.VideoCapture(number)
    if not video.isOpened():
        raise UserError(f"there is no camera {number}: plug it in, or give another number or a video file.")
    return video
