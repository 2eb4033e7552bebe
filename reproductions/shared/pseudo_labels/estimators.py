"""Trained networks that say ages or genders of faces, and what is known of their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from common.evidence import strict
from common.metrics.age import Decade
from data_prep.prepared.index import Prepared


class AgeEstimates(NamedTuple):
    """What an estimator of ages says of faces.

    Attributes:
        expectation: (N,) years, the mean of the distribution over ages.
        spread: (N,) years, its standard deviation.
    """

    expectation: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class DecadeScore:
    """An estimator's score on the images of one decade of life.

    Attributes:
        first: age of the decade (20).
        images: how many images it holds.
        value: the score.
        low, high: its 95% interval, None where unknown.
        bias: mean of estimate less truth in years, None where the score is no error or it was not measured.
    """

    first: int
    images: int
    value: float
    low: float | None
    high: float | None
    # Made by a factory, lest it must be there in what was stored before it was measured.
    bias: float | None = field(default_factory=lambda: None)

    def __post_init__(self) -> None:
        if self.images < 1 or (self.low is None) != (self.high is None):
            raise ValueError(f"a decade of {self.images} images, or half an interval")


@dataclass(frozen=True)
class Quality:
    """What an estimator is worth on pictures that it was not trained on.

    Attributes:
        data: which images ("FG-NET, never seen").
        decades: by decade of life, youngest first: the MAE in years of ages, the accuracy in percent of
            genders.
    """

    data: str
    decades: tuple[DecadeScore, ...]

    def __post_init__(self) -> None:
        if not self.decades:
            raise ValueError("no decade was measured")

    @classmethod
    def of(cls, data: str, decades: Iterable[Decade], biases: Sequence[float] | None = None) -> Quality:
        """Return it from measured decades, four digits after the point.

        Args:
            data: which images.
            decades: the scores.
            biases: of the same decades.
        """
        decades = tuple(decades)
        rows = []
        for one, bias in zip(decades, biases or [None] * len(decades), strict=True):
            low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
            numbers = (one.value, low, high, bias)
            rounded = (None if number is None else round(number, 4) for number in numbers)
            rows.append(DecadeScore(one.first, one.images, *rounded))
        return cls(data, tuple(rows))

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Quality:
        """Return it from the JSON values that `dataclasses.asdict` makes of it; ValueError of others."""
        return strict.build(cls, stored, "it")

    @property
    def mean(self) -> float:
        """The score over all images."""
        images = [decade.images for decade in self.decades]
        return float(np.average([decade.value for decade in self.decades], weights=images))


@dataclass(frozen=True)
class Estimator:
    """A trained network that says ages, or one that says genders.

    Attributes:
        estimate: (N, S, S, 3) uint8 RGB -> `AgeEstimates`, or the (N,) probability that a face is a woman's.
        run: of the training, by which its record is found.
        fingerprint: SHA-256 of its weights.
        size, template: of the faces that it takes.
        quality: what is known of its error; one entry a test set.
    """

    estimate: Callable[[np.ndarray], Any]
    run: str
    fingerprint: str
    size: int
    template: str
    quality: tuple[Quality, ...] = ()

    @property
    def identity(self) -> dict[str, str]:
        """What tells it from every other, for a manifest."""
        return {"run": self.run, "weights": self.fingerprint}

    def check(self, prepared: Prepared) -> None:
        """Raise ValueError where a prepared set is of other crops than it takes."""
        settings = prepared.manifest["settings"]
        if (settings["size"], settings["template"]) != (self.size, self.template):
            raise ValueError(f"{prepared.folder} is of other crops than {self.run} takes")
