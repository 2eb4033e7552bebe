"""The whole way of one number on generated people, in small."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from common.evidence import records
from data_prep.faces import Faces
from reproductions import across_age, identities
from reproductions.jmcnn import data as jmcnn
from reproductions.mtlface import data, experiments, runs, tables
from reproductions.mtlface.experiments import COSFACE, MTLFACE, REFERENCES
from reproductions.mtlface.train import RECOGNISER, load_recogniser
from reproductions.options import Options
from reproductions.showing import show_table


@pytest.fixture(scope="module")
def options(tmp_path_factory, few_people) -> Options:
    root = tmp_path_factory.mktemp("suite")
    return Options(
        prepared_root=few_people, results_root=root / "results", runs_root=root / "runs", seeds=(1,)
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    smoke = dataclasses.replace(experiments.RECIPES["smoke"], crop=40, size=32, epochs=1, batch=32)
    monkeypatch.setitem(experiments.RECIPES, "smoke", smoke)
    monkeypatch.setattr(identities, "GENERATED_PAIRS", 30)


def material(options: Options) -> data.Material:
    recipe = MTLFACE.recipe("smoke")
    return data.load(options, recipe.crop, recipe.prefers)


def test_nobody_is_trained_on_and_looked_for(options):
    made = material(options)
    people = made.faces.prepared.index["identity"]
    trained = set(people.iloc[made.faces.rows])
    for search in made.asked[0].searches:
        assert not trained & set(people.iloc[search.scheme.probes])
    for verification in made.verifications:
        pairs = verification.pairs
        assert not trained & set(people.iloc[np.r_[pairs.first, pairs.second]])
        ages = verification.prepared.index["age"].to_numpy(float)
        least = across_age.GAP if verification.column == "synthetic-gap" else 0
        assert np.abs(ages[pairs.first] - ages[pairs.second]).min() >= least


def test_jmcnn_answers_the_same_pairs(options):
    recipe = MTLFACE.recipe("smoke")
    rival = jmcnn.load(options, recipe.crop, recipe.prefers)
    asked = {one.column: one.data for one in material(options).verifications}
    assert len(asked) == 2
    assert {one.column: one.data for one in rival.verifications} == asked


def test_a_run_ends_in_a_record_a_table_and_a_network(options, capsys):
    made = [runs.run(one, "aifr", options, seed=1) for one in (REFERENCES[1], MTLFACE)]
    assert made[0].trained_on == () and len(made[1].trained_on) == 1
    columns = {item.column for item in made[1].measurements}
    assert columns >= {"synthetic-one-out", "synthetic-oldest", "synthetic-pairs", "synthetic-gap"}
    network = load_recogniser(options.runs_root / "mtlface" / made[1].run / RECOGNISER)
    assert network.get_layer("embedding").output.shape == (None, 512)
    capsys.readouterr()
    assert runs.run(MTLFACE, "aifr", options, seed=1) == made[1]
    assert "its record stands" in capsys.readouterr().out
    show_table(tables.report(), tables.AIFR, options)
    assert MTLFACE.label in capsys.readouterr().out


def test_a_row_of_jmcnn_stands_beside_it(options, capsys):
    ours = runs.run(REFERENCES[1], "aifr", options, seed=1)
    lent = dataclasses.replace(ours, paper="jmcnn", experiment="cnn-base", measurements=ours.measurements[:1])
    records.write(lent, options.results_root)
    show_table(tables.report(), tables.AIFR, options)
    row = next(line for line in capsys.readouterr().out.splitlines() if "JMCNN's baseline" in line)
    assert f"{ours.measurements[0].value:.2f} [" in row
    page = (options.results_root / "mtlface" / "aifr.md").read_text()
    assert f"(../jmcnn/runs/{lent.run}.json)" in page


def test_estimated_ages_are_named_in_what_is_trained_on(options, monkeypatch):
    faces = material(options).faces
    index = faces.prepared.index.assign(age=pd.array([pd.NA] * len(faces.prepared.index), "Int64"))
    unlabelled = Faces(dataclasses.replace(faces.prepared, index=index), faces.rows, faces.data)
    estimates = pd.DataFrame({"name": index["name"][::-1], "age_expectation": 33.4})
    monkeypatch.setattr(data, "labels_of", lambda *which: estimates)
    aged = data.aged(unlabelled, options)
    assert set(aged.years) == {33}
    assert aged.faces.data.protocol == "training people, ages estimated"
    assert aged.faces.data.fingerprint != faces.data.fingerprint


def test_cosface_is_trained_without_ages(options):
    assert runs._lesson(COSFACE, material(options), options).years is None
