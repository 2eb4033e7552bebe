"""The whole way of one number on generated people, in small."""

import dataclasses
import json

import numpy as np
import pytest

from common.evidence import records
from reproductions.jmcnn import data, experiments, tables
from reproductions.jmcnn.age_groups import IGNORED
from reproductions.jmcnn.experiments import BASE, FILMS_JMCNN, HALF_SWEEP, JMCNN, REFERENCES, TUNED
from reproductions.jmcnn.network import SMALLEST
from reproductions.jmcnn.study import STUDY
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_table
from reproductions.shared.recognition import identity_sets as identities
from reproductions.shared.recognition.probing import BAND_COLUMN


@pytest.fixture(scope="module")
def options(tmp_path_factory, few_people) -> Options:
    root = tmp_path_factory.mktemp("suite")
    return Options(
        prepared_root=few_people, results_root=root / "results", runs_root=root / "runs", seeds=(1,)
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    smoke = experiments.RECIPES["smoke"]
    smoke = dataclasses.replace(
        smoke,
        size=40,
        width=0.0625,
        base=dataclasses.replace(smoke.base, epochs=1, batch=32),
        tuned=dataclasses.replace(smoke.tuned, epochs=1, batch=16),
    )
    monkeypatch.setitem(experiments.RECIPES, "smoke", smoke)
    monkeypatch.setattr(identities, "GENERATED_PAIRS", 30)


def partition(options: Options) -> data.Partition:
    recipe = JMCNN.recipe("smoke")
    return data.load(options, recipe.prepared, recipe.prefers)


def test_nobody_is_trained_on_and_looked_for(options):
    made = partition(options)
    across = made.across["synthetic"]
    people = made.identities.prepared.index["identity"]
    trained = set(people.iloc[made.identities.rows]) | set(people.iloc[across.train[0].rows])
    for search in across.searches:
        assert not trained & set(people.iloc[search.scheme.probes])
    pairs = made.verifications[0].pairs
    assert not trained & set(people.iloc[np.r_[pairs.first, pairs.second]])


@pytest.mark.usefixtures("untraced")
def test_jmcnn_starts_from_the_base_of_its_seed_and_ends_in_a_record(options, capsys):
    base = STUDY.run(BASE, "table1", options, seed=1)
    made = STUDY.run(JMCNN, "table1", options, seed=1)
    assert [one.dataset for one in made.trained_on] == ["synthetic", "synthetic"]
    assert len(base.trained_on) == 1
    assert base.configuration["recipe"]["base"] == made.configuration["recipe"]["base"]
    assert {item.metric for item in made.measurements} == {"rank-1", "MAP"}
    assert {item.metric for item in base.measurements} > {"accuracy", "AUC", "EER"}
    folders = sorted(path.name.split("-smoke")[0] for path in (options.runs_root / "jmcnn").iterdir())
    assert folders == ["cnn-base", "jmcnn-0.1"]
    path = records.run_path(options.results_root, "jmcnn", made.run)
    assert json.loads(path.read_text())["configuration"]["weight"] == 0.1
    capsys.readouterr()
    assert STUDY.run(JMCNN, "table1", options, seed=1) == made
    assert "its record stands" in capsys.readouterr().out


def test_references_need_no_training(options):
    made = [STUDY.run(one, "table1", options, seed=1) for one in REFERENCES]
    assert all(one.trained_on == () and one.seconds == 0 for one in made)
    chance = {item.column: item.value for item in made[0].measurements}
    assert 0 < chance["synthetic-one-out"] < 20


@pytest.mark.usefixtures("untraced")
def test_rows_trained_on_different_data_stand_in_one_column(options):
    for one in (BASE, TUNED):
        STUDY.run(one, "table1", options, seed=1)
    show_table(tables.report(), tables.TABLE1, options)
    page = (options.results_root / "jmcnn" / "table1.md").read_text(encoding="utf-8").splitlines()
    measured = page[page.index("**Measured here**") :]
    head = next(line for line in measured if line.startswith("| Method"))
    assert head.count("oldest") == 1
    for label in ("CNN baseline, identity set only", "CNN baseline, fine-tuned"):
        row = next(line for line in measured if line.startswith(f"| {label}"))
        assert "[" in row.split("|")[2]


@pytest.fixture
def with_films(options, monkeypatch):
    """The generated people as a set of films too: half of its people trained on, ages in bands."""
    whole = partition(options)
    (across,) = whole.across.values()
    people = across.prepared.index
    said = (people["age"].to_numpy(float, na_value=0) > 30).astype(np.int32)
    said[::7] = IGNORED
    tested = next(one.scheme.probes for one in across.searches if one.column == "synthetic-one-out")
    searches = [dataclasses.replace(one, column=f"films-{one.column}") for one in across.searches]
    films = dataclasses.replace(across, searches=tuple(searches), bands=said, tested=tested)
    both = dataclasses.replace(whole, across={**whole.across, "imfdb": films})
    monkeypatch.setattr(data, "load", lambda *which: both)
    return both


@pytest.mark.usefixtures("untraced")
def test_all_seeds_of_a_stage_on_films_start_from_one_stage_1_and_say_bands(options, with_films):
    short = dataclasses.replace(FILMS_JMCNN, changes={"epochs": 1})
    made = STUDY.run(short, "films", options, seed=2)
    folders = {path.name.split("-smoke-")[0]: path.name for path in (options.runs_root / "jmcnn").iterdir()}
    assert "-seed1-" in folders["cnn-base-plain"]
    assert len(made.trained_on) == 2
    assert made.trained_on[1] == with_films.across["imfdb"].trained_on
    told = {(item.decision, item.metric) for item in made.measurements if item.column == BAND_COLUMN}
    assert {decision for decision, _ in told} == {"age-head", "probe-F1", "probe-F4"}
    assert {metric for _, metric in told} == {"accuracy", "balanced accuracy"}
    asked = {item.column for item in made.measurements}
    assert {"synthetic-pairs", "synthetic-oldest", "films-synthetic-oldest"} < asked
    stored = records.predictions_of(made, options.results_root, BAND_COLUMN)
    assert len(stored) == next(item.data.images for item in made.measurements if item.column == BAND_COLUMN)


@pytest.mark.usefixtures("untraced")
def test_a_row_at_half_the_side_sees_smaller_faces_of_the_same_tests_and_each_seed_has_its_stage_1(
    options, with_films
):
    row = dataclasses.replace(HALF_SWEEP[0], changes={"epochs": 1})
    made = STUDY.run(row, "half", options, seed=2)
    folders = {path.name.split("-smoke-")[0]: path for path in (options.runs_root / "jmcnn").iterdir()}
    assert "-seed2-" in folders["cnn-base-plain-half"].name
    assert row.recipe("smoke").size == SMALLEST < row.recipe("smoke").prepared == JMCNN.recipe("smoke").size
    assert made.precision == "float32"
    whole = {one.column: one for one in with_films.across["imfdb"].searches}
    for item in made.measurements:
        if item.column in whole:
            assert item.data == whole[item.column].data


def test_a_row_on_films_is_passed_over_without_them(tmp_path):
    assert STUDY.lacks(FILMS_JMCNN, Options()) == "IMFDB (make data-imfdb)"
    held = Options(profile="cpu", data_root=tmp_path)
    assert STUDY.lacks(FILMS_JMCNN, held) == "IMFDB (make data-imfdb)"
    assert STUDY.lacks(JMCNN, Options()) is None
