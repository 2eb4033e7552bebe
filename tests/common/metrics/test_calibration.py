"""Recalibration and conformal intervals, against closed forms, brute force and coverage of fresh people."""

import numpy as np
import pytest
from scipy.optimize import minimize

from common.metrics.calibration import (
    choose_pieces,
    fit_knots,
    held_out,
    recalibrated,
    recalibrated_without,
    stretched,
    stretches,
)

RANDOM = np.random.default_rng(0)


def people(count, random=RANDOM):
    """Return ages, and what a network that says the young too old and the old too young says of them."""
    ages = random.uniform(0, 90, count)
    return ages, 12 + 0.7 * ages + random.normal(0, 4, count)


def test_between_knots_the_curve_is_straight_and_beyond_them_parallel_to_the_diagonal():
    knots = [(10, 5), (20, 25), (30, 26)]
    np.testing.assert_allclose(recalibrated([15, 25, 40, 8], knots), [15, 25.5, 36, 3])
    assert recalibrated(2.0, knots) == 0


def test_knots_of_one_piece_have_the_least_absolute_error():
    ages, said = people(80)
    ages, said = ages + 20, said + 14  # no height near 0, below which none may be
    knots = fit_knots(said, ages, 1)

    def error(heights):
        return np.abs(recalibrated(said, np.column_stack([knots[:, 0], heights])) - ages).mean()

    best = minimize(error, knots[:, 1] + 3, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6})
    assert error(knots[:, 1]) == pytest.approx(best.fun, abs=1e-3)


def test_the_curve_rises_whatever_the_ages():
    said = np.linspace(0, 90, 60)
    knots = fit_knots(said, 90 - said, 6)
    assert (np.diff(knots[:, 1]) >= 0).all()
    assert (np.diff(knots[:, 0]) > 0).all()


def test_what_is_right_already_stays():
    ages = np.arange(0, 90.0)
    np.testing.assert_allclose(recalibrated(ages, fit_knots(ages, ages, 4)), ages, atol=2e-3)


def test_every_row_is_held_out_once_by_knots_that_do_not_know_it():
    ages, said = people(101)
    rows = np.concatenate([rows for rows, _ in held_out(said, ages, 2)])
    assert sorted(rows) == list(range(101))
    spoilt = ages.copy()
    first = next(held_out(said, ages, 2))
    spoilt[first[0]] += 1e-9  # the order, and with it the folds, stays
    np.testing.assert_array_equal(next(held_out(said, spoilt, 2))[1], first[1])


def test_recalibration_takes_out_most_of_a_bias_and_is_told_by_held_out_rows():
    ages, said = people(600)
    pieces = choose_pieces(said, ages)
    fresh, answers = people(600)
    error = np.abs(recalibrated(answers, fit_knots(said, ages, pieces)) - fresh).mean()
    assert error < np.abs(answers - fresh).mean() - 1
    assert np.abs(recalibrated_without(said, ages, pieces) - ages).mean() == pytest.approx(error, abs=0.4)


def test_too_few_answers_are_refused():
    with pytest.raises(ValueError, match="different answers"):
        fit_knots([30, 30], [20, 40], 1)
    with pytest.raises(ValueError, match="too few"):
        stretches([1.0] * 5, [2.0] * 5, [1.5] * 5, 0.8)


def test_stretched_intervals_cover_fresh_people_at_each_end():
    below_all, above_all = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        ages, said = people(200, random)
        below, above = stretches(said - 2, said + 1, ages, 0.8)
        fresh, answers = people(200, random)
        low, high = stretched(answers - 2, answers + 1, below, above)
        below_all.append((fresh < low).mean())
        above_all.append((fresh > high).mean())
    assert np.mean(below_all) == pytest.approx(0.1, abs=0.02)
    assert np.mean(above_all) == pytest.approx(0.1, abs=0.02)


def test_stretches_are_order_statistics_in_units_of_the_width():
    ages = np.arange(1.0, 20.0)  # 19 people at 80%: the 18th of 19
    below, above = stretches(np.full(19, 10.0), np.full(19, 13.0), ages, 0.8)
    assert below == (10 - 2) / 4
    assert above == (18 - 13) / 4
    low, high = stretched([10.0], [13.0], below, above)
    assert (low, high) == (2.0, 18.0)


def test_an_interval_that_is_too_wide_shrinks_and_none_begins_below_birth():
    ages = np.full(50, 30.0)
    below, above = stretches(ages - 10, ages + 10, ages, 0.8)
    assert below < 0
    low, high = stretched([20.0, 0.0], [40.0, 3.0], below, above)
    assert (low[0], high[0]) == (30.0, 30.0)
    assert low.min() >= 0
