"""Networks that tell people apart: unit vectors, a threshold that strangers seldom pass, and their card."""

import dataclasses
import re

import keras
import numpy as np
import pandas as pd
import pytest

from common.metrics.verification import fold_hits
from data_prep.prepared.faces import Faces
from data_prep.protocols.recognition_tests import drawn_verification
from reproductions.shared.networks import card, manifest, measuring_pairs
from reproductions.shared.networks.kinds import recognition
from reproductions.shared.networks.kinds.recognition import FALSE_MATCH_RATE, all_pairs, joined
from reproductions.shared.networks.published import Input
from reproductions.shared.networks.recognition import RecognitionNetwork, vectors
from tests.reproductions.shared.networks.test_publish import candidate, network, options, publish_it, trained
from tests.support.prepared_sets import make_index
from tests.support.published_network import write_recognition

__all__ = ["candidate", "options"]  # fixtures


def unit_network(seed: int) -> keras.Model:
    whole = network(seed)
    answers = keras.layers.Dense(8, kernel_initializer=keras.initializers.RandomNormal(seed=seed))
    return keras.Model(whole.input, keras.layers.UnitNormalization()(answers(whole.layers[-1].output - 0.5)))


@pytest.fixture
def recogniser(candidate, options):
    """Two networks, and pairs of twenty people of three pictures each, half of them for validation."""
    faces = candidate.validation
    people = np.array([f"{n % 20:03d}" for n in range(60)])
    index = faces.prepared.index.assign(identity=people)
    prepared = dataclasses.replace(faces.prepared, index=index)
    test = drawn_verification("synthetic-pairs", prepared, None, "pairs", 5)
    even = test.pairs.folds % 2 == 0
    rows = np.unique(np.concatenate([test.pairs.first[even], test.pairs.second[even]]))
    members = tuple(trained(options, seed, unit_network) for seed in (4, 5))
    validation = Faces(prepared, rows, faces.data)
    return dataclasses.replace(
        candidate, members=members, zooms=(1.0,), validation=validation, tests={}, pairs={"synthetic": test}
    )


def test_what_is_published_answers_in_vectors_of_length_one(recogniser, options, monkeypatch):
    folder = publish_it(recogniser, options, monkeypatch, "recognition")
    stored, faces = RecognitionNetwork(folder), recogniser.validation.images()
    one, found = stored.published, stored.vectors(faces)
    assert found.shape == (len(faces), one.length)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    used = [m for m in recogniser.members if f"seed{m.trained.record.seed}" in str(one.backing)]
    both = [[m.build().predict(view, verbose=0) for m in used] for view in (faces, faces[:, :, ::-1])]
    summed = joined(both[0]) + joined(both[1])
    expected = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=2e-3)
    cosines, same = all_pairs(recogniser.validation.subjects, found)
    assert np.mean(cosines[~same] >= one.threshold) <= FALSE_MATCH_RATE
    assert one.strangers == (~same).sum() and one.people == len(set(recogniser.validation.subjects))
    answers = card.read_answers(folder, "recognition", one)
    assert tuple(answers.columns) == measuring_pairs.COLUMNS
    text = (folder / "recognition.md").read_text()
    assert text == card.render("recognition", one, answers) and "must not be used" in text
    assert set(manifest.read(folder).networks) == {"recognition"}


def test_side_by_side_the_cosine_is_the_mean_of_the_cosines():
    random = np.random.default_rng(2)
    parts = [random.normal(size=(5, 4)) for _ in range(2)]
    parts = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in parts]
    whole = joined(parts)
    np.testing.assert_allclose(whole @ whole.T, np.mean([one @ one.T for one in parts], axis=0), atol=1e-12)
    inputs = [keras.Input((4,)) for _ in parts]
    model = keras.Model(inputs, recognition.join(inputs, "embedding"))
    np.testing.assert_allclose(model.predict(parts, verbose=0), whole, atol=1e-6)


def test_a_face_and_its_mirror_image_are_one_vector():
    given = Input(2, "arcface", ((0.0, 0.0),) * 5, True, (1.0,))
    faces = np.random.default_rng(1).integers(0, 256, (3, 2, 2, 3), np.uint8)

    def network(images):
        return images.reshape(len(images), 12).astype(np.float32)

    found = vectors(network, faces, given)
    np.testing.assert_allclose(found, vectors(network, faces[:, :, ::-1], given), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert vectors(network, faces[:0], given).shape == (0, 12)


def test_strangers_are_of_one_group_and_nobody_is_paired_with_himself():
    index = make_index([{"name": f"{n:02d}.jpg"} for n in range(40)])
    groups = ["many"] * 30 + ["few"] * 4 + ["alone"] + ["others"] * 5
    pairs = list(measuring_pairs.strangers(index, np.arange(40), groups))
    assert all(groups[a] == groups[b] and a != b for a, b in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert len(pairs) == 30 * measuring_pairs.PARTNERS + 6 + 10


def test_in_a_search_nobody_finds_himself_and_who_is_not_found_is_a_miss():
    index = make_index(
        [
            {"name": f"{n}.jpg", "identity": who, "age": 10 * n}
            for n, who in enumerate(["a", "a", "b", "b", "c"])
        ]
    )
    prepared = dataclasses.replace(PREPARED, index=index)
    features = np.array([[1, 0], [0.8, 0.6], [0, 1], [np.nan, np.nan], [0.1, 0.99]])
    rows = measuring_pairs.search_frame("x-search", prepared, features)
    assert rows["name"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert rows["other"].tolist()[:3] == ["1.jpg", "0.jpg", "4.jpg"]
    assert rows["same"].tolist() == [True, True, False, False]
    assert rows["gap"].tolist()[:3] == [10, 10, 20] and np.isnan(rows["cosine"][3])


PREPARED = dataclasses.make_dataclass("Prepared", ["index"], frozen=True)(None)


def test_the_card_counts_what_the_answers_say(tmp_path):
    published = write_recognition(tmp_path)
    answers = card.read_answers(tmp_path, "recognition", published)
    text = card.render("recognition", published, answers)
    part = answers[answers["column"] == "lfw-photographs-retinaface-mobilenet"]
    part = part[part["cosine"].notna()]
    said = part["cosine"] >= published.threshold
    right = f"{100 * np.mean(said == part['same']):.1f}"
    by_folds = f"{fold_hits(part['cosine'], part['same'], part['fold']).mean():.1f}"
    (row,) = re.findall(r"^\| LFW, the other people never seen, photographs.*\|$", text, re.MULTILINE)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == f"{len(part)}" and cells[2] == right and cells[6] == by_folds
    assert "not counted: LFW, the other people never seen, photographs, retinaface-mobilenet: 1 of" in text
    assert re.search(r"^\| 20 to 99 years apart +\| +4 \| +25\.0 \| +4 \| +0\.0", text, re.MULTILINE)
    assert re.search(r"^\| gender: female +\| +2 \| +50\.0", text, re.MULTILINE)
    assert re.search(r"^\| all +\| +4 \| +75\.0", text, re.MULTILINE)
    assert isinstance(answers, pd.DataFrame) and "../results/mtlface/runs/a.json" in text
