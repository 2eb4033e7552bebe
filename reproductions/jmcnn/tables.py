"""The paper's tables, figures and claims, as they are rendered from records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from common.evidence.figures import bar_chart, line_chart
from common.evidence.people_page import people_page
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record
from common.evidence.render import Page, Report
from common.evidence.tables import Column, Row, Table
from data_prep.protocols.identification import CACD_DATABASES, YEAR_GAPS
from reproductions.jmcnn import curves, facts, fig3, gradient_check, protocol
from reproductions.jmcnn.bands import HEAD, PROBES
from reproductions.jmcnn.claims import claims_on
from reproductions.jmcnn.coverage import COVERAGE
from reproductions.jmcnn.data import GENERATED_PERIODS
from reproductions.jmcnn.experiments import (
    FILMS_JMCNN,
    FILMS_TUNED,
    HALF_SWEEP,
    JUDGE,
    LAMBDAS,
    PLAIN_BASE,
    REFERENCES,
    SWEEP,
)
from reproductions.jmcnn.headlines import ABOUT, AUTHORS, HEADLINES
from reproductions.shared.recognition.evaluation import DECISION
from reproductions.shared.recognition.points import Line, plot_data, series
from reproductions.shared.recognition.probing import BAND_COLUMN

_BARS = (
    "Means over seeds; bars are 95% intervals over seeds and people (`common.metrics.crossed`), cut at 0 and "
    "100%; with one seed they count the people alone."
)
_MORPH = "MORPH"
_COLUMNS = (
    Column("fgnet-oldest", "FG-NET, youngest to oldest", short="youngest to oldest"),
    Column("fgnet-adults", "FG-NET, youngest to oldest, adults", short="adults"),
    Column("fgnet-one-out", "FG-NET, one against all others", short="one against all"),
    Column("morph-oldest", "MORPH", absent="data-morph", short="youngest to oldest"),
    Column("imfdb-oldest", "IMFDB", absent="data-imfdb", short="latest films among oldest"),
    Column("synthetic-oldest", "Generated faces, youngest to oldest", short="youngest to oldest"),
    Column("synthetic-adults", "Generated faces, youngest to oldest, adults", short="adults"),
    Column("synthetic-one-out", "Generated faces, one against all others", short="one against all"),
)
_SEARCHES = tuple(column.key for column in _COLUMNS)
_GAPS = {f"imfdb-{gap.replace(' ', '-')}": gap for gap in YEAR_GAPS}
"""The columns of IMFDB's searches, and the years between a person's latest films and the database's."""
_PERIODS = tuple(CACD_DATABASES)


_OTHERS = (
    Row("CNN baseline, identity set only; CosFace and Muon", "cnn-base"),
    Row("CNN baseline, fine-tuned; CosFace and Muon", "cnn-fine-tuned"),
    Row("JMCNN, λ = 0.1; CosFace and Muon", "jmcnn-0.1"),
)
"""The systems with another loss and another optimizer, each tuned on the set that it is asked of."""

_SYSTEMS = (
    Row("CNN baseline, identity set only", PLAIN_BASE.name),
    Row("CNN baseline, fine-tuned", FILMS_TUNED.name),
    Row("JMCNN, λ = 0.1", FILMS_JMCNN.name),
)


def _literature(label: str, value: float) -> Row:
    return Row(label, None, {_MORPH: value}, cited=True)


TABLE1 = Table(
    name="table1",
    title="Table 1. Rank-1 identification across age",
    caption="Rows in the order of the paper: its literature values and its three systems, with the softmax "
    "of Eq. 1 and Adam, stage 2 on IMFDB's training actors with their age bands; the same with CosFace and "
    "Muon, stage 2 on four fifths of FG-NET's people; and what needs no network, measured in the same "
    "harness. All seeds of a stage 2 on IMFDB start from one stage 1. What each row was trained on stands "
    "in its records.",
    rows=(
        _literature("HFA (2013)", 91.14),
        _literature("CARC (2014)", 92.80),
        _literature("MEFA (2015)", 93.80),
        _literature("MEFA+SIFT+MLBP (2015)", 94.59),
        _literature("GMS (2017)", 94.40),
        _literature("LF-CNN (2016)", 97.51),
        _literature("AE-CNN (2017)", 98.13),
        Row("CNN baseline, identity set only", PLAIN_BASE.name, {_MORPH: 91.96}),
        Row("CNN baseline, fine-tuned", FILMS_TUNED.name, {_MORPH: 97.23}),
        Row("JMCNN, λ = 0.1", FILMS_JMCNN.name, {_MORPH: 98.36}),
        *_OTHERS,
        Row(JUDGE.label, JUDGE.name),
        *(Row(one.label, one.name) for one in REFERENCES),
    ),
    columns=_COLUMNS,
    paper_columns=(_MORPH,),
    metric="rank-1",
    decision=DECISION,
    same_training=False,
)

