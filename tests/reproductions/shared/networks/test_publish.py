"""Publishing: a tiny network of made-up records becomes a folder that answers, and nothing unbacked does."""

import dataclasses
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from common.training.weights import save_weights, weights_hash
from data_prep.prepared.faces import Faces
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained
from reproductions.shared.networks import card, manifest, measuring, measuring_pairs, publish
from reproductions.shared.networks.ages import AgeNetwork
from reproductions.shared.networks.candidates import Candidate, Member, backing
from reproductions.shared.networks.example import example_picture
from reproductions.shared.networks.genders import GenderNetwork
from reproductions.shared.networks.kinds import ages, genders
from reproductions.shared.networks.measuring import Read
from reproductions.shared.photographs.answers import ages_of as answers_of
from reproductions.shared.photographs.finding import aligned, find
from tests.support.fake_records import GENERATED, GENERATED_TRAIN, measurement, record
from tests.support.prepared_sets import write_prepared


def network(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    faces = keras.Input((32, 32, 3), dtype="uint8", name="faces")
    x = keras.layers.Rescaling(1 / 64, -2)(faces)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3, activation="relu")(x))
    return keras.Model(faces, keras.layers.Dense(99, activation="sigmoid")(x))


def gender_network(seed: int) -> keras.Model:
    whole = network(seed)
    answers = keras.layers.Dense(2, activation="softmax")(whole.layers[-2].output)
    return keras.Model(whole.input, answers)


def trained(options: Options, seed: int, network=network, **changes) -> Member:
    """Write weights and the record that tells of them."""
    model = network(seed)
    made = record(
        [measurement(column="synthetic", data=GENERATED)],
        seed=seed,
        trained_on=(GENERATED_TRAIN,),
        weights={"final.weights.h5": weights_hash(model.weights)},
        **changes,
    )
    records.write(made, options.results_root)
    path = Path(options.runs_root) / made.paper / made.run / "final.weights.h5"
    save_weights(model, path)
    return Member(Trained(made, path), lambda: network(seed))


@pytest.fixture
def options(tmp_path):
    return Options(results_root=tmp_path / "results", runs_root=tmp_path / "runs")


@pytest.fixture
def candidate(options, tmp_path):
    prepared = write_prepared(tmp_path / "prepared", images=60, dataset="synthetic")
    random = np.random.default_rng(0)
    genders = random.choice(["female", "male"], 60)
    index = prepared.index.assign(age=random.integers(1, 90, 60), gender=genders)
    prepared = dataclasses.replace(prepared, index=index)
    faces = Faces(prepared, np.arange(60), dataclasses.replace(GENERATED, images=60, subjects=None))
    members = (trained(options, 1), trained(options, 2))
    return Candidate(members, 32, "utkface", True, (1.0, 1.1), faces, {"synthetic": faces})


def publish_it(candidate, options, monkeypatch, kind="age"):
    pytest.importorskip("tf2onnx", reason="requirements-export.txt is not installed")
    faces = dataclasses.replace(candidate.validation, rows=np.arange(60))
    read = Read(faces.names, np.full(60, None), faces.ages, np.ones(60, bool), faces.images())
    monkeypatch.setattr(measuring, "read_photographs", lambda *arguments: read)
    for one in (ages, genders, measuring_pairs):
        monkeypatch.setattr(one, "generated_in", lambda root: root)
    monkeypatch.setattr(publish, "offered", lambda what: ("neighborhood", lambda options: candidate))
    publish.publish(options, kind=kind)
    return options.runs_root / "networks"


