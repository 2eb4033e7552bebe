"""What images add to a measurement, beside the metrics themselves."""

import numpy as np
import pandas as pd
import pytest

from common.evidence import records
from common.evidence.contributions import StoredPredictions, by_column, contributions
from common.evidence.measure import measure_pairs
from common.evidence.settings import Observation
from common.metrics.classification import balanced_accuracy
from tests.support.fake_records import FGNET, measurement, record

RANDOM = np.random.default_rng(0)
AGES = pd.DataFrame(
    {
        "column": "fgnet",
        "name": [f"{number:03d}.jpg" for number in range(40)],
        "subject": [f"{number // 4:03d}" for number in range(40)],
        "age": RANDOM.integers(0, 70, 40),
        "expectation": RANDOM.uniform(0, 70, 40),
    }
)


@pytest.mark.parametrize("metric", ["MAE", "CS@5"])
def test_ages(metric):
    errors = (AGES["age"] - AGES["expectation"]).abs()
    found = contributions(measurement(5.0, metric=metric), by_column(AGES))
    assert found.values.tolist() == (errors if metric == "MAE" else 100.0 * (errors <= 5)).tolist()
    assert list(found.keys) == list(AGES["name"]) and list(found.subjects) == list(AGES["subject"])


def test_classes():
    classes, answers = RANDOM.integers(0, 4, (2, 300))
    rows = AGES.iloc[np.arange(300) % 40].assign(**{"age-class": classes, "age-answer": answers})
    asked = measurement(50.0, metric="accuracy", decision="age")
    assert contributions(asked, by_column(rows)).values.mean() == pytest.approx(
        100 * (classes == answers).mean()
    )
    asked = measurement(50.0, metric="balanced accuracy", decision="age")
    assert contributions(asked, by_column(rows)).values.mean() == pytest.approx(
        balanced_accuracy(classes, answers)
    )


def test_one_answer_to_all_has_a_balanced_accuracy_that_no_draw_of_people_moves():
    classes = RANDOM.integers(0, 4, 40)
    rows = AGES.assign(**{"age-class": classes, "age-answer": 2})
    asked = measurement(25.0, metric="balanced accuracy", decision="age", half=1.0)
    assert contributions(asked, by_column(rows)).values == pytest.approx(25.0)


def test_a_class_of_a_set_adds_what_its_own_images_add():
    classes, answers = RANDOM.integers(0, 2, (2, 40))
    rows = AGES.assign(**{"gender-class": classes, "gender-answer": answers, "p-female": 0.5, "p-male": 0.5})
    asked = measurement(50.0, "fgnet-male", metric="accuracy", decision="gender")
    found = contributions(asked, by_column(rows))
    assert list(found.keys) == list(AGES["name"][classes == 1])
    assert found.values.tolist() == (100.0 * (answers == 1)[classes == 1]).tolist()


def test_each_question_is_asked_once(tmp_path):
    made = record([measurement(20.0)])
    path = records.write(made, tmp_path, AGES)
    one, stored = Observation(records.read(path), made.measurements[0]), StoredPredictions(tmp_path)
    assert stored.contributions(one) is stored.contributions(one)


def test_searches_and_their_unanswered_probes():
    rows = AGES.assign(**{"rank-1": [100.0, 0.0] * 19 + [np.nan] * 2})
    found = contributions(measurement(50.0, metric="rank-1", decision="cosine", half=1.0), by_column(rows))
    assert len(found.values) == len(found.keys) == len(found.subjects) == 38


@pytest.mark.parametrize("metric", ["accuracy", "AUC", "EER", "TAR@FAR=0.01"])
def test_pairs(metric):
    same = np.arange(400) % 2 == 0
    rows = pd.DataFrame(
        {
            "column": "fgnet",
            "name": [f"{number}.jpg" for number in range(400)],
            "nearest": [f"{number}b.jpg" for number in range(400)],
            "same": same,
            "fold": np.arange(400) // 40,
            "cosine": RANDOM.normal(0, 0.2, 400) + 0.3 * same,
        }
    )
    measured = measure_pairs("fgnet", "cosine", FGNET, rows["cosine"], same, rows["fold"], resamples=50)
    (item,) = [one for one in measured if one.metric == metric]
    found = contributions(item, by_column(rows))
    assert found.values.mean() == pytest.approx(item.value)
    assert len(found.values) == (400 if metric == "accuracy" else 10)


def test_what_is_not_stored_is_not_known():
    assert contributions(measurement(5.0, "utkface"), by_column(AGES)) is None
    assert contributions(measurement(0.5, metric="identity", half=0.1), by_column(AGES)) is None


def test_they_are_read_from_beside_the_record(tmp_path):
    made = record([measurement(20.0)])
    path = records.write(made, tmp_path, AGES)
    stored = StoredPredictions(tmp_path)
    found = stored.contributions(Observation(records.read(path), made.measurements[0]))
    assert found.values.mean() == pytest.approx((AGES["age"] - AGES["expectation"]).abs().mean(), abs=1e-3)
    alone = record([measurement(20.0)], seed=2)
    records.write(alone, tmp_path)
    assert stored.contributions(Observation(alone, alone.measurements[0])) is None
