"""Means of parts against pandas' own groups, and intervals against a bootstrap."""

import numpy as np
import pandas as pd
import pytest

from common.metrics.crossed import crossed
from common.metrics.groups import common_strata, part_terms

DRAW = np.random.default_rng(0)
STRATA = DRAW.integers(0, 3, 600)
PART = DRAW.random(600) < 0.3 + 0.2 * STRATA
VALUES = DRAW.normal(STRATA, 1, (3, 600)) + DRAW.normal(0, 1, 600)


def test_a_part_has_its_own_mean():
    assert part_terms(VALUES, PART).mean() == pytest.approx(VALUES[:, PART].mean())


def test_a_standardised_mean_weighs_the_strata_of_all():
    weights = common_strata(STRATA, [PART, ~PART])
    frame = pd.DataFrame({"value": VALUES.mean(axis=0), "stratum": STRATA, "part": PART})
    means = frame.groupby(["part", "stratum"])["value"].mean()
    shares = frame["stratum"].value_counts(normalize=True)
    for side in (True, False):
        found = part_terms(VALUES, side == PART, STRATA, weights)
        assert found.mean() == pytest.approx((means[side] * shares).sum())


def test_the_interval_of_a_difference_is_that_of_a_bootstrap():
    weights = common_strata(STRATA, [PART, ~PART])
    terms = part_terms(VALUES, PART, STRATA, weights) - part_terms(VALUES, ~PART, STRATA, weights)
    mean = VALUES.mean(axis=0)
    cells = [np.flatnonzero((side == PART) & (one == STRATA)) for side in (True, False) for one in range(3)]
    signs = np.concatenate([np.array(list(weights.values())), -np.array(list(weights.values()))])
    draws = [
        sum(w * mean[DRAW.choice(c, len(c))].mean() for w, c in zip(signs, cells, strict=True))
        for _ in range(2000)
    ]
    found = crossed(terms)
    assert np.sqrt(found.item + found.flip) == pytest.approx(np.std(draws), rel=0.1)


def test_strata_that_a_part_lacks_are_left_out():
    assert set(common_strata(STRATA, [PART & (STRATA != 1), ~PART])) == {0, 2}
    with pytest.raises(ValueError, match="stratum 1"):
        part_terms(VALUES, PART & (STRATA != 1), STRATA, {0: 0.5, 1: 0.5})
