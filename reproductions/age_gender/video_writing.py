"""What is made of a video: the frames with people drawn on them, and a table of who was where."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from common.files import atomic_write
from common.video import write_webm
from reproductions.age_gender.video_following import Classifier, Person

COLUMNS = ("frame", "seconds", "track", "x1", "y1", "x2", "y2", "age", "age_probability", "gender")
"""The table's first columns; "gender_probability" and the probability of every class follow."""

# Dark enough for white letters to be read on.
_COLOURS = ((0, 114, 178), (176, 72, 0), (0, 125, 92), (168, 84, 135), (120, 88, 0), (70, 70, 70))
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@contextlib.contextmanager
def write_annotated(
    video: Path, table: Path, rate: float, classifier: Classifier
) -> Iterator[Callable[[float, np.ndarray, Sequence[Person]], None]]:
    """Yield a function that appends the second of a frame, (H, W, 3) uint8 RGB, and its people to both files.

    Both appear when the block ends well; a block that raises leaves neither.

    Args:
        video: the WebM, see `common.video.write_webm`.
        table: the CSV, a line for each person in each frame; frames that were read count from 0.
        rate: frames a second that the video states.
        classifier: whose classes are named.
    """
    names = [*classifier.ages, *classifier.genders]
    # The table appears last: where the video could not be written whole, neither does.
    with atomic_write(table) as file, write_webm(video, rate) as append:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*COLUMNS, "gender_probability", *(f"p_{name}" for name in names)])
        number = 0

        def write(second: float, frame: np.ndarray, people: Sequence[Person]) -> None:
            nonlocal number
            append(annotate(frame, people, classifier), second)
            rows.writerows(_row(person, number, second, classifier) for person in people)
            number += 1

        yield write


def annotate(frame: np.ndarray, people: Sequence[Person], classifier: Classifier) -> np.ndarray:
    """Return a copy of `frame`, (H, W, 3) uint8 RGB, with each person's box, age interval and gender."""
    drawn = frame.copy()
    unit = max(min(drawn.shape[:2]), 1) / 480
    for person in people:
        colour = _COLOURS[(person.track - 1) % len(_COLOURS)]
        x1, y1, x2, y2 = (round(value) for value in person.box)
        cv2.rectangle(drawn, (x1, y1), (x2, y2), colour, max(1, round(2 * unit)), cv2.LINE_AA)
        lines = [
            f"{person.track}: {classifier.ages[person.age]} {person.ages[person.age]:.0%}",
            f"{classifier.genders[person.gender]} {person.genders[person.gender]:.0%}",
        ]
        _plate(drawn, lines, (x1, y1, x2, y2), colour, unit)
    return drawn


def _plate(
    image: np.ndarray, lines: Sequence[str], box: tuple[int, int, int, int], colour: tuple, unit: float
) -> None:
    """Write lines on a plate of `colour` above the box, below it where there is no room above."""
    scale, weight, pad = 0.5 * unit, max(1, round(unit)), max(1, round(4 * unit))
    sizes = [cv2.getTextSize(line, _FONT, scale, weight) for line in lines]
    step = max(height + below for (_, height), below in sizes) + pad
    wide, high = max(width for (width, _), _ in sizes) + 2 * pad, step * len(lines) + pad
    x = max(0, min(box[0], image.shape[1] - wide))
    y = box[1] - high if box[1] >= high else min(box[3], image.shape[0] - high)
    y = max(0, y)
    cv2.rectangle(image, (x, y), (x + wide, y + high), colour, cv2.FILLED)
    for place, (line, (_, below)) in enumerate(zip(lines, sizes, strict=True)):
        corner = (x + pad, y + (place + 1) * step - below + pad // 2)
        cv2.putText(image, line, corner, _FONT, scale, (255, 255, 255), weight, cv2.LINE_AA)


def _row(person: Person, number: int, second: float, classifier: Classifier) -> list:
    return [
        number,
        f"{second:.3f}",
        person.track,
        *(f"{value:.1f}" for value in person.box),
        classifier.ages[person.age],
        f"{person.ages[person.age]:.4f}",
        classifier.genders[person.gender],
        f"{person.genders[person.gender]:.4f}",
        *(f"{value:.4f}" for value in (*person.ages, *person.genders)),
    ]
