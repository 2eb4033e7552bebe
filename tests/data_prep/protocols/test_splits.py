"""Splits: disjoint, the same on every machine, and for partial copies the same as for whole ones."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from data_prep.datasets import get
from data_prep.preparation.prepare import prepare
from data_prep.protocols import splits
from data_prep.protocols.splits import (
    PROTOCOLS,
    age_rows,
    all_test,
    drawn_test,
    fold_of,
    grouped,
    make_split,
    overlaps,
    subject_folds,
)
from tests.support.prepared_sets import make_index

PEOPLE = make_index([{"identity": f"{n % 41 + 1:03d}", "age": n % 70} for n in range(500)])
DISTRACTORS = make_index([{"age": n % 110} for n in range(2000)])


def names(index, split):
    return {part: set(index["name"].iloc[rows]) for part, rows in split.parts().items()}


def near(number, bits):
    """Return the hash of row `number` with its first `bits` bits flipped."""
    value = int(DISTRACTORS["dhash256"][number], 16) ^ ((1 << bits) - 1)
    return f"{value:064x}"


def test_ages_that_are_no_class_are_counted():
    index = make_index([{"age": age} for age in (-1, 0, 50, 99, 100, 116, None)])
    found = age_rows(index)
    assert found.rows.tolist() == [1, 2, 3]
    assert (found.below, found.above, found.unknown) == (1, 2, 1)
    assert str(found) == "3 images (1 below, 2 above, 1 of unknown age left out)"
    assert age_rows(index, 50, 50).rows.tolist() == [2]


def test_all_are_test_images():
    split = all_test(PEOPLE, "all")
    assert split.test.tolist() == list(range(500))
    assert len(split.train) == len(split.validation) == 0


@pytest.mark.parametrize("validate", [False, True])
def test_folds_keep_people_together_and_test_each_image_once(validate):
    splits = subject_folds(PEOPLE, "people", 5, validate=validate)
    assert np.sort(np.concatenate([split.test for split in splits])).tolist() == list(range(500))
    for fold, split in enumerate(splits):
        people = {part: set(PEOPLE["identity"].iloc[rows]) for part, rows in split.parts().items()}
        assert not people["train"] & people["test"]
        assert not people["validation"] & (people["train"] | people["test"])
        assert bool(people["validation"]) == validate
        assert {int(person) % 5 for person in people["test"]} == {fold}
        assert sum(map(len, split.parts().values())) == 500


def test_folds_of_names_come_from_their_hash():
    digest = hashlib.sha256(b"Ada_Lovelace").digest()
    assert fold_of("Ada_Lovelace", 5) == int.from_bytes(digest[:8], "big") % 5
    assert fold_of("007", 5) == 2


def test_folds_need_people_and_something_to_train_on():
    with pytest.raises(ValueError, match="2000 images have no identity"):
        subject_folds(DISTRACTORS, "strangers")
    with pytest.raises(ValueError, match="nothing to train on"):
        subject_folds(PEOPLE, "people", 2, validate=True)


@pytest.mark.parametrize("index", [PEOPLE, DISTRACTORS], ids=["people", "strangers"])
def test_grouped_parts_have_their_shares_and_nothing_in_common(index):
    split = grouped(index, "grouped", (60, 15, 25))
    sizes = [len(rows) / len(index) for rows in split.parts().values()]
    np.testing.assert_allclose(sizes, (0.6, 0.15, 0.25), atol=0.04 if index is DISTRACTORS else 0.15)
    assert set(overlaps(index, split).values()) == {0}
    assert sum(map(len, split.parts().values())) == len(index)


def test_a_partial_copy_agrees_with_the_whole():
    whole = names(DISTRACTORS, grouped(DISTRACTORS, "grouped"))
    part = DISTRACTORS.iloc[np.random.default_rng(0).permutation(2000)[:700]].reset_index(drop=True)
    partial = names(part, grouped(part, "grouped"))
    assert all(partial[name] <= whole[name] for name in whole)
    people = PEOPLE[PEOPLE["identity"].isin(["001", "004", "020"])].reset_index(drop=True)
    folds, few = subject_folds(PEOPLE, "people"), subject_folds(people, "people")
    assert all(names(people, b)["test"] <= names(PEOPLE, a)["test"] for a, b in zip(folds, few, strict=True))


def test_equal_picture_hashes_stay_together():
    index = make_index([{"dhash": f"{n // 4:016x}"} for n in range(400)])
    split = grouped(index, "grouped", (50, 20, 30))
    part_of = {row: part for part, rows in split.parts().items() for row in rows}
    assert all(len({part_of[4 * group + n] for n in range(4)}) == 1 for group in range(100))


def test_lookalikes_of_held_out_pictures_are_not_trained_on():
    index = DISTRACTORS.copy()
    index.loc[0, "dhash256"], index.loc[1, "dhash256"] = near(10, 27), near(10, 28)
    split = make_split(index, "s", "rule", np.array([0, 1, 2]), np.array([4]), np.array([10]))
    assert split.train.tolist() == [1, 2]
    assert split.description == "rule; 1 look-alikes of held-out pictures left out"
    index.loc[4, "dhash256"] = near(10, 3)
    assert len(make_split(index, "s", "rule", np.array([2]), np.array([4]), np.array([10])).validation) == 0


def test_identity_decides_where_it_is_known():
    index = PEOPLE.copy()
    index["dhash256"] = "0" * 64
    assert len(grouped(index, "people").train) > 200


@pytest.mark.parametrize(
    ("train", "test", "what"),
    [([0, 1], [1, 2], "1 images"), ([0, 1], [2, 41], "1 people"), ([5], [6], "1 contents")],
)
def test_an_overlap_is_an_error(train, test, what):
    index = PEOPLE.copy()
    index.loc[6, "sha256"] = index["sha256"][5]
    with pytest.raises(ValueError, match=f"split bad: {what} are in more than one part"):
        make_split(index, "bad", "rule", np.array(train), np.array([], int), np.array(test))


def test_drawn_images_have_the_smallest_hashes_of_their_ages():
    split = drawn_test(PEOPLE, "drawn", 30, 16, 40)
    within = [name for name, age in zip(PEOPLE["name"], PEOPLE["age"], strict=True) if 16 <= age <= 40]
    expected = sorted(within, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:30]
    assert names(PEOPLE, split)["test"] == set(expected)
    assert split.description == "30 images aged 16-40 with the smallest SHA-256 of their names"
    assert len(drawn_test(PEOPLE, "drawn", 10**6, 16, 40).test) == len(within)


def test_the_hash_names_the_images_not_their_rows():
    shuffled = DISTRACTORS.sample(frac=1, random_state=0).reset_index(drop=True)
    first, again = (grouped(index, "grouped") for index in (DISTRACTORS, shuffled))
    assert first.hash == again.hash
    assert first.hash != grouped(DISTRACTORS, "grouped", salt="other").hash


def test_shares_are_percentages():
    with pytest.raises(ValueError, match="sum to 100"):
        grouped(PEOPLE, "grouped", (80, 5, 10))


def test_a_part_of_the_training_is_the_same_people_however_large():
    whole = grouped(PEOPLE, "grouped")
    parts = {percent: splits.part_of_training(PEOPLE, whole, percent) for percent in (10, 30, 100)}
    assert parts[100] is whole
    assert set(parts[10].train) < set(parts[30].train) < set(whole.train)
    for percent, part in parts.items():
        np.testing.assert_array_equal(part.test, whole.test)
        np.testing.assert_array_equal(part.validation, whole.validation)
        people = PEOPLE["identity"]
        kept = set(people.iloc[part.train])
        assert set(whole.train[people.iloc[whole.train].isin(kept)]) == set(part.train)
        assert percent == 100 or abs(100 * len(part.train) / len(whole.train) - percent) < 20
    assert len({part.hash for part in parts.values()}) == 3
    with pytest.raises(ValueError, match="a part is from 1 to 100 percent, not 0"):
        splits.part_of_training(PEOPLE, whole, 0)


@pytest.mark.parametrize(
    ("dataset", "protocol"), [(name, rule) for name, rules in PROTOCOLS.items() for rule in rules]
)
def test_every_protocol_runs_on_an_index_of_its_set(dataset, protocol):
    assert get(dataset).name == dataset
    for split in PROTOCOLS[dataset][protocol](PEOPLE):
        assert isinstance(split, splits.Split)
        assert pd.Series(np.concatenate(list(split.parts().values()))).is_unique


@pytest.mark.real_data
def test_fgnet_folds_of_a_whole_copy(tmp_path, data_root):
    index = prepare("fgnet", data_root, tmp_path, size=32, template="arcface", detector="manual").index
    assert (len(index), index["identity"].nunique()) == (1002, 82)
    splits = PROTOCOLS["fgnet"]["folds"](index)
    assert [index["identity"].iloc[split.test].nunique() for split in splits] == [16, 17, 17, 16, 16]
    assert sum(len(split.test) for split in splits) == 1002
