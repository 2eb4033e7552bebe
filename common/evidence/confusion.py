"""Confusion matrices out of the predictions beside records, summed over the seeds of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from common.evidence.figures import matrix_chart
from common.evidence.plots import PlotData
from common.evidence.records import Record, predictions_of
from common.evidence.settings import Observation, name_settings, observe
from common.metrics.classification import confusion_matrix


def confusion_data(
    records: Sequence[Record],
    results_root: Path,
    rows: Mapping[str, str],
    column: str,
    decision: str,
    labels: Sequence[str],
) -> PlotData | None:
    """Return the data of one confusion matrix a row, for `draw_confusion`.

    Of the settings that `column` was measured in, the one of the largest profile is shown, and of several
    configurations the one with most seeds.

    Args:
        rows: experiment -> label.
        column: of the predictions.
        decision: what was asked: the predictions have true classes in "<decision>-class" and answers in
            "<decision>-answer".
        labels: of the classes.

    Returns:
        None where nothing was run.
    """
    found = {name: observe(records, name, column, "accuracy", decision) for name in rows}
    settings = sorted({one for several in found.values() for one in several}, key=lambda one: one.order)
    if not settings:
        return None
    setting, panels, used = settings[0], [], []
    for name, label in rows.items():
        variants = found[name].get(setting, {})
        if not variants:
            continue
        observations = max(variants.values(), key=len)
        counts = [_counts(one, results_root, column, decision, len(labels)) for one in observations]
        panels.append({"label": label, "counts": np.sum(counts, axis=0).tolist()})
        used += [one.record for one in observations]
    title = name_settings([setting])[setting]
    return PlotData({"title": title, "labels": list(labels), "panels": panels}, (setting,), tuple(used))


def draw_confusion(values: Mapping[str, Any]) -> Figure:
    """Draw what `confusion_data` returns: the share of each true class that got each answer, in percent."""
    shares = {}
    for panel in values["panels"]:
        counts = np.array(panel["counts"], float)
        shares[panel["label"]] = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return matrix_chart(shares, values["labels"], "Answer", "True class", values["title"])


def _counts(
    observation: Observation, results_root: Path, column: str, decision: str, count: int
) -> np.ndarray:
    names = [f"{decision}-{part}" for part in ("class", "answer")]
    rows = predictions_of(observation.record, results_root, column, names)
    classes, answers = (rows[name].to_numpy(int) for name in names)
    return confusion_matrix(classes, answers, count)
