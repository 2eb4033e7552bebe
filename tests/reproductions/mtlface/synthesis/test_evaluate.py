"""What is measured of generated faces, against counting by hand with judges that say what they are told."""

import dataclasses
import types

import keras
import numpy as np
import pandas as pd
import pytest

from common.evidence.records import Data
from data_prep.prepared.faces import Faces
from reproductions.mtlface.synthesis import evaluate, realism
from reproductions.mtlface.synthesis import judges as court
from reproductions.mtlface.synthesis.data import Test as AgedSet
from reproductions.mtlface.synthesis.judges import Judges

AGES = np.array([5, 25, 45, 70], np.int32)
PEOPLE = ["a", "a", "b", "c"]
FACES = np.random.default_rng(0).integers(0, 200, (4, 4, 4, 3), np.uint8)
MIDDLES = np.array([5, 15, 25, 35, 45, 55, 70])


class Set:
    """As much of a prepared set as is read."""

    size = 4
    index = pd.DataFrame({"name": list("wxyz"), "identity": PEOPLE, "age": AGES})


class Several(Set):
    """Each age of two people."""

    index = pd.DataFrame({"name": list("stuvwxyz"), "identity": list("aabcdefg"), "age": np.tile(AGES, 2)})


def test_an_age_judge_says_the_mean_of_a_face_and_its_mirror_image():
    """A network whose answer is certain of the age that the first pixel names."""
    inputs = keras.Input((4, 4, 3))
    first = keras.layers.Lambda(lambda x: x[:, 0, 0, :1])(inputs)
    ages = np.arange(court.AGES, dtype="float32")
    logits = keras.layers.Lambda(lambda x: -50.0 * keras.ops.square(x - ages))(first)
    faces = np.zeros((2, 4, 4, 3), np.uint8)
    faces[:, 0, 0, 0], faces[:, 0, -1, 0] = (20, 61), (30, 61)
    found = court.judged_years(keras.Model(inputs, logits))(faces)
    np.testing.assert_allclose(found, [25, 61], atol=1e-3)


def test_the_threshold_is_where_no_more_than_one_in_a_hundred_strangers_passes(monkeypatch):
    """Pairs of unit vectors at known angles: a hundred of two people, with cosines 0.00 to 0.99."""
    cosines = np.concatenate([np.arange(100) / 100, np.full(20, 0.995)])
    angles = np.arccos(cosines)
    vectors = np.concatenate([np.tile([1.0, 0.0], (120, 1)), np.stack([np.cos(angles), np.sin(angles)], 1)])
    pairs = types.SimpleNamespace(
        first=np.arange(120), second=np.arange(120, 240), same=np.arange(120) >= 100
    )
    monkeypatch.setattr(evaluate.shards, "read_images", lambda prepared, rows, size: rows)
    asked = types.SimpleNamespace(pairs=pairs, prepared=None)
    threshold = evaluate.judge_threshold(asked, lambda rows: vectors[rows], 4)
    distractors = cosines[:100]
    assert (
        np.mean(distractors >= threshold)
        <= evaluate.FALSE_ACCEPTS
        < np.mean(distractors >= threshold - 0.011)
    )


@pytest.fixture
def aged_set(monkeypatch):
    data = Data("synthetic", "Faces", "all", "f", "s", 4, 3, "all", True)
    monkeypatch.setattr(evaluate.shards, "read_images", lambda prepared, rows, size: FACES[rows])
    monkeypatch.setattr(evaluate, "judge_threshold", lambda pairs, features, size: 0.5)
    return AgedSet("synthetic", Faces(Set(), np.arange(4), data), None)


def obedient(faces, groups):
    """Write the group into the first pixel, and leave all else as it was."""
    made = faces.copy()
    made[:, 0, 0, 0] = MIDDLES[groups]
    return made


def judges(features):
    return Judges(years=lambda images: images[:, 0, 0, 0].astype(float), features=features)


def flat(images):
    return images.reshape(len(images), -1)[:, 3:].astype(float)


def values(measured):
    return {item.metric: item.value for item in measured}


