"""Figures 7, 8 and 9, and the weights p and q: what the histories of the trainings say."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from common.evidence import records as stored
from common.evidence.figures import Series, line_panels
from common.evidence.formats import broken, markdown_table
from common.evidence.plots import PlotData
from common.evidence.records import Record
from reproductions.age_gender.watch import TRACE
from reproductions.shared.harness.profiles import PROFILES

FORMS = {
    "joint-text-weights": "text",
    "joint": "code",
    "joint-constrained": "constrained",
}
"""Form of the loss weights by experiment."""

_KINDS = {"{}_accuracy": False, "val_{}_accuracy": True}
"""Of the training images, and dashed of the validation images."""


def accuracies(records: Sequence[Record], rows: Mapping[str, str], tasks: Sequence[str]) -> PlotData | None:
    """Return the cross entropy and the accuracy of each task over the steps, means of the seeds.

    Of the profiles the largest that ran one of the rows is shown, and of several configurations or training
    sets of a row the one with most seeds.

    Args:
        rows: experiment -> label.
        tasks: "age", "gender" or both: two panels each, cross entropies before accuracies.
    """
    shown = runs_shown(records, rows)
    if not shown:
        return None
    panels = {f"{task}_loss": [] for task in tasks} | {task: [] for task in tasks}
    for name, runs in shown.items():
        steps = runs[0].trained_on[0].images // runs[0].configuration["recipe"]["batch"]
        for task in tasks:
            for key, dashed in _KINDS.items():
                curve = _mean([run.history.get(key.format(task), ()) for run in runs])
                panels[task].append(_curve(rows[name], steps, [100 * y for y in curve], dashed))
            loss = _mean([_cross_entropy(run, task, steps) for run in runs])
            panels[f"{task}_loss"].append(_curve(rows[name], steps, loss))
    used = tuple(run for runs in shown.values() for run in runs)
    return PlotData({"title": _title(used), "panels": panels}, (), used)


def draw_accuracies(values: Mapping[str, Any]) -> Figure:
    """Draw what `accuracies` returns."""
    tasks = {"age": "Age interval", "gender": "Gender"}
    titles = {f"{task}_loss": f"{title}: cross entropy" for task, title in tasks.items()} | {
        task: f"{title}: accuracy" for task, title in tasks.items()
    }
    panels = {
        titles[name]: [
            Series(one["label"], one["x"], one["y"], dashed=one["dashed"]) for one in several if one["y"]
        ]
        for name, several in values["panels"].items()
    }
    labels = ["Accuracy (%)" if name in tasks else "Nats an image" for name in values["panels"]]
    title = f"{values['title']} · solid: training images, dashed: validation images"
    return line_panels(panels, "Step", labels, title)


def weights(records: Sequence[Record]) -> PlotData | None:
    """Return p and q over the steps of each form, of every form's first seed."""
    shown = {name: runs[0] for name, runs in runs_shown(_watched(records), FORMS).items()}
    if not shown:
        return None
    panels = {}
    for name, run in shown.items():
        step, p, q = (list(run.history[key]) for key in TRACE)
        panels[FORMS[name]] = [
            {"label": "p (age)", "x": step, "y": p},
            {"label": "q (gender)", "x": step, "y": q},
        ]
    used = tuple(shown.values())
    return PlotData({"title": _title(used), "panels": panels}, (), used)


def draw_weights(values: Mapping[str, Any]) -> Figure:
    """Draw what `weights` returns."""
    panels = {
        form: [Series(one["label"], one["x"], one["y"]) for one in several]
        for form, several in values["panels"].items()
    }
    return line_panels(panels, "Step", ["Weight"] + [""] * (len(panels) - 1), values["title"])


def weights_page(folder: Path) -> str | None:
    """Return where p and q of every run ended, in Markdown; None where none was run.

    Args:
        folder: results of the paper.
    """
    found = _watched(stored.load(folder.parent, folder.name))
    if not found:
        return None
    order = sorted(found, key=lambda one: (list(PROFILES).index(one.profile), one.experiment, one.seed))
    table = markdown_table(_HEADER, [_end(run) for run in order], left=2, narrow=True)
    return "\n".join([_TOLD, "", *table]) + "\n"


