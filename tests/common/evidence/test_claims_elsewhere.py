"""A claim that a profile asks elsewhere, of rows that have seeds enough."""

import dataclasses

from common.evidence.claims import REPRODUCED, judge
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
