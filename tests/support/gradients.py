"""Gradients without automatic differentiation, to hold automatic differentiation to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def central_differences(
    function: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Return the gradient of the float64 `function` at `at` by central differences, of the shape of `at`."""
    at = np.asarray(at, dtype=np.float64)
    gradient = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        offset = np.zeros_like(at)
        offset[index] = step
        gradient[index] = (function(at + offset) - function(at - offset)) / (2 * step)
    return gradient
