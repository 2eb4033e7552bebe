"""Ages as labels, at every border."""

import numpy as np

from reproductions.mtlface.age_groups import AGES, GROUPS, UNKNOWN, age_groups, whole_years


def test_the_groups_are_the_codes():
    decades = [(0, 10), (11, 20), (21, 30), (31, 40), (41, 50), (51, 60), (61, 100)]
    assert len(decades) == GROUPS
    expected = [number for number, (first, last) in enumerate(decades) for _ in range(first, last + 1)]
    assert age_groups(np.arange(AGES)).tolist() == expected


def test_ages_are_rounded_and_kept_in_range():
    ages = np.array([0.0, 10.4, 10.5, 60.6, 99.6, 116, np.nan, -3.0, np.inf])
    years = whole_years(ages)
    assert years.tolist() == [0, 10, 11, 61, 100, 100, UNKNOWN, UNKNOWN, UNKNOWN]
    assert age_groups(years).tolist() == [0, 0, 1, 6, 6, 6, UNKNOWN, UNKNOWN, UNKNOWN]
