"""The scoreboard: its numbers and sentences are the records', and a verdict without a sentence stops it."""

import dataclasses

import pytest

from common.errors import UserError
from common.evidence.claims import BOUNDED, NOT_REPRODUCED, REPRODUCED, Claim, judge_all
from common.evidence.headlines import Headline, paper_statistic, scoreboard
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import study

CLAIM = Claim(
    "better",
    "It is better.",
    "Table 2",
    "neighborhood-34",
    "cross-entropy-34",
    ("fgnet", "morph", "synthetic"),
)
SAYS = {word: f"{word}: {{value}} [{{interval}}] {{unit}}" for word in (REPRODUCED, BOUNDED, NOT_REPRODUCED)}
HEADLINE = Headline("better", "fgnet", "Is better", (2.78, 3.94), "FG-NET", plainly=SAYS, question="Better?")


def score(headline=HEADLINE, claim=CLAIM, seeds=(1, 2, 3)):
    verdicts = judge_all([claim], study(seeds), FakePredictions())
    (one,) = scoreboard([headline], [claim], verdicts)
    return one, verdicts


def test_a_row_holds_the_papers_statistic_ours_and_the_verdict():
    row, (fgnet, *_) = score()
    low, high = fgnet.found.interval(0.95)
    here = f"{fgnet.found.value:.2f} [{low:.2f}, {high:.2f}]"
    assert (row["paper"], row["on"], row["here"], row["verdict"]) == ("1.16", "FG-NET", here, "reproduced")
    assert row["plainly"] == f"reproduced: {here} years"
    assert row["answer"] == f"Yes: gain {here} years on FG-NET; 1.16 in the paper."


def test_sentence_reason_and_answer_follow_the_verdict():
    demanding = dataclasses.replace(CLAIM, margin=2.0)
    row, _ = score(claim=demanding)
    assert row["plainly"].startswith("not reproduced: ") and row["answer"].startswith("No: ")
    why = dataclasses.replace(HEADLINE, why={NOT_REPRODUCED: "hardly better"})
    assert score(why, demanding)[0]["why"] == "hardly better"
    assert score(why)[0]["why"] == "beyond chance"


def test_fewer_seeds_than_a_verdict_needs_are_said():
    row, _ = score(seeds=(1, 2))
    assert (row["verdict"], row["why"], row["plainly"]) == ("not tested", "2 of 3 seeds", "")
    assert row["answer"].startswith("Not tested yet: gain ")


def test_a_set_that_was_not_run_is_stood_in_for_by_name():
    row, _ = score(dataclasses.replace(HEADLINE, column="morph"))
    assert row["on"] == "Generated faces" and row["verdict"] == "not tested"
    assert row["paper"] == "1.16, FG-NET", "the paper's number was not measured on generated faces"


def test_a_verdict_without_a_sentence_stops_the_rendering():
    silent = dataclasses.replace(HEADLINE, plainly={NOT_REPRODUCED: "It is not."})
    with pytest.raises(UserError, match=r"say 'reproduced' of the claim 'better' .* no sentence for that"):
        score(silent)


@pytest.mark.parametrize("change", [{"claim": "best"}, {"column": "lfw"}])
def test_a_headline_of_no_claim_is_refused(change):
    with pytest.raises(UserError, match="is not there"):
        score(dataclasses.replace(HEADLINE, **change))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"plainly": {REPRODUCED: "It gains 2 years."}}, "numbers come from records"),
        ({"plainly": {REPRODUCED: "It gains {much}."}}, "nothing is called much"),
        ({"why": {REPRODUCED: "it is so very much better"}}, "more than 5 words"),
        ({"on": ""}, "need the data"),
    ],
)
def test_numbers_written_by_hand_and_long_reasons_are_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(HEADLINE, **change)


def test_the_papers_statistic_is_the_claims():
    assert paper_statistic(CLAIM, (2.78, 3.94)) == pytest.approx(1.16)
    errors = dataclasses.replace(CLAIM, metric="rank-1", ratio=0.6, of_errors=True)
    assert paper_statistic(errors, (98.36, 97.23)) == pytest.approx(1.64 / 2.77)
    reached = dataclasses.replace(CLAIM, metric="accuracy", worse=None, bound=85.0)
    assert paper_statistic(reached, (85.0,)) == 85.0
