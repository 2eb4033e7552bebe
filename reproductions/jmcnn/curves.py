"""What happens in stage 2 epoch by epoch: the loss under two optimizers, and how far the regulariser gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from common.evidence.figures import Series, line_chart
from common.evidence.plots import PlotData
from common.evidence.records import Record
from reproductions.jmcnn.experiments import SWEEP
from reproductions.shared.harness.profiles import PROFILES

OPTIMIZERS = {"jmcnn-0.1": "Muon, warm-up and cosine", "jmcnn-printed-adam": "Adam at 0.1, as printed"}
_REGULARISED = {one.name: one.weight for one in SWEEP if one.weight}
_PARTS = ("loss", "identity_loss", "age_group_loss")


def losses(records: Sequence[Record], root: Path) -> PlotData | None:
    """Return the loss of Eq. 4 under both optimizers, in the largest profile that ran the printed one."""
    shown = _first_seeds(records, OPTIMIZERS)
    if set(shown) != set(OPTIMIZERS):
        return None
    return _plot({OPTIMIZERS[name]: (run, run.history["loss"]) for name, run in shown.items()})


def draw_losses(values: dict[str, Any]) -> Figure:
    """Draw what `losses` returns."""
    return line_chart(_series(values), "Epoch of stage 2", "Loss (Eq. 4)", values["title"], y_scale="log")


def cosines(records: Sequence[Record], root: Path) -> PlotData | None:
    """Return the mean of Eq. 3 over each epoch, by lambda: what Eq. 4 holds beside its softmax losses."""
    shown = _first_seeds(records, _REGULARISED)
    if not shown:
        return None
    lines = {}
    for name, run in shown.items():
        weight = _REGULARISED[name]
        whole, *softmax = (run.history[part] for part in _PARTS)
        rest = [total - sum(parts) for total, *parts in zip(whole, *softmax, strict=True)]
        lines[f"λ = {weight:g}"] = run, [round(one / weight, 3) for one in rest]
    return _plot(lines)


def draw_cosines(values: dict[str, Any]) -> Figure:
    """Draw what `cosines` returns."""
    return line_chart(_series(values), "Epoch of stage 2", "Cosine of F4 and F5", values["title"])


def _first_seeds(records: Sequence[Record], names: Iterable[str]) -> dict[str, Record]:
    """Return the first seed of each experiment in the largest profile that ran all or, failing that, most."""
    names = list(names)
    trained = [one for one in records if one.experiment in names and set(_PARTS) <= set(one.history)]
    by_profile = {
        profile: {
            name: min(runs, key=lambda one: one.seed)
            for name in names
            if (runs := [one for one in trained if (one.experiment, one.profile) == (name, profile)])
        }
        for profile in reversed(PROFILES)
    }
    return max(by_profile.values(), key=len)


def _plot(lines: dict[str, tuple[Record, Sequence[float]]]) -> PlotData:
    runs = tuple(run for run, _ in lines.values())
    series = [{"label": label, "values": list(values)} for label, (_, values) in lines.items()]
    return PlotData({"title": f"profile {runs[0].profile}, mean of the folds", "series": series}, (), runs)


def _series(values: dict[str, Any]) -> list[Series]:
    lines = ((one["label"], one["values"]) for one in values["series"])
    return [Series(label, list(range(1, len(line) + 1)), line) for label, line in lines]
