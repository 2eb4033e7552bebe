"""How long steps and answers take: what is measured of a network is measured of its twin in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

WARM_UP, LEAST = 3, 5
"""Steps that are not timed, and least number of those that are."""

KEPT = 4
"""Distinct batches of labels."""


def timed_steps(
    step: Callable[[Any], Any], batches: Iterator[Any], batch: int, seconds: float
) -> dict[str, float]:
    """Train for a while; return the rate, the median step, and the share of time spent waiting for data.

    Args:
        step: trains on a batch and returns when that is done.
        batches: made ahead, without end.
        batch: images in each.
        seconds: at least, after steps that are not timed.
    """
    steps: list[float] = []
    waits: list[float] = []
    while len(steps) < WARM_UP + LEAST or sum(steps[WARM_UP:]) + sum(waits[WARM_UP:]) < seconds:
        began = time.perf_counter()
        example = next(batches)
        ready = time.perf_counter()
        step(example)
        steps.append(time.perf_counter() - ready)
        waits.append(ready - began)
    middle, wait = (float(np.median(times[WARM_UP:])) for times in (steps, waits))
    whole = sum(steps[WARM_UP:]) + sum(waits[WARM_UP:])
    return {
        "trained_a_second": batch * (len(steps) - WARM_UP) / whole,
        "step_ms": 1e3 * (middle + wait),
        "waits_percent": 100 * sum(waits[WARM_UP:]) / whole,
    }


def median(work: Callable[[], Any], seconds: float) -> float:
    """Return the median time of a piece of work, in seconds."""
    times: list[float] = []
    while len(times) < WARM_UP + LEAST or sum(times[WARM_UP:]) < seconds:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times[WARM_UP:]))
