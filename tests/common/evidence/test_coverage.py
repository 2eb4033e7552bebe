"""Coverage: what an item is answered by is looked up, and what is lost opens it again."""

import pytest

from common.evidence.answers import (
    Claimed,
    Counted,
    Elsewhere,
    Found,
    Ran,
    Shown,
    Standing,
    slug,
)
from common.evidence.claims import BOUNDED, NOT_TESTED, REPRODUCED, Claim, Verdict
from common.evidence.coverage import (
    ANSWERED,
    NEEDS,
    OPEN,
    Covered,
    Item,
    counts,
    cover,
    coverage_markdown,
)
from common.evidence.fact_verdicts import HOLDS, NOTED, UNDECIDED
from common.evidence.facts import Fact, facts_markdown
from tests.support.widths import widest_rows

CLAIM = Claim("0.1 beats 0", "It helps.", "3.2", "ours", "theirs", ("fgnet",))
PAGES = {
    "table1.md": "# Table 1\n",
    "claims.md": "# Claims and verdicts\n\n## 0.1 beats 0\n\nIt helps.\n",
    "facts.md": facts_markdown(
        [
            Fact("III.A", "there are 160,000", "162,336.", "`count`", HOLDS),
            Fact("VI, Eq. 2", "it takes longer", "3 [-1, 5].", "`epochs`", UNDECIDED),
            Fact("VII", "a frozen sentence takes", "Nothing.", "the text", NOTED),
        ]
    ),
}


def standing(*words, seeds=None, pages=PAGES):
    return Standing(pages, [Verdict(CLAIM, None, one) for one in words], seeds or {})


def only(answer, stands):
    (found,) = answer.find(stands)
    return found


def test_a_claim_answers_where_one_setting_has_a_verdict():
    found = only(Claimed(("0.1 beats 0",)), standing(REPRODUCED, NOT_TESTED))
    assert found == Found("claim", "claims.md#01-beats-0", "reproduced (1), not tested (1)", decided=True)
    assert only(Claimed(("0.1 beats 0",)), standing(BOUNDED)).decided is False
    doubtful = Standing(PAGES, [Verdict(CLAIM, None, REPRODUCED, corrected=False)], {})
    assert only(Claimed(("0.1 beats 0",)), doubtful).decided is False
    assert only(Claimed(("0.1 beats 0",)), standing(NOT_TESTED)).lacking == "0 of 3 seeds"
    assert only(Claimed(("0.1 beats 0",)), standing()).lacking


def test_one_claim_of_several_is_enough():
    found = [*Claimed(("0.1 beats 0", "another")).find(standing(REPRODUCED))]
    assert [(one.words, one.target) for one in found] == [
        ("reproduced", "claims.md#01-beats-0"),
        (NOT_TESTED, None),
    ]


def test_rows_answer_where_each_of_them_was_run():
    rows = Ran("table1", ("ours", "theirs"))
    assert only(rows, standing(seeds={"ours": 3, "theirs": 1})) == Found("table1", "table1.md", "1-3 seeds")
    assert only(rows, standing(seeds={"ours": 1, "theirs": 1})).words == "1 seed"
    lost = only(rows, standing(seeds={"ours": 3}))
    assert (lost.words, lost.lacking) == ("3 seeds", "theirs by 1 more")
    compared = Ran("table1", ("ours", "theirs"), demanded=3)
    assert only(compared, standing(seeds={"ours": 3, "theirs": 1})).lacking == "theirs by 2 more"
    assert only(rows, standing(seeds={"ours": 3, "theirs": 3}, pages={})).target is None


def test_a_fact_is_found_by_words_of_its_sentence():
    assert only(Counted("160,000"), standing()) == Found(
        "fact 1", "facts.md#1-iiia-holds", HOLDS, decided=True
    )
    assert only(Counted("takes longer"), standing()).target == "facts.md#2-vi-eq-2-undecided"
    assert only(Counted("takes longer"), standing()).decided is False
    assert only(Counted("frozen"), standing()).decided is None
    assert only(Counted("nowhere"), standing()).lacking
    with pytest.raises(ValueError, match="takes"):
        only(Counted("takes"), standing())


def test_a_page_that_is_not_rendered_answers_nothing():
    assert not only(Shown("table1"), standing()).lacking
    assert only(Shown("fig9"), standing()).lacking == "fig9.md"


def test_what_is_lost_opens_its_item_and_a_set_that_is_missing_is_needed():
    items = (
        Item("Table 1", "It is 5", (Ran("table1", ("ours",)),), needs="MORPH", count=2),
        Item("Table 2", "It is 6", (Shown("table1"),), needs="CACD", whole=False),
        Item("VI", "It is 7", todo="a run of a day"),
        Item("VI", "It takes longer", (Counted("takes longer"), Elsewhere("test_x", "../../test_x.py"))),
    )
    stands = cover(items, standing(seeds={"ours": 3}))
    assert [one.state for one in stands] == [ANSWERED, NEEDS, OPEN, ANSWERED]
    assert counts(stands) == {ANSWERED: 3, NEEDS: 1, OPEN: 1}
    text = coverage_markdown(stands)
    assert text.startswith(
        "**5 items: 3 answered (of them 2 not by the paper's data or size, 1 by a verdict that is "
        "undecided), 1 needs what is not at hand, 1 open.**"
    )
    assert "[table1](table1.md): 3 seeds" in text
    assert "open: a run of a day" in text
    assert "answered, but<br>not on MORPH" in text
    assert max(widest_rows(text)) <= 100

    lost = cover(items, standing())
    assert counts(lost) == {ANSWERED: 1, NEEDS: 1, OPEN: 3}
    assert "open: ours by 1 more" in coverage_markdown(lost)


def test_a_link_is_set_after_its_line_is_broken():
    found = Found("departure 12", "../../README.md#departures", "faces of one size and of another one too")
    (row,) = coverage_markdown([Covered(Item("IV", "x", todo="y"), (found,))]).splitlines()[-1:]
    assert "[departure 12](../../README.md#departures): faces of one size<br>and of another one too" in row


def test_an_item_says_something():
    with pytest.raises(ValueError, match="nothing is said"):
        Item("III", "a sentence")
    with pytest.raises(ValueError, match="nothing is said"):
        Item("III", "a sentence", todo="a run", count=0)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("2. 2.1, Eq. 3: holds", "2-21-eq-3-holds"),
        ("Gender 85%, Gender alone, small set", "gender-85-gender-alone-small-set"),
        ("P and q", "p-and-q"),
    ],
)
def test_anchors_are_those_of_markdown(heading, anchor):
    assert slug(heading) == anchor
