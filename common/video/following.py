"""From frames to people: faces found in some frames, followed through all, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from common.faces.tracking import Track, Tracker

_COAST = 2  # key frames for which a face that is not found is still shown


@dataclass(frozen=True)
class Said:
    """What is said of a person up to a frame.

    Attributes:
        lines: written beside the face.
        values: for the table, one for each of the observer's columns.
    """

    lines: tuple[str, ...]
    values: tuple[Any, ...]


class Impression(Protocol):
    """What is thought of one person, from all the answers about their face so far."""

    def add(self, answer: Any) -> None:
        """Take in the answer about the face in one more frame."""
        ...

    def said(self) -> Said:
        """Return what is said now; at least one answer was added."""
        ...


class Located(Protocol):
    """A face as an observer finds it.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the frame.
    """

    @property
    def box(self) -> Sequence[float]: ...


class Observer(Protocol):
    """What finds the faces of a frame and says something of them.

    Attributes:
        columns: names of what it says, in the table.
        finds: a clause for a film without a face: which ones are found, or what to choose.
    """

    columns: Sequence[str]
    finds: str

    def find(self, frame: np.ndarray) -> Sequence[Any]:
        """Return the faces, as of `Located`, of a frame, (H, W, 3) uint8 RGB."""
        ...

    def cut(self, frame: np.ndarray, face: Any, box: Sequence[float]) -> np.ndarray:
        """Return a face of `find` as `answers` takes it, (size, size[, 3]) uint8; `box` is its track's."""
        ...

    def answers(self, faces: np.ndarray) -> Sequence[Any]:
        """Return an answer for each of the faces cut out, (N, size, size[, 3]), N at least 1."""
        ...

    def impression(self) -> Impression:
        """Return the impression of a person of whom nothing is known yet."""
        ...


@dataclass(frozen=True)
class Pace:
    """How much work is spent on a video.

    Attributes:
        every: faces are looked for in one of so many frames, and followed through those between.
        batch: how many of the frames looked at are asked about at once.
    """

    every: int = 3
    batch: int = 4


@dataclass(frozen=True, eq=False)
class Person:
    """A person in one frame.

    Attributes:
        track: the number of the track.
        box: x1, y1, x2, y2 in pixels of the frame; it may reach over the edge.
        said: of the person, from the track so far.
    """

    track: int
    box: tuple[float, float, float, float]
    said: Said


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Frames from one that was looked at up to the next, and the tracks shown in them.

    Attributes:
        frames: at least one; the first was looked at.
        faces: that were found in it.
        shown: tracks that are shown.
        next: number -> the track in the next frame that was looked at.
    """

    frames: list[np.ndarray]
    faces: Sequence[Any]
    shown: list[Track]
    next: dict[int, Track]


def follow(
    frames: Iterable[np.ndarray], observer: Observer, pace: Pace
) -> Iterator[tuple[np.ndarray, list[Person]]]:
    """Yield every frame, (H, W, 3) uint8 RGB, with the people in it.

    Frames come out some `pace.every * pace.batch` later than they go in: a face must be found in two frames
    looked at in a row to be shown, boxes between are interpolated, and several are asked about at once. Who
    has left the frame is not in it.
    """
    impressions: dict[int, Impression] = {}
    for batch in _batches(_stretches(frames, observer, pace.every), pace.batch):
        answers = _ask(batch, observer)
        for stretch in batch:
            for track in stretch.shown:
                impression = impressions.setdefault(track.number, observer.impression())
                if (id(stretch), track.number) in answers:
                    impression.add(answers[id(stretch), track.number])
            said = {track.number: impressions[track.number].said() for track in stretch.shown}
            for place, frame in enumerate(stretch.frames):
                part = place / len(stretch.frames)
                boxes = {track.number: _box(track, stretch, part) for track in stretch.shown}
                yield (
                    frame,
                    [
                        Person(number, box, said[number])
                        for number, box in boxes.items()
                        if _reaches_into(frame, box)
                    ],
                )


def _stretches(frames: Iterable[np.ndarray], observer: Observer, every: int) -> Iterator[_Stretch]:
    tracker = Tracker()
    before: list[np.ndarray] = []
    faces: Sequence[Any] = []
    tracks: list[Track] = []
    for number, frame in enumerate(frames):
        if number % every == 0:
            found = observer.find(frame)
            now = tracker.update([face.box for face in found])
            if before:
                yield _stretch(before, faces, tracks, now)
            before, faces, tracks = [], found, now
        before.append(frame)
    if before:
        yield _stretch(before, faces, tracks, None)


def _stretch(
    frames: list[np.ndarray], faces: Sequence[Any], tracks: Sequence[Track], now: Sequence[Track] | None
) -> _Stretch:
    """Build a stretch; a face found for the first time is believed where it is found again, or at the end."""
    after = {track.number: track for track in now or ()}
    shown = [
        track
        for track in tracks
        if track.missed <= _COAST and (track.found > 1 or now is None or track.number in after)
    ]
    return _Stretch(frames, faces, shown, after)


def _batches(stretches: Iterable[_Stretch], size: int) -> Iterator[list[_Stretch]]:
    batch: list[_Stretch] = []
    for stretch in stretches:
        batch.append(stretch)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _ask(batch: Sequence[_Stretch], observer: Observer) -> dict[tuple[int, int], Any]:
    """Return the answers by stretch and track, about faces that were found."""
    found = [(stretch, track) for stretch in batch for track in stretch.shown if track.place is not None]
    if not found:
        return {}
    faces = [
        observer.cut(stretch.frames[0], stretch.faces[track.place], track.box) for stretch, track in found
    ]
    keys = [(id(stretch), track.number) for stretch, track in found]
    return dict(zip(keys, observer.answers(np.stack(faces)), strict=True))


def _box(track: Track, stretch: _Stretch, part: float) -> tuple[float, float, float, float]:
    after = stretch.next.get(track.number)
    x1, y1, x2, y2 = track.box + part * (track.velocity if after is None else after.box - track.box)
    return float(x1), float(y1), float(x2), float(y2)


def _reaches_into(frame: np.ndarray, box: Sequence[float]) -> bool:
    """Return whether any of a box lies in the frame: a face that left it is followed beyond the edge."""
    height, width = frame.shape[:2]
    x1, y1, x2, y2 = box
    return x1 < width and y1 < height and x2 > 0 and y2 > 0
