"""A row on a published split learns from its training part and is measured on its test part alone."""

import dataclasses
import gzip
import json

import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import records
from common.evidence.filling import fill
from common.evidence.formats import to_text
from reproductions.neighborhood_loss import experiments, tables, targets
from reproductions.neighborhood_loss.study import STUDY
from reproductions.shared.age_estimation import published_split
from reproductions.shared.age_estimation.experiments import PUBLISHED, on_split
from reproductions.shared.command_line import check_data
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Untrained, find_trained
from tests.support.split_lists import entry, stem, write_list, write_utkface

pytestmark = pytest.mark.usefixtures("untraced")

IMAGES = 120
ROW = experiments.NEIGHBORHOOD_18


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    root = tmp_path_factory.mktemp("suite")
    write_utkface(root / "faces", IMAGES)
    write_list(root / "faces", [entry(number) for number in range(IMAGES + 4)])
    folders = {f"{name}_root": root / name for name in ("prepared", "results", "runs")}
    return Options(profile="cpu", data_root=root / "faces", seeds=(1,), **folders)


@pytest.fixture
def short(monkeypatch):
    smoke = dataclasses.replace(experiments.RECIPES["smoke"], epochs=1, batch=16)
    monkeypatch.setitem(experiments.RECIPES, "cpu", smoke)
    monkeypatch.setattr(experiments, "TABLE3", (experiments.CONSTANT, ROW))
    published_split.load.cache_clear()
    published_split.tell_once.cache_clear()


def folders_in(frame):
    return {int(name.split("_")[3].partition(".")[0]) % 10 for name in frame["name"]}


def test_a_committed_row_is_configured_as_it_was():
    assert "split" not in ROW.configuration("cpu")
    assert on_split(ROW, 0).configuration("cpu")["split"] == 0
    assert on_split(ROW, 0).name == ROW.name and not on_split(ROW, 0).folds


def test_it_is_trained_validated_and_tested_as_the_list_says(options, short, capsys):
    targets.splits(options, split=1)
    shown = capsys.readouterr()
    told = "split 1 of Paplham and Franc names 124 images: 72 for train, 24 for validation, 24 for test; 4 "
    assert told in shown.err
    page = (options.results_root / "neighborhood" / "table3.csv").read_text()
    assert "split 1 of Paplham and Franc" in page and "MAE" in shown.out
    made = [one for one in records.load(options.results_root, "neighborhood") if one.experiment == ROW.name]
    (record,) = made
    (trained_on,) = record.trained_on
    assert trained_on.name == "UTKFace, training part, split 1 of Paplham and Franc"
    assert trained_on.images == 72 and trained_on.dataset == "utkface"
    assert {item.column for item in record.measurements} == {PUBLISHED}
    assert {item.data.images for item in record.measurements} == {24} and record.configuration["split"] == 1
    path = records.run_path(options.results_root, "neighborhood", record.run)
    with gzip.open(path.with_name(f"{record.run}.predictions.csv.gz"), "rt") as file:
        said = pd.read_csv(file)
    assert folders_in(said[said["column"] == PUBLISHED]) == {0, 1}
    assert folders_in(said[said["column"] == "utkface-validation"]) == {8, 9}
    assert json.loads(path.read_text())["seed"] == 1
    partition = published_split.load(options, experiments.RECIPES["cpu"].size, 1)
    assert folders_in(pd.DataFrame({"name": partition.train.names})) == {2, 3, 4, 5, 6, 7}


def test_all_splits_are_run_and_have_a_column_each(options, short, monkeypatch, tmp_path):
    monkeypatch.setattr(experiments, "TABLE3", (experiments.CONSTANT,))
    options = dataclasses.replace(options, results_root=tmp_path / "results", runs_root=tmp_path / "runs")
    targets.splits(options)
    found = [one.measurements[0].data for one in records.load(options.results_root, "neighborhood")]
    assert {data.protocol for data in found} == {
        f"test part, split {number} of Paplham and Franc" for number in range(5)
    }
    page = (options.results_root / "neighborhood" / "table3.csv").read_text()
    assert all(f"split {number} of Paplham and Franc" in page for number in range(5))


def test_its_network_is_none_that_is_published_or_says_ages(options, short):
    made = STUDY.run(on_split(ROW, 1), "table3", options, seed=1)
    assert (options.runs_root / "neighborhood" / made.run).is_dir()
    with pytest.raises(Untrained):
        find_trained(
            options, "neighborhood", ROW.name, ROW.configuration("cpu"), what="network", target="table3"
        )


def test_it_leaves_the_other_columns_as_they_are(options, short):
    STUDY.run(on_split(ROW, 1), "table3", options, seed=1)
    own = records.load(options.results_root, "neighborhood")
    for table in (tables.TABLE2, tables.ABLATIONS, tables.DECISIONS):
        assert to_text(fill(table, own)) == to_text(fill(table, []))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"profile": "smoke"},
            "divides your own copy of UTKFace: give DATA_ROOT, and PROFILE=cpu",
        ),
        ({"data_root": None}, "divides your own copy of UTKFace: give DATA_ROOT, and PROFILE=cpu"),
    ],
)
def test_generated_faces_are_divided_by_no_list(options, changed, sentence):
    with pytest.raises(UserError, match=sentence):
        targets.splits(dataclasses.replace(options, **changed))


def test_a_folder_without_a_list_or_without_the_set_says_what_is_missing(tmp_path):
    options = Options(profile="cpu", data_root=tmp_path)
    with pytest.raises(UserError, match=r"no list of a split at .*UTKFace-splits: put UTKFace_aligned"):
        targets.splits(options)
    write_list(tmp_path, [entry(number) for number in range(10)])
    with pytest.raises(UserError, match=r"no UTKFace at .*make data-utkface"):
        targets.splits(options)


def test_a_split_that_the_list_has_not_is_refused(options, short):
    with pytest.raises(UserError, match=r"has no split 5: it has 0 to 4\."):
        targets.splits(options, split=5)


def test_what_is_checked_says_what_the_list_divides(options, tmp_path):
    found = list(check_data.survey(options.data_root))
    assert check_data._published_split(options.data_root, found) == [
        "UTKFace, 5 splits of Paplham and Franc: UTKFace_aligned.json names 124 images, 120 of them usable\n"
        "  here; make splits-neighborhood trains and tests on it."
    ]
    assert check_data._published_split(tmp_path, []) == []
    write_list(tmp_path, f"name,part\n{stem(0)}.jpg,exam\n", "UTKFace.csv")
    (line,) = check_data._published_split(tmp_path, [])
    assert "The published split of UTKFace cannot be read" in line and "'exam' in line 2" in " ".join(
        line.split()
    )
