"""The whole way of one number on generated faces, in small."""

import dataclasses
import gzip
import json

import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from data_prep.prepared.index import Prepared
from reproductions.neighborhood_loss import estimator, experiments, targets
from reproductions.neighborhood_loss.study import PAPER, STUDY
from reproductions.shared.age_estimation import data
from reproductions.shared.age_estimation.experiments import CLASSES
from reproductions.shared.harness.options import Options
from tests.support.prepared_sets import make_index

pytestmark = pytest.mark.usefixtures("untraced")


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> Options:
    root = tmp_path_factory.mktemp("suite")
    return Options(
        prepared_root=root / "prepared", results_root=root / "results", runs_root=root / "runs", seeds=(1,)
    )


@pytest.fixture
def short(monkeypatch):
    smoke = dataclasses.replace(experiments.RECIPES["smoke"], epochs=1)
    monkeypatch.setitem(experiments.RECIPES, "smoke", smoke)


@pytest.fixture(scope="module", autouse=True)
def few_faces():
    """Fewer people than the default, of the same kind."""
    from data_prep.synthetic import people as synthetic

    kept = synthetic.generate_default
    synthetic.generate_default = lambda root: synthetic.generate(root, 30, 6)
    data.load.cache_clear()
    yield
    synthetic.generate_default = kept
    data.load.cache_clear()


def test_a_run_ends_in_a_record_that_stands(options, short, capsys):
    made = STUDY.run(experiments.NEIGHBORHOOD_18, "table2", options, seed=1)
    assert made.trained_on[0].stand_in and made.trained_on[0].title != "UTKFace"
    assert {item.column for item in made.measurements} == {"synthetic"}
    path = records.run_path(options.results_root, PAPER, made.run)
    assert json.loads(path.read_text())["seed"] == 1
    with gzip.open(path.with_name(f"{made.run}.predictions.csv.gz"), "rt") as file:
        header = file.readline().strip()
        assert header.startswith("column,name,subject,age,expectation,median,arg-max,q0.025,")
        assert {line.partition(",")[0] for line in file} == {"synthetic", "synthetic-validation"}
    before = path.read_bytes()
    assert STUDY.run(experiments.NEIGHBORHOOD_18, "table2", options, seed=1) == made
    assert "its record stands" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_one_answer_to_everybody_is_the_median_age_of_the_training_set(options):
    made = STUDY.run(experiments.CONSTANT, "table2", options, seed=1)
    partition = data.load(options, experiments.RECIPES["smoke"].size, ("utkface", "imdb-wiki"), True)
    (faces,) = partition.tests.values()
    errors = np.abs(faces.ages - np.median(partition.train.ages))
    found = {item.decision: item.value for item in made.measurements if item.metric == "MAE"}
    assert found == pytest.approx(dict.fromkeys(("expectation", "median", "arg-max"), errors.mean()))
    assert made.weights == {} and made.precision == "float32"


def test_its_network_says_ages_to_runs_of_every_seed(options, short):
    made = STUDY.run(experiments.NEIGHBORHOOD_18, "table2", options, seed=1)
    says = estimator.trained(dataclasses.replace(options, seeds=(7,)))
    assert says.run == made.run
    faces = np.random.default_rng(0).integers(0, 256, (3, says.size, says.size, 3), np.uint8)
    said = says.estimate(faces)
    assert ((said.expectation > 0) & (said.expectation < CLASSES)).all() and (said.spread > 0).all()


def test_where_only_float32_is_trained_that_network_says_ages(options, short, tmp_path):
    alone = dataclasses.replace(options, results_root=tmp_path / "results", runs_root=tmp_path / "runs")
    with pytest.raises(UserError, match="make table2-neighborhood"):
        estimator.trained(alone)
    made = STUDY.run(experiments.FLOAT32, "ablations", alone, seed=1)
    assert estimator.trained(alone).run == made.run


def test_the_tables_show_generated_faces_under_their_own_name(options, short, capsys):
    targets.table2(options)
    shown = capsys.readouterr().out
    assert "stand-in" in shown and "UTKFace" not in shown.replace("data-utkface", "")
    assert "(1 seed)" not in shown
    page = (options.results_root / "neighborhood" / "table2.md").read_text()
    assert "neighborhood-18-smoke-seed1" in page
    assert "The training" in shown and "constant-smoke-seed1" in page


def test_a_data_folder_without_a_training_set_is_refused(tmp_path):
    (tmp_path / "FG-NET").mkdir()
    options = Options(profile="cpu", data_root=tmp_path)
    with pytest.raises(
        UserError, match=r"holds no set to train on \(UTKFace or IMDB-WIKI\): see make data-utkface"
    ):
        data.training_set(options, ("utkface", "imdb-wiki"))


def test_the_first_preferred_set_that_has_images_is_trained_on(tmp_path):
    (tmp_path / "IMDB-WIKI").mkdir()
    (tmp_path / "UTKFace").mkdir()
    (tmp_path / "UTKFace" / "30_0_0_20170116174525125.jpg.chip.jpg").write_bytes(b"x")
    options = Options(profile="cpu", data_root=tmp_path)
    assert data.training_set(options, ("utkface", "imdb-wiki")) == "utkface"
    assert data.training_set(Options(profile="cpu"), ("utkface",)) == "synthetic"


def partial(people, monkeypatch):
    """Load UTKFace and a copy of FG-NET that holds these people."""
    rows = [{"identity": who, "age": age} for who in people for age in (5, 30)]
    sets = {"fgnet": make_index(rows), "utkface": make_index([{"age": n % 90} for n in range(200)])}

    def prepared_set(name, *which):
        manifest = {"settings": {"dataset": name, "size": 40}, "fingerprint": "f", "coverage": "all"}
        return Prepared(None, sets[name], manifest)

    monkeypatch.setattr(data, "training_set", lambda *which: "utkface")
    monkeypatch.setattr(data, "holds", lambda root, name: name == "fgnet")
    monkeypatch.setattr(data, "prepared_set", prepared_set)
    data.load.cache_clear()
    data.tell_once.cache_clear()
    return data.load(Options(profile="cpu", seeds=(len(people),)), 40, ("utkface",), True)


def test_folds_of_a_partial_copy_in_which_nobody_is_are_passed_over(monkeypatch, capsys):
    found = partial(["001", "002", "003"], monkeypatch)
    assert found.folds == () and set(found.tests) == {"utkface", "fgnet"}
    assert "FG-NET's folds are passed over" in capsys.readouterr().err
    assert len(partial(["001", "002", "003", "004", "005"], monkeypatch).folds) == 5


def test_a_copy_of_one_person_is_passed_over(monkeypatch, capsys):
    found = partial(["001"], monkeypatch)
    assert set(found.tests) == {"utkface"}
    assert "FG-NET is passed over: this copy has too few" in capsys.readouterr().err
