"""Pairs of images: who is in which fold, and what a published list says."""

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from data_prep.prepared.names import Names
from data_prep.protocols import verification as pairing
from data_prep.protocols.verification import TooFewPairs
from tests.support.prepared_sets import make_index

MANY = make_index([{"identity": f"person {n % 60}", "age": n % 50} for n in range(480)])


def test_drawn_pairs_share_nobody_between_folds():
    pairs = pairing.drawn_pairs(MANY, folds=10, pairs=40)
    people = MANY["identity"].to_numpy()
    first, second = people[pairs.first], people[pairs.second]
    np.testing.assert_array_equal(pairs.same, first == second)
    inside = [set(first[pairs.folds == f]) | set(second[pairs.folds == f]) for f in range(10)]
    assert sum(map(len, inside)) == len(set.union(*inside)) == 60
    for fold in range(10):
        assert sum(pairs.same & (pairs.folds == fold)) == sum(~pairs.same & (pairs.folds == fold)) == 40
    assert len({frozenset(pair) for pair in zip(pairs.first, pairs.second, strict=True)}) == len(pairs.first)
    assert all(pairs.first != pairs.second)


def test_pairs_are_drawn_alike_whatever_the_order_of_the_images():
    order = np.random.default_rng(0).permutation(len(MANY))
    other = pairing.drawn_pairs(MANY.iloc[order].reset_index(drop=True), pairs=40)
    assert other.hash == pairing.drawn_pairs(MANY, pairs=40).hash
    assert other.hash != pairing.drawn_pairs(MANY, pairs=40, salt="other").hash


def test_a_fold_gives_what_it_has():
    # Six people a fold, eight images each: 6 * 28 pairs of one person.
    pairs = pairing.drawn_pairs(MANY, folds=10, pairs=1000)
    assert sum(pairs.same) == sum(~pairs.same) == 10 * 6 * 28
    with pytest.raises(UserError, match="too few for verification in 10 folds"):
        pairing.drawn_pairs(MANY, rows=np.arange(40), folds=10)


def test_a_fold_of_thousands_of_images_is_thinned_first(monkeypatch):
    monkeypatch.setattr(pairing, "_DENSE", 20)
    pairs = pairing.drawn_pairs(MANY, folds=10, pairs=1000)
    assert 0 < sum(pairs.same) == sum(~pairs.same) < 10 * 6 * 28
    for fold in range(10):
        used = {*pairs.first[pairs.folds == fold], *pairs.second[pairs.folds == fold]}
        assert len(used) <= 20


def test_pairs_can_be_drawn_far_apart_in_age():
    index = make_index([{"identity": f"p{n % 30}", "age": (n * 7) % 80} for n in range(300)])
    pairs = pairing.drawn_pairs(index, folds=3, pairs=20, gap=30)
    ages = index["age"].to_numpy(int)
    assert np.abs(ages[pairs.first] - ages[pairs.second]).min() >= 30
    assert pairs.same.sum() == (~pairs.same).sum() > 0
    assert pairs.description.endswith("30 years apart or more")


LFW = make_index([{"identity": p, "name": f"{p}/{p}_{n:04d}.jpg"} for p in ("A_B", "C_D") for n in (1, 2, 3)])


def test_lfws_own_list_is_read(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text(
        "2\t2\n"
        "A_B\t1\t3\nA_B\t1\t2\nA_B\t2\tC_D\t1\nA_B\t2\tC_D\t9\n"
        "C_D\t1\t2\nC_D\t1\t9\nC_D\t2\tA_B\t1\nC_D\t1\tA_B\t3\n"
    )
    pairs = pairing.lfw_pairs(Names(LFW), path)
    found = [(*LFW["name"].iloc[[a, b]],) for a, b in zip(pairs.first, pairs.second, strict=True)]
    assert found == [
        ("A_B/A_B_0001.jpg", "A_B/A_B_0003.jpg"),
        ("A_B/A_B_0001.jpg", "A_B/A_B_0002.jpg"),
        ("A_B/A_B_0002.jpg", "C_D/C_D_0001.jpg"),
        ("C_D/C_D_0001.jpg", "C_D/C_D_0002.jpg"),
        ("C_D/C_D_0002.jpg", "A_B/A_B_0001.jpg"),
        ("C_D/C_D_0001.jpg", "A_B/A_B_0003.jpg"),
    ]
    assert pairs.same.tolist() == [True, True, False, True, False, False]
    assert pairs.folds.tolist() == [0, 0, 0, 1, 1, 1]
    assert pairs.description == "8 pairs of pairs.txt, 2 left out whose images or whose fold are not there"


@pytest.mark.parametrize("text", ["", "two\tone\n", "1\t1\nA_B\t1\t3\n", "1\t1\nA_B\t1\nA_B\t1\t2\n", "\x00"])
def test_a_damaged_list_of_pairs_is_named(tmp_path, text):
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(UserError, match=r"pairs.txt is not LFW's list of pairs \(.*\): download"):
        pairing.lfw_pairs(Names(LFW), path)


def numbered(numbers):
    return make_index([{"name": f"{number:04d}_{part}.jpg"} for number in numbers for part in (0, 1)])


def test_the_numbered_pairs_of_cacd_vs():
    index = numbered([0, 199, 200, 399, 400, 799, 3600, 3999])
    extra = make_index([{"name": "0007_0.jpg"}, {"name": "readme.jpg"}])
    pairs = pairing.numbered_pairs(Names(pd.concat([index, extra], ignore_index=True)))
    assert pairs.same.tolist() == [True, True, False, False, True, False, True, False]
    assert pairs.folds.tolist() == [0, 0, 0, 0, 1, 1, 9, 9]
    assert pairs.count == "8 of 4,000"
    with pytest.raises(TooFewPairs, match=r"none of the 4,000 numbered pairs .*: is the copy complete"):
        pairing.numbered_pairs(Names(MANY))


def test_a_partial_copys_folds_that_lack_a_kind_of_pair_are_left_out():
    """The first 900 pairs: the third block has pairs of one person alone, which set no threshold."""
    pairs = pairing.numbered_pairs(Names(numbered(range(0, 900, 10))))
    assert set(pairs.folds) == {0, 1}
    assert np.bincount(pairs.folds, pairs.same).tolist() == [20, 20]
    with pytest.raises(TooFewPairs, match="a threshold needs pairs of one person and of two in two folds"):
        pairing.numbered_pairs(Names(numbered(range(0, 500, 10))))
