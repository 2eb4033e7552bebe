"""How the papers' benchmarks count."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

_REPEATS = 3


def median_rate(work: Callable[[], object], images: int) -> float:
    """Return the median rate of three repetitions of `work`, each of `images` images, in images a second."""
    rates = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work()
        rates.append(images / (time.perf_counter() - start))
    return float(np.median(rates))
