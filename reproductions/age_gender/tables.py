"""The paper's tables, figures and claims, as they are rendered from records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from common.evidence.confusion import confusion_data, draw_confusion
from common.evidence.people_page import people_page
from common.evidence.plots import Plot, PlotData
from common.evidence.records import Record
from common.evidence.render import Page, Report
from common.evidence.tables import Column, Row, Table
from reproductions.age_gender import ages, cascade_figure, curves, facts, networks_page
from reproductions.age_gender.claims import CLAIMS
from reproductions.age_gender.coverage import COVERAGE
from reproductions.age_gender.evaluate import LABELS
from reproductions.age_gender.experiments import (
    AGE,
    AGE_SMALL,
    BALANCED,
    CODE_CLEANING,
    CODE_NETWORK,
    COLOUR,
    CONSTANT,
    CONSTRAINED,
    GENDER,
    GENDER_SMALL,
    JOINT,
    JOINT_SMALL,
    LENET,
    LENET_MASKED,
    LENET_SMALL,
    LENET_WHOLE,
    PLAIN,
    PRINTED_CODE,
    PRINTED_TEXT,
    RESIDUAL,
    RESIDUAL_CONSTANT,
    TEXT_WEIGHTS,
    Experiment,
)
from reproductions.age_gender.headlines import ABOUT, AUTHORS, HEADLINES
from reproductions.age_gender.labels import AGE_INTERVALS, GENDERS

_SETS = (
    ("utkface", "UTKFace", None),
    ("wiki-text", "IMDB-WIKI, cleaned as in the text", "data-imdb-wiki"),
    ("wiki-code", "IMDB-WIKI, cleaned as in the code", None),
    ("synthetic", "Generated faces", None),
)
_FOREIGN = (
    ("fgnet", "FG-NET, never seen", "faces by hand-marked points"),
    ("fgnet-viola-jones", "FG-NET, never seen, faces by Viola-Jones", "faces by Viola-Jones"),
)
_ASKED = {"gender": "Gender", "age": "Age"}
_FACES = {"fgnet": "never seen, ", "fgnet-viola-jones": "faces by Viola-Jones, "}
_GENDER, _AGE = "Gender (%)", "Age (%)"


def _columns(metrics: Sequence[str]) -> tuple[Column, ...]:
    own = tuple(
        Column(key, title, absent, metric=metric, decision=task, short="", part=title)
        for key, title, absent in _SETS
        for task in ("gender", "age")
        for metric in metrics
    )
    foreign = tuple(
        Column(key, title, metric=metric, decision="age", short=short, part="FG-NET, never seen")
        for key, title, short in _FOREIGN
        for metric in metrics
    )
    return own + foreign


def _rows(experiments: Sequence[Experiment], paper: Mapping[str, Mapping[str, str]]) -> tuple[Row, ...]:
    return tuple(Row(one.label, one.name, paper.get(one.name, {})) for one in experiments)


RESULTS = Table(
    name="results",
    title="Final results: one task or both, on little data or much",
    caption="Share of right answers, of two genders and of four age intervals (0-30, 31-45, 46-60, 61-100 "
    "years), and its mean over the classes, which no frequent class lifts. The paper's numbers are read off "
    "its text: gender alone and age alone on its small set, both together on its large one.",
    rows=_rows(
        (CONSTANT, GENDER_SMALL, AGE_SMALL, LENET_SMALL, JOINT_SMALL, GENDER, AGE, LENET, JOINT),
        {
            "gender-small": {_GENDER: "85"},
            "lenet-small": {_AGE: "40"},
            "joint": {_GENDER: "over 85", _AGE: "over 50"},
        },
    ),
    columns=_columns(("accuracy", "balanced accuracy")),
    paper_columns=(_GENDER, _AGE),
    row_title="Trained for",
    metric="accuracy",
    decision="gender",
    same_training=False,
)

GROUPS = Table(
    name="groups",
    title="Accuracy by gender and by age interval",
    caption="Share of right answers among the images of one gender or of one age interval.",
    rows=_rows((CONSTANT, GENDER, AGE, JOINT), {}),
    columns=tuple(
        Column(f"{key}-{group}", title, decision=task, short=f"{short}{group}", part=_ASKED[task])
        for task in LABELS
        for key, title, short, groups in (
            *((key, title, "", (*GENDERS, *AGE_INTERVALS)) for key, title, _ in _SETS),
            *((key, title, _FACES[key], AGE_INTERVALS) for key, title, _ in _FOREIGN if task == "age"),
        )
        for group in groups
    ),
    row_title="Trained for",
    metric="accuracy",
    decision="gender",
    turned=True,
)

WEIGHTING = Table(
    name="weighting",
    title="The weights p and q of the loss (Eq. 5)",
    caption="As the text has them, both trained without a bound, which is stopped as soon as one is at 0; as "
    "the authors' code has them, without effect on the network; and constrained as logarithms of variances. "
    "Where p and q end stands in weights-end.md.",
    rows=(
        Row(TEXT_WEIGHTS.label, TEXT_WEIGHTS.name),
        Row("p and q as in the code, no effect", JOINT.name),
        Row(CONSTRAINED.label, CONSTRAINED.name),
    ),
    columns=_columns(("accuracy",)),
    row_title="Loss",
    metric="accuracy",
    decision="gender",
)

ABLATIONS = Table(
    name="ablations",
    title="What text and code leave open",
    caption="Both tasks together but for the rows of LeNet: the network of the authors' code (one FC6 for "
    "both tasks, no third normalisation), no local response normalisation at all, LeNet's third layer with a "
    "filter for each pair of maps, the printed optimizers with early stopping, as many images of each age "
    "interval in an epoch, faces in colour where the paper's are grey, everything but the face made grey (on "
    "the small set, where the paper blames the background), and the cleaning of the authors' code.",
    rows=_rows(
        (
            *(JOINT, CODE_NETWORK, PLAIN, LENET, LENET_WHOLE, PRINTED_TEXT, PRINTED_CODE),
            *(BALANCED, COLOUR, LENET_SMALL, LENET_MASKED, CODE_CLEANING),
        ),
        {},
    ),
    columns=_columns(("accuracy",)),
    row_title="Variant",
    metric="accuracy",
    decision="gender",
    same_training=False,
)


DEEPER = Table(
    name="deeper",
    title="Both tasks by the network that ages are learnt by",
    caption="Eighteen residual layers (Kwak et al., Table 1), a quarter wide, in colour and at 96 pixels, by "
    "the recipe of the neighborhood loss's tables, on the images of results.md. The published network that "
    "says genders is made of it.",
    rows=_rows((RESIDUAL_CONSTANT, RESIDUAL), {}),
    columns=_columns(("accuracy", "balanced accuracy")),
    row_title="Network",
    metric="accuracy",
    decision="gender",
    same_training=False,
)


PEOPLE = people_page(
    "fgnet-people",
    "FG-NET by people of odd and of even number",
    [(RESULTS, ("fgnet",))],
)


def report() -> Report:
    """Return everything that is rendered of the paper."""
    return Report(
        paper="age-gender",
        title="Age and gender classification by a multi-task CNN (Kang, Jiang and Li)",
        tables=(RESULTS, GROUPS, WEIGHTING, ABLATIONS, DEEPER),
        plots=(
            Plot(
                cascade_figure.NAME,
                "Figures 1-3. Haar features, the integral image and the cascade",
                "OpenCV's own frontal cascade, taken as it is, where the paper tells how one is trained "
                "(Eq. 2 and 3), on a generated face: the first features on the window of the face, the sum "
                "of a rectangle from four corners of the integral image, what the stages "
                "say of the face and of the background window that comes furthest, and how many are left.",
                cascade_figure.data,
                cascade_figure.draw,
            ),
            _curves("fig7", "Figure 7. Gender alone", (GENDER_SMALL, GENDER), ("gender",)),
            _curves("fig8", "Figure 8. Age alone", (LENET_SMALL, LENET, AGE), ("age",)),
            _curves("fig9", "Figure 9. Both together", (JOINT_SMALL, JOINT), ("age", "gender")),
            Plot(
                "fig11",
                "Figure 11. Age distribution",
                "Images of the training set by decade of age; above it what share falls into each interval.",
                ages.data,
                ages.draw,
            ),
            Plot(
                "weights",
                "The weights p and q over the steps",
                "First seed. Form text: both fall, and the training is stopped as soon as one is at 0. Form "
                "code: both grow without any effect on the network. Constrained: exp of minus the log "
                "variance.",
                lambda records, root: curves.weights(records),
                curves.draw_weights,
            ),
            *(plot for key, title, _ in _SETS for plot in _confusion(key, title)),
            *(plot for key, title, _ in _FOREIGN for plot in _confusion(key, title, ("age",))),
        ),
        claims=CLAIMS,
        authors=AUTHORS,
        about=ABOUT,
        headlines=HEADLINES,
        coverage=COVERAGE,
        pages=(
            Page("weights-end", "Where p and q end", "the histories of the records", curves.weights_page),
            networks_page.PAGE,
            PEOPLE,
            facts.PAGE,
        ),
    )


def _curves(name: str, title: str, rows: Sequence[Experiment], tasks: Sequence[str]) -> Plot:
    labels, joint = {one.name: one.label for one in rows}, len(tasks) > 1
    return Plot(
        name,
        title,
        "Cross entropy and accuracy after each epoch, means over the seeds listed below: solid of the "
        "training images as they are augmented, dashed of the validation images, with the weights as they "
        "are then. With the small set each image is shown five times as often."
        + (" Without -log p and -log q, which the loss holds too and which change nothing." if joint else ""),
        lambda records, root: curves.accuracies(records, labels, tasks),
        curves.draw_accuracies,
    )


def _confusion(key: str, title: str, tasks: Sequence[str] = ("age", "gender")) -> Iterator[Plot]:
    for task in tasks:
        rows = {task: f"{task.capitalize()} alone", JOINT.name: "Together"}
        yield Plot(
            f"confusion-{task}-{key}",
            f"Confusion of {task}, {title}",
            "Percent of each true class that got each answer, over all seeds.",
            partial(_confusion_data, rows, key, task),
            draw_confusion,
        )


def _confusion_data(
    rows: Mapping[str, str], key: str, task: str, records: Sequence[Record], root: Path
) -> PlotData | None:
    return confusion_data(records, root, rows, key, task, LABELS[task])
