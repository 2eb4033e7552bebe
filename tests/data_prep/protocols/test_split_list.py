"""Lists that divide UTKFace are read as published or as a table, and a bad one is refused in a sentence."""

import pytest

from common.errors import UserError
from data_prep.protocols.split_list import FIVE, find_list, key_of, read_list
from tests.support.split_lists import entry, stem, write_list

LIST = [entry(number) for number in range(20)]
TABLE = "name,part\n" + "".join(
    f"{stem(number)}.jpg,{part}\n" for number, part in enumerate(("train", "validation", "test") * 3)
)

PUBLISHED = (
    ((0, 1, 2, 3, 4, 5), (6, 7), (8, 9)),
    ((2, 3, 4, 5, 6, 7), (8, 9), (0, 1)),
    ((4, 5, 6, 7, 8, 9), (0, 1), (2, 3)),
    ((5, 6, 7, 8, 9, 0), (1, 2), (3, 4)),
    ((6, 7, 8, 9, 0, 1), (2, 3), (4, 5)),
)
"""Of the authors' README.md, section Data Splits."""


def test_ten_folders_make_the_five_published_splits():
    assert tuple(tuple(map(frozenset, split)) for split in PUBLISHED) == FIVE


@pytest.mark.parametrize("number", range(5))
def test_an_image_is_in_the_part_of_its_folder(tmp_path, number):
    listed = read_list(write_list(tmp_path, LIST))
    assert listed.source == "Paplham and Franc" and len(listed.rules) == 5
    for image in range(20):
        part = next(place for place, folders in enumerate(PUBLISHED[number]) if image % 10 in folders)
        for name in (f"{stem(image)}.jpg.chip.jpg", f"part9/{stem(image)}.jpg"):
            assert listed.part(name, number) == part
    assert listed.part(f"{stem(20)}.jpg", number) is None


def test_a_picture_is_known_whole_and_cut_out_under_its_folders():
    names = ("UTKFace/part1/25_0_1_2017.jpg", "25_0_1_2017.jpg.chip.jpg", "part2\\25_0_1_2017jpg.chip.jpg")
    assert {key_of(name) for name in names} == {"25_0_1_2017"}


@pytest.mark.parametrize(
    ("content", "splits"),
    [
        (TABLE, 1),
        (TABLE.replace(",", ";").encode("utf-16"), 1),
        (TABLE.replace("train", "trn").replace("validation", "VAL").replace("test", "tst"), 1),
        ("\ufeffname\tfold\r\n" + "".join(f"{stem(n)}.jpg\t{n}\r\n" for n in range(10)), 5),
    ],
)
def test_a_table_of_parts_or_folds(tmp_path, content, splits):
    listed = read_list(write_list(tmp_path, content, "UTKFace.csv"))
    assert len(listed.rules) == splits and listed.source == "UTKFace.csv"
    if splits == 1:
        assert [listed.part(f"{stem(number)}.jpg", 0) for number in range(9)] == [0, 1, 2] * 3


REFUSED = {
    "empty": ("UTKFace.csv", "", "is empty: get the list anew"),
    "blank": ("UTKFace.csv", "\n\n", "is empty: get the list anew"),
    "header alone": ("UTKFace.csv", "name,part\n", "names no image: get the list anew"),
    "no header": ("UTKFace.csv", "a.jpg,train\n", "its first line is to be name,part or name,fold."),
    "both": ("UTKFace.csv", "name,part,fold\n", "its first line is to be name,part or name,fold."),
    "unknown part": ("UTKFace.csv", TABLE + "9_0_0_1.jpg,tests\n", "has the part 'tests' in line 11: it is"),
    "unknown fold": ("UTKFace.csv", "name,fold\n9_0_0_1.jpg,10\n", "has the folder '10' in line 2: it is to"),
    "no fold": (
        "UTKFace.csv",
        "name,fold\n9_0_0_1.jpg,\n",
        "has the folder '' in line 2: it is to be",
    ),
    "no name": ("UTKFace.csv", TABLE + ",train\n", "no name in line 11"),
    "too many fields": ("UTKFace.csv", TABLE + "a.jpg,train,x\n", "has 3 fields or no name in line 11"),
    "latin-1": (
        "UTKFace.csv",
        TABLE.encode() + b"\xe9.jpg,train\n",
        "is not valid UTF-8: save it as UTF-8",
    ),
    "twice": ("UTKFace.csv", f"{TABLE}x/{stem(0)}.jpg,train\n", "twice, in line 2 and in line 11: get"),
    "in two parts": (
        "UTKFace.csv",
        f"{TABLE}{stem(0)}.jpg.chip.jpg,test\n",
        f"names {stem(0)}.jpg.chip.jpg in two parts, in line 2 and in line 11: get",
    ),
    "no test part": ("UTKFace.csv", "name,part\na.jpg,train\nb.jpg,val\n", "names no image of the test part"),
    "no bytes": ("UTKFace.json", "", "is no JSON"),
    "cut off": ("UTKFace.json", '[{"img_path": "a.jpg"', "is no JSON"),
    "no list": ("UTKFace.json", {"a": 1}, "is no list of images"),
    "no image": ("UTKFace.json", [], "names no image: get the list anew"),
    "UTF-16": ("UTKFace.json", "[]".encode("utf-16"), "is not UTF-8 from byte 0 on"),
    "a pointer": ("UTKFace.json", "version https://git-lfs.github.com/spec/v1\n", "pointer of Git LFS"),
    "another set": ("UTKFace.json", [entry(0, database="MORPH")], "is a list of 'MORPH' by entry 1, not of"),
    "no folder": ("UTKFace.json", [{"img_path": "a.jpg"}], "has no img_path and folder in entry 1"),
    "no path": ("UTKFace.json", [*LIST, {"img_path": 3, "folder": 1}], "no img_path and folder in entry 21"),
    "no object": ("UTKFace.json", [3], "has no img_path and folder in entry 1"),
    "a folder too high": ("UTKFace.json", [entry(0, 10)], "has the folder '10' in entry 1: it is to be from"),
    "a folder in words": ("UTKFace.json", [entry(0, "3")], "has the folder '3' in entry 1: it is to be from"),
    "a truth": ("UTKFace.json", [entry(0, True)], "has the folder 'True' in entry 1"),
    "no folder 9": ("UTKFace.json", LIST[:9], "names no image of the folder 9: get the list anew"),
    "named twice": ("UTKFace.json", [*LIST, LIST[3]], "twice, in entry 4 and in entry 21: get the list anew"),
    "in two folders": ("UTKFace.json", [*LIST, entry(3, 4)], "in two parts, in entry 4 and in entry 21: get"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_list_is_refused_in_one_sentence(tmp_path, case):
    name, content, sentence = REFUSED[case]
    path = write_list(tmp_path, content, name)
    with pytest.raises(UserError) as refused:
        read_list(path)
    told = str(refused.value)
    assert sentence in told and str(path) in told and told.endswith(".") and "\n" not in told


def test_a_list_is_found_in_its_folder(tmp_path):
    assert find_list(tmp_path) is None
    (tmp_path / "UTKFace-splits").mkdir()
    with pytest.raises(UserError, match=r"put UTKFace_aligned.json, UTKFace.json or UTKFace.csv into"):
        find_list(tmp_path)
    table = write_list(tmp_path, TABLE, "UTKFace.csv")
    assert find_list(tmp_path) == table
    aligned = write_list(tmp_path, LIST)
    write_list(tmp_path, LIST, "UTKFace.json")
    assert find_list(tmp_path) == aligned
