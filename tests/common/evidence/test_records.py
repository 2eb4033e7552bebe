"""Records: what may stand in one, that it comes back unchanged, and that a broken file is named."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence.audit import seal
from common.evidence.predictions import predictions_path, read_predictions, write_predictions
from common.evidence.records import (
    Measurement,
    find,
    load,
    predictions_beside,
    predictions_of,
    read,
    run_name,
    write,
)
from common.files import sha256_file, sha256_json, write_json
from tests.support.fake_records import FGNET, UTKFACE, UTKFACE_TEST, measurement, record

PREDICTIONS = pd.DataFrame(
    {
        "column": "fgnet",
        "name": ["001A02.JPG", "x"],
        "subject": ["001", None],
        "age": [2, 3],
        "median": [2.1234567, 4],
    }
)


def test_a_record_comes_back_unchanged(tmp_path):
    original = record(configuration={"sizes": (64, 64), "rate": 1e-3, "name": "Größe"})
    path = write(original, tmp_path, PREDICTIONS)
    assert path == tmp_path / "neighborhood" / "runs" / f"{original.run}.json"
    known = dataclasses.replace(original, predictions=sha256_file(predictions_path(path)))
    assert read(path) == known
    assert load(tmp_path, "neighborhood") == [known]
    assert load(tmp_path, "jmcnn") == []
    assert json.loads(path.read_text())["configuration_hash"] == original.configuration_hash


def test_writing_twice_gives_the_same_bytes(tmp_path):
    first, second = (write(record(), tmp_path / name, PREDICTIONS) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert predictions_path(first).read_bytes() == predictions_path(second).read_bytes()
    assert sorted(p.name for p in first.parent.iterdir()) == sorted(
        [first.name, predictions_path(first).name]
    )


def test_predictions_come_back(tmp_path):
    path = predictions_path(write(record(), tmp_path, PREDICTIONS))
    back = read_predictions(path)
    assert back["subject"].tolist()[0] == "001" and back["subject"].isna().tolist() == [False, True]
    assert back["median"].tolist() == [2.12346, 4.0]
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UserError, match=r"predictions\.csv\.gz holds no readable predictions"):
        read_predictions(path)
    with pytest.raises(UserError, match="holds no readable predictions"):
        read_predictions(tmp_path / "absent.csv.gz")


def test_predictions_stand_before_their_record(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("common.evidence.sealed.write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        write(record(), tmp_path, PREDICTIONS)
    assert load(tmp_path, "neighborhood") == []


def test_a_run_is_named_by_what_decides_its_result():
    base = record()
    assert base.run.startswith("neighborhood-18-cpu-seed1-")
    other_copy = dataclasses.replace(UTKFACE, fingerprint="99" * 32)
    others = [
        record(seed=2),
        record(experiment="neighborhood-34"),
        record(profile="gpu"),
        record(precision="bfloat16"),
        record(configuration={"epochs": 21}),
        record(trained_on=(other_copy,)),
    ]
    assert len({base.run, *(other.run for other in others)}) == 7
    same = record(code_version="other", seconds=1.0, device="other", replicas=4, tables=("table3",))
    assert same.run == base.run
    assert run_name("a", "cpu", 1, {"x": 1, "y": 2}) == run_name("a", "cpu", 1, {"y": 2, "x": 1})


def test_find_knows_when_a_run_need_not_be_made_again(tmp_path):
    original = record([measurement(), measurement(5.3, "utkface", UTKFACE_TEST)])
    write(original, tmp_path)
    asked = {
        "experiment": original.experiment,
        "profile": "cpu",
        "seed": 1,
        "configuration": original.configuration,
        "trained_on": [dataclasses.replace(UTKFACE, title="UTKFace, in part")],
        "tested_on": [("fgnet", FGNET)],
    }
    assert find(tmp_path, "neighborhood", **asked) == original
    moved = dataclasses.replace(FGNET, fingerprint="99" * 32)
    for change in (
        {"seed": 2},
        {"profile": "gpu"},
        {"precision": "bfloat16"},
        {"configuration": {}},
        {"trained_on": [dataclasses.replace(UTKFACE, fingerprint="99" * 32)]},
        {"tested_on": [("fgnet", moved)]},
        {"tested_on": [("fgnet", FGNET), ("cacd", FGNET)]},
    ):
        assert find(tmp_path, "neighborhood", **{**asked, **change}) is None, change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"paper": "../x"}, "paper must be lower-case words"),
        ({"experiment": ""}, "experiment must be lower-case words"),
        ({"profile": "CPU"}, "profile must be lower-case words"),
        ({"code_version": " "}, "code_version must be a text"),
        ({"device": ""}, "device must be a text"),
        ({"seconds": float("nan")}, "seconds must be finite"),
        ({"peak_memory_mb": float("inf")}, "peak_memory_mb must be finite"),
        ({"images_per_second": -1.0}, "images_per_second must be finite"),
        ({"seed": -1}, "seed -1"),
        ({"replicas": 0}, "replicas 0"),
        ({"measurements": ()}, "a record needs measurements"),
        ({"measurements": (measurement(), measurement(6.0))}, "each column, metric and decision once"),
        ({"configuration": {"seed": 1}}, "must not hold the seed"),
        ({"configuration": {"rate": float("nan")}}, "not JSON compliant"),
    ],
)
def test_a_record_of_impossible_content_cannot_be_made(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(record(), **change)


@pytest.mark.parametrize(
    ("metric", "value", "low", "high"),
    [
        ("MAE", float("nan"), 1.0, 2.0),
        ("MAE", 1.0, 1.0, float("inf")),
        ("MAE", 3.0, 1.0, 2.0),
        ("MAE", 1.0, 2.0, 3.0),
        ("MAE", 0.0, -1.0, 1.0),
        ("CS@3", 99.0, 98.0, 101.0),
    ],
)
def test_a_measurement_out_of_order_or_range_cannot_be_made(metric, value, low, high):
    with pytest.raises(ValueError, match="out of order or range"):
        Measurement("fgnet", metric, "expectation", value, low, high, FGNET)


def test_an_unknown_metric_or_impossible_data_cannot_be_made():
    with pytest.raises(UserError, match="unknown metric 'mse'"):
        measurement(metric="mse")
    with pytest.raises(ValueError, match="10 images of 11 subjects"):
        dataclasses.replace(FGNET, images=10, subjects=11)
    with pytest.raises(ValueError, match="fingerprint must be a text"):
        dataclasses.replace(FGNET, fingerprint="")


BROKEN = {
    "not JSON": (lambda t: t[:-40], "is not a readable record"),
    "empty": (lambda t: "", "is not a readable record"),
    "no object": (lambda t: "[]", "it holds no object"),
    "NaN": (lambda t: t.replace("512.5", "NaN"), "NaN is not a number"),
    "infinite": (lambda t: t.replace("512.5", "1e999"), "1e999 is larger than a number can be"),
    "twice": (lambda t: t.replace('"seed": 1', '"seed": 1, "seed": 1'), "a name is given twice"),
    "schema": (
        lambda t: t.replace('"schema": 2', '"schema": 3'),
        "its schema is 3, this version reads 1 to 2",
    ),
    "no schema": (lambda t: t.replace('"schema": 2', '"x": 2'), "its schema is None"),
    "deep": (lambda t: t.replace("512.5", "[" * 3000 + "]" * 3000), "it is nested too deeply"),
    "surrogate": (lambda t: t.replace("2 cores", "\\ud83d"), "half of a surrogate pair"),
    "huge": (lambda t: t.replace("512.5", "1" + "0" * 400), "is larger than a number can be"),
    "huger": (lambda t: t.replace("512.5", "1" * 9000), "is not a readable record"),
    "missing": (lambda t: t.replace('"device": "a processor, 2 cores",', ""), "it lacks device"),
    "unknown": (
        lambda t: t.replace('"replicas"', '"replicants"'),
        "lacks replicas and has the unknown replicants",
    ),
    "nested": (lambda t: t.replace('"low"', '"lower"'), r"it\.measurements\[0\] lacks low"),
    "text for number": (lambda t: t.replace("512.5", '"512.5"'), "it.seconds must be a number, not"),
    "truth for number": (
        lambda t: t.replace('"seed": 1', '"seed": true'),
        "it.seed must be a whole number, not true",
    ),
    "order": (lambda t: t.replace('"value": 6.5', '"value": 9.5'), "out of order or range"),
    "metric": (lambda t: t.replace('"MAE"', '"mse"'), "unknown metric"),
    "measurement": (
        lambda t: t.replace('"value": 6.5', '"value": 6.49'),
        "was edited or renamed: its name or hash disagrees",
    ),
    "device": (lambda t: t.replace("a processor", "another processor"), "was edited or renamed"),
    "time": (lambda t: t.replace("512.5", "51.5"), "was edited or renamed"),
    "edited": (lambda t: t.replace('"epochs": 20', '"epochs": 30'), "was edited or renamed"),
    "seed": (lambda t: t.replace('"seed": 1', '"seed": 7'), "was edited or renamed"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_record_is_named(tmp_path, case):
    damage, sentence = BROKEN[case]
    path = write(record(), tmp_path)
    text = path.read_text()
    assert damage(text) != text
    path.write_text(damage(text))
    with pytest.raises(UserError, match=sentence) as caught:
        load(tmp_path, "neighborhood")
    assert str(path) in str(caught.value) and "delete it and run" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_predictions_written_directly(tmp_path):
    write_predictions(tmp_path / "p.csv.gz", PREDICTIONS)
    assert len(read_predictions(tmp_path / "p.csv.gz")) == 2


def of_schema_1(path, *lacking):
    """Turn a record into one as the first versions wrote it."""
    content = json.loads(path.read_text()) | {"schema": 1}
    for name in ("content_hash", "predictions", "weights", *lacking):
        del content[name]
    write_json(path, content)
    return content


def test_a_record_from_before_histories_is_read(tmp_path):
    old = record()
    path = write(old, tmp_path)
    of_schema_1(path, "history")
    assert read(path) == old


def test_a_record_of_schema_1_is_read_and_sealed_without_another_change(tmp_path):
    old = record([measurement(0.56173, decision="median", half=0.1)])
    path = write(old, tmp_path, PREDICTIONS)
    stated = read(path).predictions
    before = of_schema_1(path, "history")
    assert read(path) == old
    assert len(predictions_beside(path, read(path))) == 2
    assert list(seal(tmp_path / "neighborhood")) == [path]
    after = json.loads(path.read_text())
    assert after.pop("content_hash") == sha256_json(after)
    assert after == before | {"schema": 2, "predictions": stated, "weights": {}}
    assert read(path) == dataclasses.replace(old, predictions=stated)


def test_other_predictions_than_the_record_was_written_with_are_noticed(tmp_path):
    path = write(record(), tmp_path, PREDICTIONS)
    known = read(path)
    assert len(predictions_of(known, tmp_path, "fgnet")) == 2
    write_predictions(predictions_path(path), PREDICTIONS.assign(median=1.0))
    with pytest.raises(
        UserError, match=r"predictions\.csv\.gz are not those that its record was written with"
    ):
        predictions_beside(path, known)
    predictions_path(path).unlink()
    with pytest.raises(UserError, match=r"predictions\.csv\.gz are gone\. Restore it"):
        predictions_beside(path, known)
    for median in ("x", np.nan, np.inf):
        known = read(write(record(), tmp_path, PREDICTIONS.assign(median=[1.0, median])))
        with pytest.raises(UserError, match="holds no numbers as median of fgnet"):
            predictions_of(known, tmp_path, "fgnet", ("age", "median"))
        assert predictions_of(known, tmp_path, "utkface", ("age", "median")).empty
    known = read(write(record(), tmp_path, PREDICTIONS.drop(columns="column")))
    with pytest.raises(UserError, match="does not say which test set"):
        predictions_beside(path, known)


def test_a_record_written_again_has_its_predictions_whenever_it_was_killed(tmp_path, monkeypatch):
    old, new = PREDICTIONS, PREDICTIONS.assign(median=1.0)
    path = write(record(), tmp_path, old)
    faster = record(seconds=1.0)

    def killed(*_):
        raise KeyboardInterrupt

    for where in ("sealed.write_json", "records.settle_predictions"):
        with monkeypatch.context() as patched:
            patched.setattr(f"common.evidence.{where}", killed)
            with pytest.raises(KeyboardInterrupt):
                write(faster, tmp_path, new)
        expected = [2.12346, 4.0] if read(path).seconds == 512.5 else [1.0, 1.0]
        assert predictions_beside(path, read(path))["median"].tolist() == expected
    assert read(path).seconds == 1.0
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, predictions_path(path).name]
