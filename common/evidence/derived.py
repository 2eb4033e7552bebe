"""Columns of predictions that others say: of metrics that came after runs were recorded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from common.metrics.synthesis import both, identity_of_hits

DERIVED: dict[str, tuple[tuple[str, str], Callable[..., np.ndarray]]] = {
    "both": (("age accuracy", "verified"), both),
    "identity of hits": (("age accuracy", "identity"), identity_of_hits),
}
"""Metric -> the two columns of predictions that say it, and how."""


def with_derived(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions of one test set with the columns of `DERIVED` that they say."""
    said = {
        name: of(*(rows[part] for part in parts))
        for name, (parts, of) in DERIVED.items()
        if set(parts) <= set(rows)
    }
    return rows.assign(**said) if said else rows
