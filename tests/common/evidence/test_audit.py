"""What is edited together with its hash is noticed by the predictions, and what has no hash is given one."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import accuracy_score, balanced_accuracy_score, mean_absolute_error

from common.errors import UserError
from common.evidence import sealed
from common.evidence.audit import audit, audit_numbers, seal, seal_numbers
from common.evidence.measure import measure_pairs
from common.evidence.predictions import predictions_path, write_predictions
from common.evidence.recomputed import differences, recompute
from common.evidence.records import read, write
from common.files import write_json
from tests.support.fake_records import FGNET, measurement, record

GENERATOR = np.random.default_rng(5)
AGES = GENERATOR.integers(0, 70, 200)
SAID = AGES + GENERATOR.normal(0, 5, 200)
CLASSES, ANSWERS = GENERATOR.integers(0, 2, (2, 200))
SEXES = GENERATOR.integers(0, 2, 200)
SAME = np.arange(200) % 2 == 0
SCORES = GENERATOR.normal(0, 0.3, 200) + 0.3 * SAME
FOLDS = np.arange(200) // 20
PREDICTIONS = pd.concat(
    [
        pd.DataFrame({"column": "ages", "name": "a", "age": AGES, "expectation": SAID}),
        pd.DataFrame(
            {
                "column": "classes",
                "age-class": CLASSES,
                "age-answer": ANSWERS,
                "p-young": 0.5,
                "p-old": 0.5,
                "gender-class": SEXES,
                "gender-answer": SEXES,
                "p-female": 0.5,
                "p-male": 0.5,
            }
        ),
        pd.DataFrame({"column": "pairs", "same": SAME, "fold": FOLDS, "cosine": SCORES.round(5)}),
        pd.DataFrame({"column": "searches", "rank-1": [100.0, 0.0, np.nan, 100.0]}),
        pd.DataFrame({"column": "faces", "eye error": [3.0, np.nan, 5.0, 11.0]}),
    ]
)
FRAMES = {column: rows.dropna(axis="columns", how="all") for column, rows in PREDICTIONS.groupby("column")}


def value(column, metric, decision):
    found = recompute(measurement(50.0, column, FGNET, metric, decision), FRAMES)
    return None if found is None else sum(found) / 2


@pytest.mark.parametrize(
    ("column", "metric", "decision", "expected"),
    [
        ("ages", "MAE", "expectation", mean_absolute_error(AGES, SAID)),
        ("ages", "CS@5", "expectation", 100 * np.mean(np.abs(AGES - SAID) <= 5)),
        ("classes", "accuracy", "age", 100 * accuracy_score(CLASSES, ANSWERS)),
        ("classes", "balanced accuracy", "age", 100 * balanced_accuracy_score(CLASSES, ANSWERS)),
        ("classes-male", "accuracy", "age", 100 * np.mean((CLASSES == ANSWERS)[SEXES == 1])),
        ("classes-young", "accuracy", "age", 100 * np.mean(ANSWERS[CLASSES == 0] == 0)),
        ("pairs", "AUC", "cosine", mannwhitneyu(SCORES[SAME], SCORES[~SAME]).statistic / 100),
        ("searches", "rank-1", "cosine", 200 / 3),
        ("faces", "eye error", "eyes", 19 / 3),
        ("faces", "eye error, 95th percentile", "eyes", 5 + 0.9 * 6),
    ],
)
def test_point_values_are_computed_again_from_predictions(column, metric, decision, expected):
    assert value(column, metric, decision) == pytest.approx(expected, abs=2e-3)


def test_every_number_of_pairs_lies_where_the_rounded_cosines_put_it():
    data = dataclasses.replace(FGNET, images=400)
    measured = measure_pairs("pairs", "cosine", data, SCORES, SAME, FOLDS, resamples=20)
    assert len(measured) == 5 and differences(measured, PREDICTIONS) == []


@pytest.mark.parametrize(
    ("column", "metric", "decision"),
    [
        ("ages", "MAE", "median"),
        ("ages-old", "MAE", "expectation"),
        ("classes-tall", "accuracy", "age"),
        ("other", "MAE", "expectation"),
        ("pairs", "MAP", "cosine"),
        ("searches", "step", "judged"),
    ],
)
def test_what_predictions_do_not_say_is_left_alone(column, metric, decision):
    assert value(column, metric, decision) is None


@pytest.fixture
def stored(tmp_path):
    """A record whose measurement is what its predictions say, and its folder."""
    mae = float(np.abs(AGES - SAID).mean())
    return write(record([measurement(mae, "ages")]), tmp_path, PREDICTIONS), tmp_path / "neighborhood"


def edit(path, **changes):
    """Edit a record's first measurement and write the hash anew."""
    content = sealed.parse(path.read_text()).content
    content["measurements"][0] |= changes
    sealed.write_sealed(path, content)


def test_an_edit_of_a_number_and_of_its_hash_is_noticed(stored):
    path, folder = stored
    assert audit(folder) == []
    edit(path, value=0.01, low=0.005, high=0.02)
    assert read(path).measurements[0].value == 0.01
    (wrong,) = audit(folder)
    assert "MAE of expectation on ages is 0.01 in the record, " in wrong and str(path) in wrong


def test_predictions_that_are_no_numbers_or_nobodys_are_noticed(stored):
    path, folder = stored
    write(read(path), folder.parent, PREDICTIONS.assign(expectation="x"))
    (wrong,) = audit(folder)
    assert "its predictions say nothing of it (" in wrong
    write(read(path), folder.parent, PREDICTIONS)
    predictions_path(path).with_name("other.predictions.csv.gz").write_bytes(b"")
    (wrong,) = audit(folder)
    assert wrong.endswith("other.predictions.csv.gz belongs to no record")
    write_predictions(predictions_path(path), PREDICTIONS[:9])
    with pytest.raises(UserError, match="are not those that its record was written with"):
        audit(folder)


def without_hashes(path):
    content = json.loads(path.read_text()) | {"schema": 1}
    for name in ("content_hash", "predictions", "weights"):
        del content[name]
    write_json(path, content)


def test_a_record_without_hashes_is_named_and_given_them_once_it_is_proven(stored):
    path, folder = stored
    before = read(path)
    without_hashes(path)
    (wrong,) = audit(folder)
    assert "holds no hash of its content (python -m reproductions seal adds one)" in wrong
    assert list(seal(folder)) == [path] and list(seal(folder)) == []
    assert audit(folder) == [] and read(path) == before
    edit(path, value=0.01, low=0.005, high=0.02)
    without_hashes(path)
    with pytest.raises(UserError, match=r"is 0\.01 in the record, .* Restore the files"):
        list(seal(folder))


def test_numbers_of_figures_are_given_hashes_too(tmp_path):
    path = tmp_path / "network.json"
    write_json(path, {"size": 128})
    (wrong,) = audit_numbers(tmp_path)
    assert str(path) in wrong
    assert list(seal_numbers(tmp_path)) == [path] and audit_numbers(tmp_path) == []
    assert sealed.read_sealed(path, dict[str, int], "draw it again") == {"size": 128}
    path.write_text("[")
    with pytest.raises(UserError, match="cannot be read"):
        audit_numbers(tmp_path)
