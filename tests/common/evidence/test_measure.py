"""Predictions become measurements: each decision and metric, beside scikit-learn's."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from common.evidence.measure import PERCENTILE_95, measure_ages, measure_classes, measure_hits, percentile_95
from common.evidence.predictions import read_predictions, write_predictions
from common.metrics.age import cumulative_score, mean_absolute_error
from tests.support.fake_records import FGNET


def test_measure_ages_gives_every_decision_and_metric():
    generator = np.random.default_rng(0)
    subjects = np.repeat([f"{i:03}" for i in range(20)], 5)
    ages = generator.integers(0, 70, 100)
    decided = {
        "expectation": ages + generator.normal(0, 5, 100),
        "median": ages + generator.normal(0, 6, 100),
    }
    data = dataclasses.replace(FGNET, images=100, subjects=20)
    made = measure_ages("fgnet", data, ages, decided, subjects, resamples=200)
    assert [(m.decision, m.metric) for m in made] == [
        (d, m) for d in decided for m in ("MAE", "CS@3", "CS@5")
    ]
    assert made[0].value == pytest.approx(mean_absolute_error(ages, decided["expectation"]), abs=1e-4)
    assert made[5].value == cumulative_score(ages, decided["median"], 5)
    assert all(m.low < m.value < m.high and m.data == data for m in made)
    with pytest.raises(ValueError, match="100 images of None subjects given, 100 of 20 stated"):
        measure_ages("fgnet", data, ages, decided)
    with pytest.raises(ValueError, match="'EER' is not an error of ages"):
        measure_ages("fgnet", data, ages, decided, subjects, metrics=["EER"])


def test_ages_are_measured_as_they_can_be_read_again(tmp_path):
    ages = np.array([20, 30, 40, 50])
    said = np.array([25.000004, 34.99999612, 45.00004, 5.0000001])
    write_predictions(tmp_path / "said.csv.gz", pd.DataFrame({"said": said}))
    read = read_predictions(tmp_path / "said.csv.gz")["said"]
    data = dataclasses.replace(FGNET, images=4, subjects=None)
    (found,) = measure_ages("fgnet", data, ages, {"said": said}, metrics=["CS@5"])
    (again,) = measure_ages("fgnet", data, ages, {"said": read}, metrics=["CS@5"])
    assert found == again
    assert found.value == cumulative_score(ages, read, 5) > cumulative_score(ages, said, 5)


def test_measure_classes_beside_scikit_learn():
    generator = np.random.default_rng(0)
    subjects = np.repeat([f"{i:03}" for i in range(20)], 5)
    classes = generator.integers(0, 4, 100)
    answers = np.where(generator.random(100) < 0.7, classes, 0)
    data = dataclasses.replace(FGNET, images=100, subjects=20)
    accuracy, balanced = measure_classes("fgnet", "age", data, classes, answers, subjects, resamples=200)
    assert (accuracy.metric, balanced.metric) == ("accuracy", "balanced accuracy")
    assert accuracy.value == pytest.approx(100 * accuracy_score(classes, answers))
    assert balanced.value == pytest.approx(100 * balanced_accuracy_score(classes, answers))
    for made in (accuracy, balanced):
        assert made.low < made.value < made.high
        assert (made.column, made.decision, made.data) == ("fgnet", "age", data)


def test_a_percentile_is_measured_where_it_is_asked_for():
    errors = np.append(np.random.default_rng(0).gamma(2, 2, 99), np.nan)
    made = measure_hits(
        "fgnet", f"eye error{PERCENTILE_95}", "eyes", FGNET, errors, None, 200, statistic=percentile_95
    )
    assert made.value == np.nanpercentile(errors, 95)
    assert made.low < made.value < made.high
