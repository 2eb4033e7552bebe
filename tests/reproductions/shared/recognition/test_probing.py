"""The linear probe against scikit-learn's way of saying the same."""

import numpy as np

from reproductions.shared.recognition.probing import probe


def test_a_probe_reads_what_lies_on_lines_and_every_class_weighs_the_same():
    rng = np.random.default_rng(3)
    classes = np.repeat([0, 1, 2, 3], [5, 200, 200, 20])
    middles = np.eye(8)[:4] * 3
    features = middles[classes] + rng.normal(scale=0.5, size=(len(classes), 8))
    asked = middles + rng.normal(scale=0.1, size=(4, 8))
    assert probe(features, classes, asked).tolist() == [0, 1, 2, 3]


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
    np.testing.assert_array_equal(probe(features, classes, asked), model.predict(unit).argmax(axis=1))


def test_features_without_age_say_nothing_of_it():
    rng = np.random.default_rng(7)
    classes = rng.integers(0, 4, 800)
    said = probe(rng.normal(size=(800, 5)), classes, rng.normal(size=(2000, 5)))
    known = rng.integers(0, 4, 2000)
    assert abs((said == known).mean() - 0.25) < 0.05


def test_a_class_nobody_showed_is_never_said():
    rng = np.random.default_rng(1)
    said = probe(rng.normal(size=(50, 3)), rng.integers(1, 3, 50), rng.normal(size=(90, 3)))
    assert set(said) <= {1, 2}
