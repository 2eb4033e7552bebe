"""A copy that is not where it is looked for: found, or told of precisely."""

from pathlib import Path

import pytest

from common.errors import UserError
from data_prep.datasets import get
from tests.support.label_files import touch

CHIP = "25_0_1_20170116174525125.jpg.chip.jpg"
FILES = {
    "fgnet": "images/001A02.JPG",
    "utkface": CHIP,
    "imdb-wiki": "wiki_crop/17/10000217_1981-05-05_2009.jpg",
    "morph": "Album2/012345_02F31.JPG",
    "cacd": "CACD2000/53_Robin_Williams_0001.jpg",
    "lfw": "Aaron_Peirsol/Aaron_Peirsol_0001.jpg",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("inside", [".", "{folder}", "download/{folder}"])
def test_copy_in_place_or_unpacked_deeper(tmp_path, name, inside):
    dataset = get(name)
    root = tmp_path / dataset.folder
    place = root / inside.format(folder=dataset.folder)
    touch(place, FILES[name])
    found = dataset.find(root)
    assert found.resolve() == place.resolve()


@pytest.mark.parametrize(("name", "folder"), [("fgnet", "FGNET"), ("imdb-wiki", "imdb_wiki"), ("lfw", "lfw")])
def test_folder_spelt_otherwise(tmp_path, name, folder):
    dataset = get(name)
    touch(tmp_path / folder, FILES[name])
    assert dataset.find(tmp_path / dataset.folder) == tmp_path / folder


@pytest.mark.parametrize("name", FILES)
def test_missing_folder_is_named_with_the_way_to_get_it(tmp_path, name):
    dataset = get(name)
    with pytest.raises(UserError) as caught:
        dataset.scan(tmp_path / dataset.folder)
    sentence = str(caught.value)
    assert sentence.startswith(f"no {dataset.title} at {tmp_path / dataset.folder}: ")
    assert dataset.how_to_obtain in sentence
    assert f"make data-{name}" in sentence


def test_missing_data_root(tmp_path):
    with pytest.raises(UserError, match=r"the folder .*nowhere, given as DATA_ROOT, does not exist"):
        get("lfw").scan(tmp_path / "nowhere" / "LFW")


@pytest.mark.parametrize("name", FILES)
def test_data_root_is_the_folder_of_the_set(tmp_path, name):
    dataset = get(name)
    touch(tmp_path / dataset.folder, FILES[name])
    with pytest.raises(UserError) as caught:
        dataset.scan(tmp_path / dataset.folder / dataset.folder)
    itself = tmp_path / dataset.folder
    assert str(caught.value) == (
        f"DATA_ROOT {itself} is the folder of {dataset.title} itself: set DATA_ROOT={tmp_path}."
    )


def test_data_root_is_the_working_folder_and_that_of_the_set(tmp_path, monkeypatch):
    touch(tmp_path / "UTKFace", CHIP)
    monkeypatch.chdir(tmp_path / "UTKFace")
    with pytest.raises(UserError, match=rf"is the folder of UTKFace itself: set DATA_ROOT={tmp_path}\.$"):
        get("utkface").scan(Path("UTKFace"))


def test_data_root_holds_the_files_themselves(tmp_path):
    touch(tmp_path / "faces", CHIP)
    with pytest.raises(
        UserError, match=r"holds the files of UTKFace themselves: move them into .*faces/UTKFace"
    ):
        get("utkface").scan(tmp_path / "faces" / "UTKFace")


@pytest.mark.parametrize("data_root", [".", "data/FG-NET"])
def test_data_root_one_level_off(tmp_path, data_root):
    touch(tmp_path / "data" / "UTKFace", CHIP)
    touch(tmp_path / "data" / "FG-NET", FILES["fgnet"])
    with pytest.raises(UserError, match=rf"exists: set DATA_ROOT={tmp_path / 'data'}\.$"):
        get("utkface").scan(tmp_path / data_root / "UTKFace")


def test_folder_of_another_name(tmp_path):
    touch(tmp_path / "faces_of_all_ages", CHIP)
    with pytest.raises(UserError, match=r"faces_of_all_ages looks like it: rename it to UTKFace\.$"):
        get("utkface").scan(tmp_path / "UTKFace")


def test_two_copies(tmp_path):
    touch(tmp_path / "UTKFace", f"first/{CHIP}", f"second/{CHIP}")
    with pytest.raises(UserError, match=r"holds more than one copy of UTKFace .*: keep one of them"):
        get("utkface").scan(tmp_path / "UTKFace")


def test_of_several_copies_the_one_named_like_the_set(tmp_path):
    touch(tmp_path / "UTKFace", f"UTKFace/{CHIP}", f"crop_part1/{CHIP}")
    assert get("utkface").find(tmp_path / "UTKFace") == tmp_path / "UTKFace" / "UTKFace"


@pytest.mark.parametrize("name", FILES)
def test_folder_that_holds_something_else(tmp_path, name):
    dataset = get(name)
    touch(tmp_path / dataset.folder, "readme.txt", "a/b/c/d.txt")
    with pytest.raises(UserError) as caught:
        dataset.scan(tmp_path / dataset.folder)
    assert f"{dataset.folder} does not hold {dataset.title}: expected {dataset.layout}" in str(caught.value)
