"""The card says what the answers say, counted here by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from reproductions.shared.networks import card, card_genders, manifest
from reproductions.shared.networks.published import PublishedGenders
from tests.support.published_network import write_folder


@pytest.fixture
def text(tmp_path):
    published = write_folder(tmp_path)
    return card.render("age", published, card.read_answers(tmp_path, "age", published))


def cells(text: str, first: str) -> list[str]:
    (row,) = re.findall(rf"^\| {re.escape(first)} +\|(.*)\|$", text, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def test_error_bias_and_coverage_of_each_set(text):
    assert cells(text, "UTKFace, test split, published crops")[:4] == ["40", "2.00", "2.00 to 2.00", "+2.00"]
    assert cells(text, "FG-NET, never seen, photographs, mtcnn, all") == [
        "4",
        "3.00",
        "–",
        "+3.00",
        "75%",
        "6.0",
    ]
    even = cells(text, "FG-NET, never seen, photographs, mtcnn, people of even number")
    assert even[:2] == ["3", "3.00"] and even[4] == "67%"


def test_what_is_not_found_is_counted_and_another_detector_beside_it(text):
    assert "photographs, viola-jones: no face found in 1 of 4 photographs" in text
    assert (
        "on the 3 photographs in which both find a face, the error is 3.00 years with mtcnn and 6.00" in text
    )


def test_groups_are_those_of_the_names(text):
    assert cells(text, "gender: female")[0] == "20"
    assert cells(text, "race: Indian")[0] == "8"
    assert cells(text, "race: Indian")[-1] == "2.00"
    assert cells(text, "20 to 29")[0] == "10"


def test_terms_traces_and_failures_stand_there(text):
    assert "trained on UTKFace: for non-commercial research only" in text
    assert "must not" in text
    assert "../results/neighborhood/runs/a.json" in text and "made again" in text
    assert cells(text, "a wall") == ["1", "no face is found"]
    assert cells(text, "a portrait") == ["77", "70 (60 to 80)"]


def test_misses_of_women_and_of_men_are_counted_apart():
    """Of 40 women 10 are called men, of 20 men one a woman, all ten years older; one woman is not found."""
    women, men = [0.2] * 10 + [0.9] * 30 + [np.nan], [0.8] + [0.1] * 19
    answers = pd.DataFrame(
        {
            "column": "utkface",
            "name": [f"30_1_3_{n}.jpg" for n in range(41)] + [f"40_0_2_{n}.jpg" for n in range(20)],
            "subject": None,
            "age": [30] * 41 + [40] * 20,
            "gender": ["female"] * 41 + ["male"] * 20,
            "female": women + men,
        }
    )
    text = "\n".join(card_genders.body(None, answers))
    top, _, below = text.partition("## Misses by gender")
    whole = "UTKFace, test split, published crops"
    assert cells(top, whole)[:2] == ["60", "81.7"] and "no face found in 1 of 61 pictures" in top
    misses = cells(below, whole)
    assert misses[:2] == ["40", "25.0"] and misses[3:5] == ["20", "5.0"]
    low, high = map(float, misses[2].split(" to "))
    assert 10 < low < 25 < high < 42
    assert cells(below, "30 to 39")[3:5] == ["25.0", "–"]
    assert cells(below, "40 to 49")[3:5] == ["–", "5.0"]
    assert cells(below, "Indian")[3:5] == ["25.0", "–"]


def test_answers_that_were_changed_are_refused(tmp_path):
    published = write_folder(tmp_path)
    (tmp_path / card.answers_name("age")).write_bytes(b"")
    with pytest.raises(UserError, match="is not what the manifest tells of"):
        card.read_answers(tmp_path, "age", published)


def test_an_edited_manifest_is_refused(tmp_path):
    write_folder(tmp_path)
    path = tmp_path / manifest.MANIFEST
    path.write_text(path.read_text().replace("0.0001", "0.0002"))
    with pytest.raises(UserError, match="was edited"):
        manifest.read(tmp_path)


def test_a_folder_without_networks_says_how_one_is_made(tmp_path):
    with pytest.raises(UserError, match="make publish-networks"):
        manifest.read(tmp_path)


def test_a_network_that_is_not_there_is_named(tmp_path):
    write_folder(tmp_path)
    with pytest.raises(UserError, match=r"unknown network in .* 'gender': .*Valid: age"):
        manifest.published(tmp_path, PublishedGenders)
