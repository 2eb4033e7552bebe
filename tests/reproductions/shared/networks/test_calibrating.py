"""Calibration of a made-up network: its interval covers, its errors are the held-out ones."""

import numpy as np
import pytest
from scipy.stats import norm

from common.evidence.records import Data
from common.metrics.calibration import recalibrated
from reproductions.shared.networks.ages import range_of, raw, said
from reproductions.shared.networks.calibrating import calibrate, errors_by_range, held_out_error
from reproductions.shared.networks.published import RangeError

DATA = Data("made-up", "Made up", "validation part", "f", "s", 400, None, "whole", True)


def answers(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return ages, and P(age > k) of a network that is off by a tenth and too sure of itself."""
    random = np.random.default_rng(seed)
    ages = random.integers(1, 90, count)
    means = 5 + 0.9 * ages + random.normal(0, 5, count)
    return ages, norm.sf(np.arange(99)[None] + 0.5, means[:, None], 2.0)


def test_raw_answers_are_expectation_and_quantiles():
    above = norm.sf(np.arange(99)[None] + 0.5, [[40.0]], 5.0)
    expected = [40, *norm.ppf([0.1, 0.9], 40, 5)]
    np.testing.assert_allclose(raw(above, 0.8)[0], expected, atol=0.05)


def test_intervals_cover_fresh_people_and_hold_the_age():
    covered, widths = [], []
    for seed in range(8):
        ages, above = answers(400, seed)
        calibration = calibrate(above, ages, DATA)
        fresh, others = answers(400, seed + 100)
        years, low, high = said(others, calibration).T
        assert (low <= years).all() and (years <= high).all()
        covered.append(((low <= fresh) & (fresh <= high)).mean())
        widths.append((high - low).mean())
    assert np.mean(covered) == pytest.approx(0.8, abs=0.03)
    assert np.mean(widths) == pytest.approx(2 * 1.28 * 5 / 0.9, rel=0.2)  # as wide as the noise demands


def test_further_people_decide_about_the_interval_and_not_about_the_curve():
    ages, above = answers(300)
    others, theirs = answers(300, 7)
    plain = calibrate(above, ages, DATA, pieces=2)
    wider = calibrate(above, ages, DATA, pieces=2, others=("others", theirs, others - 12))
    assert wider.knots == plain.knots and len(plain.knots) == 3
    assert wider.below > plain.below
    assert wider.data.endswith("also 300 others")


def test_the_bias_is_gone_and_the_curve_stands_in_the_calibration():
    ages, above = answers(400)
    calibration = calibrate(above, ages, DATA)
    years = said(above, calibration)[:, 0]
    assert abs((years - ages).mean()) < 1
    np.testing.assert_array_equal(years, recalibrated(above.sum(axis=1), calibration.knots))
    assert calibration.faces == 400 and calibration.split_hash == "s"
    assert held_out_error(above, ages) == pytest.approx(np.abs(years - ages).mean(), abs=0.4)


def test_errors_are_by_the_age_that_is_said_and_few_faces_are_joined():
    said_ = np.array([5.0] * 30 + [15.0] * 3 + [25.0] * 40 + [45.0] * 2)
    truth = said_ + np.array([1.0] * 30 + [10.0] * 3 + [-4.0] * 40 + [20.0] * 2)
    found = errors_by_range(said_, truth)
    assert [(one.first, one.last, one.faces) for one in found] == [(0, 9, 30), (10, 49, 45)]
    assert [one.error for one in found] == [1.0, pytest.approx((30 + 160 + 40) / 45, abs=0.01)]


def test_an_age_beyond_all_ranges_is_in_the_nearest():
    ranges = (RangeError(10, 19, 30, 1.0), RangeError(20, 49, 30, 2.0))
    assert [range_of(years, ranges).error for years in (3.0, 19.9, 20.0, 80.0)] == [1, 1, 2, 2]
