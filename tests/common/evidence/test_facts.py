"""Facts: what stands on their page, and when an interval decides."""

import pytest

from common.evidence.fact_verdicts import (
    CONTRADICTION,
    FAILS,
    HOLDS,
    UNDECIDED,
)
from common.evidence.facts import Fact, decided, facts_markdown, facts_page

FACTS = (
    Fact("III.A", "there are 160,000", "There are 162,336.", "`count`", HOLDS),
    Fact("V", "[0, 30], [30, 45]", "30 is in two.", "the paper's text", CONTRADICTION),
    Fact("VI", "it takes longer", "It takes 3 [1, 5] epochs longer.", "`epochs`", HOLDS),
)


def test_the_page_holds_each_fact_under_its_verdict():
    page = facts_page(lambda folder: FACTS)
    text = page.text("anywhere")
    assert text.startswith("3 sentences. Holds: 2, the paper contradicts itself: 1.")
    assert "## 2. V: the paper contradicts itself\n\n> [0, 30], [30, 45]\n\n30 is in two." in text
    assert page.facts("anywhere") == FACTS


def test_without_facts_there_is_no_page():
    assert facts_markdown(()) is None


def test_a_verdict_is_one_of_those_known():
    with pytest.raises(ValueError, match="perhaps"):
        Fact("I", "", "", "", "perhaps")


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 2, HOLDS), (-1, 2, UNDECIDED), (-2, -1, FAILS), (0, 0, FAILS)]
)
def test_an_interval_decides_where_it_lies_on_one_side(low, high, verdict):
    assert decided(low, high) == verdict
