"""What is counted of the paper's sentences, against counting by hand."""

import itertools

import pytest

from common.evidence.fact_verdicts import (
    CONTRADICTION,
    FAILS,
    HOLDS,
)
from reproductions.age_gender import facts, networks_page


def test_features_are_those_that_a_search_of_all_places_finds():
    side = 6
    found = sum(
        1
        for across, down in facts.SHAPES
        for x, y, width, height in itertools.product(range(side), range(side), *[range(1, side + 1)] * 2)
        if width % across == 0 and height % down == 0 and x + width <= side and y + height <= side
    )
    assert facts.haar_features(side) == found
    assert facts.haar_features() == 162_336


def test_a_convolution_has_as_many_outputs_as_places():
    places = [start for start in range(-2, 128 + 2) if start + 7 <= 128 + 2][::2]
    assert facts.convolved(128, 7, 2, 2) == len(places)


@pytest.mark.parametrize(("curve", "epochs"), [([1, 1], 1), ([0.1, 0.9, 0.96, 1.0], 3), ([0.5], 1)])
def test_a_curve_has_converged_where_it_is_near_its_end(curve, epochs):
    assert facts.epochs_to(curve) == epochs


def test_without_records_the_paper_is_held_against_itself(tmp_path):
    found = {one.sentence: one.verdict for one in facts.facts(tmp_path / "age-gender")}
    assert next(verdict for sentence, verdict in found.items() if "160,000" in sentence) == HOLDS
    assert next(verdict for sentence, verdict in found.items() if "stride 2" in sentence) == CONTRADICTION
    assert not any("converging" in sentence for sentence in found)


def test_stored_networks_answer_for_their_parameters(tmp_path):
    folder = tmp_path / "age-gender"
    assert networks_page.page(folder) is None
    networks_page.store(folder)
    page = networks_page.page(folder)
    assert "| C1         | 124x124x6 |        156 |" in page
    assert page.index("AlexNet") < page.index("LeNet") < page.index("Both together")
    found = {one.sentence: one for one in facts.facts(folder)}
    lenet = next(one for sentence, one in found.items() if "2398656" in sentence)
    assert lenet.verdict == HOLDS
    assert "2,398,656 links" in lenet.counted
    shared = next(one for sentence, one in found.items() if "shared" in sentence)
    assert shared.verdict == FAILS
