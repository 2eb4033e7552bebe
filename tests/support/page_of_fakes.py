"""A results folder of runs that never were, and its page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from common.evidence.claims import NOT_REPRODUCED, REPRODUCED, Claim
from common.evidence.decades import decade_data, draw_decades
from common.evidence.figures import line_chart
from common.evidence.headlines import Headline
from common.evidence.page import PAGE, Told, results_page
from common.evidence.plots import Plot, PlotData
from common.evidence.records import write
from common.evidence.render import Report, render
from common.evidence.tables import Column, Row, Table
from tests.support.fake_records import FGNET, GENERATED, GENERATED_TRAIN, measurement, record

ROWS = {"cross-entropy-34": "Cross <entropy>", "neighborhood-34": "Neighborhood loss"}
SETS = {
    "fgnet": FGNET.__class__(**{**FGNET.__dict__, "images": 60, "subjects": 12}),
    "synthetic": GENERATED.__class__(**{**GENERATED.__dict__, "images": 60, "subjects": 12}),
}
TOLD = Told("../reproductions/README.md", "1. **Adam** at `0.1`.\n2. Other.", "1. It says <both>.")
COLUMNS = (
    Column("fgnet", "FG-NET"),
    Column("synthetic", "Generated faces"),
    Column("morph", "MORPH", absent="data-morph"),
)


def page_report() -> Report:
    """Return a study with every kind of thing that the page shows."""
    says = {word: f"{word}: {{value}} [{{interval}}]." for word in (REPRODUCED, NOT_REPRODUCED)}
    curves = {"title": "Loss", "series": [{"label": "one", "values": [3.0, 2.0, 1.5]}]}
    return Report(
        "neighborhood",
        "Neighborhood loss for age estimation",
        (
            Table(
                "table2",
                "Table 2. Two losses",
                "A caption.",
                (*(Row(label, name, {"FG-NET": 3.9}) for name, label in ROWS.items()), Row("Never", "l1-18")),
                COLUMNS,
                ("FG-NET",),
            ),
            Table("table9", "Table 9. Nothing", "A caption.", (Row("Never", "l1-18"),), COLUMNS),
        ),
        (
            Plot("decades", "Error by decade", "Bars.", _decades, draw_decades),
            Plot("loss", "Loss", "Curves.", lambda *_: PlotData(curves), lambda _: line_chart([], "x", "y")),
            Plot("other", "Another", "A network.", lambda *_: PlotData({"boxes": 3}), lambda _: None),
        ),
        (
            Claim(
                "better",
                "It is better.",
                "Table 2",
                "neighborhood-34",
                "cross-entropy-34",
                ("fgnet", "synthetic"),
            ),
            Claim("deeper", "It is deeper.", "Table 3", "neighborhood-34", "l1-18", ("fgnet",)),
        ),
        authors="Doe & Roe",
        about="They sum.",
        headlines=(Headline("better", "fgnet", "Is better", (2.5, 3.5), "MORPH", {}, says, "Is it better?"),),
    )


def _decades(records, root):
    return decade_data(records, root, ROWS, "fgnet")


def predictions(column, seed, error):
    """Return ages of sixty images and what a network says of them, with quantiles."""
    noise = np.random.default_rng(seed)
    ages = np.repeat([5, 15, 25, 35], 15)
    said = ages + noise.normal(0, error, 60)
    levels = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
    names = {"name": [f"{i:03}.jpg" for i in range(60)], "subject": [f"{i % 12:03}" for i in range(60)]}
    quantiles = {f"q{level}": said + 12 * (level - 0.5) for level in levels}
    return pd.DataFrame({"column": column, **names, "age": ages, "expectation": said, **quantiles})


def fill_results(folder, column="fgnet"):
    """Write three seeds of two losses, tested on one set, and what is rendered of them but the figures."""
    trained = {"trained_on": (GENERATED_TRAIN,)} if column == "synthetic" else {}
    for experiment, error in (("cross-entropy-34", 9), ("neighborhood-34", 6)):
        for seed in (1, 2, 3):
            value = measurement(error * (1 + 0.01 * seed), column, data=SETS[column])
            one = record([value], seed, experiment, **trained)
            write(one, folder, predictions(column, seed, error))


def render_all(folder):
    """Write what the page links: the study's tables, and names of its figures; then the page."""
    report = page_report()
    render(Report(report.paper, report.title, report.tables, claims=report.claims), folder)
    for plot in report.plots:
        (folder / report.paper / f"{plot.name}.md").write_text(plot.title)
    text = page_of(folder)
    (folder / PAGE).write_text(text)
    return text


def page_of(folder):
    """Return the page."""
    return results_page(
        [page_report()], {"neighborhood": TOLD}, folder, lambda records: f"make SEEDS={len(records)}"
    )