def test_a_method_that_does_as_told_is_right_and_keeps_the_person(aged_set):
    measured, rows = evaluate.measure(aged_set, obedient, judges(flat), 4)
    found = values(measured)
    assert (found["age accuracy"], found["verified"]) == (100, 100)
    assert found["identity"] == pytest.approx(1)
    assert found["both"] == pytest.approx(100)
    assert len(rows) == 4 * 6
    assert not (rows["from"] == rows["to"]).any()
    assert (rows["judged"] == rows["to"]).all()
    assert found["step"] == pytest.approx(np.diff(MIDDLES).mean() / 48)
    by_hand = [abs(int(FACES[row, 0, 0, 0]) - MIDDLES[g]) / 48 for row in range(4) for g in range(7)]
    own = [0, 2, 4, 6]
    asked = [change for at, change in enumerate(by_hand) if at % 7 != own[at // 7]]
    assert found["change"] == pytest.approx(np.mean(asked))


def true_years(images):
    return np.array([AGES[np.argmax([np.array_equal(i, f) for f in FACES])] for i in images], float)


def test_the_input_unchanged_is_recognised_and_nowhere_right(aged_set):
    told = Judges(true_years, flat)
    found = values(evaluate.measure(aged_set, evaluate.unchanged, told, 4)[0])
    assert (found["age accuracy"], found["change"], found["step"]) == (0, 0, 0)
    assert found["identity"] == pytest.approx(1)
    assert found["diversity"] == pytest.approx(100)
    assert found["streaks"] == pytest.approx(1)


def test_a_second_judge_is_asked_beside_the_first_and_hits_keep_their_cosines(aged_set):
    def mistaken(images):
        return images[:, 0, 0, 0].astype(float) + 10

    told = dataclasses.replace(judges(flat), second_years=mistaken)
    measured, rows = evaluate.measure(aged_set, obedient, told, 4)
    found = values(measured)
    # Ten years on, all but the oldest are found one group on.
    oldest = rows["to"] == "61+"
    assert found["age accuracy, second judge"] == pytest.approx(100 * oldest.mean())
    assert found["age accuracy"] == 100 and found["identity of hits"] == found["identity"]
    assert "age accuracy, second judge" not in values(
        evaluate.measure(aged_set, obedient, judges(flat), 4)[0]
    )
    nowhere = dataclasses.replace(told, years=true_years)
    assert "identity of hits" not in values(evaluate.measure(aged_set, evaluate.unchanged, nowhere, 4)[0])


def test_streaks_are_seen(aged_set):
    def streaked(faces, groups):
        made = faces.copy()
        made[:, ::2] = 255
        return made

    measured, rows = evaluate.measure(aged_set, streaked, judges(flat), 4)
    assert values(measured)["streaks"] == pytest.approx(rows["streaks"].mean(), abs=1e-3)
    assert values(measured)["streaks"] > 1


def test_without_a_recogniser_there_are_no_distances_and_with_it_they_are_beside_the_rest(
    aged_set, monkeypatch
):
    monkeypatch.setattr(realism, "FEWEST", 1)
    assert "KID" not in values(evaluate.measure(aged_set, obedient, judges(flat), 4)[0])
    several = AgedSet("synthetic", Faces(Several(), np.arange(8), aged_set.faces.data), None)
    monkeypatch.setattr(evaluate.shards, "read_images", lambda prepared, rows, size: FACES[rows % 4])
    measured, rows = evaluate.measure(several, evaluate.unchanged, judges(flat), 4, flat)
    found = {item.decision for item in measured if item.metric == "KID"}
    assert found == {"judged", "0-10", "21-30", "41-50", "61+"}
    assert "KID" not in rows


def test_a_collapsed_method_is_seen(aged_set):
    found = values(evaluate.measure(aged_set, lambda faces, groups: faces * 0 + 9, judges(flat), 4)[0])
    assert found["diversity"] == pytest.approx(0, abs=1e-3)
    assert found["step"] == 0
    assert found["identity"] < 0.99


def test_pixels_are_cut_off_and_rounded():
    faces = np.array([-2.0, -1.0, 0.0, 1.0, 3.0]).reshape(1, 1, 5, 1)
    np.testing.assert_array_equal(evaluate.pixels(faces).ravel(), [0, 0, 128, 255, 255])
