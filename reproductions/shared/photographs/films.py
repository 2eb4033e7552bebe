"""Ages and genders of the people in a film, by the published networks, steady from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.faces.alignment import align
from common.faces.tracking import Opinion, RunningMean
from common.video.following import Said
from reproductions.shared.networks.ages import MUCH, Age, AgeNetwork
from reproductions.shared.networks.genders import GenderNetwork
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.photographs.answers import networks
from reproductions.shared.photographs.finding import DETECTOR, Found, find

COLUMNS = ("age", "low", "high", "level", "error", "gender", "gender_probability", "remark")

STEADY = 1.0
"""Years by which the age of a person must change to be said anew."""


class AgeObserver:
    """Finds faces as in a photograph and says their ages, a `common.video.following.Observer`.

    Args:
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: the networks cannot be used.
    """

    columns = COLUMNS
    finds = "choose a film in which a face is larger, brighter or less turned"

    def __init__(self, network: Path = NETWORKS, detector: str = DETECTOR) -> None:
        self._age, self._gender = networks(Path(network))
        self._detector = detector

    def find(self, frame: np.ndarray) -> list[Found]:
        """Return the faces of a frame, (H, W, 3) uint8 RGB.

        Raises:
            UserError: the detector is unknown or its files are not on this machine.
        """
        return find(frame, self._detector)

    def cut(self, frame: np.ndarray, face: Found, box: Sequence[float]) -> np.ndarray:
        """Return a face by its landmarks, (size, size, 3) uint8 RGB; the box is not needed."""
        given = self._age.published.input
        return align(frame, face.landmarks, given.template, given.size, border="black")

    def answers(self, faces: np.ndarray) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Return P(age > k) of each face, and the probability of each gender where a network says it."""
        above = self._age.above(faces)
        likely = self._gender.likely(faces) if self._gender else [None] * len(faces)
        return list(zip(above, likely, strict=True))

    def impression(self) -> AgeImpression:
        """Return the impression of a person of whom nothing is known yet."""
        return AgeImpression(self._age, self._gender)


class AgeImpression:
    """A person's age and gender in a film, a `common.video.following.Impression`.

    The probabilities of the frames are averaged, and the age is said anew only where it has changed by
    `STEADY`. The interval is that of one picture: the frames of a film err alike.

    Args:
        age, gender: the networks.
    """

    def __init__(self, age: AgeNetwork, gender: GenderNetwork | None) -> None:
        self._age, self._gender = age, gender
        self._above = RunningMean()
        self._likely = Opinion(len(gender.published.names)) if gender else None
        self._told: Age | None = None

    def add(self, answer: tuple[np.ndarray, np.ndarray | None]) -> None:
        """Take in P(age > k) and the probabilities of the genders in one more frame."""
        above, likely = answer
        self._above.add(above)
        if self._likely is not None:
            self._likely.add(likely)
        (told,) = self._age.told(self._above.mean[None])
        if self._told is None or abs(told.years - self._told.years) >= STEADY:
            self._told = told

    def said(self) -> Said:
        """Return the age with its interval, and the gender, of the frames so far."""
        age = self._told
        assert age is not None
        lines = [f"{age.years:.0f} years ({age.low:.0f} to {age.high:.0f})"]
        gender: tuple[str | None, str | None] = None, None
        if self._gender is not None and self._likely is not None:
            name = self._gender.published.names[self._likely.called]
            probability = self._likely.probabilities[self._likely.called]
            gender = name, f"{probability:.4f}"
            lines.append(f"{name} {probability:.0%}")
        if age.error > MUCH:
            lines.append(f"errs by {age.error:.0f} in the mean")
        years = [f"{value:.2f}" for value in (age.years, age.low, age.high, age.level, age.error)]
        return Said(tuple(lines), (*years, *gender, age.warning))
