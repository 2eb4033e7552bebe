"""Identification, retrieval and verification against scikit-learn and sums written out."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score, roc_curve
from sklearn.neighbors import KNeighborsClassifier

from common.metrics.identification import chance_hits, rank1_hits
from common.metrics.retrieval import average_precisions
from common.metrics.search import nearest
from common.metrics.verification import (
    accept_threshold,
    area_under_curve,
    best_threshold,
    equal_error_rate,
    fold_hits,
    pair_similarities,
    true_accept_rate,
)

RANDOM = np.random.default_rng(0)
PEOPLE = np.repeat(np.arange(20), 5)
VECTORS = RANDOM.normal(size=(20, 12))[PEOPLE] + RANDOM.normal(size=(100, 12))
SAME = RANDOM.random(400) < 0.5
SCORES = np.round(RANDOM.normal(SAME * 1.2, 1.0), 1)  # rounded, so that there are ties
FOLDS = np.repeat(np.arange(10), 40)


def test_rank_1_is_that_of_a_nearest_neighbour_classifier():
    gallery, probes = np.arange(0, 100, 2), np.arange(1, 100, 2)
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    other = KNeighborsClassifier(1, algorithm="brute").fit(unit[gallery], PEOPLE[gallery])
    hits = rank1_hits(nearest(VECTORS[probes], VECTORS[gallery]), PEOPLE[probes], PEOPLE[gallery])
    np.testing.assert_array_equal(hits == 100, other.predict(unit[probes]) == PEOPLE[probes])


def test_leaving_one_image_out_never_finds_the_image_itself():
    hits = rank1_hits(nearest(VECTORS, VECTORS, leave_out=np.arange(100)), PEOPLE, PEOPLE)
    for row in (0, 41, 99):
        rest = np.delete(np.arange(100), row)
        assert hits[row] == rank1_hits(nearest(VECTORS[[row]], VECTORS[rest]), PEOPLE[[row]], PEOPLE[rest])


def test_chance_is_what_shuffled_labels_score():
    assert chance_hits(PEOPLE, PEOPLE, np.arange(100)).mean() == pytest.approx(100 * 4 / 99)
    assert chance_hits([1, 2, 9], [1, 1, 2, 3]) == pytest.approx([50, 25, 0])
    assert chance_hits([1, 2], [1, 1, 2, 3], [0, -1]) == pytest.approx([100 / 3, 25])


def test_average_precision_is_scikit_learns():
    queries, base = np.arange(0, 100, 5), np.delete(np.arange(100), np.arange(0, 100, 5))
    found = average_precisions(VECTORS[queries], PEOPLE[queries], VECTORS[base], PEOPLE[base])
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    expected = [
        100 * average_precision_score(PEOPLE[base] == PEOPLE[query], unit[base] @ unit[query])
        for query in queries
    ]
    np.testing.assert_allclose(found, expected)


def test_equation_7_on_a_ranking_written_out():
    database = np.array([[1, 0.1], [1, 0.2], [1, 0.3], [1, 0.4]])
    # The person is second and fourth: (1/2 + 2/4) / 2.
    assert average_precisions([[1, 0]], [7], database, [1, 7, 2, 7]) == pytest.approx([50.0])
    assert np.isnan(average_precisions([[1, 0]], [8], database, [1, 7, 2, 7])).all()


def test_equally_similar_images_rank_in_their_order():
    database = np.ones((4, 3))
    assert average_precisions([[1, 1, 1]], [7], database, [7, 1, 1, 1]) == [100.0]
    assert average_precisions([[1, 1, 1]], [7], database, [1, 1, 1, 7]) == [25.0]


def test_pairs_are_compared_by_cosine():
    first, second = RANDOM.normal(size=(2, 6, 5))
    expected = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(pair_similarities(first, second), expected)
    assert list(pair_similarities(np.zeros((1, 3)), np.ones((1, 3)))) == [0]


def test_no_threshold_decides_more_pairs_rightly():
    best = accuracy_score(SAME, best_threshold(SCORES, SAME) <= SCORES)
    every = [accuracy_score(SAME, cut <= SCORES) for cut in np.r_[np.unique(SCORES), np.inf]]
    assert best == max(every)


def test_a_fold_is_decided_without_its_own_labels():
    hits = fold_hits(SCORES, SAME, FOLDS)
    flipped = SAME.copy()
    flipped[FOLDS == 3] = ~flipped[FOLDS == 3]
    np.testing.assert_array_equal(fold_hits(SCORES, flipped, FOLDS)[FOLDS == 3], 100 - hits[FOLDS == 3])
    assert hits.mean() == pytest.approx(100 * accuracy_score(SAME, SCORES >= 0.6), abs=3)


def test_the_curve_is_scikit_learns():
    assert area_under_curve(SCORES, SAME) == pytest.approx(100 * roc_auc_score(SAME, SCORES))
    accepted, true, _ = roc_curve(SAME, SCORES, drop_intermediate=False)
    for rate in (0.01, 0.1, 0.5, 1.0):
        expected = 100 * true[accepted <= rate].max()
        assert true_accept_rate(SCORES, SAME, rate) == pytest.approx(expected)
    grid = np.linspace(0, 1, 200_001)
    gap = np.interp(grid, accepted, 1 - true) - grid
    assert equal_error_rate(SCORES, SAME) == pytest.approx(100 * grid[np.argmin(np.abs(gap))], abs=0.01)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 1.0])
def test_the_threshold_is_the_lowest_that_the_rate_allows(rate):
    threshold = accept_threshold(SCORES, SAME, rate)
    assert np.mean(SCORES[~SAME] >= threshold) <= rate
    lower = SCORES[threshold > SCORES]
    assert not len(lower) or np.mean(SCORES[~SAME] >= lower.max()) > rate


def test_where_no_pair_may_pass_a_higher_score_still_does():
    threshold = accept_threshold([0.9, 0.5, 0.1], [False, True, True], 0.0)
    assert 0.9 < threshold < 0.91


def test_perfect_and_useless_scores():
    same = np.array([True, True, False, False])
    assert (area_under_curve(same, same), equal_error_rate(same, same)) == (100, 0)
    assert true_accept_rate(same, same, 0.0) == 100
    flat = np.zeros(4)
    assert (area_under_curve(flat, same), equal_error_rate(flat, same)) == (50, 50)
    assert true_accept_rate(flat, same, 0.5) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fold_hits(SCORES, SAME, np.zeros(400)), "two folds at least"),
        (lambda: fold_hits(SCORES, SAME[:3], FOLDS), "equal lengths"),
        (lambda: area_under_curve(SCORES, np.ones(400)), "pairs of two are needed"),
        (lambda: equal_error_rate(np.full(400, np.nan), SAME), "not finite"),
        (lambda: accept_threshold([0.1], [True], 0.1), "pairs of two are needed"),
        (lambda: rank1_hits(nearest(VECTORS, VECTORS), PEOPLE[:3], PEOPLE), "one label an image"),
        (lambda: average_precisions(VECTORS, PEOPLE, VECTORS, PEOPLE[:3]), "one label an image"),
        (lambda: average_precisions(VECTORS * np.nan, PEOPLE, VECTORS, PEOPLE), "queries are not finite"),
        (lambda: area_under_curve(SCORES, np.where(SAME, 1, -1)), "true or false, 1 or 0"),
        (lambda: best_threshold(SCORES, np.where(SAME, 1, -1)), "true or false, 1 or 0"),
        (lambda: chance_hits(PEOPLE[:1], PEOPLE, [len(PEOPLE)]), "or -1 for none"),
        (lambda: chance_hits(PEOPLE[:1], PEOPLE[:1], [0]), "the gallery is empty for a probe"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
