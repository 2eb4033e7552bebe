"""Claims: each verdict by its rule, with the interval over seeds and images."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from common.evidence.claims import (
    BOUNDED,
    LOOKS,
    NOT_REPRODUCED,
    NOT_TESTED,
    REPRODUCED,
    TRIVIAL,
    Claim,
    judge,
    judge_all,
    spent,
)
from common.evidence.claims_page import claims_markdown
from common.evidence.contributions import Contributions
from common.metrics.crossed import crossed
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import (
    GENERATED,
    GENERATED_TRAIN,
    UTKFACE,
    UTKFACE_TEST,
    measurement,
    record,
)

BETTER = Claim("better", "The new loss is better.", "Section 5", "new", "old", ("fgnet",))
HALVES = dataclasses.replace(BETTER, name="halves", ratio=0.5)
STORED = FakePredictions()


def page_of(claims, records):
    return claims_markdown(claims, judge_all(claims, records, STORED))


def runs(experiment, values, metric="MAE", first=1, **changes):
    return [
        record([measurement(value, metric=metric)], seed, experiment, **changes)
        for seed, value in enumerate(values, first)
    ]


@pytest.mark.parametrize(
    ("claim", "new", "old", "verdict"),
    [
        (BETTER, [5.0, 5.1, 4.9], [6.0, 6.1, 6.0], REPRODUCED),
        (BETTER, [6.0, 6.1, 6.0], [5.0, 5.1, 4.9], NOT_REPRODUCED),
        (BETTER, [5.0, 6.0, 5.5], [5.6, 5.4, 5.7], BOUNDED),
        (BETTER, [5.0, 5.0, 5.0], [5.0, 5.0, 5.0], BOUNDED),
        (BETTER, [5.0, 5.0, 5.0], [5.5, 5.5, 5.5], REPRODUCED),
        (BETTER, [5.0, 5.1], [6.0, 6.1], NOT_TESTED),
        (BETTER, [], [6.0, 6.1, 6.2], NOT_TESTED),
        (HALVES, [2.6, 2.7, 2.6], [6.0, 6.1, 6.0], REPRODUCED),
        (HALVES, [5.0, 5.1, 4.9], [6.0, 6.1, 6.0], NOT_REPRODUCED),
        (HALVES, [2.6, 3.4, 3.0], [6.0, 6.0, 6.0], BOUNDED),
        (HALVES, [1.0, 1.0, 1.0], [1.0, 0.5, 0.0], BOUNDED),
        (dataclasses.replace(BETTER, margin=2.0), [5.0, 5.1, 4.9], [6.0, 6.1, 6.0], NOT_REPRODUCED),
        (dataclasses.replace(BETTER, margin=0.5), [5.0, 5.1, 4.9], [6.0, 6.1, 6.0], REPRODUCED),
    ],
)
def test_verdicts(claim, new, old, verdict):
    half = 0.0 if 0.0 in old else 0.3
    records = [
        record([measurement(value, half=half)], seed, row)
        for row, values in (("new", new), ("old", old))
        for seed, value in enumerate(values, 1)
    ]
    (found,) = judge(claim, records, STORED)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("ratio", "new", "verdict"),
    [
        (None, [70.0, 71.0, 72.0], REPRODUCED),
        (None, [50.0, 51.0, 52.0], NOT_REPRODUCED),
        (1.1, [70.0, 71.0, 72.0], REPRODUCED),
        (1.5, [70.0, 71.0, 72.0], NOT_REPRODUCED),
    ],
)
def test_where_higher_is_better(ratio, new, verdict):
    claim = dataclasses.replace(BETTER, metric="CS@5", ratio=ratio)
    (found,) = judge(claim, runs("new", new, "CS@5") + runs("old", [60.0, 60.5, 61.0], "CS@5"), STORED)
    assert found.verdict == verdict


def test_seeds_and_images_both_make_the_interval():
    new, old = [5.0, 5.4, 4.9, 5.2], [6.0, 6.1, 6.3, 6.1]
    (found,) = judge(BETTER, runs("new", new) + runs("old", old), FakePredictions(flips=0.0))
    expected = stats.ttest_rel(old, new).confidence_interval(0.95)
    assert found.found.interval() == pytest.approx((expected.low, expected.high))
    (flipping,) = judge(BETTER, runs("new", new) + runs("old", old), FakePredictions(flips=20.0))
    assert flipping.verdict == BOUNDED and flipping.found.value == pytest.approx(found.found.value)
    assert flipping.words == f"no gain above {flipping.found.most():.2f}"


def test_an_undecided_gain_that_is_rather_a_loss_says_so():
    (found,) = judge(BETTER, runs("new", [6.0, 6.1, 6.2]) + runs("old", [5.0, 5.1, 5.2]), STORED)
    bound = found.found.most()
    assert bound < 0
    undecided = dataclasses.replace(found, verdict=BOUNDED)
    assert undecided.words == "leans against it"


def test_a_ratio_is_linearised_about_the_ratio_of_the_means():
    draw = np.random.default_rng(0)
    ours, theirs = draw.normal(3, 1, (2, 4, 400))
    theirs += 3
    ratios = [
        ours[:, rows].mean() / theirs[:, rows].mean()
        for rows in (draw.integers(0, 400, 400) for _ in range(4000))
    ]
    ratio = ours.mean() / theirs.mean()
    found = crossed(ratio + (ours - ratio * theirs) / theirs.mean())
    assert found.value == pytest.approx(ratio)
    assert np.sqrt(found.item + found.flip) == pytest.approx(np.std(ratios), rel=0.1)


STEPS = dataclasses.replace(BETTER, metric="rank-1", between=("first", "second"))


def test_a_series_is_judged_by_its_slope():
    values = {"old": [40.0, 41.0, 40.5], "first": [42.0, 41.5, 43.0], "second": [42.5, 44.0, 43.0]}
    values["new"] = [45.0, 44.0, 46.5]
    records = [one for name, several in values.items() for one in runs(name, several, "rank-1")]
    (found,) = judge(STEPS, records, STORED)
    means = [np.mean(several) for several in values.values()]
    assert found.verdict == REPRODUCED
    assert found.found.value == pytest.approx(np.polyfit(range(4), means, 1)[0])
    page = page_of([STEPS], records)
    assert "second row `old`, steps `first`, `second`." in page and "gain a step over 0.00" in page
    assert page.index("`new` (") < page.index("`first` (") < page.index("`old` (")


def test_a_step_that_was_not_run_leaves_a_series_untested():
    records = [one for name in ("old", "first", "new") for one in runs(name, [40.0, 41.0, 42.0], "rank-1")]
    (found,) = judge(STEPS, records, STORED)
    assert found.verdict == NOT_TESTED and found.found is None


def test_two_decisions_of_one_network_are_compared():
    claim = dataclasses.replace(BETTER, worse="new", worse_decision="median")
    records = [
        record(
            [
                measurement(value),
                dataclasses.replace(measurement(value - 1), decision="median"),
            ],
            seed,
            "new",
        )
        for seed, value in enumerate([5.0, 5.1, 4.9], 1)
    ]
    (found,) = judge(claim, records, STORED)
    assert found.verdict == NOT_REPRODUCED and found.found.value == pytest.approx(-1)
    assert "First row `new` by expectation, second row `new` by median." in page_of([claim], records)


def test_steps_are_of_a_gain():
    with pytest.raises(ValueError, match="steps"):
        dataclasses.replace(BETTER, ratio=0.5, between=("first",))


def test_nothing_is_a_multiple_of_zero():
    class Zeros:
        def contributions(self, one):
            return Contributions(np.arange(9), None, np.zeros(9))

    (found,) = judge(HALVES, runs("new", [5.0, 5.1, 4.9]) + runs("old", [6.0, 6.1, 6.0]), Zeros())
    assert found.verdict == NOT_TESTED and found.found is None


def test_a_ratio_of_errors_is_of_what_is_missing_to_all():
    claim = dataclasses.replace(BETTER, metric="rank-1", ratio=0.5, of_errors=True)
    records = runs("new", [95.0, 95.1, 94.9], "rank-1") + runs("old", [80.0, 80.0, 80.1], "rank-1")
    (found,) = judge(claim, records, STORED)
    assert found.verdict == REPRODUCED and found.found.value == pytest.approx(5 / 20, rel=0.01)
    assert claim.demand == "ratio of errors at most 0.50"


def test_a_bound_that_a_constant_answer_meets_proves_nothing():
    claim = dataclasses.replace(BETTER, metric="accuracy", worse=None, bound=50.0, constant="constant")
    records = runs("new", [70.0, 70.5, 71.0], "accuracy")
    (found,) = judge(claim, records, STORED)
    assert found.verdict == REPRODUCED
    other = dataclasses.replace(UTKFACE, fingerprint="cd" * 32)
    for value, verdict in ((40.0, REPRODUCED), (51.5, TRIVIAL)):
        constant = runs("constant", [value], "accuracy", trained_on=(other,))
        (found,) = judge(claim, records + constant, STORED)
        assert found.verdict == verdict


def test_looks_at_more_seeds_spend_what_is_left():
    assert [spent(seeds) for seeds in (3, 4, 5, 8, 9, 12)] == [0.04, 0.04, 0.01, 0.008, 0.008, 0.006]
    assert min(LOOKS) == 3


def test_decisions_of_many_claims_are_held_against_their_number():
    draw = np.random.default_rng(1)
    claims = [dataclasses.replace(BETTER, name=f"c{n}", better=f"new{n}") for n in range(20)]
    records = runs("old", [6.0, 6.0, 6.0])
    records += [one for n in range(20) for one in runs(f"new{n}", 6 - draw.normal(0, 0.02, 3))]
    records += runs("new20", [5.0, 5.1, 4.9])
    claims.append(dataclasses.replace(BETTER, name="c20", better="new20"))
    verdicts = judge_all(claims, records, STORED)
    chances = np.array([one.found.p_value() for one in verdicts])
    order = np.argsort(chances)
    passing = [k for k in range(21) if chances[order][k] <= 0.05 * (k + 1) / 21]
    stands = set(order[: max(passing) + 1])
    for place, one in enumerate(verdicts):
        decided = one.verdict in (REPRODUCED, NOT_REPRODUCED)
        assert one.corrected == (not decided or place in stands)
    assert verdicts[20].words == "reproduced"


def test_runs_are_paired_by_seed_and_others_left_out():
    new, old = runs("new", [5.0, 5.1, 4.9, 99.0]), runs("old", [99.0, 6.1, 6.0, 6.2, 6.1], first=0)
    (found,) = judge(BETTER, new[:3] + old, STORED)
    assert [one.record.seed for one in found.better] == [1, 2, 3] == [one.record.seed for one in found.worse]
    assert found.found.value == pytest.approx(np.mean([1.1, 0.9, 1.3]))
    (disjoint,) = judge(BETTER, runs("new", [5, 5, 5]) + runs("old", [6, 6, 6], first=4), STORED)
    assert disjoint.verdict == NOT_TESTED


def test_each_setting_has_a_verdict_and_no_two_are_mixed():
    claim = dataclasses.replace(BETTER, columns=("fgnet", "utkface", "synthetic", "morph"))
    records = runs("new", [5.0, 5.1, 4.9]) + runs("old", [6.0, 6.1, 6.0], profile="gpu")
    records += [record([measurement(5.0, "utkface", UTKFACE_TEST)], 1, "new")]
    records += [
        record(
            [measurement(value + 0.1 * seed * (row == "new"), "synthetic", GENERATED)],
            seed,
            row,
            profile="smoke",
            trained_on=(GENERATED_TRAIN,),
        )
        for row, value in (("new", 15.0), ("old", 16.0))
        for seed in (1, 2, 3)
    ]
    found = judge(claim, records, STORED)
    assert [(v.setting.column, v.setting.profile, v.verdict) for v in found] == [
        ("fgnet", "gpu", NOT_TESTED),
        ("fgnet", "cpu", NOT_TESTED),
        ("utkface", "cpu", NOT_TESTED),
        ("synthetic", "smoke", REPRODUCED),
    ]
    page = page_of([claim], records)
    assert "| Generated faces<br>(stand-in), test split ·<br>smoke | reproduced |" in page


def test_rows_are_compared_across_their_training_where_the_claim_is_about_it():
    claim = dataclasses.replace(BETTER, same_training=False)
    after = dataclasses.replace(UTKFACE, protocol="five folds", split_hash="ab" * 32)
    records = runs("old", [6.0, 6.1, 6.0]) + runs("new", [5.0, 5.1, 4.9], trained_on=(UTKFACE, after))
    assert {verdict.verdict for verdict in judge(BETTER, records, STORED)} == {NOT_TESTED}
    (found,) = judge(claim, records, STORED)
    assert (found.verdict, found.setting.same_training) == (REPRODUCED, False)
    page = page_of([claim], records)
    assert "trained on what each row's records say" in page
    assert "trained on = UTKFace, train split + UTKFace, five folds" in page


def test_other_training_data_are_never_averaged():
    claim = dataclasses.replace(BETTER, same_training=False)
    other = dataclasses.replace(UTKFACE, fingerprint="cd" * 32)
    records = runs("old", [6.0, 6.1, 6.0]) + runs("new", [5.0, 5.1, 4.9])
    records += runs("new", [7.0, 7.1, 6.9], trained_on=(other,))
    assert sorted(v.verdict for v in judge(claim, records, STORED)) == [NOT_REPRODUCED, REPRODUCED]


def test_configurations_are_judged_apart():
    records = runs("new", [5.0, 5.1, 4.9]) + runs("old", [6.0, 6.1, 6.0])
    records += runs("new", [7.0, 7.1, 6.9], configuration={"loss": "new", "epochs": 30})
    assert sorted(v.verdict for v in judge(BETTER, records, STORED)) == [NOT_REPRODUCED, REPRODUCED]


def test_a_claim_that_nothing_was_run_for_is_not_tested():
    (found,) = judge(BETTER, [], STORED)
    assert (found.verdict, found.setting) == (NOT_TESTED, None)
    page = page_of([BETTER], [])
    assert "## Better\n\n" in page and "Not tested: neither row was run." in page and "## Runs" not in page


def test_the_page_names_rule_data_runs_and_what_sets_the_rows_apart():
    records = runs("new", [5.0, 5.1, 4.9]) + runs("old", [6.0, 6.1, 6.0])
    page = page_of([BETTER, HALVES], records)
    low, high = judge(BETTER, records, STORED)[0].found.interval()
    assert f" 1.03 [{low:.2f}, {high:.2f}] |" in page and " 3 × 400 |" in page
    assert "Demanded: ratio at most 0.50." in page and "Demanded: gain over 0.00." in page
    assert "fewer than 3 pairs" in page and "95% interval counts both" in " ".join(page.split())
    assert "- **FG-NET, never seen · cpu**: 1,002 images of 82 subjects" in page
    assert "`new` (loss = new) seeds [1](runs/new-cpu-seed1-" in page
    assert "`old` (loss = old) seeds [1](runs/old-cpu-seed1-" in page
    assert page == page_of([BETTER, HALVES], records[::-1])


REACHES = Claim("reaches", "It reaches 85.", "IV.B", "new", None, ("fgnet",), metric="accuracy", bound=85.0)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([88.0, 88.4, 88.2], REPRODUCED),
        ([80.0, 80.4, 80.2], NOT_REPRODUCED),
        ([84.0, 86.0, 85.5], BOUNDED),
        ([88.0, 88.4], NOT_TESTED),
        ([], NOT_TESTED),
    ],
)
def test_a_row_that_is_to_reach_a_value(values, verdict):
    records = runs("new", values, "accuracy")
    (found,) = judge(REACHES, records, FakePredictions(flips=0.0))
    assert found.verdict == verdict
    page = claims_markdown([REACHES], [found])
    assert "First row `new`." in page and "at least 85.00" in page
    assert "A claim that one row reaches a value has no second row" in page
    if len(values) >= 3:
        expected = found.found.interval()
        assert f"{np.mean(values):.2f} [{expected[0]:.2f}, {expected[1]:.2f}]" in page


def test_where_lower_is_better_it_is_reached_from_above():
    claim = dataclasses.replace(REACHES, metric="MAE", bound=5.0)
    (found,) = judge(claim, runs("new", [4.1, 4.2, 4.0]), STORED)
    assert (found.verdict, claim.demand) == (REPRODUCED, "at most 5.00")


def test_a_claim_has_a_second_row_or_a_bound():
    for changes in ({"bound": None}, {"worse": "old"}):
        with pytest.raises(ValueError, match="either a second row or a bound"):
            dataclasses.replace(REACHES, **changes)
    assert "A claim that one row reaches" not in page_of([BETTER], [])
