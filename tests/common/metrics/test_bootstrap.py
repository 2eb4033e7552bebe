"""Bootstrap intervals beside SciPy's, a closed form, and their own promise of coverage."""

import numpy as np
import pytest
from scipy import stats

from common.metrics.bootstrap import bootstrap, units_of


def clustered(generator, subjects=40, between=2.0, within=1.0, most=12):
    """Draw values of some images a subject, with what the subject adds to all of them."""
    sizes = generator.integers(1, most + 1, size=subjects)
    labels = np.repeat(np.arange(subjects), sizes)
    return between * generator.normal(size=subjects)[labels] + within * generator.normal(
        size=labels.size
    ), labels


@pytest.mark.parametrize(
    ("draw", "step"),
    [(lambda g: g.exponential(5, 300), 0.0), (lambda g: 100.0 * (g.random(200) < 0.6), 0.5)],
    ids=["errors", "hits, which move by half a percent"],
)
def test_over_images_equals_scipy(draw, step):
    values = draw(np.random.default_rng(1))
    ours = bootstrap(values, resamples=10_000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="BCa", rng=2)
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    close = max(0.03 * width, step)
    assert ours.value == values.mean()
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=close)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=close)
    assert (ours.units, ours.over, ours.level, ours.resamples) == (values.size, "images", 0.95, 10_000)


def test_over_subjects_equals_scipy_on_equal_clusters():
    """With equally many images each, the cluster bootstrap is the plain one of the subjects' means."""
    generator = np.random.default_rng(3)
    means = generator.exponential(5, 60)
    values = (means[:, None] + np.array([-1.0, 0.0, 1.0])).ravel()
    ours = bootstrap(values, np.repeat(np.arange(60), 3), resamples=10_000)
    theirs = stats.bootstrap((means,), np.mean, n_resamples=10_000, method="BCa", rng=4).confidence_interval
    width = theirs.high - theirs.low
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)
    assert (ours.units, ours.over) == (60, "subjects")


def test_over_subjects_has_the_closed_form_width():
    """The linearised variance of a ratio of sums, sum((s_g - mean n_g)^2) / N^2 (Cochran 1977, Eq. 6.13)."""
    values, labels = clustered(np.random.default_rng(5), subjects=150)
    sums = np.bincount(labels, weights=values)
    sizes = np.bincount(labels)
    error = np.sqrt(np.sum((sums - values.mean() * sizes) ** 2)) / values.size
    ours = bootstrap(values, labels, resamples=10_000)
    assert ours.high - ours.low == pytest.approx(2 * 1.96 * error, rel=0.05)
    naive = bootstrap(values, resamples=10_000)
    assert naive.high - naive.low < 0.7 * (ours.high - ours.low)


def test_the_interval_covers_as_often_as_it_says():
    generator = np.random.default_rng(7)
    covered = {"subjects": 0, "images": 0}
    rounds = 300
    for _ in range(rounds):
        values, labels = clustered(generator, subjects=60)
        for over, subjects in (("subjects", labels), ("images", None)):
            interval = bootstrap(values, subjects, resamples=300)
            covered[over] += interval.low <= 0.0 <= interval.high
    assert 0.91 <= covered["subjects"] / rounds <= 0.975
    assert covered["images"] / rounds < 0.75, "ignoring the subjects must show, else this test shows nothing"


def test_any_statistic_equals_scipy_and_the_fast_mean():
    values, labels = clustered(np.random.default_rng(8))
    values = np.abs(values)
    slow = bootstrap(values, labels, statistic=np.mean, resamples=300)
    fast = bootstrap(values, labels, resamples=300)
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high))
    ours = bootstrap(values, statistic=lambda x: np.percentile(x, 90), resamples=4000)
    theirs = stats.bootstrap(
        (values,), lambda x, axis: np.percentile(x, 90, axis=axis), n_resamples=4000, rng=1
    )
    assert ours.low == pytest.approx(theirs.confidence_interval.low, rel=0.05)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, rel=0.05)


def test_units():
    assert units_of(3).tolist() == [0, 1, 2]
    assert units_of(5, ["b", None, "a", "b", float("nan")]).tolist() == [0, 2, 1, 0, 3]
    mixed = bootstrap([1.0, 2.0, 3.0, 4.0], ["b", None, "b", None])
    assert (mixed.units, mixed.over) == (3, "subjects")


def test_the_same_seed_gives_the_same_interval_and_large_sets_fit():
    values = np.random.default_rng(1).exponential(5, 30_000)
    assert bootstrap(values, resamples=100, seed=4) == bootstrap(values, resamples=100, seed=4)
    assert bootstrap(values, resamples=100, seed=4) != bootstrap(values, resamples=100, seed=5)


@pytest.mark.parametrize("values", [[3.0, 3.0, 3.0], [100.0] * 50, [0.0] * 2])
def test_a_constant_has_an_interval_of_no_width(values):
    interval = bootstrap(values)
    assert interval.low == interval.value == interval.high == values[0]


@pytest.mark.parametrize(
    ("values", "subjects", "sentence"),
    [
        ([], None, "at least two"),
        ([1.0], None, "at least two"),
        ([1.0, 2.0], ["a", "a"], "at least two"),
        ([1.0, float("nan")], None, "finite"),
        ([1.0, 2.0], ["a"], "2 values but subjects"),
        ([[1.0, 2.0]], None, "list of finite"),
    ],
)
def test_what_cannot_be_resampled_is_refused(values, subjects, sentence):
    with pytest.raises(ValueError, match=sentence):
        bootstrap(values, subjects)
