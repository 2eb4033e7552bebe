"""`make video-age-gender`: people in a video found, followed, and labelled with age interval and gender."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from common.faces.alignment import align, to_grey, usual_landmarks
from common.faces.face import Face
from common.faces.tracking import Opinion
from common.faces.viola_jones import ViolaJones
from common.files import require_writable_folder
from common.video.annotation import annotate_film
from common.video.following import Said
from common.video.reading import Video
from data_prep.synthetic.clip import write_clip
from data_prep.synthetic.people import RENDERER
from reproductions.shared.harness.options import Options

SIDE = 240
"""Pixels to which a frame's shorter side is brought to look for faces, where it is longer."""

MIN_FACE = 0.15
"""Side of the smallest face looked for, as a fraction of the frame's shorter side."""


def main(options: Options, *, video: str | None = None, out: Path | None = None) -> None:
    """Annotate a video file, a camera until it is stopped, or the generated clip; print what was made.

    Args:
        options: names the classifier by its profile and folders.
        video: path of a file, or a camera's number as text; None for the generated clip.
        out: folder of the files, None for "video" in the folder of runs.

    Raises:
        UserError: as of `annotate_film`.
        Interrupted: it was stopped; the files hold the frames so far.
    """
    out = out or options.runs_root / "video"
    require_writable_folder(out, "another folder with --out (OUT=...)")
    where = str(generated_clip(options)) if video is None else video
    # A training may come before it is read: what cannot be read is told now, and a camera is let go.
    Video(where).close()
    from reproductions.age_gender.predict import load_classifier

    annotate_film(where, ClassObserver(load_classifier(options)), out)


def generated_clip(options: Options) -> Path:
    """Return the generated clip, rendered now if it is not there."""
    path = options.prepared_root / "generated" / f"clip-{RENDERER}.webm"
    if not path.is_file():
        print("no VIDEO is given: rendering a clip", flush=True)
        write_clip(path)
    return path


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


class ClassObserver:
    """Finds faces by Viola-Jones and says age interval and gender, a `common.video.following.Observer`.

    Args:
        classifier: is asked.
        side: pixels to which a frame's shorter side is brought to look for faces, where it is longer.
    """

    finds = "Viola-Jones finds upright faces seen from the front that are not small in the picture"

    def __init__(self, classifier: Classifier, side: int = SIDE) -> None:
        self._classifier = classifier
        self._side = side
        self._detector = ViolaJones(min_face=MIN_FACE)
        names = (*classifier.ages, *classifier.genders)
        self.columns = (
            *("age", "age_probability", "gender", "gender_probability"),
            *(f"p_{name}" for name in names),
        )

    def find(self, frame: np.ndarray) -> list[Face]:
        """Return the faces, with boxes in pixels of the frame, looked for in a frame that is shrunk."""
        scale = min(1.0, self._side / min(frame.shape[:2]))
        small = frame
        if scale < 1:
            small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        # Pixel centres are whole numbers: the edge of the picture, -0.5, stays where it is.
        return [
            Face(tuple((value + 0.5) / scale - 0.5 for value in face.box), None, face.score)
            for face in self._detector.detect(small)
        ]

    def cut(self, frame: np.ndarray, face: Face, box: Sequence[float]) -> np.ndarray:
        """Return the face in its track's box, steadier than that of Viola-Jones, (size, size) uint8 grey."""
        one = self._classifier
        points = usual_landmarks(box, ViolaJones.name)
        return to_grey(align(frame, points, one.template, one.size, one.margin, border="replicate"))[..., 0]

    def answers(self, faces: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the probabilities of age and of gender for each face."""
        return list(zip(*self._classifier.predict(faces), strict=True))

    def impression(self) -> ClassImpression:
        """Return the impression of a person of whom nothing is known yet."""
        return ClassImpression(self._classifier.ages, self._classifier.genders)


class ClassImpression:
    """A person's age interval and gender, a `common.video.following.Impression`.

    Args:
        ages, genders: names of the classes.
    """

    def __init__(self, ages: Sequence[str], genders: Sequence[str]) -> None:
        self._names = ages, genders
        self._opinions = Opinion(len(ages)), Opinion(len(genders))

    def add(self, answer: tuple[np.ndarray, np.ndarray]) -> None:
        """Take in the probabilities of age and of gender in one more frame."""
        for opinion, probabilities in zip(self._opinions, answer, strict=True):
            opinion.add(probabilities)

    def said(self) -> Said:
        """Return what the person is called and the probabilities, averaged over the track so far."""
        called = [
            (names[opinion.called], float(opinion.probabilities[opinion.called]))
            for names, opinion in zip(self._names, self._opinions, strict=True)
        ]
        every = np.concatenate([opinion.probabilities for opinion in self._opinions])
        return Said(
            tuple(f"{name} {probability:.0%}" for name, probability in called),
            (
                *(value for name, probability in called for value in (name, f"{probability:.4f}")),
                *(f"{value:.4f}" for value in every),
            ),
        )