FIG5 = Table(
    name="fig5-values",
    title="Figure 5. Mean average precision by period",
    caption="Eq. 7: images of the last period are queries, those of three earlier ones the databases. On "
    "CACD queries are of 2013 and people those of CARC. On IMFDB queries are of an actor's latest year, the "
    "databases of films so many years earlier. The paper prints no numbers.",
    rows=(
        *_SYSTEMS,
        *_OTHERS,
        Row(JUDGE.label, JUDGE.name),
        *(Row(one.label, one.name) for one in REFERENCES if one.features != "chance"),
    ),
    columns=(
        *(Column(f"cacd-{one}", "CACD", absent="data-cacd") for one in _PERIODS),
        *(Column(key, f"IMFDB, {gap} years", "data-imfdb") for key, gap in _GAPS.items()),
        *(Column(f"synthetic-{one}", f"Generated faces, {one}") for one in GENERATED_PERIODS),
    ),
    metric="MAP",
    decision=DECISION,
    same_training=False,
)

VERIFICATION = Table(
    name="verification",
    title="Verification by pairs",
    caption="Pairs of one person and of two in equal numbers. Accuracy with the threshold from the other "
    "nine folds; area under the curve, equal error rate and true accept rates at two false accept rates.",
    rows=(
        *_SYSTEMS,
        _OTHERS[0],
        Row("CNN baseline, identity set only; Eq. 1 and Muon", "cnn-base-softmax"),
        Row(JUDGE.label, JUDGE.name),
        *(Row(one.label, one.name) for one in REFERENCES if one.features != "chance"),
    ),
    columns=tuple(
        Column(key, title, metric=metric, decision=DECISION, part=title)
        for key, title in (
            ("lfw-pairs", "LFW"),
            ("cacd-vs", "CACD-VS"),
            ("imfdb-pairs", "IMFDB, ten years apart"),
            ("synthetic-pairs", "Generated faces"),
        )
        for metric in ("accuracy", "AUC", "EER", "TAR@FAR=0.01", "TAR@FAR=0.001")
    ),
    metric="accuracy",
    decision=DECISION,
    same_training=False,
    interval="the ten folds",
)

BANDS = Table(
    name="bands",
    title="What is told of age on IMFDB",
    caption="Four bands of the tested actors' ages, each weighing the same: what the age head answers, and "
    "what a linear reading of the features, fitted on the training actors, does. λ = 0 has the age head and "
    "no regulariser. A constant answer comes to 25%.",
    rows=(
        Row("CNN baseline, identity set only", PLAIN_BASE.name),
        Row("CNN baseline, fine-tuned", FILMS_TUNED.name),
        *(Row(f"JMCNN, λ = {one.weight:g}", one.name) for one in HALF_SWEEP),
        _OTHERS[0],
    ),
    columns=tuple(
        Column(BAND_COLUMN, "IMFDB", "data-imfdb", decision=decision, short=title)
        for decision, title in (
            (HEAD, "age head"),
            (PROBES["F1"], "linear probe of F1"),
            (PROBES["F4"], "linear probe of F4"),
        )
    ),
    metric="balanced accuracy",
    decision=HEAD,
    same_training=False,
)

ABLATIONS = Table(
    name="ablations",
    title="What the text leaves open",
    caption="Stage 2 without the age head, with it but without the regulariser, and with other forms of it; "
    "ages outside the nine groups left out of the age loss instead of counted to the nearest group; the "
    "optimizer and the softmax as printed.",
    rows=(
        Row("No age head", "cnn-fine-tuned"),
        Row("λ = 0: age head, no regulariser", "jmcnn-0"),
        Row("λ = 0.1 (the paper's)", "jmcnn-0.1"),
        Row("λ = 0.1, |cos|", "jmcnn-absolute"),
        Row("λ = 0.1, cos²", "jmcnn-squared"),
        Row("λ = 0.1, ages outside 15-77 left out", "jmcnn-left-out"),
        Row("λ = 0.1, Adam at 0.1 as printed", "jmcnn-printed-adam"),
        Row("λ = 0.1, softmax as printed in Eq. 1", "jmcnn-softmax"),
    ),
    columns=_COLUMNS,
    row_title="Stage 2",
    metric="rank-1",
    decision=DECISION,
)

