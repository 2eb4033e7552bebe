"""The paper's tables, figures and claims, as they are rendered from records."""

from __future__ import annotations

from common.evidence.people_page import people_page
from common.evidence.plots import Plot
from common.evidence.render import Page, Report
from common.evidence.tables import Column, Row, Table
from data_prep.protocols.identification import CACD_DATABASES, YEAR_GAPS
from reproductions.jmcnn import curves, facts, fig3, films, gradient_check, protocol
from reproductions.jmcnn.claims import claims_on
from reproductions.jmcnn.coverage import COVERAGE
from reproductions.jmcnn.data import GENERATED_PERIODS
from reproductions.jmcnn.experiments import (
    FILMS_JMCNN,
    FILMS_TUNED,
    JUDGE,
    PLAIN_BASE,
    REFERENCES,
    SWEEP,
)
from reproductions.jmcnn.figures import figure4, figure5
from reproductions.jmcnn.headlines import ABOUT, AUTHORS, HEADLINES
from reproductions.shared.recognition.evaluation import DECISION

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
    [
        (TABLE1, ("fgnet-one-out", "fgnet-oldest")),
        (films.HALF, ("fgnet-one-out",)),
        (ABLATIONS, ("fgnet-one-out",)),
    ],
)


def report() -> Report:
    """Return everything that is rendered of the paper."""
    return Report(
        paper="jmcnn",
        title="A joint multi-task CNN for cross-age face recognition (Yu and Jing)",
        tables=(TABLE1, FIG5, VERIFICATION, *films.TABLES, ABLATIONS),
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
                figure4(
                    f"fig4-{key}",
                    title,
                    SWEEP,
                    [one.key for one in _COLUMNS if one.key.startswith(f"{key}-")],
                )
                for key, title in (
                    ("fgnet", "FG-NET"),
                    ("morph", "MORPH Album 2"),
                    ("synthetic", "generated faces"),
                )
            ),
            films.FIG4,
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
            figure5("cacd", "CACD", FIG5.rows, _PERIODS),
            figure5(
                "imfdb",
                "IMFDB, by years between films",
                FIG5.rows,
                _gap_keys,
                tuple(YEAR_GAPS),
                "Years between films",
            ),
            figure5("synthetic", "generated faces", FIG5.rows, tuple(GENERATED_PERIODS)),
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
