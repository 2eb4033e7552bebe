"""What is counted of the paper's sentences, against its printed numbers."""

import math

import pytest

from common.evidence.fact_verdicts import (
    CONTRADICTION,
    FAILS,
    NOTED,
)
from reproductions.neighborhood_loss import facts, tables


@pytest.fixture
def found(tmp_path):
    several = facts.facts(tables.TABLE2, tables.TABLE3, tmp_path / "neighborhood")
    return {one.source: one for one in several}


def test_targets_sum_as_a_gaussian_does():
    assert facts.target_sum(50) == pytest.approx(5 * math.sqrt(math.pi))
    assert facts.target_sum(0) == pytest.approx((5 * math.sqrt(math.pi) + 1) / 2)


def test_eighteen_layers_lose_to_dex_in_every_column(found):
    one = found["5.4.2, Table 3"]
    assert one.verdict == CONTRADICTION
    assert "below all other methods in 3 of 3 columns, the one of 18 layers in 0" in one.counted
    assert "CACD 6.82 against 6.52" in one.counted


def test_one_number_stands_twice(found):
    assert found["Tables 2 and 3"].verdict == NOTED
    assert "one value in 1 of 3 columns (CACD)" in found["Tables 2 and 3"].counted


def test_images_are_counted(found):
    assert found["5.1"].verdict == FAILS
    assert "make 524,230" in found["5.1"].counted and "1,179 more" in found["5.1"].counted


def test_without_records_nothing_is_said_of_trainings(found):
    assert not {"4.3", "5.3"} & set(found)
