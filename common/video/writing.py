"""Video files written whole: VP8 in WebM, which browsers play, each frame at its own time.

OpenCV's wheel encodes it with the libvpx in it, under a BSD licence. Of what else browsers play the wheel has
VP9, which takes two to five times as long, and no encoder of H.264 or AV1; packages that bring x264 are under
the GPL. VLC, mpv, ffplay, Chromium, Firefox and Safari from 14.1 on play WebM.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError
from common.faces.face import require_image
from common.files import atomic_path
from common.standard_error import hidden_errors

CODEC = "VP80"
SUFFIX = ".webm"
LARGEST = 16383
"""Pixels to a side that VP8 can hold."""

_MILLISECONDS = 1000.0  # what WebM counts time in
_NOMINAL = 25.0  # frames a second by which the encoder deals out its bits; times are set afterwards


def silence_ffmpeg() -> None:
    """Keep OpenCV and the FFmpeg in it from writing to standard error about files that cannot be read.

    Works only before the process opens its first video; what the user has set stays.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextlib.contextmanager
def write_webm(path: Path, rate: float) -> Iterator[Callable[[np.ndarray, float], None]]:
    """Yield a function that appends a frame, (H, W, 3) uint8 RGB, and its second to the video at `path`.

    Seconds count from the film's start; they are kept to the millisecond, and two frames are at least one
    apart. All frames are brought to the size of the first, with a row or column repeated where that is odd,
    which the format does not know. There is no sound. The video appears at the end: a block that raises or is
    killed leaves nothing under `path`.

    Args:
        path: the file, ending in ".webm".
        rate: frames a second, above 0, which the file states where the frames keep to it.

    Raises:
        UserError: the frames are too large, or the file does not hold what was written, as when the disk is
            full.
        ValueError: no frame was written, or `rate` is no rate.
    """
    if not rate > 0:
        raise ValueError(f"frames a second are above 0, not {rate}")
    with atomic_path(path) as beside:
        encoder = _Encoder(beside.with_name(f"encoded{SUFFIX}"))
        try:
            yield encoder.append
        finally:
            encoder.close()
        if not encoder.seconds:
            raise ValueError(f"no frame was written to {path}")
        _set_times(encoder, beside, rate)
        if _count(encoder.path) != len(encoder.seconds) or _count(beside) != len(encoder.seconds):
            raise UserError(f"cannot write {path} whole: is the disk full?")


class _Encoder:
    """Encodes frames into a video of constant rate, and keeps the second of each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: list[float] = []
        self._video: cv2.VideoWriter | None = None

    def append(self, image: np.ndarray, second: float) -> None:
        require_image(image)
        if self._video is None:
            self._open(image)
        if image.shape[:2] != self._size:
            image = cv2.resize(image, self._size[::-1], interpolation=cv2.INTER_AREA)
        odd = [side % 2 for side in self._size]
        if any(odd):
            image = cv2.copyMakeBorder(image, 0, odd[0], 0, odd[1], cv2.BORDER_REPLICATE)
        self._video.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        self.seconds.append(second)

    def _open(self, image: np.ndarray) -> None:
        silence_ffmpeg()
        self._size = image.shape[:2]
        height, width = (side + side % 2 for side in self._size)
        if max(height, width) > LARGEST:
            raise UserError(
                f"a video of {width} x {height} cannot be written: VP8 has at most {LARGEST} to a side."
            )
        self.shape = width, height
        self._video = _writer(self.path, _NOMINAL, self.shape)

    def close(self) -> None:
        if self._video is not None:
            self._video.release()


def _set_times(encoder: _Encoder, path: Path, rate: float) -> None:
    """Copy the encoded frames into the video at `path`, each at its second."""
    ticks, unit = _ticks(encoder.seconds, rate)
    # Without an interval every frame is marked as one to start from, and browsers show rubbish behind a seek.
    options = [cv2.VIDEOWRITER_PROP_RAW_VIDEO, 1, cv2.VIDEOWRITER_PROP_KEY_INTERVAL, 2**31 - 1]
    video = _writer(path, unit, encoder.shape, options)
    try:
        for tick, (packet, key) in zip(ticks, _packets(encoder.path), strict=False):
            video.set(cv2.VIDEOWRITER_PROP_KEY_FLAG, key)
            video.set(cv2.VIDEOWRITER_PROP_PTS, tick)
            video.write(packet)
    finally:
        video.release()


def _ticks(seconds: Sequence[float], rate: float) -> tuple[list[int], float]:
    """Return the frames' times in whole units, strictly rising, and units a second.

    The unit is a frame where none is more than a quarter of one off, else a millisecond.
    """
    frames = np.asarray(seconds) * rate
    constant = np.abs(frames - frames[0] - np.arange(len(frames))).max() < 0.25
    unit = rate if constant else _MILLISECONDS
    ticks = np.rint(np.asarray(seconds) * unit).astype(np.int64)
    steps = np.arange(len(ticks))
    return (np.maximum.accumulate(ticks - steps) + steps).tolist(), unit


def _writer(path: Path, rate: float, shape: tuple[int, int], options: Sequence[int] = ()) -> cv2.VideoWriter:
    # It says that WebM knows no such tag, and takes the codec all the same.
    with hidden_errors():
        video = cv2.VideoWriter(
            str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*CODEC), rate, shape, list(options)
        )
    if not video.isOpened():
        raise UserError(
            f"OpenCV {cv2.__version__} cannot write a video of {shape[0]} x {shape[1]} here: make room "
            "on the disk, or install what make setup installs."
        )
    return video


def _packets(path: Path) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the encoded frames of a video, (bytes,) uint8, and 1 for key frames, else 0."""
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])
    try:
        done, packet = video.read()
        while done:
            yield packet, int(video.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME))
            done, packet = video.read()
    finally:
        video.release()


def _count(path: Path) -> int:
    return sum(1 for _ in _packets(path))
