"""Ages out of a published network: calibrated, with an interval, and with a word where it errs much."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.faces.views import views
from common.metrics.age import from_exceedance, quantiles
from common.metrics.calibration import recalibrated, stretched
from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.networks.manifest import NETWORKS, load, published
from reproductions.shared.networks.published import Calibration, Input, PublishedAges, RangeError

MUCH = 10.0
"""Years: where the network errs by more in the mean, its answer says so."""


@dataclass(frozen=True)
class Age:
    """The age that a face looks.

    Attributes:
        years: the estimate.
        low, high: ends of the interval.
        level: share of people, drawn like those it was calibrated on, whose age lies in their interval.
        error: mean absolute error in years where such an age is said.
        warning: a sentence where `error` is above `MUCH`, else None.
    """

    years: float
    low: float
    high: float
    level: float
    error: float
    warning: str | None


class AgeNetwork:
    """A published network that says ages; it needs no TensorFlow.

    Args:
        folder: of published networks.

    Raises:
        UserError: the folder holds no such network, or another than was published.
    """

    def __init__(self, folder: Path = NETWORKS) -> None:
        self.published = published(folder, PublishedAges)
        self._network = load(folder, self.published)

    def says(self, faces: np.ndarray, found: bool = True) -> list[Age]:
        """Return the ages of aligned faces.

        Args:
            faces: (N, size, size, 3) uint8 RGB.
            found: whether a detector found them in photographs; else they are aligned as the training set
                is published.
        """
        return self.told(self.above(faces, found), found)

    def above(self, faces: np.ndarray, found: bool = True) -> np.ndarray:
        """Return P(age > k), (N, K - 1) float64, of faces; arguments as of `says`."""
        across = self.published.photographs.across if found else 1.0
        return exceedance(self._network, faces, self.published.input, across)

    def told(self, above: np.ndarray, found: bool = True) -> list[Age]:
        """Return the ages that go with P(age > k), (N, K - 1), of a picture or the mean of several."""
        calibration = self.published.photographs.calibration if found else self.published.calibration
        return [_age(*one, calibration) for one in said(above, calibration).tolist()]


def exceedance(network: OnnxNetwork, faces: np.ndarray, given: Input, across: float = 1.0) -> np.ndarray:
    """Return P(age > k), (N, K - 1) float64, averaged over the views of faces (N, size, size, 3) uint8.

    Args:
        network: answers each view.
        faces: aligned.
        given: says which views.
        across: factor by which the faces are widened.
    """
    several = list(views(faces, given.mirrored, given.zooms, across))
    # In one batch, which is a third faster where there is a single face.
    answers = network(np.concatenate(several))
    return answers.reshape(len(several), len(faces), answers.shape[1]).mean(axis=0, dtype=np.float64)


def raw(above: np.ndarray, level: float) -> np.ndarray:
    """Return (N, 3) years before calibration: expectation, and the quantiles about `level` of the people.

    Args:
        above: P(age > k), (N, K - 1).
        level: share between the quantiles.
    """
    tail = (1 - level) / 2
    return np.column_stack([above.sum(axis=1), quantiles(from_exceedance(above), (tail, 1 - tail))])


def said(above: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return (N, 3) years: the age, and the ends of its interval, which holds the age."""
    if not len(above):
        return np.zeros((0, 3))
    ages, low, high = recalibrated(raw(above, calibration.level), calibration.knots).T
    low, high = stretched(low, high, calibration.below, calibration.above)
    return np.column_stack([ages, np.minimum(low, ages), np.maximum(high, ages)])


def range_of(years: float, errors: tuple[RangeError, ...]) -> RangeError:
    """Return the range in which an age lies that is said; the nearest where none holds it."""
    return min(errors, key=lambda one: max(one.first - int(years), int(years) - one.last, 0))


def _age(years: float, low: float, high: float, calibration: Calibration) -> Age:
    found = range_of(years, calibration.errors)
    warning = None
    if found.error > MUCH:
        warning = (
            f"where the network says {found.first} to {found.last} years it errs by {found.error:.0f} in the "
            "mean"
        )
    return Age(years, low, high, calibration.level, found.error, warning)
