"""The forest plot: what its dots are, where its scale ends, and the rows behind a comparison."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from common.evidence.claims import Claim, judge_all
from common.evidence.page.forest import behind, forest, seeds
from common.evidence.page.sources import Sources
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import measurement, record

VALUES = {"a-1": (7.0, 7.4, 7.1), "b-1": (6.6, 6.5, 6.9), "c-1": (6.1, 6.3, 6.0)}
RUNS = [
    record([measurement(value)], seed, name)
    for name, values in VALUES.items()
    for seed, value in enumerate(values, 1)
]
CLAIM = Claim("better", "It is better.", "3", "c-1", "a-1", ("fgnet",))


def judged(*claims):
    return judge_all(claims, RUNS, FakePredictions())


def test_dots_are_the_claims_statistic_of_each_seed():
    (gain,) = judged(CLAIM)
    assert seeds(gain) == pytest.approx([0.9, 1.1, 1.1])
    (ratio,) = judged(dataclasses.replace(CLAIM, ratio=0.9))
    assert seeds(ratio) == pytest.approx([6.1 / 7.0, 6.3 / 7.4, 6.0 / 7.1])
    (value,) = judged(dataclasses.replace(CLAIM, worse=None, bound=6.5))
    assert seeds(value) == [6.1, 6.3, 6.0]
    (steps,) = judged(dataclasses.replace(CLAIM, between=("b-1",)))
    slopes = [-np.polyfit(range(3), column, 1)[0] for column in zip(*VALUES.values(), strict=True)]
    assert seeds(steps) == pytest.approx(slopes)
    assert np.mean(seeds(steps)) == pytest.approx(steps.found.value)


def test_all_rows_are_behind_a_comparison():
    (steps,) = judged(dataclasses.replace(CLAIM, between=("b-1",)))
    assert [name for name, _ in behind(steps)] == ["c-1", "b-1", "a-1"]


def test_what_is_of_one_unit_shares_a_scale_that_shows_every_dot():
    halves = dataclasses.replace(CLAIM, name="halves", ratio=0.5)
    verdicts = judged(CLAIM, dataclasses.replace(CLAIM, name="again"), halves)
    drawn = forest(verdicts, Sources(lambda records: "make it"))
    assert drawn.count("<table") == 2 and "Gain in MAE, years: " in drawn and "Ratio in MAE: " in drawn
    for path in re.findall(r'<path d="([^"]*)" class="seed">', drawn):
        places = [float(one) for one in re.findall(r"M([\d.]+) 10", path)]
        assert len(places) == 3 and all(0 < one < 200 for one in places)
    assert forest([], Sources(lambda records: "make it")) == ""
