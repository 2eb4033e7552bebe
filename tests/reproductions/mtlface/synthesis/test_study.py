"""The whole way of synthesis on generated people, in small: judges, encoder, methods, table, sheets."""

import dataclasses
import types

import cv2
import keras
import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from common.evidence.render import check
from common.training.fit import FINAL_WEIGHTS
from common.training.weights import sealed_weights
from reproductions.mtlface import experiments as recognition
from reproductions.mtlface import tables as paper
from reproductions.mtlface.data import aged
from reproductions.mtlface.network import embedder
from reproductions.mtlface.synthesis import (
    evaluate,
    foundations,
    judges,
    publishing,
    recipes,
    sheets,
    study,
    tables,
)
from reproductions.mtlface.synthesis.data import partition
from reproductions.mtlface.synthesis.experiments import CAAE, COPY, METHODS, MTLFACE, UNGUIDED
from reproductions.mtlface.synthesis.study import STUDY
from reproductions.mtlface.train import TrainingSet, load_recogniser, train_recogniser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_table
from reproductions.shared.networks.example import example_face


@pytest.fixture(scope="module")
def options(tmp_path_factory, few_people) -> Options:
    root = tmp_path_factory.mktemp("suite")
    return Options(
        prepared_root=few_people, results_root=root / "results", runs_root=root / "runs", seeds=(1,)
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    quick = recipes.JudgeRecipe(
        width=0.125,
        age_epochs=1,
        identity_epochs=1,
        batch=32,
        average=None,
        balance=None,
        precision="float32",
    )
    smoke = dataclasses.replace(
        recipes.RECIPES["smoke"],
        iterations=3,
        learning_rate=0.02,
        batch=8,
        balance=8,
        guide_epochs=1,
        judges=quick,
        pairs=30,
    )
    monkeypatch.setitem(recipes.RECIPES, "smoke", smoke)
    encoder = dataclasses.replace(recognition.RECIPES["smoke"], epochs=1, batch=32)
    monkeypatch.setitem(recognition.RECIPES, "smoke", encoder)


def test_without_a_training_nothing_can_be_aged(options, tmp_path):
    elsewhere = dataclasses.replace(options, results_root=tmp_path / "results", runs_root=tmp_path / "runs")
    with pytest.raises(UserError, match=r"no synthesis by MTLFace .* make table2-mtlface PROFILE=smoke"):
        study.trained_ageing(MTLFACE, elsewhere)


def test_float16_is_refused_before_anything_is_trained(options, tmp_path):
    half = dataclasses.replace(options, precision="float16", results_root=tmp_path, runs_root=tmp_path)
    with pytest.raises(UserError, match="synthesis cannot compute in float16"):
        STUDY.run_all((COPY, CAAE), "table2", half)
    assert not list(tmp_path.iterdir())


def test_other_judges_make_another_test(options):
    tests = partition(options, MTLFACE.recipe("smoke")).tests
    (one,), (same,), (other,) = (
        study.judged_by(names, tests) for names in (("a", "b"), ("a", "b"), ("a", "c"))
    )
    assert one.faces.data == same.faces.data
    assert one.faces.data.identity != other.faces.data.identity
    assert one.faces.data.protocol == tests[0].faces.data.protocol


def test_a_record_without_its_weights_is_told(options, tmp_path):
    record = types.SimpleNamespace(run="fas-mtlface-smoke-seed1-0", precision="float32")
    elsewhere = dataclasses.replace(options, runs_root=tmp_path)
    with pytest.raises(UserError, match=r"its weights are not in .*WEIGHTS=needed"):
        study.ageing_of(MTLFACE, record, elsewhere)


@pytest.mark.usefixtures("untraced")
def test_runs_end_in_records_tables_and_sheets(options, capsys, monkeypatch):
    row = _row_of_recognition(options)
    made = {one.name: STUDY.run(one, "table2", options, 1) for one in (COPY, CAAE, MTLFACE)}
    found = {record.experiment: record for record in records.load(options.results_root, "mtlface")}
    assert found.keys() == {"fas-judge-age", "fas-judge-identity", "fas-encoder", "fas-guide", *made}
    assert f"the same training as {row.name}, whose weights it takes" in capsys.readouterr().out
    stated = found["fas-encoder"].weights[FINAL_WEIGHTS]
    assert stated == sealed_weights(row.folder)[FINAL_WEIGHTS]
    metrics = {item.metric: item.value for item in made["fas-copy"].measurements}
    assert metrics["identity"] == pytest.approx(1, abs=1e-4)
    assert metrics["verified"] == 100
    assert metrics["change"] == metrics["step"] == 0
    assert metrics["diversity"] == pytest.approx(100)
    assert metrics["both"] == metrics["age accuracy"]
    history = made["fas-mtlface"].history
    for side in ("generator", "discriminator"):
        assert {f"{side}_loss", f"{side}_gradient_norm", f"{side}_learning_rate"} <= history.keys()
    assert len(made["fas-mtlface"].trained_on) == 2
    capsys.readouterr()
    assert STUDY.run(MTLFACE, "table2", options, 1) == made["fas-mtlface"]
    assert "its record stands" in capsys.readouterr().out

    trained = {one.name: study.ageing_of(one, made[one.name], options) for one in (CAAE, MTLFACE)}
    ages = [trained.get(one.name, evaluate.unchanged) for one in METHODS]
    written = sheets.draw(options, ages)
    assert [path.name for path in written] == [
        f"synthetic-smoke-{name}.png" for name in ("ageing", "methods", "smoothness")
    ]
    for table in tables.TABLES:
        show_table(paper.report(), table, options)
    shown = capsys.readouterr().out
    assert all(one.label in shown for one in (COPY, CAAE, MTLFACE))
    assert "Age judge" in shown
    assert check(paper.report(), options.results_root) == []
    page = (options.results_root / "mtlface" / "sheets.md").read_text()
    assert "(sheets/synthetic-smoke-ageing.png)" in page

    _groups_add_up(options, made)
    _ages_as_trained(options, made["fas-mtlface"])
    monkeypatch.setattr(publishing, "SHOWN", MTLFACE)
    _is_offered(options)


def test_networks_that_learnt_from_photographs_show_generated_people(options, monkeypatch):
    learnt = types.SimpleNamespace(data=types.SimpleNamespace(stand_in=False, dataset="utkface"))
    monkeypatch.setattr(sheets, "partition", lambda *_: types.SimpleNamespace(tests=(), synthesiser=learnt))
    written = sheets.draw(options, [evaluate.unchanged] * len(METHODS))
    assert [path.name for path in written] == [
        f"synthetic-by-utkface-smoke-{name}.png" for name in ("ageing", "methods", "smoothness")
    ]
    assert {path.parent for path in written} == {options.results_root / "mtlface" / "sheets"}
    assert all(path.is_file() for path in written)


def test_the_published_network_is_drawn_with_a_portrait_above_generated_people(options, monkeypatch):
    faces = np.stack([example_face(64, "utkface", seed) for seed in range(2)])
    people = types.SimpleNamespace(data=types.SimpleNamespace(stand_in=True))
    monkeypatch.setattr(sheets, "generated_people", lambda *_: people)
    monkeypatch.setattr(sheets, "faces_of_people", lambda people, size: faces)
    path = sheets.draw_published(options)
    height, width, _ = cv2.imread(str(path)).shape
    assert (height // 3, width // 8) >= (sheets._TILE, sheets._TILE)
    page = (sheets.page(options.results_root / "mtlface")).split("![")
    assert page[1].startswith("published](sheets/published.png)")


def test_the_guide_changes_the_age_head_and_nothing_else(options):
    recipe = MTLFACE.recipe("smoke")
    foundations.make_guide(options, MTLFACE)
    before = load_recogniser(foundations.encoder(options, MTLFACE).network)
    after = load_recogniser(foundations.guide(options, MTLFACE).network)
    faces = np.random.default_rng(0).integers(0, 256, (4, recipe.size, recipe.size, 3), np.uint8)
    one, other = (embedder(model)(faces) for model in (before, after))
    np.testing.assert_array_equal(one, other)
    heads = [model.get_layer("age_head").get_weights() for model in (before, after)]
    assert all(np.abs(a - b).max() > 0 for a, b in zip(*heads, strict=True))
    encoder, guide = foundations.encoder(options, MTLFACE).run, foundations.guide(options, MTLFACE).run
    fitted_to = partition(options, recipe).synthesiser.data
    assert guide.trained_on == (fitted_to, *encoder.trained_on)
    assert foundations.guide(options, UNGUIDED).run.name == encoder.name


def test_at_half_the_side_a_second_judge_of_ages_is_asked_with_its_own_loss_and_seed(options):
    two = foundations.names_of_judges(options, halved=False)
    first, identity, second = foundations.names_of_judges(options, halved=True)
    assert len(two) == 2 and not {first, identity, second} & set(two)
    assert (first.split("-")[-2], second.split("-")[-2]) == ("seed1001", "seed1002")
    recipe = recipes.RECIPES["smoke"].half()
    one, other = (judges.Judge(of, recipe, True).configuration("smoke") for of in (judges.AGE, judges.SECOND))
    assert {key for key in one | other if one.get(key) != other.get(key)} == {"judge", "loss", "sigma"}
    trained = foundations.judges(options, halved=True)
    faces = np.random.default_rng(0).integers(0, 256, (3, recipe.size, recipe.size, 3), np.uint8)
    said = [years(faces) for years in (trained.years, trained.second_years)]
    assert all(((one > 0) & (one < 100)).all() for one in said) and not np.allclose(*said)
    assert foundations.judges(options).second_years is None


def _row_of_recognition(options):
    """Train the row of recognition that is the encoder of synthesis, and return its run."""
    run = foundations.encoder(options, MTLFACE).run
    run = dataclasses.replace(run, experiment=dataclasses.replace(run.experiment, name="aifr-mtlface"))
    faces = aged(partition(options, recipes.RECIPES["smoke"]).encoder, options)
    train_recogniser(run, TrainingSet(faces.faces, faces.years))
    return run


def _groups_add_up(options, made):
    """The groups' shares, weighted by how often each was asked for, make Table 2's age accuracy."""
    page = (options.results_root / "mtlface" / "table2-groups.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page if line.startswith("| ")]
    cells = {
        name: [float(one.replace(",", "").replace("–", "nan")) for one in row] for name, *row in rows[2:]
    }
    *asked, total = cells["Results asked for"]
    assert sum(asked) == total
    for one in (COPY, CAAE, MTLFACE):
        metrics = {item.metric: item.value for item in made[one.name].measurements}
        *shares, mean = cells[one.label]
        assert mean == pytest.approx(metrics["age accuracy"], abs=0.06)
        assert np.dot(shares, asked) / total == pytest.approx(mean, abs=0.11)


def _is_offered(options):
    """What may be published does what the trained method does, and is judged as its record was."""
    candidate = publishing.candidate(options)
    (member,) = candidate.members
    faces = candidate.validation.images()[:3]
    made = member.build().predict(faces, verbose=0)
    assert made.shape == (3, 7 * candidate.size, candidate.size, 3)
    age = study.trained_ageing(MTLFACE, options)
    oldest = age(faces, np.full(3, 6)) / 255
    np.testing.assert_allclose(np.clip(made[:, -candidate.size :], 0, 1), oldest, atol=0.003)
    judged = candidate.judged(evaluate.unchanged)
    assert set(judged["column"]) == {"synthetic"}
    np.testing.assert_allclose(judged["identity"], 1, atol=1e-4)


def _ages_as_trained(options, record):
    """A method read back from its weights does what the training's own did: its sheet shows the same."""
    keras.utils.set_random_seed(7)
    age = study.trained_ageing(MTLFACE, options)
    (test,) = partition(options, MTLFACE.recipe("smoke")).tests
    faces = sheets.faces_of_people(test.faces, 48)
    assert len(faces) == sheets.PEOPLE
    rows = sheets.by_groups(faces, age)
    sheet = cv2.imread(str(options.results_root / "mtlface" / "sheets" / "synthetic-smoke-ageing.png"))
    np.testing.assert_array_equal(sheets._sheet(rows), sheet[..., ::-1])
    change = np.abs(rows[:, 1:].astype(float) - rows[:, :1]).mean()
    assert change > 0
    assert record.measurements
