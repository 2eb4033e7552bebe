"""Figure A.1 and the page beside it show what the labels say, and nothing where there are none."""

import numpy as np
import pandas as pd
import pytest

from common.evidence.counts import store_counts
from reproductions.mtlface import figa1
from reproductions.shared.pseudo_labels.labelled_set import COLUMNS
from reproductions.shared.pseudo_labels.published import record_of

QUALITY = {
    "data": "FG-NET, never seen",
    "decades": (
        {"first": 0, "images": 30, "value": 2.0, "low": 1.5, "high": 2.5, "bias": 1.94},
        {"first": 60, "images": 10, "value": 6.0, "low": None, "high": None},
    ),
}

GENDER_QUALITY = {
    "data": "UTKFace, test split",
    "decades": ({"first": 20, "images": 9, "value": 90.0, "low": 85.0, "high": 95.0},),
}


def labels(genders):
    ages = np.concatenate([np.full(40, 25.4), np.full(6, 70.0), np.full(2, 130.0)])
    columns = {"name": "x", "age_expectation": ages, "age_spread": 4.0, "gender": genders}
    frame = pd.DataFrame({**columns, "female_probability": np.nan}).astype(COLUMNS)
    frame.attrs["manifest"] = {
        "title": "SCAF-style, from LFW",
        "coverage": "48 of 13,233 files",
        "of": {
            "estimator": {"run": "network-seed1", "weights": "a" * 64},
            "genders": {"run": "joint-seed1", "weights": "b" * 64} if genders else None,
        },
        "gender_from": "an estimator" if genders else "nobody",
        "gender_dissent": 4.25 if genders else None,
        "quality": [QUALITY],
        "gender_quality": [GENDER_QUALITY] if genders else [],
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


def test_the_page_says_what_the_labels_are_worth(tmp_path):
    folder = tmp_path / "mtlface"
    store(folder, figa1.describe(labels(None)))
    text = figa1.PAGE.text(folder)
    assert "**SCAF-style, from LFW** (48 of 13,233 files): 48 images" in text
    assert "`network-seed1` (weights aaaaaaaaaaaa), genders from nobody;" in text
    assert "Error of the ages on FG-NET, never seen\n\nMAE 3.00 years over all images." in text
    (young,) = [line for line in text.splitlines() if line.startswith("| 0-9")]
    (old,) = [line for line in text.splitlines() if line.startswith("| 60-69")]
    assert [cell.strip() for cell in young.split("|")[1:-1]] == ["0-9", "30", "2.00", "[1.50, 2.50]", "+1.9"]
    assert [cell.strip() for cell in old.split("|")[1:-1]] == ["60-69", "10", "6.00", "", ""]
    assert "not measured" in text
    assert "Accuracy" not in text
    store(folder, figa1.describe(labels(["male"] * 24 + ["female"] * 24)))
    record_of(tmp_path, "joint-seed1").parent.mkdir(parents=True)
    record_of(tmp_path, "joint-seed1").touch()
    text = figa1.PAGE.text(folder)
    link = "[`joint-seed1`](../labels/runs/joint-seed1.json)"
    assert f"genders from an estimator: {link} (weights bbbbbbbbbbbb);" in text
    assert "For 4.2% of the images the estimate is not that of all" in text
    assert "Accuracy of the genders on UTKFace, test split\n\nImage by image, 90.0% over all images." in text


def test_counts_from_before_genders_were_estimated_are_shown(tmp_path):
    found = figa1.describe(labels(None))
    for name in ("gender_estimator", "gender_dissent", "gender_quality"):
        del found[name]
    store(tmp_path, found)
    assert "genders from nobody;" in figa1.PAGE.text(tmp_path)


def test_without_labels_nothing_is_shown(tmp_path):
    assert figa1.PAGE.text(tmp_path) is None
    assert all(plot.data([], tmp_path) is None for plot in figa1.PLOTS)
