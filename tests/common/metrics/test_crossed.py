"""Two-way intervals beside the analysis of variance worked out by hand, SciPy, and simulated truth."""

import numpy as np
import pytest
from scipy import stats

from common.metrics.crossed import bootstrap_crossed, crossed


def table(seeds=3, people=40, each=1, seed=1.0, item=1.0, flip=1.0, mean=0.0, random=0):
    draw = np.random.default_rng(random)
    images = people * each
    person = np.repeat(draw.normal(0, item, people), each)
    return mean + draw.normal(0, seed, (seeds, 1)) + person + draw.normal(0, flip, (seeds, images))


def test_variances_are_the_mean_squares_of_a_two_way_analysis():
    values = table(seeds=4, people=30)
    n, k = values.shape
    grand, rows, columns = values.mean(), values.mean(axis=1), values.mean(axis=0)
    mean_square_rest = np.square(values - rows[:, None] - columns + grand).sum() / (n - 1) / (k - 1)
    mean_square_items = n * np.square(columns - grand).sum() / (k - 1)
    found = crossed(values)
    assert found.value == pytest.approx(grand)
    assert found.seed == pytest.approx(rows.var(ddof=1) / n)
    assert found.flip == pytest.approx(mean_square_rest / (n * k))
    assert found.item == pytest.approx((mean_square_items - mean_square_rest) / (n * k))


def test_without_people_or_flips_it_is_the_t_interval_over_seeds():
    means = np.array([1.0, 3.0, 2.0, 6.0])
    values = np.repeat(means[:, None], 500, axis=1)
    expected = stats.t.interval(0.95, 3, means.mean(), stats.sem(means))
    assert crossed(values).interval() == pytest.approx(expected)
    assert crossed(values).least(0.975) == pytest.approx(expected[0])
    assert crossed(values).most(0.975) == pytest.approx(expected[1])
    assert crossed(values).p_value(1.0) == pytest.approx(stats.ttest_1samp(means, 1.0).pvalue)


def test_one_training_is_the_t_interval_over_people():
    values = table(seeds=1, people=25)
    expected = stats.t.interval(0.9, 24, values.mean(), stats.sem(values[0]))
    assert crossed(values).interval(0.9) == pytest.approx(expected)


def test_people_with_many_images_count_once():
    one = table(seeds=3, people=20, flip=0.0)
    many = np.repeat(one, 5, axis=1)
    subjects = np.repeat(np.arange(20), 5)
    assert crossed(many, subjects).interval() == pytest.approx(crossed(one).interval())
    assert crossed(many).error < crossed(many, subjects).error


def test_seeds_that_agree_by_luck_are_not_taken_at_their_word():
    values = table(seeds=3, people=200, seed=0.0, item=0.0)
    values += values.mean() - values.mean(axis=1, keepdims=True)
    found = crossed(values)
    assert found.seed == pytest.approx(0.0) and found.flip > 0
    assert found.error >= np.sqrt(found.flip)


def test_equal_answers_everywhere_leave_no_chance():
    found = crossed(np.full((3, 10), 2.0))
    assert found.interval() == (2.0, 2.0) and found.p_value() == 0.0 and found.p_value(2.0) == 1.0


@pytest.mark.parametrize("seed", [0.0, 0.3])
def test_the_true_mean_lies_inside_as_often_as_is_said(seed):
    inside = [
        low <= 5.0 <= high
        for random in range(600)
        for low, high in [crossed(table(4, 50, 1, seed, 1.0, 1.0, 5.0, random)).interval()]
    ]
    assert np.mean(inside) >= 0.93


def test_the_bootstrap_agrees_where_there_are_many_of_both():
    values = table(seeds=40, people=300, seed=0.2)
    low, high = bootstrap_crossed(values)
    expected = crossed(values).interval()
    assert high - low == pytest.approx(expected[1] - expected[0], rel=0.1)


@pytest.mark.parametrize(
    ("values", "subjects"),
    [([1.0, 2.0], None), ([[1.0, np.nan]], None), ([[]], None), ([[1.0, 2.0]], ["a", "a"])],
)
def test_what_is_no_table_of_several_people_is_refused(values, subjects):
    with pytest.raises(ValueError, match=r"table of finite|two people"):
        crossed(values, subjects)
