"""Does recognition gain as the embedding forgets the age? The table, the curve and the claims.

At the method's own weights it has not: the reversed head reads the age from x_id better than the age head
does from x_age. Here the reversed gradient is turned up on one trained network until a linear probe that
learns from other people finds little left, and recognition is asked at each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from common.evidence.claims import ASKED_HERE, Claim
from common.evidence.figures import line_chart
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record
from common.evidence.tables import Column, Row, Table
from reproductions.mtlface.experiments import COEFFICIENTS, FORGETTING
from reproductions.mtlface.study import PROBE
from reproductions.shared.recognition.evaluation import DECISION
from reproductions.shared.recognition.points import Line, plot_data, series
from reproductions.shared.recognition.probing import BAND_COLUMN

_LEFT = "Age that is left"
_PROBED = (
    ("fgnet-groups", "FG-NET", None, "seven groups, chance 14.3%"),
    (BAND_COLUMN, "IMFDB", "data-imfdb", "four bands, chance 25%"),
    ("synthetic-groups", "Generated faces", None, "seven groups, chance 14.3%"),
)
_FOUND = (
    ("fgnet-one-out", "FG-NET, one against all others", None, "rank-1", "one against all"),
    ("fgnet-gap", "FG-NET, 20 years apart", None, "AUC", "20 years apart"),
    ("imfdb-oldest", "IMFDB", "data-imfdb", "rank-1", "latest films among oldest"),
    ("cacd-vs", "CACD-VS", "data-cacd-vs", "AUC", "pairs"),
    ("lfw-pairs", "LFW", None, "AUC", "pairs"),
    ("synthetic-one-out", "Generated faces", None, "rank-1", "one against all"),
)

TABLE = Table(
    name="forgetting",
    title="The reversed head turned up: the age that is left, and recognition",
    caption="The network with decomposition and age head at half the side, trained on for 6 epochs with a "
    "reversed head whose gradient is multiplied by 0 (it reads, and changes nothing) up to 1,000; the method "
    "has 1. All rows and seeds go on from one network, so that intervals count no other. Age that is left: "
    "classes of age that a linear probe of the embedding tells rightly, each weighing the same, learnt from "
    "people who are not asked about.",
    rows=tuple(
        Row(f"× {coefficient:g}", one.name) for coefficient, one in zip(COEFFICIENTS, FORGETTING, strict=True)
    ),
    columns=(
        *(
            Column(key, title, absent, metric="balanced accuracy", decision=PROBE, short=short, part=_LEFT)
            for key, title, absent, short in _PROBED
        ),
        *(
            Column(key, title, absent, metric=metric, decision=DECISION, short=short, part="Recognition")
            for key, title, absent, metric, short in _FOUND
        ),
    ),
    row_title="Reversed gradient",
    metric="rank-1",
    decision=DECISION,
    interval="the test's subjects, or the ten folds of pairs",
)

_LINES = (
    ("fgnet-one-out", "FG-NET, each image among all others (rank-1)", "rank-1", DECISION),
    ("fgnet-groups", "age groups that a probe tells, FG-NET", "balanced accuracy", PROBE),
    (BAND_COLUMN, "age bands that a probe tells, IMFDB", "balanced accuracy", PROBE),
)
_GENERATED = (
    ("synthetic-one-out", "each image among all others (rank-1)", "rank-1", DECISION),
    ("synthetic-groups", "age groups that a probe tells", "balanced accuracy", PROBE),
)


def _plot(name: str, title: str, lines: Sequence[tuple[str, str, str, str]]) -> Plot:
    return Plot(
        name,
        title,
        "The rows of the table from left to right. A probe that knows nothing tells 14.3% of seven groups, "
        "25% of four bands. Bars are 95% intervals over the people tested and, where there are several, "
        "the seeds.",
        partial(_points, lines),
        _draw,
    )


def _points(
    lines: Sequence[tuple[str, str, str, str]], records: Sequence[Record], root: Path
) -> PlotData | None:
    asked = [
        Line([(one.name, column, True) for one in FORGETTING], metric, decision)
        for column, _, metric, decision in lines
    ]
    return plot_data(records, root, asked, lambda line, shown: lines[line][1])


def _draw(values: dict[str, Any]) -> Figure:
    ticks = [f"{coefficient:g}" for coefficient in COEFFICIENTS]
    return line_chart(series(values), "Reversed gradient, times", "%", ticks=ticks)


PLOTS = (
    _plot("forgetting-curve", "The reversed head turned up: the age that is left, and recognition", _LINES),
    _plot("forgetting-synthetic", "The same, generated faces", _GENERATED),
)

_SOURCE = "the method; B for its losses"
_NONE, _OWN, *_LOUDER = (one.name for one in FORGETTING)
_ASKED = ("fgnet-one-out", "imfdb-oldest", "synthetic-one-out")
_READ = tuple(key for key, *_ in _PROBED)

CLAIMS = (
    Claim(
        "the reversed head takes age from x_id",
        "The reversed head at the method's weight leaves a probe less age in the embedding than without its "
        "gradient.",
        _SOURCE,
        _NONE,
        _OWN,
        _READ,
        metric="balanced accuracy",
        decision=PROBE,
    ),
    Claim(
        "a louder reversed head takes age from x_id",
        "The reversed head at 100 times the method's weight leaves a probe less age in the embedding than "
        "without its gradient.",
        ASKED_HERE,
        _NONE,
        _LOUDER[1],
        _READ,
        metric="balanced accuracy",
        decision=PROBE,
    ),
    Claim(
        "a louder reversed head helps",
        "The reversed head at 100 times the method's weight recognises better across age than without its "
        "gradient.",
        ASKED_HERE,
        _LOUDER[1],
        _NONE,
        _ASKED,
        metric="rank-1",
        decision=DECISION,
    ),
)
