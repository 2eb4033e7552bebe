"""The monotone map against a search of all maps, and on answers with a known fault."""

import itertools

import numpy as np
import pytest

from common.metrics.recalibration import monotone_map


def test_no_monotone_map_is_nearer_on_its_own_images():
    ages = np.array([3, 1, 4, 2, 5, 2], float)
    found = monotone_map(np.arange(6), ages)
    # At each image the map of its pool: what is monotone and takes values among the ages.
    best = min(
        np.abs(np.array(values) - ages).sum()
        for values in itertools.combinations_with_replacement(sorted(set(ages)), 6)
    )
    pooled = found.worth[np.abs(found.said[:, None] - np.arange(6)).argmin(axis=0)]
    assert np.abs(pooled - ages).sum() == pytest.approx(best)
    assert (np.diff(found.worth) > 0).all()


def test_answers_drawn_to_the_middle_are_spread_again():
    draw = np.random.default_rng(0)
    ages = draw.uniform(0, 80, 4000)
    said = 40 + 0.5 * (ages - 40) + draw.normal(0, 2, 4000)
    fitted = monotone_map(said[:2000], ages[:2000])
    before = np.abs(said[2000:] - ages[2000:]).mean()
    after = np.abs(fitted(said[2000:]) - ages[2000:]).mean()
    assert after < before / 2


def test_equal_answers_are_worth_the_same():
    assert monotone_map([5, 5, 5, 9], [1, 2, 9, 20])([5, 9]).tolist() == [2, 20]


@pytest.mark.parametrize(("said", "ages"), [([1], [1]), ([1, 2], [1]), ([1, np.nan], [1, 2])])
def test_what_cannot_be_fitted_is_refused(said, ages):
    with pytest.raises(ValueError, match="two at least"):
        monotone_map(said, ages)
