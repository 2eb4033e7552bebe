import numpy as np
import pytest

from reproductions.age_gender.labels import AGE_INTERVALS, UNKNOWN, age_intervals, gender_classes


def test_every_age_is_in_the_interval_that_names_it():
    ages = np.arange(101)
    for age, interval in zip(ages, age_intervals(ages), strict=True):
        first, last = map(int, AGE_INTERVALS[interval].split("-"))
        assert first <= age <= last


def test_the_code_draws_the_lines_elsewhere():
    ages = np.array([29, 30, 31, 45, 46, 59, 60, 61])
    assert age_intervals(ages).tolist() == [0, 0, 1, 1, 2, 2, 2, 3]
    assert age_intervals(ages, "code").tolist() == [0, 1, 1, 1, 2, 2, 3, 3]


def test_what_is_unknown_has_no_class():
    assert age_intervals(np.array([np.nan, -31, np.inf, 2014])).tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, 3]
    assert gender_classes(np.array(["male", "female", None, ""], object)).tolist() == [1, 0, UNKNOWN, UNKNOWN]
    with pytest.raises(ValueError, match="reading is one of text, code, not 'paper'"):
        age_intervals(np.array([1]), "paper")
