import numpy as np
import pytest

from reproductions.jmcnn.age_groups import GROUPS, IGNORED, age_groups


def test_every_age_from_15_to_77_is_in_the_group_that_names_it():
    ages = np.arange(15, 78)
    for age, group in zip(ages, age_groups(ages), strict=True):
        assert GROUPS[group][0] <= age <= GROUPS[group][1]


def test_other_ages_are_the_nearest_group_or_left_out():
    ages = np.array([0, 14, 15, 77, 78, 120, np.nan, -1, np.inf])
    assert age_groups(ages).tolist() == [0, 0, 0, 8, 8, 8, IGNORED, IGNORED, IGNORED]
    left_out = [IGNORED, IGNORED, 0, 8, *[IGNORED] * 5]
    assert age_groups(ages, "left-out").tolist() == left_out


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule is one of nearest, left-out, not 'none'"):
        age_groups(np.array([1]), "none")
