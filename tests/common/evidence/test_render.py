"""Figures and folders of results: made twice they are the same, what does not fit the records is found."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from common.errors import UserError
from common.evidence.answers import Ran
from common.evidence.claims import Claim
from common.evidence.coverage import Item
from common.evidence.decades import decade_data, decades_of, draw_decades
from common.evidence.figures import (
    Box,
    Series,
    data_hash,
    flow_chart,
    save,
    stored_hash,
    target_chart,
)
from common.evidence.headlines import Headline
from common.evidence.plots import Plot, PlotData
from common.evidence.records import load, write
from common.evidence.render import Page, Report, check, render
from common.evidence.settings import observe
from common.evidence.tables import Column, Row, Table
from common.metrics.crossed import crossed
from tests.support.fake_records import FGNET, GENERATED, GENERATED_TRAIN, measurement, record

ROWS = {"cross-entropy-34": "Cross entropy loss", "neighborhood-34": "Neighborhood loss"}
TARGETS = {"k": list(range(100)), "hard": [float(k == 30) for k in range(100)]}
DATA = dataclasses.replace(FGNET, images=60, subjects=12)


def targets(values):
    return target_chart([Series("One-hot", values["k"], values["hard"])], "Class $k$ (years)", "Target $d_k$")


REPORT = Report(
    "neighborhood",
    "Neighborhood loss for age estimation",
    (
        Table("table2", "Table 2. Two losses", "A caption.", tuple(Row(v, k) for k, v in ROWS.items()),
              (Column("fgnet", "FG-NET"),)),
        Table("table3", "Table 3. Others", "A caption.", (Row("DEX", None, {"FG-NET": 3.09}, cited=True),),
              (Column("fgnet", "FG-NET"),), ("FG-NET",)),
    ),
    (
        Plot("figure1", "Fig. 1. Targets", "Of age 30.", lambda *_: PlotData(TARGETS), targets),
        Plot("decades", "Error by decade", "Bars show 95% intervals.",
             lambda records, root: decade_data(records, root, ROWS, "fgnet"), draw_decades),
        Plot("morph", "Never run", "Nothing.",
             lambda records, root: decade_data(records, root, ROWS, "morph"), draw_decades),
    ),
    (Claim("better", "It is better.", "Table 2", "neighborhood-34", "cross-entropy-34", ("fgnet",)),),
)  # fmt: skip


def predictions(seed, error):
    generator = np.random.default_rng(seed)
    ages = np.repeat([5, 15, 25, 35], 15)
    return pd.DataFrame(
        {
            "column": "fgnet",
            "name": [f"{i:03}.jpg" for i in range(60)],
            "subject": [f"{i % 12:03}" for i in range(60)],
            "age": ages,
            "expectation": ages + generator.normal(0, error, 60),
        }
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A results folder, rendered once: drawing is most of this file's time."""
    folder = tmp_path_factory.mktemp("results")
    for experiment, error in (("cross-entropy-34", 9), ("neighborhood-34", 6)):
        for seed in (1, 2, 3):
            value = measurement(error * (1 + 0.01 * seed), data=DATA)
            write(record([value], seed, experiment), folder, predictions(seed, error))
    render(REPORT, folder)
    return folder


@pytest.fixture
def results(prepared, tmp_path):
    """A copy of the rendered folder to do harm to."""
    return shutil.copytree(prepared, tmp_path / "results")


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_what_is_rendered_passes_the_check_and_is_the_same_twice(results):
    written = render(REPORT, results)
    names = sorted(path.relative_to(results).as_posix() for path in written)
    assert names == [
        "README.md",
        *(f"neighborhood/{name}" for name in ("claims.md", "contents.json", "decades.md", "decades.png")),
        *(
            f"neighborhood/{name}"
            for name in ("figure1.md", "figure1.png", "table2.csv", "table2.md", "table2.tex")
        ),
    ]
    assert check(REPORT, results) == []
    before = contents(results)
    for path in written:
        path.unlink()
    render(REPORT, results)
    assert contents(results) == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("table2.md", "is not what the records render to"),
        ("table2.csv", "is not what the records render to"),
        ("contents.json", "is not what the records render to"),
        ("figure1.png", "is missing or unmarked"),
        ("../README.md", "is not what the records render to"),
    ],
)
def test_an_edited_file_is_found(results, name, sentence):
    path = results / "neighborhood" / name
    path.write_bytes(path.read_bytes().replace(b"4", b"5")[:-1] + b" ")
    if path.suffix == ".png":
        path.write_bytes(b"not a picture")
    assert [line for line in check(REPORT, results) if line.startswith(str(results)) and sentence in line]


