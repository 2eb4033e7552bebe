"""The linear probe against scikit-learn's way of saying the same, and a set without bands."""

import numpy as np

from data_prep.prepared.index import Prepared
from reproductions.jmcnn import bands
from reproductions.jmcnn.age_groups import IGNORED
from reproductions.jmcnn.data import CrossAgeSet
from tests.support.fake_records import UTKFACE
from tests.support.prepared_sets import make_index


def test_a_probe_reads_what_lies_on_lines_and_every_class_weighs_the_same():
    rng = np.random.default_rng(3)
    classes = np.repeat([0, 1, 2, 3], [5, 200, 200, 20])
    middles = np.eye(8)[:4] * 3
    features = middles[classes] + rng.normal(scale=0.5, size=(len(classes), 8))
    asked = middles + rng.normal(scale=0.1, size=(4, 8))
    assert bands.probe(features, classes, asked).tolist() == [0, 1, 2, 3]


def test_a_probe_is_weighted_ridge_regression():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(5)
    features = rng.normal(size=(60, 6))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    classes = rng.integers(0, 4, 60)
    asked = rng.normal(size=(40, 6))
    unit = asked / np.linalg.norm(asked, axis=1, keepdims=True)
    weights = (1 / np.bincount(classes))[classes] / 4
    middle = weights @ features
    spread = np.trace(((features - middle) * weights[:, None]).T @ (features - middle))
    model = Ridge(alpha=0.1 * spread / 6)
    model.fit(features, np.eye(4)[classes], sample_weight=weights)
    np.testing.assert_array_equal(bands.probe(features, classes, asked), model.predict(unit).argmax(axis=1))


def test_features_without_age_say_nothing_of_it():
    rng = np.random.default_rng(7)
    classes = rng.integers(0, 4, 800)
    said = bands.probe(rng.normal(size=(800, 5)), classes, rng.normal(size=(2000, 5)))
    known = rng.integers(0, 4, 2000)
    assert abs((said == known).mean() - 0.25) < 0.05


def test_a_class_nobody_showed_is_never_said():
    rng = np.random.default_rng(1)
    said = bands.probe(rng.normal(size=(50, 3)), rng.integers(1, 3, 50), rng.normal(size=(90, 3)))
    assert set(said) <= {1, 2}


def across(known, tested):
    from data_prep.prepared.faces import Faces

    manifest = {"settings": {"dataset": "imfdb"}, "title": "IMFDB", "fingerprint": "f", "coverage": "all"}
    index = make_index([{"identity": str(n // 3), "name": f"{n}.jpg"} for n in range(len(known))])
    faces = Prepared(None, index, manifest)
    others = np.setdiff1d(np.arange(len(known)), tested)
    train = Faces(faces, others, UTKFACE)
    return CrossAgeSet(faces, (), None, (train,), np.array(known), np.array(tested))


def test_pictures_of_unknown_band_are_not_asked():
    found = bands.band_test(across([0, 1, IGNORED, 1, 2, IGNORED], [3, 4, 5]))
    assert (found.train.tolist(), found.tested.tolist()) == ([0, 1], [3, 4])
    assert (found.data.images, found.data.subjects) == (2, 1)
    assert found.across.age_classes == 4


def test_one_band_is_no_question():
    assert bands.band_test(across([0, 1, 1, 1, 1, 1], [3, 4, 5])) is None
