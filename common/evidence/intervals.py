"""The interval of a mean over seeds, which counts both: which networks were trained, which people asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.evidence.contributions import StoredPredictions, alike
from common.evidence.settings import Observation
from common.metrics import metric
from common.metrics.crossed import Crossed, crossed


@dataclass(frozen=True)
class Summary:
    """What several seeds of one configuration come to on one test set.

    Attributes:
        value: the mean over the seeds, in the metric's unit.
        low, high: ends of its 95% interval over seeds and people, of one seed over people alone; None where
            several seeds have no stored predictions to tell them from.
    """

    value: float
    low: float | None
    high: float | None


def together(observations: Sequence[Observation], stored: StoredPredictions) -> Crossed | None:
    """Return the crossed mean of observations that are of the same images.

    Args:
        observations: of one setting and variant, one a seed.
        stored: the predictions beside their records.

    Returns:
        None where the predictions are not stored, or are of different images.
    """
    terms = [stored.contributions(one) for one in observations]
    return crossed([one.values for one in terms], terms[0].subjects) if alike(terms) else None


def summary(observations: Sequence[Observation], stored: StoredPredictions | None = None) -> Summary:
    """Return mean and interval of the runs behind a cell; the interval is cut where the metric ends.

    One seed without predictions has the interval that its record states: by bootstrap over the same people.
    """
    known = metric(observations[0].measurement.metric)
    values = [one.measurement.value for one in observations]
    mean = sum(values) / len(values)
    found = together(observations, stored) if stored is not None else None
    if found is not None:
        low, high = found.interval()
        # What is computed again from rounded predictions lies a hair beside what the record says.
        return Summary(mean, min(mean, max(low, known.lowest)), max(mean, min(high, known.highest)))
    if len(observations) == 1:
        only = observations[0].measurement
        return Summary(mean, only.low, only.high)
    return Summary(mean, None, None)
