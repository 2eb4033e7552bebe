"""Decisions on network outputs, against sums written out."""

import numpy as np
import pytest

from common.faces.views import views
from common.losses import AgeL1, NeighborhoodLoss, OrdinalLoss
from reproductions.shared.age_estimation import evaluate


class Network:
    """Answers an image with the logits chosen by its brightest corner: left and mirrored views differ."""

    def __init__(self, left: np.ndarray, right: np.ndarray) -> None:
        self.left, self.right = left, right

    def predict(self, batches, verbose):
        images = np.concatenate(list(batches.as_numpy_iterator()))
        is_left = images[:, 0, 0, 0] > images[:, 0, -1, 0]
        return np.where(is_left[:, None], self.left, self.right)


IMAGE = np.zeros((1, 4, 4, 3), np.uint8)
IMAGE[0, 0, 0] = 255


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum()


def test_mirrored_probabilities_are_averaged_before_the_decision():
    left, right = np.random.default_rng(0).normal(size=(2, 100)) * 2
    network = Network(left, right)
    mean = (softmax(left) + softmax(right)) / 2
    found = evaluate.predict(network, NeighborhoodLoss(), IMAGE, mirrored=True).decisions
    assert found["expectation"] == pytest.approx([mean @ np.arange(100)])
    assert found["median"] == [np.searchsorted(np.cumsum(mean), 0.5)]
    assert found["arg-max"] == [mean.argmax()]
    alone = evaluate.predict(network, NeighborhoodLoss(), IMAGE, mirrored=False).decisions
    assert alone["expectation"] == pytest.approx([softmax(left) @ np.arange(100)])


def test_zoomed_views_are_averaged_too():
    class Brightness(Network):
        def predict(self, batches, verbose):
            images = np.concatenate(list(batches.as_numpy_iterator()))
            return images.mean(axis=(1, 2, 3))[:, None] * np.linspace(0, 0.1, 100)

    network = Brightness(None, None)
    several = views(IMAGE, mirrored=False, zooms=(1.0, 1.5))
    each = [softmax(network.predict(evaluate.batches(view, 1), verbose=0)[0]) for view in several]
    found = evaluate.predict(network, NeighborhoodLoss(), IMAGE, mirrored=False, zooms=(1.0, 1.5)).decisions
    assert found["expectation"] == pytest.approx([np.mean(each, axis=0) @ np.arange(100)])
    assert each[0] @ np.arange(100) != pytest.approx(each[1] @ np.arange(100))


def test_a_regression_has_its_own_decision_alone():
    loss = AgeL1(centre=30, scale=20)
    found = evaluate.predict(Network(np.array([0.5]), np.array([-0.5])), loss, IMAGE, mirrored=True)
    assert found.decisions == {"regression": pytest.approx([30.0])}
    assert found.quantiles is None
    assert evaluate.decisions_in(evaluate.frame("set", ["a"], None, [31], found)).keys() == {"regression"}


def test_an_ordinal_network_counts_ranks_besides():
    logits = np.where(np.arange(99) < 42, 8.0, -8.0)
    found = evaluate.predict(Network(logits, logits), OrdinalLoss(), IMAGE, mirrored=False).decisions
    assert found["rank-count"] == [42]
    assert set(found) == {"expectation", "median", "arg-max", "rank-count"}


def test_the_distribution_of_an_age_is_stored_beside_the_decisions():
    logits = np.where(np.arange(100) == 40, 50.0, 0.0)
    found = evaluate.predict(Network(logits, logits), NeighborhoodLoss(), IMAGE, mirrored=False)
    rows = evaluate.frame("set", ["a"], ["someone"], [41], found)
    assert list(rows.columns[:7]) == ["column", "name", "subject", "age", "expectation", "median", "arg-max"]
    assert rows.loc[0, ["q0.025", "q0.1", "q0.5", "q0.975"]].tolist() == [39.52, 39.6, 40.0, 40.48]
    assert list(evaluate.decisions_in(rows)) == ["expectation", "median", "arg-max"]


def test_one_answer_to_everybody_is_the_median_of_the_ages_trained_on():
    found = evaluate.constant([1, 2, 40], 3)
    assert set(found.decisions) == {"expectation", "median", "arg-max"} and found.quantiles is None
    assert all(said.tolist() == [2.0] * 3 for said in found.decisions.values())
