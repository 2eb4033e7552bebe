"""What images add to measurements of runs that never were."""

from __future__ import annotations

import zlib

import numpy as np

from common.evidence.contributions import Contributions
from common.evidence.settings import Observation


class FakePredictions:
    """Of every measurement the answers on 400 images, whose mean is its value.

    Some images are easier than others, for all runs alike, and single answers differ between runs.

    Args:
        easier: standard deviation of the former, in the metric's unit.
        flips: of the latter.
    """

    def __init__(self, easier: float = 1.0, flips: float = 0.1) -> None:
        self.easier, self.flips = easier, flips

    def contributions(self, one: Observation) -> Contributions:
        draw = np.random.default_rng(zlib.crc32(one.record.run.encode()))
        noise = self.easier * np.sin(np.arange(400)) + self.flips * draw.normal(size=400)
        values = one.measurement.value + noise - noise.mean()
        return Contributions(np.arange(400), None, values)