def test_missing_stale_and_outdated_files_are_found(results):
    folder = results / "neighborhood"
    (folder / "table2.tex").unlink()
    (folder / "table9.md").write_text("old")
    for name in ROWS:
        write(record([measurement(3.0, data=DATA)], 4, name), results, predictions(4, 1))
    wrong = check(REPORT, results)
    assert f"{folder}/table2.tex is missing" in wrong
    assert f"{folder}/table9.md comes from no record" in wrong
    assert f"{folder}/decades.png shows other data" in wrong
    assert f"{folder}/table2.md is not what the records render to" in wrong
    assert not any("table3" in line or "figure1" in line for line in wrong)
    assert not (folder / "table2.tex").exists(), "a check writes nothing"


def test_a_figure_that_shows_this_data_already_is_left_alone(results):
    path = results / "neighborhood" / "figure1.png"
    other = targets(TARGETS)
    other.set_size_inches(2, 2)
    save(other, path, TARGETS)
    drawn_elsewhere = path.read_bytes()
    render(REPORT, results)
    assert path.read_bytes() == drawn_elsewhere and check(REPORT, results) == []


def test_a_figure_names_the_data_that_it_shows():
    one = record([measurement(5.0)], 1, "neighborhood-34")
    assert one.trained_on
    named = PlotData([], records=(one, dataclasses.replace(one, seed=2))).shown()
    assert named == [f"training on {one.trained_on[0].title}, {one.trained_on[0].protocol} · {one.profile}"]
    stand_in = dataclasses.replace(one.trained_on[0], stand_in=True)
    (named,) = PlotData([], records=(dataclasses.replace(one, trained_on=(stand_in,)),)).shown()
    assert " (stand-in), " in named
    assert PlotData([], about="LFW, 12 images").shown() == ["LFW, 12 images"]


def test_the_index_begins_with_the_scoreboard_and_ends_with_what_there_is_to_open(results):
    index = (results / "README.md").read_text()
    assert "|" not in index and "## Neighborhood loss for age estimation\n\n- Tables: " in index
    assert "- Tables: [Table 2. Two losses](neighborhood/table2.md)\n" in index
    assert "- Table 3. Others: nothing was run yet\n" in index, "no page without a measured number"
    assert "[All claims and verdicts](neighborhood/claims.md): 1 reproduced\n" in index
    assert "[Records](neighborhood/runs): 6 runs, 0.9 hours of training" in index
    says = {"reproduced": "It gains {value} [{interval}] {unit} on {data}, {paper} in the paper."}
    headline = Headline(
        "better", "fgnet", "Is better", (2.5, 3.5), "MORPH", plainly=says, question="Is it better?"
    )
    told = dataclasses.replace(REPORT, authors="Doe", about="Doe sums.", headlines=(headline,))
    render(told, results)
    index = (results / "README.md").read_text()
    assert (
        index.index("**Is it better?** Yes: gain ")
        < index.index("| **Doe**")
        < index.index("## Neighborhood")
    )
    (row,) = [line for line in index.splitlines() if line.startswith("| Is better (Table 2)")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == ["FG-NET", "1.00,<br>MORPH"]
    assert cells[4:] == ["[reproduced](neighborhood/claims.md)<br>beyond chance"]
    assert f"\n\nDoe sums. It gains {cells[3]} years on FG-NET, 1.00 in the paper.\n\n- Tables" in index
    assert check(told, results) == []
    render(REPORT, results)
    other = dataclasses.replace(REPORT, paper="jmcnn", title="JMCNN", plots=(), claims=())
    render(other, results)
    both = (results / "README.md").read_text()
    assert both.index("## JMCNN") < both.index("## Neighborhood") and "0 runs" in both
    (results / "jmcnn" / "contents.json").write_text("{")
    with pytest.raises(UserError, match=r"contents\.json is damaged"):
        render(REPORT, results)


def test_a_page_is_rendered_from_what_lies_beside_the_records(results):
    page = Page("gradients", "The gradients", "no data", lambda folder: _page(folder))
    report = dataclasses.replace(REPORT, pages=(page,))
    render(report, results)
    folder = results / REPORT.paper
    assert not (folder / "gradients.md").exists()
    (folder / "data").mkdir()
    (folder / "data" / "gradients.txt").write_text("1e-12")
    render(report, results)
    assert (folder / "gradients.md").read_text().endswith("# The gradients\n\nLargest: 1e-12\n")
    assert "- Pages: [The gradients](neighborhood/gradients.md)" in (results / "README.md").read_text()
    assert check(report, results) == []
    (folder / "data" / "gradients.txt").write_text("1e-3")
    assert check(report, results) == [f"{folder / 'gradients.md'} is not what the records render to"]


def _page(folder):
    path = folder / "data" / "gradients.txt"
    return f"Largest: {path.read_text()}\n" if path.exists() else None


def test_a_flow_chart_joins_its_boxes(tmp_path):
    boxes = [Box(0, 0, "image", "2x2"), Box(1, 0.5, "a_b"), Box(1, -0.5, "c")]
    figure = flow_chart(boxes, [(0, 1), (0, 2)], ties=[(1, 2, "tied")])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text][:1] == ["$\\bf{image}$\n2x2"]
    assert texts[-1] == "tied" and "$\\bf{c}$" in texts, "a box without text has no empty line"
    assert len(texts) == len(boxes) + 2 + 1 + 1
    save(figure, tmp_path / "chart.png", [1])
    assert stored_hash(tmp_path / "chart.png") == data_hash([1])


