"""The networks in the checkout are those of their manifest, and say what they said when published."""

import json
from pathlib import Path

import numpy as np
import pytest

from common.faces import retinaface_mobilenet
from common.files import sha256_file
from reproductions import photos
from reproductions.shared.command_line.cli import main
from reproductions.shared.networks import card, manifest, publish, shipped
from reproductions.shared.networks.ages import AgeNetwork
from reproductions.shared.networks.example import example_face, example_picture
from reproductions.shared.networks.genders import GenderNetwork
from reproductions.shared.photographs.finding import DETECTOR, find
from tests.support.image_files import encoded

ROOT = Path(__file__).resolve().parents[4]
NETWORKS = manifest.read(manifest.NETWORKS).networks
DETECTORS = manifest.read(manifest.NETWORKS).detectors


def test_they_are_small_enough_and_each_has_its_line():
    sizes = {path.name: path.stat().st_size for path in manifest.NETWORKS.glob("*.onnx")}
    assert sizes == {one.file: one.size for one in (*NETWORKS.values(), *DETECTORS.values())}
    assert max(sizes.values()) <= publish.LARGEST and sum(sizes.values()) <= publish.LARGEST_OF_ALL
    page = (manifest.NETWORKS / "README.md").read_text()
    assert all(f"| `{name}` |" in page for name in (*NETWORKS, *DETECTORS))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_is_the_one_that_was_published(name):
    one = NETWORKS[name]
    assert sha256_file(manifest.NETWORKS / one.file) == one.sha256
    assert one.difference <= publish.AGREEMENT


@pytest.mark.parametrize("name", NETWORKS)
def test_the_card_is_what_manifest_and_answers_render_to(name):
    one = NETWORKS[name]
    answers = card.read_answers(manifest.NETWORKS, name, one)
    assert (manifest.NETWORKS / f"{name}.md").read_text() == card.render(name, one, answers)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_of_others_is_as_published_and_its_licence_beside_it(name):
    one = DETECTORS[name]
    assert sha256_file(manifest.NETWORKS / one.file) == one.sha256 == retinaface_mobilenet.SHA256
    page = (manifest.NETWORKS / f"{name}.md").read_text()
    assert page == shipped.render(name, one) and "Permission is hereby granted, free of charge" in page


def test_noting_a_detector_keeps_the_networks(tmp_path):
    manifest.write(tmp_path, manifest.Manifest(NETWORKS))
    shipped.note(tmp_path, DETECTORS["retinaface-mobilenet"].licence)
    assert manifest.read(tmp_path) == manifest.read(manifest.NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_its_records_are_committed(name):
    for one in NETWORKS[name].backing:
        record = json.loads((ROOT / "results" / one.record).read_text())
        assert record["content_hash"] == one.content_hash


def test_the_age_network_says_of_the_generated_face_what_it_said():
    network = AgeNetwork()
    one = network.published
    face = example_face(one.input.size, one.input.template, one.example.seed)
    outputs = network._network(face[None])[0]
    np.testing.assert_allclose(outputs, one.example.outputs, atol=1e-3)
    assert network.says(face[None], found=False)[0].years == pytest.approx(one.example.years, abs=0.1)


def test_photographs_are_answered_one_by_one_or_several_at_once(tmp_path):
    picture = example_picture()
    (tmp_path / "face.png").write_bytes(encoded(picture, "PNG"))
    (face,) = photos.ages(picture)
    assert photos.ages(tmp_path / "face.png") == [face]
    assert photos.ages(str(tmp_path / "face.png")) == [face]
    assert photos.ages([picture, tmp_path / "face.png"]) == [[face], [face]]
    assert photos.ages(np.stack([picture, picture])) == [[face], [face]]
    (found,) = find(picture)
    assert face.box == found.box and face.age.low <= face.age.years <= face.age.high


def test_the_command_prints_its_answer_as_json(tmp_path, capsys):
    (tmp_path / "face.png").write_bytes(encoded(example_picture(), "PNG"))
    assert main(["age-of", str(tmp_path / "face.png"), "--format", "json"]) == 0
    (photo,) = json.loads(capsys.readouterr().out)
    (face,) = photo["faces"]
    assert photo["photo"] == "face.png"
    assert face["low"] <= face["age"] <= face["high"] and face["level"] == 0.8


def test_the_gender_network_says_of_the_generated_face_what_it_said():
    network = GenderNetwork()
    one = network.published
    face = example_face(one.input.size, one.input.template, one.seed)
    np.testing.assert_allclose(network._network(face[None])[0], one.outputs, atol=1e-3)
    (said,) = network.says(face[None], found=False)
    assert said.name == one.names[int(np.argmax(one.outputs))] and said.probability >= 0.5


def test_photographs_are_read_as_the_networks_were_calibrated():
    networks = NETWORKS.values()
    detectors = {one.photographs.detector if one.kind == "age" else one.detector for one in networks}
    assert detectors == {DETECTOR}
    assert NETWORKS["gender"].cut == NETWORKS["age"].input.size
    assert NETWORKS["gender"].input.template == NETWORKS["age"].input.template
