"""The whole way of one number on generated people, in small."""

import dataclasses
import json

import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from common.faces.alignment import to_grey
from common.faces.mask import OUTSIDE, face_ellipse
from data_prep.prepared.index import Prepared
from reproductions.age_gender import ages, data, estimator, experiments, tables
from reproductions.age_gender.experiments import CONSTANT, GENDER_SMALL, JOINT, LENET, TEXT_WEIGHTS
from reproductions.age_gender.labels import AGE_INTERVALS, GENDERS
from reproductions.age_gender.predict import load_classifier
from reproductions.age_gender.study import STUDY
from reproductions.age_gender.train import balanced_rows, face_batches, seen
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_files, show_table
from reproductions.shared.harness.trained import Untrained
from tests.support.prepared_sets import make_index


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> Options:
    root = tmp_path_factory.mktemp("suite")
    return Options(
        prepared_root=root / "prepared", results_root=root / "results", runs_root=root / "runs", seeds=(1,)
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    smoke = dataclasses.replace(
        experiments.RECIPES["smoke"], width=0.25, epochs=2, batch=8, learning_rate=1e-3
    )
    monkeypatch.setitem(experiments.RECIPES, "smoke", smoke)


@pytest.fixture(scope="module", autouse=True)
def _few_faces():
    """Fewer people than the default, of the same kind."""
    from data_prep.synthetic import people as synthetic

    kept = synthetic.generate_default
    synthetic.generate_default = lambda root: synthetic.generate(root, 60, 3)
    data.load.cache_clear()
    yield
    synthetic.generate_default = kept
    data.load.cache_clear()


def partition(options: Options, percent: int = 100) -> data.Partition:
    recipe = JOINT.recipe("smoke")
    return data.load(options, recipe.size, recipe.prefers, percent)


def test_every_interval_is_shown_as_often_as_three_times_its_images_allow(options):
    faces = partition(options).train
    rows_of = balanced_rows(faces, seed=1)
    intervals = data.index_classes(faces.prepared)["age"]
    images = np.bincount(intervals[faces.rows], minlength=4)
    for epoch in (0, 1):
        rows = rows_of(epoch)
        assert np.bincount(intervals[rows], minlength=4).tolist() == [
            min(len(faces.rows) // 4, 3 * count) for count in images
        ]
        assert set(rows) <= set(faces.rows)
    assert set(rows_of(0)) != set(rows_of(1))


def test_what_is_masked_is_masked_in_training_and_in_testing_alike(options):
    faces = partition(options).train
    experiment = experiments.LENET_MASKED
    outside = ~face_ellipse(faces.prepared.size)
    batch, _ = next(iter(face_batches(faces, experiment, experiment.recipe("smoke"), seed=1).source(0, 0)))
    assert batch.shape[-1] == 1 and (batch.numpy()[:, outside] == OUTSIDE).all()
    assert (batch.numpy()[:, ~outside] != OUTSIDE).any()
    assert (seen(faces, experiment)[:, outside] == OUTSIDE).all()
    assert (seen(faces, experiments.LENET_SMALL)[:, outside] != OUTSIDE).any()


def test_nobody_is_trained_on_and_tested_and_the_small_set_is_a_part(options):
    whole, small = partition(options), partition(options, 20)
    people = whole.train.prepared.index["identity"]
    groups = [whole.train, whole.validation, whole.tests["synthetic"]]
    shown = [set(people.iloc[faces.rows]) for faces in groups]
    assert not (shown[0] & shown[1] or shown[0] & shown[2] or shown[1] & shown[2])
    assert set(small.train.rows) < set(whole.train.rows)
    assert 0.05 < len(small.train.rows) / len(whole.train.rows) < 0.4
    np.testing.assert_array_equal(small.tests["synthetic"].rows, whole.tests["synthetic"].rows)


def test_the_joint_run_ends_in_a_record_with_p_and_q(options, capsys):
    made = STUDY.run(JOINT, "results", options, seed=1)
    whole = {(m.decision, m.metric) for m in made.measurements if m.column == "synthetic"}
    assert whole == {(t, m) for t in ("age", "gender") for m in ("accuracy", "balanced accuracy")}
    assert {"synthetic-female", "synthetic-male", "synthetic-0-30"} <= {m.column for m in made.measurements}
    assert {"age_accuracy", "gender_accuracy", "val_age_accuracy", "val_gender_accuracy"} <= set(made.history)
    steps, p, q = (made.history[name] for name in ("step", "p", "q"))
    assert (steps[0], p[0], q[0]) == (0, 1, 1)
    assert p[-1] > 1 and q[-1] > 1
    path = records.run_path(options.results_root, "age-gender", made.run)
    assert json.loads(path.read_text())["configuration"]["weighting"] == "code"
    capsys.readouterr()
    assert STUDY.run(JOINT, "results", options, seed=1) == made
    assert "its record stands" in capsys.readouterr().out


def test_its_network_says_genders_to_runs_of_every_seed(options):
    made = STUDY.run(JOINT, "results", options, seed=1)
    says = estimator.trained(dataclasses.replace(options, seeds=(7,)))
    assert (says.run, says.template) == (made.run, data.TEMPLATE)
    test = partition(options).tests["synthetic"]
    female = says.estimate(test.images())
    assert ((female >= 0) & (female <= 1)).all()
    right = (female > 0.5) == (data.classes(test)["gender"] == GENDERS.index("female"))
    (quality,) = says.quality
    assert quality.data.endswith("test split") and quality.mean == pytest.approx(100 * np.mean(right))
    assert sum(one.images for one in quality.decades) == len(test.rows)


def test_without_a_trained_network_the_target_is_named(options, tmp_path):
    nothing = dataclasses.replace(options, runs_root=tmp_path)
    with pytest.raises(Untrained, match=r"no estimator of genders .* train it with make results-age-gender"):
        estimator.trained(nothing)


def test_as_in_the_text_training_stops_before_it_goes_backwards(options, monkeypatch):
    recipe = experiments.RECIPES["smoke"]
    monkeypatch.setitem(
        experiments.RECIPES, "smoke", dataclasses.replace(recipe, epochs=8, learning_rate=0.1)
    )
    made = STUDY.run(TEXT_WEIGHTS, "weighting", options, seed=1)
    steps, p, q = (made.history[name] for name in ("step", "p", "q"))
    assert min(p[-1], q[-1]) <= 0 < min(p[-2], q[-2])
    assert steps[-1] < 8 * (made.trained_on[0].images // 8)


def test_a_single_task_on_the_small_set_takes_as_many_steps(options):
    made = STUDY.run(GENDER_SMALL, "results", options, seed=1)
    assert {m.decision for m in made.measurements} == {"gender"}
    assert len(made.history["val_gender_accuracy"]) == 10
    assert "gender_accuracy" in made.history
    assert "20% of the training split" in made.trained_on[0].protocol


def test_lenet_answers_for_age_alone(options):
    made = STUDY.run(LENET, "results", options, seed=1)
    assert {m.decision for m in made.measurements} == {"age"}


def test_faces_may_be_seen_in_colour(options):
    record = STUDY.run(experiments.COLOUR, "ablations", options, 1)
    assert record.configuration["colour"] is True
    assert {one.decision for one in record.measurements} >= {"age", "gender"}
    grey = experiments.JOINT.configuration("smoke")
    assert "colour" not in grey


def test_the_constant_answer_is_measured_too(options):
    made = STUDY.run(CONSTANT, "results", options, seed=1)
    found = {(m.decision, m.metric): m.value for m in made.measurements if m.column == "synthetic"}
    assert found["age", "balanced accuracy"] == pytest.approx(25)
    assert found["gender", "balanced accuracy"] == pytest.approx(50)
    assert made.seconds == 0


def test_tables_figures_and_pages_are_rendered(options, capsys):
    for experiment in (CONSTANT, JOINT, GENDER_SMALL, LENET):
        STUDY.run(experiment, "results", options, seed=1)
    ages.store(options)
    report = tables.report()
    show_table(report, tables.RESULTS, options)
    show_files(report, "", options)
    shown = capsys.readouterr().out
    row = next(line for line in shown.splitlines() if line.startswith("Age and gender together "))
    assert "[" in row
    folder = options.results_root / "age-gender"
    names = {path.name for path in folder.iterdir()}
    assert {"fig7.png", "fig8.png", "fig9.png", "fig11.png", "weights.png", "weights-end.md"} <= names
    assert {"confusion-age-synthetic.png", "confusion-gender-synthetic.png", "groups.md"} <= names
    assert "| code | Generated faces · smoke |" in (folder / "weights-end.md").read_text()


def test_the_classifier_answers_as_the_record_says(options):
    made = STUDY.run(JOINT, "results", options, seed=1)
    classifier = load_classifier(options)
    faces = partition(options).tests["synthetic"]
    age, gender = classifier.predict(to_grey(faces.images())[..., 0])
    assert age.shape == (len(faces.rows), len(AGE_INTERVALS))
    assert gender.shape == (len(faces.rows), len(GENDERS))
    classes = data.classes(faces)
    for task, answers in (("age", age), ("gender", gender)):
        np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
        accuracy = 100 * np.mean(answers.argmax(axis=1) == classes[task])
        (recorded,) = (
            m.value
            for m in made.measurements
            if (m.column, m.decision, m.metric) == ("synthetic", task, "accuracy")
        )
        assert accuracy == pytest.approx(recorded)
    empty = classifier.predict(np.empty((0, classifier.size, classifier.size), np.uint8))
    assert [part.shape for part in empty] == [(0, 4), (0, 2)]
    with pytest.raises(ValueError, match=r"faces are \(N, 32, 32\) uint8, not \(1, 8, 8\) uint8"):
        classifier.predict(np.zeros((1, 8, 8), np.uint8))


def test_what_the_user_does_not_hold_is_passed_over(options, capsys):
    STUDY.run_all([experiments.CODE_CLEANING], "ablations", options)
    assert "passed over, since it needs IMDB-WIKI (see make data-imdb-wiki)" in capsys.readouterr().out


def test_a_data_folder_without_a_training_set_is_refused(tmp_path):
    (tmp_path / "FG-NET").mkdir()
    options = Options(profile="cpu", data_root=tmp_path)
    with pytest.raises(
        UserError, match=r"holds no set to train on \(UTKFace or IMDB-WIKI\): see make data-utkface"
    ):
        data.training_set(options, ("utkface", "wiki-text"))


def test_a_copy_too_small_to_test_with_is_refused_before_training(monkeypatch):
    few = make_index([{"identity": "a", "age": 30, "gender": "male"}] * 2)
    manifest = {"settings": {"dataset": "utkface"}, "title": "UTKFace", "fingerprint": "f", "coverage": "all"}
    monkeypatch.setattr(data, "training_set", lambda *which: "utkface")
    monkeypatch.setattr(data, "_prepared", lambda *which: Prepared(None, few, manifest))
    data.load.cache_clear()
    with pytest.raises(UserError, match="2 images of UTKFace are too few to train, validate and test with"):
        data.load(Options(profile="cpu"), 64, ("utkface",))
    data.load.cache_clear()
