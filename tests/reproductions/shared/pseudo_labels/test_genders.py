"""Genders of a labelled set: one a person, whatever single images say."""

import numpy as np
import pandas as pd
import pytest

from reproductions.shared.pseudo_labels.genders import ESTIMATED, own_genders, settled, unknown_genders

NAN = float("nan")


def people(*names):
    return pd.Series(pd.array(names, "string"), index=range(7, 7 + len(names)))


CASES = {
    "the mean decides, not the count": (("a", "a", "a"), [0.45, 0.45, 0.9], ["female"] * 3, 200 / 3),
    "people are settled apart": (("a", "b", "a"), [0.9, 0.1, 0.6], ["female", "male", "female"], 0.0),
    "an image without a person stands for itself": (
        (None, None, "a"),
        [0.9, 0.2, 0.4],
        ["female", "male", "male"],
        0.0,
    ),
    "a face that was not asked takes its person's": (
        ("a", "a", "b"),
        [NAN, 0.8, NAN],
        ["female"] * 2 + [None],
        0.0,
    ),
    "nobody was asked": (("a", "b"), [NAN, NAN], [None, None], None),
    "a person named like a number is nobody else's image": (("1", None), [0.9, 0.2], ["female", "male"], 0.0),
}


@pytest.mark.parametrize("case", CASES)
def test_one_gender_a_person(case):
    names, female, expected, dissent = CASES[case]
    found = settled(people(*names), np.array(female))
    assert list(found.names) == expected
    assert found.dissent == (None if dissent is None else pytest.approx(dissent))
    assert found.source == ESTIMATED
    np.testing.assert_array_equal(found.female, female)


def test_what_a_set_knows_itself():
    index = pd.DataFrame({"gender": pd.array(["male", None], "string")})
    assert own_genders(index).names == ("male", None)
    index["gender"] = pd.array([None, None], "string")
    assert own_genders(index) is None
    assert unknown_genders(index).names == (None, None)
