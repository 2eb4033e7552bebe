"""A list divides a copy of UTKFace just as it says, and every image that it names is accounted for."""

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from data_prep.preparation.prepare import prepare
from data_prep.protocols.listed_split import ABSENT, NO_CLASS, REFUSED, listed_split
from data_prep.protocols.split_list import FIVE, read_list
from tests.support.image_files import jpeg
from tests.support.split_lists import entry, stem, write_list, write_utkface

IMAGES = 40
LISTED = 45
"""Five of them are not in the copy."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy with an old face, a file that is no picture, and one picture under two names, both listed."""
    root = tmp_path_factory.mktemp("copy")
    write_utkface(root, IMAGES)
    folder = root / "UTKFace"
    (folder / f"{stem(100, 101)}.jpg.chip.jpg").write_bytes(jpeg(100))
    (folder / f"{stem(101, 20)}.jpg.chip.jpg").write_bytes(b"no picture")
    (folder / f"{stem(103, 3)}.jpg.chip.jpg").write_bytes(jpeg(3))
    (folder / f"{stem(102, 20)}.jpg.chip.jpg").write_bytes(jpeg(102))
    listed = [entry(number) for number in range(LISTED)]
    listed += [
        entry(100, 0, img_path=f"UTKFace/part1/{stem(100, 101)}.jpg"),
        entry(101, 0, img_path=f"UTKFace/part1/{stem(101, 20)}.jpg"),
        entry(103, 9, img_path=f"UTKFace/part1/{stem(103, 3)}.jpg"),
    ]
    prepared = prepare("utkface", root, root / "prepared", size=32, template="utkface", workers=1)
    return prepared, read_list(write_list(root, listed))


def folders_of(prepared, rows):
    """Return the folders of images by the number in their names, which are dealt in turn."""
    return [int(name.split("_")[3].partition(".")[0]) % 10 for name in prepared.index["name"].iloc[rows]]


@pytest.mark.parametrize("number", range(5))
def test_every_image_is_in_the_part_that_the_list_says(copy, number):
    prepared, listed = copy
    split = listed_split(prepared, listed, number).split
    twin = f"{stem(3)}.jpg.chip.jpg"
    for (part, rows), folders in zip(split.parts().items(), FIVE[number], strict=True):
        names = list(prepared.index["name"].iloc[rows])
        of_list = [f for name, f in zip(names, folders_of(prepared, rows), strict=True) if name != twin]
        assert part and len(rows) and set(of_list) <= folders
    together = np.concatenate(list(split.parts().values()))
    assert sorted(together.tolist()) == sorted(set(together.tolist())) and len(together) == IMAGES


def test_a_picture_named_in_two_parts_is_held_out(copy):
    prepared, listed = copy
    (row,) = np.flatnonzero(prepared.index["name"] == f"{stem(3)}.jpg.chip.jpg")
    division = listed_split(prepared, listed, 0)
    assert row in division.split.test and row not in division.split.train and division.moved == 1
    assert not set(prepared.index["sha256"].iloc[division.split.train]) & set(
        prepared.index["sha256"].iloc[division.split.test]
    )


def test_what_becomes_of_every_named_image_is_told(copy):
    division = listed_split(*copy, 0)
    assert division.left_out == {
        ABSENT: [f"UTKFace/part{n % 3 + 1}/{stem(n)}.jpg" for n in range(IMAGES, LISTED)],
        REFUSED: [f"UTKFace/part1/{stem(101, 20)}.jpg"],
        NO_CLASS: [f"UTKFace/part1/{stem(100, 101)}.jpg"],
    }
    used = sum(len(rows) for rows in division.split.parts().values())
    twins = 1
    assert used + twins + sum(map(len, division.left_out.values())) == division.named == LISTED + 3
    told = division.told()
    assert told.startswith(
        "split 0 of Paplham and Franc names 48 images: 23 for train, 8 for validation, 9 for"
    )
    assert "; 5 not in this copy, UTKFace/part2/40_" in told and ", ...; 1 refused when" in told
    assert "1 of no age from 0 to 99" in told and told.endswith("; 1 images of this copy in no part.")


def test_look_alikes_stay_and_are_counted(copy):
    prepared, listed = copy
    index = prepared.index.copy()
    train, test = (np.flatnonzero(index["name"] == f"{stem(n)}.jpg.chip.jpg")[0] for n in (0, 8))
    hashes = list(index["dhash256"])
    hashes[train] = hashes[test]
    index["dhash256"] = pd.array(hashes, "string")
    division = listed_split(type(prepared)(prepared.folder, index, prepared.manifest), listed, 0)
    assert division.lookalikes == 1 and train in division.split.train
    assert "1 that look like one held out" in division.told()


def test_a_partial_copy_divides_what_it_holds_alike(copy):
    prepared, listed = copy
    half = prepared.index.iloc[::2].reset_index(drop=True)
    whole, part = (
        listed_split(type(prepared)(prepared.folder, index, prepared.manifest), listed, 1)
        for index in (prepared.index, half)
    )
    for name, rows in part.split.parts().items():
        own = set(half["name"].iloc[rows])
        assert own <= set(prepared.index["name"].iloc[whole.split.parts()[name]])
    assert part.split.hash != whole.split.hash


def test_there_are_as_many_splits_as_the_list_makes(copy, tmp_path):
    prepared, listed = copy
    for number in (-1, 5):
        with pytest.raises(UserError, match=rf"has no split {number}: it has 0 to 4\."):
            listed_split(prepared, listed, number)
    table = "name,part\n" + "".join(f"{stem(n)}.jpg,{('train', 'val', 'test')[n % 3]}\n" for n in range(9))
    one = read_list(write_list(tmp_path, table, "UTKFace.csv"))
    assert len(listed_split(prepared, one, 0).split.test) == 3
    with pytest.raises(UserError, match=r"has no split 1: it has 0 alone\."):
        listed_split(prepared, one, 1)


def test_a_list_of_other_pictures_is_refused(copy, tmp_path):
    strange = read_list(write_list(tmp_path, [entry(number) for number in range(500, 520)]))
    with pytest.raises(UserError, match=r"names no image of this copy of UTKFace, but such as UTKFace/part"):
        listed_split(copy[0], strange, 0)


def test_a_copy_that_holds_too_little_of_a_part_is_refused(copy):
    prepared, listed = copy
    keep = [row for row in range(len(prepared.index)) if folders_of(prepared, [row])[0] not in (8, 9)]
    few = prepared.index.iloc[keep].reset_index(drop=True)
    with pytest.raises(UserError, match=r"holds [01] images of the test part of split 0 of Paplham"):
        listed_split(type(prepared)(prepared.folder, few, prepared.manifest), listed, 0)