_HEADER = ("Form", "Trained on", "Seed", "Steps", "p (age)", "q (gender)", "Effect", "End")
_LINE = 16
"""Characters in a line of an effect."""

_TOLD = (
    "Both weights start from 1. As the text prints Eq. 5, `p * loss_age + q * loss_gender` with both "
    "trainable, its derivative by p is the loss itself, which is above 0: p and q fall, whatever the network "
    "does, and below 0 the network is trained to be wrong, with no end. The training is stopped as soon as "
    "one of them is at 0; after how many steps is the optimizer's matter: where AdamW moves them it is by "
    "its rate, whatever the losses are. As in the authors' code, where probabilities are multiplied before "
    "the logarithm, the loss is a sum of cross entropies less log p and log q: they grow and nothing else "
    "changes. Constrained, p = exp(-s), with s / 2 added to the loss, and likewise q."
)


def _end(run: Record) -> list[str]:
    form = FORMS[run.experiment]
    steps, p, q = (run.history[key][-1] for key in TRACE)
    stopped = form == "text" and min(p, q) <= 0
    return [
        form,
        f"{run.trained_on[0].title} · {run.profile}",
        str(run.seed),
        f"{steps:,.0f}",
        f"{p:.3f}",
        f"{q:.3f}",
        broken("none on the network" if form == "code" else "scales the task's gradient", _LINE),
        broken("a weight reached 0: stopped" if stopped else "whole training", _LINE),
    ]


def _watched(records: Sequence[Record]) -> list[Record]:
    return [run for run in records if run.experiment in FORMS and set(TRACE) <= set(run.history)]


def runs_shown(records: Sequence[Record], rows: Mapping[str, str]) -> dict[str, list[Record]]:
    """Return the runs of each row under the largest profile that ran any of them, by seed."""
    candidates = [run for run in records if run.experiment in rows and run.history]
    profiles = {run.profile for run in candidates}
    if not profiles:
        return {}
    largest = next(profile for profile in reversed(PROFILES) if profile in profiles)
    shown = {}
    for name in rows:
        groups: dict[tuple, list[Record]] = {}
        for run in candidates:
            if (run.experiment, run.profile) == (name, largest):
                key = (run.configuration_hash, run.precision, *(data.identity for data in run.trained_on))
                groups.setdefault(key, []).append(run)
        if groups:
            shown[name] = sorted(max(groups.values(), key=len), key=lambda run: run.seed)
    return shown


def _cross_entropy(run: Record, task: str, steps: int) -> list[float]:
    """Return a task's cross entropy after each epoch, whatever else its share of the loss holds.

    Form code adds -log p (for age, -log q for gender), which has no end; the mean of it over an epoch's steps
    is taken out again.
    """
    losses = run.history.get(f"{task}_loss", run.history.get("loss", ()))
    if FORMS.get(run.experiment.removesuffix("-small")) != "code" or f"{task}_loss" not in run.history:
        return list(losses)
    step, p, q = (np.array(run.history[key]) for key in TRACE)
    weight = p if task == "age" else q
    inside = [np.linspace(epoch * steps, (epoch + 1) * steps, steps + 1) for epoch in range(len(losses))]
    added = [float(np.log(np.interp(one, step, weight)).mean()) for one in inside]
    return [loss + more for loss, more in zip(losses, added, strict=True)]


def _mean(curves: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean epoch by epoch, as far as all seeds were trained."""
    return [statistics.fmean(values) for values in zip(*curves, strict=False)]


def _curve(label: str, steps: int, values: Sequence[float], dashed: bool = False) -> dict[str, Any]:
    x = [steps * (epoch + 1) for epoch in range(len(values))]
    return {"label": label, "x": x, "y": list(values), "dashed": dashed}


def _title(runs: Sequence[Record]) -> str:
    data = runs[0].trained_on[0]
    stand_in = " (stand-in)" if data.stand_in else ""
    return f"{data.title}{stand_in} · {runs[0].profile}"