def test_what_is_published_answers_as_what_was_trained(candidate, options, monkeypatch, capsys):
    folder = publish_it(candidate, options, monkeypatch)
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "age.onnx", "age.md", "age.predictions.csv.gz",
    }  # fmt: skip
    told = capsys.readouterr().out
    assert all(name in told for name in ("age.onnx", "manifest.json", "age.md"))
    stored = AgeNetwork(folder)
    faces = candidate.validation.images()
    one = stored.published
    assert one.difference <= 1e-3
    used = [member for member in candidate.members if f"seed{member.trained.record.seed}" in str(one.backing)]
    expected = np.mean([member.build().predict(faces, verbose=0) for member in used], axis=0)
    np.testing.assert_allclose(stored._network(faces), expected, atol=1e-3)
    assert len(stored.says(faces)) == 60
    again = card.render("age", one, card.read_answers(folder, "age", one))
    assert (folder / "age.md").read_text() == again
    (folder / one.file).write_bytes(b"another")
    with pytest.raises(UserError, match="its hash is another"):
        AgeNetwork(folder)


def test_a_network_for_genders_is_published_beside_it(candidate, options, monkeypatch):
    publish_it(candidate, options, monkeypatch)
    members = tuple(trained(options, seed, gender_network) for seed in (4, 5))
    other = dataclasses.replace(candidate, members=members, zooms=(1.0,))
    folder = publish_it(other, options, monkeypatch, "gender")
    assert set(manifest.read(folder).networks) == {"age", "gender"}
    stored, faces = GenderNetwork(folder), candidate.validation.images()
    said = stored.says(faces, found=False)
    answers = card.read_answers(folder, "gender", stored.published)
    column = answers[answers["column"] == "synthetic-validation"]
    female = [one.probability if one.name == "female" else 1 - one.probability for one in said]
    np.testing.assert_allclose(column["female"], female, atol=2e-4)
    text = (folder / "gender.md").read_text()
    assert text == card.render("gender", stored.published, answers)
    share = 100 * np.mean((column["female"] >= 0.5) == (column["gender"] == "female"))
    assert f"{share:.1f}" in text and "must not be used" in text
    (face,) = answers_of(example_picture(), folder)
    assert face.gender == stored.says(aligned(example_picture(), find(example_picture()), 32, "utkface"))[0]


def test_what_is_too_large_or_disagrees_leaves_nothing(candidate, options, monkeypatch):
    monkeypatch.setattr(publish, "LARGEST", 10)
    with pytest.raises(UserError, match="10 at most"):
        publish_it(candidate, options, monkeypatch)
    monkeypatch.undo()
    monkeypatch.setattr(publish, "AGREEMENT", -1.0)
    with pytest.raises(UserError, match="nothing is published"):
        publish_it(candidate, options, monkeypatch)
    assert list((options.runs_root / "networks").iterdir()) == []


def test_the_record_has_to_be_committed_as_it_stands(tmp_path):
    options = Options(profile="cpu", results_root=tmp_path / "results", runs_root=tmp_path / "runs")
    one = trained(options, 1).trained

    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", tmp_path, *who, *words], check=True, capture_output=True)

    git("init", "-q")
    with pytest.raises(UserError, match="is not committed as it stands"):
        backing(one, options)
    git("add", "results")
    git("commit", "-qm", "a")
    found = backing(one, options)
    assert found.record == f"neighborhood/runs/{one.record.run}.json"
    assert found.weights == one.record.weights["final.weights.h5"]
    assert not found.again


def test_a_record_that_tells_of_no_weights_backs_none(options):
    one = trained(options, 1).trained
    older = dataclasses.replace(one.record, weights={})
    with pytest.raises(UserError, match="states no hash of its weights"):
        backing(Trained(older, one.weights), options)


def test_no_network_is_published_that_has_seen_a_set_of_unclear_terms(candidate, options):
    seen = dataclasses.replace(GENERATED_TRAIN, dataset="imfdb")
    member = candidate.members[0]
    made = dataclasses.replace(member.trained.record, trained_on=(seen,))
    spoilt = dataclasses.replace(member, trained=Trained(made, member.trained.weights))
    with pytest.raises(UserError, match="has seen imfdb is not published"):
        publish._require_terms(dataclasses.replace(candidate, members=(spoilt,)))
    assert manifest.NETWORKS.name == "networks"
