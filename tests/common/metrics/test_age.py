"""Ages and their errors beside NumPy, scikit-learn and numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error as sklearn_mae

from common.errors import UserError
from common.metrics import metric
from common.metrics.age import (
    DECISIONS,
    arg_max,
    cumulative_score,
    error_by_decade,
    expectation,
    mean_absolute_error,
    mean_by_decade,
    median,
    quantiles,
)


def softmax(seed, images=50, classes=100, dtype=np.float32):
    logits = np.random.default_rng(seed).normal(size=(images, classes)) * 3
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(dtype)


def test_mean_absolute_error_equals_scikit_learn():
    generator = np.random.default_rng(0)
    ages, predictions = generator.integers(0, 100, 500), generator.uniform(0, 99, 500)
    assert mean_absolute_error(ages, predictions) == pytest.approx(sklearn_mae(ages, predictions), rel=1e-14)


@given(
    st.lists(st.tuples(st.integers(0, 99), st.floats(0, 99)), min_size=1, max_size=40),
    st.sampled_from([0, 3, 5]),
)
def test_cumulative_score_equals_counting(pairs, tolerance):
    ages, predictions = map(list, zip(*pairs, strict=True))
    count = sum(abs(age - prediction) <= tolerance for age, prediction in pairs)
    assert cumulative_score(ages, predictions, tolerance) == pytest.approx(100 * count / len(pairs))


def test_the_bound_of_the_cumulative_score_is_included():
    assert cumulative_score([10, 10, 10, 10], [13, 7, 13.01, 10], 3) == 75.0


def test_decisions_worked_out_by_hand():
    rows = [[0.2, 0.2, 0.0, 0.6], [0.5, 0.0, 0.0, 0.5], [0.1, 0.45, 0.45, 0.0], [0.0, 0.0, 0.0, 1.0]]
    assert expectation(rows).tolist() == pytest.approx([2.0, 1.5, 1.35, 3.0])
    assert median(rows).tolist() == [3.0, 0.0, 1.0, 3.0]
    assert arg_max(rows).tolist() == [3.0, 0.0, 1.0, 3.0]
    assert set(DECISIONS) == {"expectation", "median", "arg-max"}


def test_quantiles_invert_the_distribution_function():
    rows = softmax(2, dtype=np.float64)
    levels = [0.025, 0.1, 0.5, 0.9, 0.975]
    edges = np.arange(101) - 0.5
    for row, ages in zip(rows, quantiles(rows, levels), strict=True):
        below = np.interp(ages, edges, np.concatenate([[0], np.cumsum(row)]))
        assert below == pytest.approx(levels)


def test_a_quantile_passes_over_ages_without_probability():
    assert quantiles([[0.0, 0.5, 0.0, 0.5]], [0.001, 0.5, 0.501, 0.999])[0] == pytest.approx(
        [0.502, 1.5, 2.502, 3.498]
    )
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantiles([[1.0]], [1.0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_decisions_equal_numpy_in_any_precision(dtype):
    rows = softmax(1, dtype=dtype)
    exact = rows.astype(np.float64) / rows.astype(np.float64).sum(axis=1, keepdims=True)
    assert expectation(rows) == pytest.approx([np.average(np.arange(100), weights=row) for row in exact])
    assert median(rows).tolist() == [np.searchsorted(np.cumsum(row), 0.5) for row in exact]
    assert arg_max(rows).tolist() == exact.argmax(axis=1).tolist()
    assert all(decide(rows).dtype == np.float64 for decide in DECISIONS.values())


def test_a_median_of_exactly_one_half_survives_rounding():
    """Five times 0.1 in float32 is just below one half before the tolerance."""
    assert median(np.full((1, 10), 0.1, np.float32)).tolist() == [4.0]


def test_each_decision_is_best_at_its_own_loss():
    row = softmax(2, images=1)[0].astype(np.float64)
    row /= row.sum()
    ages = np.arange(100)
    candidates = np.linspace(0, 99, 991)
    squared = [(row * (ages - c) ** 2).sum() for c in candidates]
    absolute = [(row * np.abs(ages - c)).sum() for c in candidates]
    assert expectation([row])[0] == pytest.approx(candidates[np.argmin(squared)], abs=0.05)
    assert median([row])[0] == pytest.approx(candidates[np.argmin(absolute)], abs=0.05)


@pytest.mark.parametrize(
    "rows",
    [[0.5, 0.5], [[0.5, 0.4]], [[-0.1, 1.1]], [[float("nan"), 1.0]], [[1.0, 2.0]], np.empty((2, 0))],
    ids=["one row", "sum", "negative", "nan", "logits", "no classes"],
)
def test_what_is_not_a_distribution_is_refused(rows):
    with pytest.raises(ValueError, match="probabilities must"):
        expectation(rows)


@pytest.mark.parametrize(
    ("ages", "predictions", "sentence"),
    [
        ([], [], "not empty"),
        ([1, 2], [1], "equally long"),
        ([[1]], [[1]], "equally long"),
        ([1, None], [1, 2], "finite"),
        ([1, 2], [1, float("inf")], "finite"),
        ([1, -1], [1, 2], "ages are years from 0 up, not -1: leave out who has none"),
    ],
)
def test_ages_that_cannot_be_compared_are_refused(ages, predictions, sentence):
    with pytest.raises(ValueError, match=sentence):
        mean_absolute_error(ages, predictions)


@pytest.mark.parametrize("age", [-1, float("nan")])
def test_no_decade_has_an_age_that_is_none(age):
    with pytest.raises(ValueError, match="ages"):
        mean_by_decade([30, age], [1.0, 2.0])


def test_error_by_decade():
    ages = [0, 9, 9, 10, 35, 36, 100]
    predictions = [1, 9, 12, 10, 30, 37, 90]
    rows = error_by_decade(ages, predictions, ["a", "b", "b", "c", "d", "d", "e"], resamples=50)
    assert [(d.first, d.last, d.images) for d in rows] == [
        (0, 9, 3),
        (10, 19, 1),
        (30, 39, 2),
        (100, 109, 1),
    ]
    assert [d.value for d in rows] == pytest.approx([4 / 3, 0, 3, 10])
    assert [d.interval is None for d in rows] == [False, True, True, True], "one subject has no interval"
    assert rows[0].interval.units == 2
    assert error_by_decade(ages, predictions, resamples=50)[2].interval.over == "images"


def test_metrics_are_known_or_refused():
    assert metric("MAE").lower_is_better and metric("MAE").format(4.5678) == "4.57"
    assert metric("CS@5").direction == "higher is better" and metric("CS@5").highest == 100
    with pytest.raises(UserError, match=r"unknown metric 'mae'"):
        metric("mae")
