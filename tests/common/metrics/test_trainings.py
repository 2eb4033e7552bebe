"""The interval over trainings against SciPy's own t test."""

import numpy as np
import pytest
from scipy import stats

from common.metrics.trainings import mean_of_trainings


def test_it_is_the_interval_of_students_t():
    values = [3.1, 2.4, 2.9, 3.6]
    found = mean_of_trainings(values, level=0.9)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert found == pytest.approx((np.mean(values), expected.low, expected.high))


@pytest.mark.parametrize("values", [[1.0], [], [1.0, np.nan], [[1.0, 2.0]]])
def test_what_has_no_interval_is_refused(values):
    with pytest.raises(ValueError, match="two finite values"):
        mean_of_trainings(values)
