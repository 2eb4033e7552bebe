"""A film annotated: its people found, followed and labelled, until it ends or is stopped."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

import numpy as np

from common.errors import UserError
from common.files import require_writable_folder
from common.interruption import Interrupted
from common.progress import Progress
from common.video.drawing import write_annotated
from common.video.following import Observer, Pace, follow
from common.video.reading import Video
from common.video.writing import SUFFIX


@dataclass(frozen=True)
class Written:
    """What was made of a video.

    Attributes:
        video, table: the annotated WebM and the CSV.
        frames: how many were written.
        tracks: how many were shown; a person who was away for long, or hidden, has one more.
        seconds: from the first frame read to the files' end.
        stopped: the signal by which the user ended it before the video did, or 0.
        remarks: what is to be known of the video's frames and times, in sentences.
    """

    video: Path
    table: Path
    frames: int
    tracks: int
    seconds: float
    stopped: int
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        frames, tracks = (
            f"{count:,} {what}{'s' * (count != 1)}"
            for count, what in ((self.frames, "frame"), (self.tracks, "track"))
        )
        speed = f"{self.seconds:.1f} s, {self.frames / self.seconds:.1f} frames/s"
        lines = (f"{frames} with {tracks} in {speed}; without sound", *self.remarks, self.video, self.table)
        return "\n".join(map(str, lines))


def annotate_film(where: str, observer: Observer, folder: Path) -> None:
    """Annotate a film, or what a camera sees until it is stopped, and print what was made.

    Args:
        where: path of a file, or a camera's number as text.
        observer: says something of the people.
        folder: of the annotated film and its table.

    Raises:
        UserError: as of `Video` and `annotate_video`.
        Interrupted: a film was stopped; the files hold the frames so far.
    """
    with Video(where) as opened:
        if opened.camera:
            print(f"{opened.name}: Ctrl-C ends the film", flush=True)
        written = annotate_video(opened, observer, folder)
    print(written)
    if written.stopped and not opened.camera:
        raise Interrupted(written.stopped, f"the first {written.frames:,} frames are in {written.video}.")


def annotate_video(video: Video, observer: Observer, folder: Path, pace: Pace | None = None) -> Written:
    """Write the annotated video and its table into `folder`; Ctrl-C or SIGTERM ends both early but whole.

    Both are named after the film and eight characters that stand for its folder and full name. A second
    Ctrl-C gives both up, and a SIGKILL leaves neither.

    Raises:
        UserError: no face was found, or `folder` cannot be written to.
    """
    stem = _stem(video)
    paths = folder / f"{stem}-annotated{SUFFIX}", folder / f"{stem}-annotated.csv"
    require_writable_folder(folder, "another folder with --out (OUT=...)")
    start = time.monotonic()
    frames, tracks = 0, set()
    seconds: deque[float] = deque()
    with (
        Stop() as stop,
        write_annotated(*paths, video.rate, observer.columns) as write,
        Progress(video.name, video.frames, unit="frames") as progress,
    ):
        for frame, people in follow(_until(stop, video, seconds), observer, pace or Pace()):
            write(seconds.popleft(), frame, people)
            progress.advance()
            frames += 1
            tracks |= {person.track for person in people}
        if not tracks and not stop.asked:
            counted = "one frame" if frames == 1 else f"{frames:,} frames"
            raise UserError(f"no face was found in the {counted} of {video.name}: {observer.finds}.")
    remarks = () if stop.asked else tuple(video.remarks())
    return Written(*paths, frames, len(tracks), time.monotonic() - start, stop.asked, remarks)


def _stem(video: Video) -> str:
    """Return a file name that no other film's results have."""
    if video.camera:
        # What a camera saw cannot be filmed again.
        return video.name.replace(" ", "-") + time.strftime("-%Y%m%d-%H%M%S")
    # Films that differ in folder or ending alone have another place; and a name has at most 255 bytes.
    place = hashlib.sha256(os.fsencode(video.path)).hexdigest()[:8]
    stem = os.fsencode(video.path.stem.replace(" ", "-"))[:180].decode(errors="ignore")
    return f"{stem}-{place}"


class Stop:
    """While the `with` block lasts, Ctrl-C and SIGTERM ask for an end instead of making one.

    The second signal does what it would have done without.

    Attributes:
        asked: the one that came, or 0.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._before: dict[int, signal.Handlers] = {}

    def __enter__(self) -> Stop:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()


def _until(stop: Stop, video: Video, seconds: deque[float]) -> Iterator[np.ndarray]:
    """Yield frames up to the first one after the stop was asked for, and append their times to `seconds`.

    A stopped video has at least one.
    """
    for second, frame in video:
        seconds.append(second)
        yield frame
        if stop.asked:
            return
