"""Columns of predictions that others say: of metrics that came after runs were recorded."""

from __future__ import annotations

import pandas as pd

from common.metrics.synthesis import both

DERIVED = {"both": ("age accuracy", "verified")}
"""Metric -> the two columns of predictions, each 100 or 0, of which it is the share where both are 100."""


def with_derived(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions of one test set with the columns of `DERIVED` that they say."""
    said = {name: both(rows[a], rows[b]) for name, (a, b) in DERIVED.items() if {a, b} <= set(rows)}
    return rows.assign(**said) if said else rows
