"""What is counted of the supplement's sentences."""

import numpy as np
import pytest

from common.evidence.fact_verdicts import (
    FAILS,
    HOLDS,
)
from reproductions.mtlface import facts
from reproductions.mtlface.synthesis.tables import CLAIMS


def test_the_margin_takes_the_same_from_every_cosine():
    assert facts.handicaps(0.35) == pytest.approx(np.full(9, 0.35), abs=1e-5)


def test_without_records_the_text_alone_is_answered(tmp_path):
    found = {one.sentence[:18]: one for one in facts.facts(CLAIMS, tmp_path / "mtlface")}
    assert found["The multiplicative"].verdict == FAILS
    assert found["six convolutional "].verdict == HOLDS
    assert "7x7" in found["six convolutional "].counted
    assert not any("clear margin" in one.sentence for one in found.values())
