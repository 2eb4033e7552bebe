"""From frames to people: faces found in some frames, followed through all, and what each is taken for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from common.faces.alignment import align, to_grey, usual_landmarks
from common.faces.face import Detector
from common.faces.tracking import Opinion, Track, Tracker
from common.faces.viola_jones import ViolaJones

_COAST = 2  # key frames for which a face that is not found is still shown


class Classifier(Protocol):
    """What tells age and gender of faces.

    Attributes:
        size: side in pixels of the faces it takes.
        template, margin: how they are aligned, as of `common.faces.alignment.align`.
        ages, genders: names of its classes in the order of the probabilities.
    """

    size: int
    template: str
    margin: float
    ages: Sequence[str]
    genders: Sequence[str]

    def predict(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities of age (N, ages) and gender (N, genders) of (N, size, size) uint8 grey."""
        ...


@dataclass(frozen=True)
class Pace:
    """How much work is spent on a video.

    Attributes:
        every: faces are looked for in one of so many frames, and followed through those between.
        side: pixels to which a frame's shorter side is brought to look for faces, where it is longer.
        min_face: side of the smallest face looked for, as a fraction of the frame's shorter side.
        batch: how many of the frames looked at are classified at once.
    """

    every: int = 3
    side: int = 240
    min_face: float = 0.15
    batch: int = 4


@dataclass(frozen=True, eq=False)
class Person:
    """A person in one frame.

    Attributes:
        track: the number of the track.
        box: x1, y1, x2, y2 in pixels of the frame; it may reach over the edge.
        age, gender: places of the classes the person is called by.
        ages, genders: the probabilities of all classes, averaged over the track so far.
    """

    track: int
    box: tuple[float, float, float, float]
    age: int
    gender: int
    ages: np.ndarray
    genders: np.ndarray


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Frames from one that was looked at up to the next, and the tracks shown in them."""

    frames: list[np.ndarray]
    shown: list[Track]
    next: dict[int, Track]


def follow(
    frames: Iterable[np.ndarray], classifier: Classifier, pace: Pace
) -> Iterator[tuple[np.ndarray, list[Person]]]:
    """Yield every frame, (H, W, 3) uint8 RGB, with the people in it.

    Frames come out some `pace.every * pace.batch` later than they go in: a face must be found in two frames
    looked at in a row to be shown, boxes between are interpolated, and several are classified at once.
    """
    detector = ViolaJones(min_face=pace.min_face)
    opinions: dict[int, tuple[Opinion, Opinion]] = {}
    stretches = _stretches(frames, lambda frame: find(frame, detector, pace.side), pace.every)
    for batch in _batches(stretches, pace.batch):
        answers = _classify(batch, classifier)
        for stretch in batch:
            for track in stretch.shown:
                _add(opinions, track.number, classifier, answers.get((id(stretch), track.number)))
            for place, frame in enumerate(stretch.frames):
                part = place / len(stretch.frames)
                yield (
                    frame,
                    [_person(track, stretch, part, opinions[track.number]) for track in stretch.shown],
                )


def find(frame: np.ndarray, detector: Detector, side: int) -> list[tuple[float, float, float, float]]:
    """Return the boxes of the faces in `frame`, looked for at a shorter side of `side` where it is longer."""
    scale = min(1.0, side / min(frame.shape[:2]))
    small = frame
    if scale < 1:
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Pixel centres are whole numbers: the edge of the picture, -0.5, stays where it is.
    return [tuple((value + 0.5) / scale - 0.5 for value in face.box) for face in detector.detect(small)]


def cut(frame: np.ndarray, box: Sequence[float], classifier: Classifier) -> np.ndarray:
    """Return the face in a box of Viola-Jones as `classifier` takes it, (size, size) uint8 grey."""
    points = usual_landmarks(box, ViolaJones.name)
    crop = align(frame, points, classifier.template, classifier.size, classifier.margin, border="replicate")
    return to_grey(crop)[..., 0]


def _stretches(
    frames: Iterable[np.ndarray], look: Callable[[np.ndarray], Sequence], every: int
) -> Iterator[_Stretch]:
    tracker = Tracker()
    before: list[np.ndarray] = []
    tracks: list[Track] = []
    for number, frame in enumerate(frames):
        if number % every == 0:
            now = tracker.update(look(frame))
            if before:
                yield _stretch(before, tracks, now)
            before, tracks = [], now
        before.append(frame)
    if before:
        yield _stretch(before, tracks, None)


def _stretch(frames: list[np.ndarray], tracks: Sequence[Track], now: Sequence[Track] | None) -> _Stretch:
    """Build a stretch; a face found for the first time is believed where it is found again, or at the end."""
    after = {track.number: track for track in now or ()}
    shown = [
        track
        for track in tracks
        if track.missed <= _COAST and (track.found > 1 or now is None or track.number in after)
    ]
    return _Stretch(frames, shown, after)


def _batches(stretches: Iterable[_Stretch], size: int) -> Iterator[list[_Stretch]]:
    batch: list[_Stretch] = []
    for stretch in stretches:
        batch.append(stretch)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _classify(batch: Sequence[_Stretch], classifier: Classifier) -> dict[tuple[int, int], tuple]:
    """Return the probabilities of age and of gender by stretch and track, of faces that were found."""
    found = [(stretch, track) for stretch in batch for track in stretch.shown if track.missed == 0]
    if not found:
        return {}
    faces = np.stack([cut(stretch.frames[0], track.box, classifier) for stretch, track in found])
    answers = zip(*classifier.predict(faces), strict=True)
    keys = [(id(stretch), track.number) for stretch, track in found]
    return dict(zip(keys, answers, strict=True))


def _add(opinions: dict, number: int, classifier: Classifier, answer: tuple | None) -> None:
    if number not in opinions:
        opinions[number] = Opinion(len(classifier.ages)), Opinion(len(classifier.genders))
    if answer is not None:
        for opinion, probabilities in zip(opinions[number], answer, strict=True):
            opinion.add(probabilities)


def _person(track: Track, stretch: _Stretch, part: float, opinion: tuple[Opinion, Opinion]) -> Person:
    after = stretch.next.get(track.number)
    box = track.box + part * (track.velocity if after is None else after.box - track.box)
    age, gender = opinion
    return Person(
        track.number, tuple(box.tolist()), age.called, gender.called, age.probabilities, gender.probabilities
    )
