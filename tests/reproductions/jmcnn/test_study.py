"""The whole way of one number on generated people, in small."""

import dataclasses
import json

import numpy as np
import pytest

from common.evidence import records
from reproductions.jmcnn import data, experiments, tables
from reproductions.jmcnn.experiments import BASE, JMCNN, REFERENCES, TUNED
from reproductions.jmcnn.study import STUDY
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_table
from reproductions.shared.recognition import identity_sets as identities


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
        base=dataclasses.replace(smoke.base, epochs=1, batch=32),
        tuned=dataclasses.replace(smoke.tuned, epochs=1, batch=16),
    )
    monkeypatch.setitem(experiments.RECIPES, "smoke", smoke)
    monkeypatch.setattr(identities, "GENERATED_PAIRS", 30)


def partition(options: Options) -> data.Partition:
    recipe = JMCNN.recipe("smoke")
    return data.load(options, recipe.size, recipe.prefers)


def test_nobody_is_trained_on_and_looked_for(options):
    made = partition(options)
    across = made.across["synthetic"]
    people = made.identities.prepared.index["identity"]
    trained = set(people.iloc[made.identities.rows]) | set(people.iloc[across.train[0].rows])
    for search in across.searches:
        assert not trained & set(people.iloc[search.scheme.probes])
    pairs = made.verifications[0].pairs
    assert not trained & set(people.iloc[np.r_[pairs.first, pairs.second]])


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
