"""The metrics a record may hold: unit, direction, possible range, and how they are printed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from common.errors import unknown


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as it is written in records and tables ("MAE", "CS@5").
        unit: what one unit of the value is ("years", "% of images").
        lower_is_better: the direction of progress.
        digits: decimals printed.
        lowest, highest: the possible range, both included.
    """

    name: str
    unit: str
    lower_is_better: bool
    digits: int
    lowest: float = 0.0
    highest: float = math.inf

    def format(self, value: float) -> str:
        """Print a value, or a difference of two, with the metric's decimals and never as -0.00."""
        return f"{value:z.{self.digits}f}"

    @property
    def direction(self) -> str:
        """The reader's hint, "lower is better" or "higher is better"."""
        return "lower is better" if self.lower_is_better else "higher is better"


def _percent(name: str, of: str, digits: int = 2, *, lower_is_better: bool = False) -> Metric:
    return Metric(name, f"% {of}".strip(), lower_is_better, digits, highest=100.0)


METRICS = {
    known.name: known
    for known in (
        _percent("faces found", "of images", 1),
        *(
            Metric(f"eye error{of}", "% of the distance between the eyes", lower_is_better=True, digits=1)
            for of in ("", ", 95th percentile")
        ),
        Metric("ms an image", "of processor time", lower_is_better=True, digits=1),
        Metric("MAE", "years", lower_is_better=True, digits=2),
        _percent("rank-1", "of probes"),
        _percent("MAP", ""),
        _percent("accuracy", "of decisions"),
        _percent("balanced accuracy", "of decisions, mean over classes"),
        _percent("AUC", ""),
        _percent("EER", "", lower_is_better=True),
        _percent("age accuracy", "of generated faces", 1),
        Metric("identity", "mean cosine", lower_is_better=False, digits=3, lowest=-1.0, highest=1.0),
        _percent("age accuracy, second judge", "of generated faces", 1),
        Metric("identity of hits", "mean cosine", lower_is_better=False, digits=3, lowest=-1.0, highest=1.0),
        _percent("verified", "of generated faces", 1),
        _percent("both", "of generated faces", 1),
        Metric("sum", "points", lower_is_better=False, digits=1, lowest=-100.0, highest=200.0),
        Metric("diversity", "% of the given faces' own", lower_is_better=False, digits=1),
        Metric("change", "grey levels", lower_is_better=False, digits=1, highest=255.0),
        Metric("step", "grey levels", lower_is_better=False, digits=1, highest=255.0),
        Metric("KID", "thousandths", lower_is_better=True, digits=2, lowest=-math.inf),
        Metric("streaks", "times the real faces' own", lower_is_better=True, digits=2),
    )
}
_CUMULATIVE_SCORE = re.compile(r"CS@(\d+)")
_ACCEPTED = re.compile(r"TAR@FAR=(0?\.\d+|1e-\d+)")


def metric(name: str) -> Metric:
    """Return the metric called `name`.

    One of `METRICS`, "CS@k" for a whole number of years k, or "TAR@FAR=f" for a share f of false accepts.

    Raises:
        UserError: the name is unknown.
    """
    if name in METRICS:
        return METRICS[name]
    if _CUMULATIVE_SCORE.fullmatch(name):
        return _percent(name, "of images", 1)
    if _ACCEPTED.fullmatch(name):
        return _percent(name, "of pairs of one person", 1)
    raise unknown("metric", name, [*METRICS, "CS@3", "CS@5", "TAR@FAR=0.01"])
