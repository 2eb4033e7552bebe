"""Figure A.1 and the page beside it show what the labels say, and nothing where there are none."""

import numpy as np
import pandas as pd
import pytest

from common.evidence.counts import store_counts
from data_prep.labelled import COLUMNS
from reproductions.mtlface import figa1

QUALITY = {
    "data": "FG-NET, never seen",
    "decades": (
        {"first": 0, "images": 30, "value": 2.0, "low": 1.5, "high": 2.5},
        {"first": 60, "images": 10, "value": 6.0, "low": None, "high": None},
    ),
}


def labels(genders):
    ages = np.concatenate([np.full(40, 25.4), np.full(6, 70.0), np.full(2, 130.0)])
    frame = pd.DataFrame({"name": "x", "age_expectation": ages, "age_spread": 4.0, "gender": genders}).astype(
        COLUMNS
    )
    frame.attrs["manifest"] = {
        "title": "SCAF-style, from LFW",
        "coverage": "48 of 13,233 files",
        "of": {"estimator": {"run": "network-seed1", "weights": "a" * 64}},
        "gender_from": "the estimator" if genders else "nobody",
        "quality": [QUALITY],
    }
    return frame


def store(folder, found):
    store_counts(folder, figa1.COUNTS, found, dataset="lfw", fingerprint="f" * 64, images=48, stand_in=False)


@pytest.mark.parametrize("genders", [None, ["male"] * 24 + ["female"] * 24])
def test_counts_are_those_of_the_labels(tmp_path, genders):
    found = figa1.describe(labels(genders))
    assert (found["ages"][25], found["ages"][70], found["ages"][99]) == (40, 6, 2)
    assert sum(found["ages_balanced"]) == np.sum(found["after"])
    assert np.sum(found["before"]) == 48
    assert found["strata"] == (["male", "female"] if genders else ["unknown"])
    store(tmp_path / figa1.PAPER, found)
    for plot in figa1.PLOTS:
        data = plot.data([], tmp_path)
        (axes,) = plot.draw(data.values).axes
        assert data.values["title"] == "SCAF-style, from LFW"
        assert axes.get_title().startswith("SCAF-style, from LFW")
    bars = [bar.get_height() for bar in axes.patches]
    assert sum(bars) == np.sum(found["before"]) + np.sum(found["after"])


def test_the_page_says_what_the_ages_are_worth(tmp_path):
    store(tmp_path, figa1.describe(labels(None)))
    text = figa1.PAGE.text(tmp_path)
    assert "**SCAF-style, from LFW** (48 of 13,233 files): 48 images" in text
    assert "`network-seed1` (weights aaaaaaaaaaaa), genders from nobody" in text
    assert "Error of the estimator on FG-NET, never seen\n\nMAE 3.00 years over all images." in text
    assert "60-69" in text and "[1.50, 2.50]" in text


def test_without_labels_nothing_is_shown(tmp_path):
    assert figa1.PAGE.text(tmp_path) is None
    assert all(plot.data([], tmp_path) is None for plot in figa1.PLOTS)
