"""Section 5.1: rare ages repeated, frequent ages between 20 and 60 thinned."""

import numpy as np
import pandas as pd
import pytest

from data_prep.prepared.balance import balance


def ages(**counts):
    return np.concatenate([np.full(count, int(age.removeprefix("a"))) for age, count in counts.items()])


def test_each_age_comes_to_the_target():
    age = ages(a3=4, a20=25, a40=10, a60=11, a61=30, a99=1)
    result = balance(age, np.arange(len(age)), target=10)
    after = {year: n for year, n in enumerate(result.after) if n}
    assert after == {3: 10, 20: 10, 40: 10, 60: 10, 61: 30, 99: 10}
    assert result.before.tolist() == np.bincount(age, minlength=100).tolist()
    np.testing.assert_array_equal(np.bincount(age[result.rows], minlength=100), result.after)


def test_repeats_are_spread_evenly_and_thinning_repeats_nothing():
    age = ages(a3=4, a30=25)
    result = balance(age, np.arange(len(age)), target=10)
    times = np.bincount(result.rows, minlength=len(age))
    assert sorted(times[:4]) == [2, 2, 3, 3]
    assert sorted(np.unique(times[4:])) == [0, 1]
    assert np.all(np.diff(result.rows) >= 0)


def test_only_the_given_rows_are_used():
    age = pd.Series([5, 6, None, 5], dtype="Int64")
    result = balance(age, np.array([3, 1]), target=2)
    assert result.rows.tolist() == [1, 1, 3, 3]


def test_the_seed_decides():
    age = ages(a30=200)
    first, again, other = (balance(age, np.arange(200), target=50, seed=seed).rows for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_repeats_can_be_bounded():
    assert balance(ages(a99=2), np.arange(2), target=5000, most_repeats=20).after[99] == 40


@pytest.mark.parametrize("age", [[100], [-1], [None]])
def test_an_age_that_is_no_class_is_an_error(age):
    with pytest.raises(ValueError, match="not all within 0 to 99"):
        balance(pd.Series(age, dtype="Int64"), np.array([0]))


def test_a_target_below_one_is_an_error():
    with pytest.raises(ValueError, match="at least 1"):
        balance(np.array([3]), np.array([0]), target=0)
