"""Labels kept with the results: the same for whoever holds the images, and for nobody else."""

import gzip
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import sealed
from common.evidence.predictions import predictions_path, read_predictions, write_predictions
from common.evidence.records import run_path
from common.files import sha256_file
from data_prep.prepared.index import Prepared
from reproductions.shared.harness.options import Options
from reproductions.shared.pseudo_labels import labelling
from reproductions.shared.pseudo_labels import published as published_labels
from reproductions.shared.pseudo_labels.labelled_set import COLUMNS
from reproductions.shared.pseudo_labels.published import check, publish, published, record_of
from tests.support.prepared_sets import make_index

RUN = "net-cpu-seed1-01234567"
SAID = (("neighborhood", RUN),)


@pytest.fixture
def options(tmp_path):
    """With the record of the estimator in its place."""
    options = Options(profile="cpu", results_root=tmp_path)
    record = run_path(tmp_path, "neighborhood", RUN)
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    predictions_path(record).write_bytes(b"predictions")
    return options


def prepared(names, size=96):
    index = make_index([{"name": name} for name in names])
    return Prepared(None, index, {"settings": {"dataset": "lfw", "size": size}})


def labels(names):
    count = len(names)
    columns = {
        "name": names,
        "age_expectation": [20.125 + number for number in range(count)],
        "age_spread": 5.5,
        "gender": ["male", None, "female"][:count],
        "female_probability": [0.25, None, 0.875][:count],
    }
    frame = pd.DataFrame(columns).astype(COLUMNS)
    of = {"images": "f" * 64, "estimator": {"run": RUN, "weights": "a" * 64}, "genders": None}
    frame.attrs["manifest"] = {
        "dataset": "lfw",
        "title": "SCAF-style, from LFW",
        "of": of,
        "coverage": "3 of 13,233 files",
        "labelled": count,
        "gender_from": "nobody",
        "gender_dissent": None,
        "quality": [],
        "gender_quality": [],
        "sha256": "b" * 64,
    }
    return frame


def test_they_come_back_whatever_the_crops_and_the_order(options):
    path = publish(labels(["a.jpg", "b.jpg", "c.jpg"]), prepared(["a.jpg", "b.jpg", "c.jpg"]), options, SAID)
    found = published(prepared(["c.jpg", "a.jpg"], size=112), options)
    expected = labels(["a.jpg", "b.jpg", "c.jpg"]).iloc[[2, 0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)
    manifest = found.attrs["manifest"]
    assert manifest["of"]["estimator"]["run"] == RUN and manifest["title"] == "SCAF-style, from LFW"
    assert "a.jpg" not in gzip.decompress(path.read_bytes()).decode()


def test_the_same_labels_make_the_same_bytes(options):
    names = ["a.jpg", "b.jpg", "c.jpg"]
    first = publish(labels(names), prepared(names), options, SAID).read_bytes()
    again = publish(labels(names)[::-1], prepared(names[::-1]), options, SAID).read_bytes()
    assert first == again


def test_other_images_and_a_lost_record_have_none(options):
    assert published(prepared(["a.jpg"]), options) is None
    publish(labels(["a.jpg", "b.jpg"]), prepared(["a.jpg", "b.jpg"]), options, SAID)
    assert published(prepared(["a.jpg", "z.jpg"]), options) is None
    part = published(prepared(["b.jpg"]), options)
    assert (part["name"].tolist(), part["age_expectation"].tolist()) == (["b.jpg"], [21.125])
    # Whether a table still has the run among its rows does not matter.
    run_path(options.results_root, "neighborhood", RUN).unlink()
    assert published(prepared(["a.jpg"]), options)["name"].tolist() == ["a.jpg"]
    record_of(options.results_root, RUN).unlink()
    assert published(prepared(["a.jpg"]), options) is None


def test_records_of_those_who_said_them_are_kept_beside_them(options):
    faces = prepared(["a.jpg"])
    publish(labels(["a.jpg"]), faces, options, SAID)
    kept = record_of(options.results_root, RUN)
    assert kept.read_text() == "{}" and predictions_path(kept).read_bytes() == b"predictions"


def test_a_kill_between_labels_and_manifest_leaves_none_and_no_damage(options, monkeypatch):
    faces = prepared(["a.jpg"])
    publish(labels(["a.jpg"]), faces, options, SAID)

    def stop(*what):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(published_labels, "write_sealed", stop)
        with pytest.raises(KeyboardInterrupt):
            publish(labels(["a.jpg"]), faces, options, SAID)
    assert published(faces, options) is None


@pytest.mark.parametrize(
    "damage",
    ["labels", "no labels", "manifest", "an edited manifest", "edited ages", "ages with their hash"],
)
def test_damage_is_named(options, damage):
    path = publish(labels(["a.jpg"]), prepared(["a.jpg"]), options, SAID)
    match damage:
        case "labels":
            path.write_bytes(path.read_bytes()[:-9])
        case "no labels":
            path.unlink()
        case "manifest":
            path.with_name("lfw-cpu.json").write_text(json.dumps([1]))
        case "an edited manifest":
            manifest = path.with_name("lfw-cpu.json")
            manifest.write_text(manifest.read_text().replace("3 of 13,233", "4 of 13,233"))
        case "edited ages":
            with gzip.open(path, "rt") as file:
                text = file.read()
            path.write_bytes(gzip.compress(text.replace("20.125", "21.125").encode()))
        case "ages with their hash":
            write_predictions(path, read_predictions(path).assign(age_expectation=[np.nan]))
            manifest = sealed.parse(path.with_name("lfw-cpu.json").read_text()).content
            sealed.write_sealed(path.with_name("lfw-cpu.json"), manifest | {"sha256": sha256_file(path)})
    for read in (lambda: published(prepared(["a.jpg"]), options), lambda: check(options.results_root)):
        with pytest.raises(UserError, match=r"published labels .* are damaged \(.*\): restore both files"):
            read()


def test_labels_without_a_manifest_are_told_where_tables_are_checked(options):
    path = publish(labels(["a.jpg"]), prepared(["a.jpg"]), options, SAID)
    assert check(options.results_root) == []
    path.with_name("lfw-cpu.json").unlink()
    assert check(options.results_root) == [f"{path} comes from no record"]


def test_published_labels_are_trained_on_before_new_ones_are_made(options, monkeypatch):
    faces = prepared(["a.jpg", "b.jpg"])
    monkeypatch.setattr(labelling, "prepared_set", lambda *which: faces)
    monkeypatch.setattr(labelling, "label", lambda *which: SimpleNamespace(new=True))
    assert labelling.labels_of(options, "lfw", 96, "arcface").new
    publish(labels(["a.jpg", "b.jpg"]), faces, options, SAID)
    found = labelling.labels_of(options, "lfw", 96, "arcface")
    assert found["age_expectation"].tolist() == [20.125, 21.125]