def observations(results, experiment):
    found = observe(load(results, "neighborhood"), experiment, "fgnet", "MAE", "expectation")
    ((several,),) = (variants.values() for variants in found.values())
    return several


def test_decades_hold_every_seed_and_the_paired_difference(results):
    rows = [observations(results, name) for name in ROWS]
    decades = decades_of(*rows, results)
    errors = np.array(
        [
            [np.abs(f["expectation"] - f["age"]) for f in (predictions(seed, error) for seed in (1, 2, 3))]
            for error in (9, 6)
        ]
    )
    assert [(one["first"], one["images"]) for one in decades] == [(0, 15), (10, 15), (20, 15), (30, 15)]
    for number, one in enumerate(decades):
        inside = errors[:, :, 15 * number : 15 * (number + 1)]
        gains = inside[0] - inside[1]
        assert np.allclose(one["errors"], inside.mean(axis=2), atol=1e-4)
        assert one["gains"] == pytest.approx(gains.mean(axis=1), abs=1e-4)
        people = np.arange(15 * number, 15 * (number + 1)) % 12
        expected = crossed(gains, people).interval()
        assert (one["gain"], one["low"], one["high"]) == pytest.approx((gains.mean(), *expected), abs=1e-3)


def test_decades_are_paired_by_seed_and_drawn_for_two_rows_alone(results):
    records = load(results, "neighborhood")
    lacking = [one for one in records if (one.experiment, one.seed) != ("neighborhood-34", 2)]
    values = decade_data(lacking, results, ROWS, "fgnet").values
    assert [len(one["gains"]) for one in values["decades"]] == [2] * 4
    above, below = draw_decades(values).axes
    assert [text.get_text() for text in above.get_legend().get_texts()] == list(ROWS.values())
    assert "Cross entropy loss less" in below.get_ylabel()
    alone = [one for one in records if one.experiment == "neighborhood-34"]
    assert decade_data(alone, results, ROWS, "fgnet") is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: f.iloc[:50], "holds 50 images of fgnet, its record 60"),
        (lambda f: f.drop(columns="expectation"), "holds no numbers as expectation of fgnet"),
        (lambda f: f.assign(age=f["age"] + 1), "are of different images"),
    ],
)
def test_predictions_that_do_not_fit_are_named(results, change, sentence):
    bad = record([measurement(6.2, data=DATA)], 2, "neighborhood-34")
    write(bad, results, change(predictions(2, 6)))
    with pytest.raises(UserError, match=sentence):
        render(REPORT, results)


def test_figures_are_the_same_bytes_twice_and_carry_nothing_of_the_day(tmp_path):
    for name in "ab":
        save(targets(TARGETS), tmp_path / name, TARGETS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with Image.open(tmp_path / "a") as image:
        assert image.info.keys() == {"Data-SHA256", "dpi"}
    assert stored_hash(tmp_path / "a") == data_hash(TARGETS)
    assert stored_hash(tmp_path / "absent") is None


def test_a_page_says_what_answers_the_paper_and_generated_faces_do_not(results):
    items = tuple(Item("Table 2", name, (Ran("table2", (name,)),)) for name in ("neighborhood-34", "toy"))
    report = dataclasses.replace(REPORT, authors="Kwak et al.", coverage=items)
    toy = measurement(6.0, "synthetic", GENERATED)
    write(record([toy], 1, "toy", trained_on=(GENERATED_TRAIN,)), results)
    render(report, results)
    assert check(report, results) == []
    page = (results / "neighborhood" / "coverage.md").read_text()
    assert "[table2](table2.md): 3 seeds" in page
    assert "open: toy by 1 more" in page
    assert (
        "Of 2 tables, figures, equations and sentences of the papers 1 are answered, 0 need a set or a "
        "machine that is not at hand, 1 are open: [Kwak et al.](neighborhood/coverage.md)."
    ) in (results / "README.md").read_text()
