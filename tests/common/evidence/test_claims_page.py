"""The verdicts as they are read: what sets rows on the same data apart, and the same for a terminal."""

from __future__ import annotations

import dataclasses

from common.evidence.claims import Claim, judge_all
from common.evidence.claims_page import claims_markdown, claims_text
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import UTKFACE, measurement, record

BETTER = Claim("better", "The new loss is better.", "Section 5", "new", "old", ("fgnet",))
STORED = FakePredictions()


def page_of(claims, records):
    return claims_markdown(claims, judge_all(claims, records, STORED))


def runs(experiment, values, **changes):
    return [record([measurement(value)], seed, experiment, **changes) for seed, value in enumerate(values, 1)]


def test_rows_on_the_same_data_say_what_sets_them_apart():
    records = runs("old", [6.0, 6.1, 6.0])
    for epochs, values in ((20, [5.0, 5.1, 4.9]), (30, [7.0, 7.1, 6.9])):
        records += runs("new", values, configuration={"loss": "new", "epochs": epochs})
    lines = [line for line in page_of([BETTER], records).replace("<br>", " ").splitlines() if "cpu" in line]
    shown = [line for line in lines if line.startswith("| ")]
    assert len(shown) == 2
    assert {"; first row of epochs = 20" in line for line in shown} == {True, False}
    assert {"; first row of epochs = 30" in line for line in shown} == {True, False}


def test_rows_of_two_training_copies_say_which():
    claim = dataclasses.replace(BETTER, same_training=False)
    other = dataclasses.replace(UTKFACE, fingerprint="cd" * 32)
    records = runs("old", [6.0, 6.1, 6.0]) + runs("new", [5.0, 5.1, 4.9])
    records += runs("new", [7.0, 7.1, 6.9], trained_on=(other,))
    page = page_of([claim], records).replace("<br>", " ")
    assert "; first row of training copy cdcdcd" in page


def test_in_a_terminal_each_verdict_stands_with_its_gain_and_data():
    other = dataclasses.replace(BETTER, name="another", better="absent")
    records = runs("old", [6.0, 6.1, 6.0]) + runs("new", [5.0, 5.1, 4.9])
    text = claims_text(judge_all([BETTER, other], records, STORED)).splitlines()
    assert text[0] == "Better"
    assert text[1].startswith("  reproduced ")
    assert text[1].endswith("   FG-NET, never seen · cpu")
    assert " 1.03 [" in text[1]
    assert text[3] == "Another"
    assert text[4].startswith("  not tested ")
    assert len(text) == 5


def test_where_nothing_was_run_a_terminal_is_told_nothing():
    assert claims_text(judge_all([BETTER], [], STORED)) == ""
