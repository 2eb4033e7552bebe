"""What the plan of seeds makes of a claim: asked elsewhere under a profile, or only leaned to."""

import dataclasses

from common.evidence.claims import BOUNDED, REPRODUCED, judge
from tests.common.evidence.test_claims import BETTER, STORED, page_of, runs


def test_a_claim_that_a_profile_asks_elsewhere_is_silent_there_and_says_where():
    claim = dataclasses.replace(BETTER, elsewhere=("cpu", "at half the side"))
    few = [*runs("new", [5.0]), *runs("old", [6.0])]
    assert judge(claim, few, STORED) == ()
    assert "The new loss" not in page_of([claim], few)
    whole = [
        *runs("new", [5.0, 5.1, 4.9], profile="gpu"),
        *runs("old", [6.0, 6.1, 6.0], profile="gpu"),
    ]
    (verdict,) = judge(claim, [*few, *whole], STORED)
    assert (verdict.setting.profile, verdict.verdict) == ("gpu", REPRODUCED)
    assert "Under `cpu` it is asked at half the side." in page_of([claim], [*few, *whole])


def test_an_interval_on_the_claims_side_that_the_plan_does_not_take_says_so():
    (found,) = judge(BETTER, [*runs("new", [5.0, 5.1, 4.9]), *runs("old", [6.0, 6.1, 6.0])], STORED)
    assert found.found.interval()[0] > 0
    undecided = dataclasses.replace(found, verdict=BOUNDED)
    assert undecided.words == "leans for it"