_gap_keys = tuple(key.removeprefix("imfdb-") for key in _GAPS)
_RETRIEVED = (
    *(f"cacd-{one}" for one in _PERIODS),
    *_GAPS,
    *(f"synthetic-{one}" for one in GENERATED_PERIODS),
)
CLAIMS = claims_on(_SEARCHES, _RETRIEVED)


PEOPLE = people_page(
    "fgnet-people",
    "FG-NET by people of odd and of even number",
    [(TABLE1, ("fgnet-one-out", "fgnet-oldest")), (ABLATIONS, ("fgnet-one-out",))],
)


def report() -> Report:
    """Return everything that is rendered of the paper."""
    return Report(
        paper="jmcnn",
        title="A joint multi-task CNN for cross-age face recognition (Yu and Jing)",
        tables=(TABLE1, FIG5, VERIFICATION, BANDS, ABLATIONS),
        plots=(
            Plot(
                "fig3",
                "Figures 2 and 3. The network",
                "Read off the built model at the paper's size: kernels with stride, channels in brackets, "
                "and the output of each stage; the two heads, tied by the regulariser of Eq. 3; and the two "
                "inception units, whose input is added to what their branches come to.",
                fig3.data,
                fig3.draw,
            ),
            *(
                _figure4(key, title)
                for key, title in (
                    ("fgnet", "FG-NET"),
                    ("morph", "MORPH Album 2"),
                    ("synthetic", "generated faces"),
                )
            ),
            Plot(
                "adam",
                "What Adam at 0.1 does",
                "Training loss of stage 2 by epoch, JMCNN with λ = 0.1, first seed: the optimizer as printed "
                "(3.1) and the one that the other rows use. What it does to recognition is in the ablations.",
                curves.losses,
                curves.draw_losses,
            ),
            Plot(
                "cosine",
                "What the regulariser does",
                "Mean cosine of F4 and F5 (Eq. 3) over each epoch of stage 2, by λ: what Eq. 4 holds beside "
                "its two softmax losses, divided by λ. First seed, mean of the folds. The lowest possible is "
                "-1; without the regulariser it is not measured.",
                curves.cosines,
                curves.draw_cosines,
            ),
            _figure5("cacd", "CACD", _PERIODS),
            _figure5(
                "imfdb", "IMFDB, by years between films", _gap_keys, tuple(YEAR_GAPS), "Years between films"
            ),
            _figure5("synthetic", "generated faces", tuple(GENERATED_PERIODS)),
        ),
        claims=CLAIMS,
        authors=AUTHORS,
        about=ABOUT,
        headlines=HEADLINES,
        coverage=COVERAGE,
        pages=(
            Page(
                "gradient-check",
                "The gradients of Eq. 5 and 6",
                "random and awkward features in float64, no data",
                gradient_check.page,
            ),
            protocol.PAGE,
            PEOPLE,
            facts.page(TABLE1),
        ),
    )


def _figure4(key: str, title: str) -> Plot:
    return Plot(
        f"fig4-{key}",
        f"Figure 4. Rank-1 over λ, {title}",
        f"{_BARS} λ = 0 has the age head and no regulariser.",
        partial(_sweep, key),
        _draw_sweep,
    )


def _sweep(key: str, records: Sequence[Record], root: Path) -> PlotData | None:
    columns = [column.key for column in _COLUMNS if column.key.startswith(f"{key}-")]
    lines = [Line([(one.name, column, True) for one in SWEEP], "rank-1") for column in columns]
    return plot_data(records, root, lines, lambda line, shown: shown[0].test.protocol)


def _draw_sweep(values: dict[str, Any]) -> Figure:
    return line_chart(series(values), "λ", "Rank-1 (%)", ticks=[f"{weight:g}" for weight in LAMBDAS])


def _figure5(
    key: str, title: str, periods: Sequence[str], ticks: Sequence[str] = (), axis: str = "Database"
) -> Plot:
    return Plot(
        f"fig5-{key}",
        f"Figure 5. Mean average precision by period, {title}",
        _BARS,
        partial(_periods, key, tuple(periods)),
        partial(_draw_periods, tuple(ticks or periods), axis),
    )


def _periods(key: str, periods: tuple[str, ...], records: Sequence[Record], root: Path) -> PlotData | None:
    lines = [
        Line([(row.experiment, f"{key}-{period}", False) for period in periods], "MAP") for row in FIG5.rows
    ]
    return plot_data(records, root, lines, lambda line, shown: FIG5.rows[line].label)


def _draw_periods(ticks: tuple[str, ...], axis: str, values: dict[str, Any]) -> Figure:
    return bar_chart(ticks, series(values), axis, "MAP (%)")
