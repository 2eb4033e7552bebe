"""A sample of the stored predictions, by name and number: what each network said of the same pictures."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from common.evidence.claims import Verdict
from common.evidence.contributions import StoredPredictions
from common.evidence.page.html import esc, region, tag
from common.evidence.page.sources import Sources
from common.evidence.settings import Observation
from common.metrics import metric

SAMPLE = 40
"""Pictures of a test set."""

LEVELS = ((50, "q0.25", "q0.75"), (80, "q0.1", "q0.9"), (90, "q0.05", "q0.95"), (95, "q0.025", "q0.975"))
"""Percent of an interval, and the quantiles that are its ends."""


def browser(verdicts: Sequence[Verdict], stored: StoredPredictions, sources: Sources) -> str:
    """Return tables of predictions for the test sets of some verdicts, those of one metric in one table."""
    grouped: dict[tuple[object, ...], dict[str, Sequence[Observation]]] = {}
    for one in verdicts:
        for several in (one.better, one.worse):
            for first in several[:1]:
                item = first.measurement
                key = (item.column, item.data.identity, item.metric, item.decision)
                grouped.setdefault(key, {}).setdefault(first.record.experiment, several)
    return "".join(_table(rows, stored, sources) for rows in grouped.values())


def _table(rows: dict[str, Sequence[Observation]], stored: StoredPredictions, sources: Sources) -> str:
    asked = {name: _said(several, stored) for name, several in rows.items()}
    said = {name: one for name, one in asked.items() if one is not None}
    if not said:
        return ""
    first = next(iter(rows.values()))[0].measurement
    names = sorted(set.intersection(*(set(one.said) for one in said.values())), key=_draw)[:SAMPLE]
    truth = next(iter(said.values())).truth
    known = metric(first.metric)
    what = "age, years" if truth else f"{first.metric} of {first.decision}, {known.unit}"
    heads = [tag("th", "Picture", scope="col")]
    heads += [tag("th", "True age", scope="col")] if truth else []
    heads += [tag("th", sources.rows(name, [(name, rows[name])]), scope="col", class_="n") for name in said]
    body = []
    for name in sorted(names):
        cells = [tag("td", f"{truth[name]:g}", class_="n", data_v=f"{truth[name]:g}")] if truth else []
        for one in said.values():
            value = one.said[name]
            text = f"{value:.0f}" if known.highest == 100 else f"{value:.1f}"
            cells.append(tag("td", text, class_="n", data_v=f"{value:.6g}"))
        body.append(tag("tr", tag("th", tag("code", esc(name)), scope="row"), *cells))
    title = f"{first.data.name}: {what}, by {len(said)} networks"
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body), class_="sortable filtered")
    return tag("details", tag("summary", esc(title)), region(table, title))


class _Said(NamedTuple):
    """What networks said of each picture, and the true ages, or none."""

    said: dict[str, float]
    truth: dict[str, float]


def _said(several: Sequence[Observation], stored: StoredPredictions) -> _Said | None:
    """Return what the runs said of each picture, averaged, and the true ages where these are asked for."""
    item = several[0].measurement
    read = [stored.rows(one.record, item.column) for one in several]
    frames = [frame for frame in read if frame is not None and "name" in frame]
    if len(frames) < len(several):
        return None
    ages = "age" in frames[0] and item.decision in frames[0] and item.metric == "MAE"
    if ages:
        columns = [frame.set_index("name")[item.decision] for frame in frames]
        truth = {str(name): float(age) for name, age in frames[0].set_index("name")["age"].items()}
    else:
        asked = [stored.contributions(one) for one in several]
        terms = [one for one in asked if one is not None and isinstance(one.keys[0], str)]
        if len(terms) < len(several):
            return None
        columns, truth = [pd.Series(one.values, index=one.keys) for one in terms], {}
    if any(not column.index.is_unique for column in columns):
        return None
    mean = sum(column.loc[columns[0].index] for column in columns) / len(columns)
    return _Said(dict(zip(map(str, mean.index), mean.tolist(), strict=True)), truth)


def _draw(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def calibration(rows: dict[str, Sequence[Observation]], stored: StoredPredictions, sources: Sources) -> str:
    """Return how often the true age lies within each network's own interval; "" where none is stored.

    Args:
        rows: label -> the runs of one row on one test set.
        stored: the predictions.
        sources: of the labels.
    """
    body = []
    for label, several in rows.items():
        read = [stored.rows(one.record, one.measurement.column) for one in several]
        frames = [frame for frame in read if frame is not None and {"age", LEVELS[-1][1]} <= set(frame)]
        if len(frames) != len(several):
            continue
        cells = []
        for _, low, high in LEVELS:
            shares = [100 * frame["age"].between(frame[low], frame[high]).mean() for frame in frames]
            cells.append(tag("td", f"{statistics.fmean(shares):.1f}", class_="n"))
        name = sources.rows(label, [(several[0].record.experiment, several)])
        body.append(tag("tr", tag("th", name, scope="row"), *cells))
    if not body:
        return ""
    heads = [tag("th", "Network and test", scope="col")]
    heads += [tag("th", f"{percent}%", scope="col") for percent, _, _ in LEVELS]
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body), class_="sortable")
    said = (
        "Share of true ages (%) within the interval to which the network gives this much; mean of the seeds."
    )
    return tag("section", tag("h4", "Calibration"), tag("p", said), region(table, "Calibration"))
