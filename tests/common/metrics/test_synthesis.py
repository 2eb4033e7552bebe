"""Judgements of generated faces against loops."""

import numpy as np
import pytest

from common.metrics import metric
from common.metrics.synthesis import (
    accepted,
    distances_to_others,
    diversities,
    group_hits,
    mean_changes,
)

RANDOM = np.random.default_rng(0)
FACES = RANDOM.integers(0, 256, (6, 4, 4, 3), np.uint8)
PEOPLE = np.array(["a", "a", "b", "c", "c", "b"])


def test_hits_are_counted():
    np.testing.assert_array_equal(group_hits([0, 3, 6, 6], [0, 2, 6, 5]), [100, 0, 100, 0])


def test_at_the_threshold_a_pair_is_accepted():
    np.testing.assert_array_equal(accepted([0.4, 0.5, 0.6], 0.5), [0, 100, 100])


def test_changes_are_a_loop():
    other = RANDOM.integers(0, 256, FACES.shape, np.uint8)
    expected = [np.abs(a.astype(float) - b).mean() for a, b in zip(FACES, other, strict=True)]
    np.testing.assert_allclose(mean_changes(FACES, other), expected)
    assert not mean_changes(FACES, FACES).any()


def test_distances_are_a_loop():
    expected = []
    for row, face in enumerate(FACES):
        others = [
            np.sqrt(np.mean((face.astype(float) - other) ** 2))
            for other, person in zip(FACES, PEOPLE, strict=True)
            if person != PEOPLE[row]
        ]
        expected.append(np.mean(others))
    np.testing.assert_allclose(distances_to_others(FACES, PEOPLE), expected, rtol=1e-4)


def test_a_collapsed_generator_has_no_diversity_and_a_copy_all_of_it():
    collapsed = np.repeat(FACES[:1], len(FACES), axis=0)
    np.testing.assert_allclose(diversities(collapsed, FACES, PEOPLE), 0, atol=1e-3)
    assert diversities(FACES, FACES, PEOPLE).mean() == pytest.approx(100)
    half = (FACES.astype(float) / 2).astype(np.uint8)
    assert diversities(half, FACES, PEOPLE).mean() == pytest.approx(50, abs=1)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: group_hits([1], [1, 2]), "equally long lists"),
        (lambda: group_hits([-1, 1], [-1, 1]), "whole numbers from 0 up"),
        (lambda: accepted([0.5, np.nan], 0.4), "not finite"),
        (lambda: mean_changes(FACES, FACES[:2]), "differ in shape"),
        (lambda: distances_to_others(FACES, ["a"] * 6), "nobody else"),
        (lambda: diversities(FACES, np.zeros_like(FACES), PEOPLE), "all alike"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, why):
    with pytest.raises(ValueError, match=why):
        call()


@pytest.mark.parametrize(
    "name", ["age accuracy", "identity", "verified", "both", "diversity", "change", "step"]
)
def test_the_catalogue_knows_them(name):
    assert metric(name).format(0.5)
