"""What is made of a video: the frames with people drawn on them, and a table of who was where."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from common.files import atomic_write
from common.video.following import Person
from common.video.writing import write_webm

COLUMNS = ("frame", "seconds", "track", "x1", "y1", "x2", "y2")
"""The table's first columns; those of the observer follow."""

# Dark enough for white letters to be read on.
_COLOURS = ((0, 114, 178), (176, 72, 0), (0, 125, 92), (168, 84, 135), (120, 88, 0), (70, 70, 70))
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@contextlib.contextmanager
def write_annotated(
    video: Path, table: Path, rate: float, columns: Sequence[str]
) -> Iterator[Callable[[float, np.ndarray, Sequence[Person]], None]]:
    """Yield a function that appends the second of a frame, (H, W, 3) uint8 RGB, and its people to both files.

    Both appear when the block ends well; a block that raises leaves neither.

    Args:
        video: the WebM, see `common.video.writing.write_webm`.
        table: the CSV, a line for each person in each frame; frames that were read count from 0.
        rate: frames a second that the video states.
        columns: names of what is said of each person.
    """
    # The table appears last: where the video could not be written whole, neither does.
    with atomic_write(table) as file, write_webm(video, rate) as append:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*COLUMNS, *columns])
        number = 0

        def write(second: float, frame: np.ndarray, people: Sequence[Person]) -> None:
            nonlocal number
            append(annotate(frame, people), second)
            rows.writerows(_row(person, number, second) for person in people)
            number += 1

        yield write


def annotate(frame: np.ndarray, people: Sequence[Person]) -> np.ndarray:
    """Return a copy of `frame`, (H, W, 3) uint8 RGB, with each person's box, number and what is said."""
    drawn = frame.copy()
    unit = max(min(drawn.shape[:2]), 1) / 480
    for person in people:
        colour = _COLOURS[(person.track - 1) % len(_COLOURS)]
        x1, y1, x2, y2 = (round(value) for value in person.box)
        cv2.rectangle(drawn, (x1, y1), (x2, y2), colour, max(1, round(2 * unit)), cv2.LINE_AA)
        first, *others = person.said.lines
        lines = [f"{person.track}: {first}", *others]
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


def _row(person: Person, number: int, second: float) -> list:
    place = [f"{value:.1f}" for value in person.box]
    return [number, f"{second:.3f}", person.track, *place, *person.said.values]
