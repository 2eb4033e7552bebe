"""How far made faces lie from real ones: which are compared, and when nothing is."""

import dataclasses

import numpy as np
import pytest

from common.evidence.records import Data
from common.faces.alignment import TEMPLATES
from common.metrics.realism import kernel_distance
from data_prep.prepared.index import Prepared
from reproductions.mtlface.synthesis import realism
from reproductions.shared.pseudo_labels.balanced import group_names

DATA = Data("fgnet", "FG-NET", "never seen", "f", "s", 120, 30, "all", False)
RANDOM = np.random.default_rng(0)
PEOPLE = np.array([f"p{n % 30}" for n in range(120)], object)
CODES = np.unique(PEOPLE.astype(str), return_inverse=True)[1]
OWN = np.repeat([0, 1, 2], [60, 55, 5])
FACES = RANDOM.integers(0, 256, (120, 4, 4, 3), np.uint8)


def features(images):
    return images.reshape(len(images), -1) / 128.0


def measured(made, **changes):
    found = realism.measure_distances("fgnet", "judged", DATA, made, FACES, OWN, PEOPLE, features, **changes)
    return {one.decision: one for one in found}


def test_made_faces_of_others_are_compared_with_the_real_ones_of_a_group_that_has_enough_people():
    made = dict.fromkeys(range(3), 255 - FACES)
    found = measured(made)
    assert list(found) == ["judged", *group_names()[:2]]
    for group in range(2):
        asked, real = group != OWN, group == OWN
        expected = kernel_distance(
            features(made[group][asked]), features(FACES[real]), CODES[asked], CODES[real]
        )
        assert found[group_names()[group]].value == pytest.approx(1000 * expected)
    assert found["judged"].value == pytest.approx(np.mean([found[n].value for n in group_names()[:2]]))
    assert all(one.low < one.value < one.high for one in found.values())


def test_faces_that_look_otherwise_are_farther_away():
    near = measured(dict.fromkeys(range(3), FACES))["judged"]
    far = measured(dict.fromkeys(range(3), FACES // 2))["judged"]
    assert near.low < 0 < near.high
    assert far.low > near.high


def test_of_many_faces_some_are_drawn_and_the_same_each_time(monkeypatch):
    monkeypatch.setattr(realism, "MOST", 40)
    asked = []

    def counted(images):
        asked.append(len(images))
        return features(images)

    arguments = ("fgnet", "judged", DATA, {0: FACES, 1: FACES}, FACES, OWN, PEOPLE, counted)
    assert realism.measure_distances(*arguments) == realism.measure_distances(*arguments)
    assert set(asked) == {40}


def test_where_no_group_has_enough_people_there_is_no_measurement():
    assert measured({2: FACES}) == {}


def test_the_recogniser_is_asked_about_real_faces_where_it_is_installed(tmp_path, monkeypatch, capsys):
    manifest = {"settings": {"template": "utkface"}}
    prepared = Prepared(tmp_path, None, manifest)
    told = []
    monkeypatch.setattr(realism.outside, "lacking_packages", lambda: None)
    monkeypatch.setattr(realism.outside, "aligned_features", lambda at: told.append(at) or features)
    assert realism.recogniser(prepared, dataclasses.replace(DATA, stand_in=True), 64) is None
    assert realism.recogniser(prepared, DATA, 64) is features
    np.testing.assert_array_equal(told[0], TEMPLATES["utkface"].at(64))
    monkeypatch.setattr(realism.outside, "lacking_packages", lambda: "a recogniser")
    assert realism.recogniser(prepared, DATA, 64) is None
    assert "KID is not measured, since it takes a recogniser" in capsys.readouterr().err
