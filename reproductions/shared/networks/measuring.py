"""What a published network says of faces whose ages are known, and what the chain says of photographs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import cbook

from common.errors import UserError
from common.faces.face import Face
from common.progress import Progress
from data_prep.datasets import get
from data_prep.datasets.samples import Sample
from data_prep.preparation.crop import choose
from data_prep.prepared.faces import Faces
from reproductions.shared.networks.ages import said
from reproductions.shared.networks.example import example_picture
from reproductions.shared.networks.published import Calibration, Input, Tried
from reproductions.shared.photographs.finding import aligned, find, opened

Says = Callable[[np.ndarray], np.ndarray]
"""Faces (N, size, size, 3) uint8 -> P(age > k), (N, K - 1)."""

COLUMNS = ("column", "name", "subject", "age", "expectation", "years", "low", "high")
"""Of the file of answers: the test set, the picture, who and how old it shows, and what is said of it.

"expectation" is before calibration, "years", "low" and "high" after it; empty where no face was found.
"""

PHOTOGRAPHS = "fgnet-photographs"
"""Begins the column of the whole chain on FG-NET: detection by the detector whose name follows, then age."""

READ_BY = "-photographs-"
"""Joins the column of any set to the detector by which its pictures are read as a user's are."""

CHAIN = ("retinaface-mobilenet", "mtcnn")
"""Detectors whose chains are measured; the first is the one that photographs are read with."""


def frame(
    column: str,
    names: np.ndarray,
    subjects: np.ndarray | None,
    ages: np.ndarray,
    above: np.ndarray,
    calibration: Calibration,
) -> pd.DataFrame:
    """Return answers as rows of `COLUMNS`.

    Args:
        column: the test set's key.
        names, subjects, ages: (N,) of the pictures.
        above: P(age > k), (N, K - 1); rows of NaN where no face was found.
        calibration: of the network.
    """
    found = np.isfinite(above[:, 0])
    answers = np.full((len(ages), 4), np.nan)
    answers[found, 0] = above[found].sum(axis=1)
    answers[found, 1:] = said(above[found], calibration)
    rows = pd.DataFrame({"column": column, "name": names, "subject": subjects, "age": ages})
    rows[list(COLUMNS[4:])] = answers.round(2)
    return rows


def of_faces(faces: Mapping[str, Faces], says: Says, calibration: Calibration) -> Iterator[pd.DataFrame]:
    """Yield the answers to prepared faces, a test set each."""
    for column, one in faces.items():
        yield frame(column, one.names, one.subjects, one.ages, says(one.images()), calibration)


@dataclass(frozen=True, eq=False)
class Read:
    """Photographs of a data set, read as a user's are.

    Attributes:
        names, subjects, ages: (N,) of the photographs; a subject is None where nobody knows.
        found: (N,) bool, whether the detector found somebody.
        faces: (M, size, size, 3) uint8 RGB of those, aligned.
    """

    names: np.ndarray
    subjects: np.ndarray
    ages: np.ndarray
    found: np.ndarray
    faces: np.ndarray

    @property
    def odd(self) -> np.ndarray:
        """(N,) bool: whether the number of the person is odd."""
        return np.array([int(one) % 2 == 1 for one in self.subjects])

    def answers(self, says: Says) -> np.ndarray:
        """Return P(age > k), (N, K - 1), rows of NaN where nobody was found."""
        answered = says(self.faces)
        above = np.full((len(self.names), answered.shape[1]), np.nan)
        above[self.found] = answered
        return above


def read_photographs(
    dataset: str,
    root: Path,
    detector: str,
    given: Input,
    only: Collection[str] | None = None,
    border: str = "black",
) -> Read:
    """Read the photographs of a data set.

    Of several faces the one is taken that preparation would take for the subject, see
    `data_prep.preparation.crop.choose`. A photograph that cannot be read counts as one without a face.

    Args:
        dataset: its name.
        root: folder of data sets.
        detector: finds the faces.
        given: says how they are aligned.
        only: names of the photographs that are wanted; None is all whose age is known.
        border: see `common.faces.alignment.align`.
    """
    card = get(dataset)
    samples = [
        one
        for one in card.scan(root / card.folder)
        if isinstance(one, Sample) and (one.age is not None if only is None else one.name in only)
    ]
    cut = []
    with Progress(f"{card.title}: faces by {detector}", len(samples)) as progress:
        for one in samples:
            cut.append(_subject(one.path, detector, given, border))
            progress.advance()
    faces = [one for one in cut if one is not None]
    return Read(
        np.array([one.name for one in samples], dtype=object),
        np.array([one.identity for one in samples], dtype=object),
        np.array([one.age for one in samples]),
        np.array([one is not None for one in cut]),
        np.concatenate(faces) if faces else np.zeros((0, given.size, given.size, 3), np.uint8),
    )


def of_shown(says: Says, given: Input, calibration: Calibration) -> tuple[Tried, ...]:
    """Return what the whole chain says of pictures that may be shown: generated ones and a portrait."""
    pictures = [
        (f"a generated person of {age}, {gender}", age, example_picture(age=age, gender=gender))
        for age, gender in ((4, "male"), (35, "female"), (75, "male"))
    ]
    hopper = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    pictures.append(("Grace Hopper in 1984, as Matplotlib ships her (public domain)", 77, opened(hopper)))
    tried = []
    for what, age, pixels in pictures:
        faces = aligned(pixels, find(pixels)[:1], given.size, given.template)
        years, low, high = said(says(faces), calibration)[0].round(1).tolist() if len(faces) else (None,) * 3
        tried.append(Tried(what, age, years, low, high))
    return tuple(tried)


def _subject(path: Path, detector: str, given: Input, border: str) -> np.ndarray | None:
    """Return the face of the one whom a photograph shows, (1, size, size, 3); None where none is found."""
    try:
        pixels = opened(path)
    except UserError:
        return None
    found = find(pixels, detector)
    if not found:
        return None
    height, width = pixels.shape[:2]
    chosen = choose([Face(one.box, one.landmarks, one.score) for one in found], width, height)
    faces = [one for one in found if one.box == chosen.box]
    return aligned(pixels, faces[:1], given.size, given.template, border)
