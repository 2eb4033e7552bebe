"""The whole way of one number on generated people, in small."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import records
from common.evidence.records import run_name
from common.metrics.search import unit_rows
from common.training.fit import FINAL_WEIGHTS
from common.training.weights import save_weights
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import load
from data_prep.prepared.shards import read_images
from reproductions.jmcnn import data as jmcnn
from reproductions.mtlface import data, experiments, model, products, search, study, tables
from reproductions.mtlface.experiments import BEFORE, COSFACE, MTLFACE, REFERENCES
from reproductions.mtlface.network import embedder
from reproductions.mtlface.study import STUDY
from reproductions.mtlface.train import RECOGNISER, load_recogniser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_table
from reproductions.shared.photographs.embeddings import read
from reproductions.shared.recognition import cross_age as across_age
from reproductions.shared.recognition import identity_sets as identities
from reproductions.shared.recognition import probing
from tests.support.cartoon import write_photo

pytestmark = pytest.mark.usefixtures("untraced")


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


def partition(options: Options) -> data.Partition:
    recipe = MTLFACE.recipe("smoke")
    return data.load(options, recipe.crop, recipe.prefers)


def test_nobody_is_trained_on_and_looked_for(options):
    made = partition(options)
    people = made.faces.prepared.index["identity"]
    trained = set(people.iloc[made.faces.rows])
    for asked in made.asked[0].searches:
        assert not trained & set(people.iloc[asked.scheme.probes])
    for verification in made.verifications:
        pairs = verification.pairs
        assert not trained & set(people.iloc[np.r_[pairs.first, pairs.second]])
        ages = verification.prepared.index["age"].to_numpy(float)
        least = across_age.GAP if verification.column == "synthetic-gap" else 0
        assert np.abs(ages[pairs.first] - ages[pairs.second]).min() >= least


def test_jmcnn_answers_the_same_pairs(options):
    recipe = MTLFACE.recipe("smoke")
    rival = jmcnn.load(options, recipe.crop, recipe.prefers)
    asked = {one.column: one.data for one in partition(options).verifications}
    assert len(asked) == 2
    assert {one.column: one.data for one in rival.verifications} == asked


def test_a_run_ends_in_a_record_a_table_and_a_network(options, capsys):
    made = [STUDY.run(one, "aifr", options, seed=1) for one in (REFERENCES[1], MTLFACE)]
    assert made[0].trained_on == () and len(made[1].trained_on) == 1
    columns = {item.column for item in made[1].measurements}
    assert columns >= {"synthetic-one-out", "synthetic-oldest", "synthetic-pairs", "synthetic-gap"}
    network = load_recogniser(options.runs_root / "mtlface" / made[1].run / RECOGNISER)
    assert network.get_layer("embedding").output.shape == (None, 512)
    capsys.readouterr()
    assert STUDY.run(MTLFACE, "aifr", options, seed=1) == made[1]
    assert "its record stands" in capsys.readouterr().out
    show_table(tables.report(), tables.AIFR, options)
    assert MTLFACE.label in capsys.readouterr().out


def test_the_trained_network_embeds_photographs_and_finds_them_again(options, tmp_path, capsys):
    record = STUDY.run(MTLFACE, "aifr", options, seed=1)
    photos, out = tmp_path / "photos", tmp_path / "faces.npz"
    for name, tint in (("a.png", 1.0), ("b.png", 0.2)):
        write_photo(photos / name, tint)
    at = dataclasses.replace(options, prepared_root=tmp_path / "prepared")
    products.embed(at, photos, out=out, mirror=False)
    alone = read(out)
    (folder,) = at.prepared_root.iterdir()
    faces = read_images(load(folder))
    network = embedder(load_recogniser(options.runs_root / "mtlface" / record.run / RECOGNISER))
    face, mirrored = (
        network.predict(images.astype(np.float32), verbose=0) for images in (faces, faces[:, :, ::-1])
    )
    np.testing.assert_allclose(alone.vectors, unit_rows(face.astype(float)), atol=1e-5)
    assert (alone.about["network"], alone.about["mirrored"]) == (record.run, False)
    products.search(at, photos / "b.png", **{"in": out})
    assert "| b.png      | 1.0000 |" in capsys.readouterr().out
    products.embed(at, photos, out=out)
    both = read(out)
    np.testing.assert_allclose(both.vectors, unit_rows((face + mirrored).astype(float)), atol=1e-5)
    with pytest.raises(UserError, match="made with the faces' mirror images and not without them"):
        search.search(products.trained(at, mirrored=False), photos / "b.png", both)


def test_a_row_of_jmcnn_stands_beside_it(options, capsys):
    ours = STUDY.run(REFERENCES[1], "aifr", options, seed=1)
    lent = dataclasses.replace(ours, paper="jmcnn", experiment="cnn-base", measurements=ours.measurements[:1])
    records.write(lent, options.results_root)
    show_table(tables.report(), tables.AIFR, options)
    row = next(line for line in capsys.readouterr().out.splitlines() if "JMCNN's baseline" in line)
    assert f"{ours.measurements[0].value:.2f} [" in row
    page = (options.results_root / "mtlface" / "aifr.md").read_text()
    assert f"(../jmcnn/runs/{lent.run}.json)" in page


@pytest.fixture
def unlabelled(options):
    """Faces of a set that brings no ages."""
    faces = partition(options).faces
    index = faces.prepared.index.assign(age=pd.array([pd.NA] * len(faces.prepared.index), "Int64"))
    return Faces(dataclasses.replace(faces.prepared, index=index), faces.rows, faces.data)


def test_estimated_ages_are_named_in_what_is_trained_on(options, unlabelled, monkeypatch):
    names = unlabelled.prepared.index["name"]
    estimates = pd.DataFrame({"name": names[::-1], "age_expectation": 33.4})
    monkeypatch.setattr(data, "labels_of", lambda *which: estimates)
    aged = data.aged(unlabelled, options)
    assert set(aged.years) == {33}
    assert aged.faces.data.protocol == "training people, ages estimated"
    assert aged.faces.data.fingerprint != unlabelled.data.fingerprint


def test_a_balanced_training_leaves_out_what_there_is_too_much_of(options, unlabelled, monkeypatch):
    index = unlabelled.prepared.index
    rows = np.arange(len(index))
    estimates = pd.DataFrame(
        {
            "name": index["name"],
            # A fifth are old; of the women half are.
            "age_expectation": np.where(rows % 5 == 0, 70.0, 25.0),
            "gender": np.where(rows % 10 < 2, "female", "male"),
        }
    )
    monkeypatch.setattr(data, "labels_of", lambda *which: estimates.sample(frac=1, random_state=0))
    aged = data.aged(unlabelled, options, balanced=True)
    assert set(aged.faces.rows) < set(unlabelled.rows)
    kept = estimates.iloc[aged.faces.rows].groupby(["age_expectation", "gender"]).size()
    before = estimates.iloc[unlabelled.rows].groupby(["age_expectation", "gender"]).size()
    assert kept.max() == int(before.median()) < before.max()
    told = aged.faces.data
    assert told.protocol == "training people, ages estimated and balanced"
    assert (told.images, told.subjects) == (kept.sum(), index["identity"].iloc[aged.faces.rows].nunique())
    assert told.split_hash != unlabelled.data.split_hash
    assert data.aged(unlabelled, options).faces.data.images == len(unlabelled.rows)
    # CosFace alone is trained on the same images.
    paper = dataclasses.replace(COSFACE.recipe("smoke"), balanced=True)
    what = dataclasses.replace(partition(options), faces=unlabelled)
    training = study._training(COSFACE, paper, what, options)
    assert training.years is None and training.faces.data == told


def test_cosface_is_trained_without_ages(options):
    assert study._training(COSFACE, COSFACE.recipe("smoke"), partition(options), options).years is None


def test_a_reversed_head_joins_the_network_that_was_trained_without_it(options, monkeypatch):
    longer = dataclasses.replace(experiments.RECIPES["smoke"], epochs=2)
    monkeypatch.setitem(experiments.RECIPES, "smoke", longer)
    silent = dataclasses.replace(experiments.FORGETTING[0], changes={"epochs": 2})
    made = STUDY.run(silent, "forgetting", options, seed=2)
    told = {(item.column, item.metric) for item in made.measurements if item.decision == study.PROBE}
    assert told == {("synthetic-groups", "accuracy"), ("synthetic-groups", "balanced accuracy")}
    (before,) = (options.runs_root / "mtlface").glob(f"{BEFORE.name}-smoke-seed1-*")
    people = made.trained_on[0].subjects
    begun = model.Start(BEFORE, before / FINAL_WEIGHTS, people)
    network = model.recognition_network(silent, silent.recipe("smoke"), people, 1, start=begun)
    start = load_recogniser(before / RECOGNISER)
    for name in ("encoder", "decomposition", "age_head", "embedding_dense", "identity_logits"):
        ours, theirs = network.get_layer(name).get_weights(), start.get_layer(name).get_weights()
        assert len(ours) > 0
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    # The reversed head learns although its gradient reaches nothing else.
    assert made.history["reversed_age_loss"]


def test_a_network_goes_on_on_films_whose_ages_are_bands(options, monkeypatch):
    longer = dataclasses.replace(experiments.RECIPES["smoke"], epochs=2)
    monkeypatch.setitem(experiments.RECIPES, "smoke", longer)
    plain, aged = (dataclasses.replace(one, changes={"epochs": 2}) for one in experiments.FILMS)
    made = STUDY.run(aged, "aifr-films", options, seed=1)
    assert {"age_group_loss", "reversed_age_group_loss", "identity_loss"} <= made.history.keys()
    assert "age_loss" not in made.history
    assert len(made.trained_on) == 2
    told = {item.column for item in made.measurements if item.decision == study.PROBE}
    assert told == {"synthetic-groups"}
    assert not {"age_group_loss"} & STUDY.run(plain, "aifr-films", options, seed=1).history.keys()
    # What both went on from is one training, that of the row of its own.
    (before,) = (options.runs_root / "mtlface").glob(f"{BEFORE.name}-smoke-seed1-*")
    trained = (study._training(BEFORE, BEFORE.recipe("smoke"), partition(options), options).faces.data,)
    named = run_name(BEFORE.name, "smoke", 1, BEFORE.configuration("smoke"), "float32", trained)
    assert before.name == named


def test_generated_people_say_their_ages_in_bands_as_films_do(options):
    films = partition(options).films
    years = films.faces.prepared.index["age"].to_numpy(float)
    for first, last, band in ((0, 13, 0), (13, 31, 1), (31, 51, 2), (51, 200, 3)):
        assert set(films.bands[(years >= first) & (years < last)]) <= {band}
    assert set(films.bands) <= {probing.UNKNOWN, 0, 1, 2, 3}


def test_without_films_their_rows_are_passed_over(options, tmp_path):
    (tmp_path / "LFW").mkdir()
    films, *_ = experiments.FILMS
    held = dataclasses.replace(options, data_root=tmp_path)
    assert STUDY.lacks(films, held) == "IMFDB (make data-imfdb)"
    assert STUDY.lacks(MTLFACE, held) is STUDY.lacks(films, options) is None


def test_layers_of_another_shape_begin_at_random(tmp_path):
    recipe = dataclasses.replace(BEFORE.recipe("smoke"), crop=32, size=32)
    before = model.untrained_network(BEFORE, recipe, people=5)
    save_weights(before, tmp_path / FINAL_WEIGHTS)
    start = model.Start(BEFORE, tmp_path / FINAL_WEIGHTS, 5)
    network = model.recognition_network(experiments.FILMS[1], recipe, people=3, steps=1, start=start)
    assert {name: output.shape[1] for name, output in network.output.items()} == {
        "identity": 3,
        "age_group": 4,
        "reversed_age_group": 4,
    }
    ours, theirs = network.get_layer("age_head"), before.get_layer("age_head")
    for name in ("hidden", "ages"):
        for a, b in zip(
            ours.get_layer(name).get_weights(), theirs.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(a, b)
    kernel = network.get_layer("reversed_head").get_layer("hidden").get_weights()[0]
    assert not np.array_equal(kernel, theirs.get_layer("hidden").get_weights()[0])
