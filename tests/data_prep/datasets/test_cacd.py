import unicodedata

import numpy as np
import pytest
import scipy.io

from common.errors import UserError
from data_prep.datasets import cacd
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import touch, write_cacd

ACCENTED = unicodedata.normalize("NFC", "53_Stellan_Skarsgård_0001.jpg")
PEOPLE = [(f"Person_{rank}_of_{birth}", birth, rank) for birth in (1951, 1952) for rank in range(1, 7)]
IMAGES = [
    ("53_Person_1_of_1951_0001.jpg", 1, 53, 2004),
    ("61_Person_3_of_1952_0001.jpg", 9, 61, 2013),
    (ACCENTED, 2, 53, 2004),
]


@pytest.fixture
def root(tmp_path):
    write_cacd(tmp_path / cacd.META, PEOPLE, IMAGES)
    return tmp_path


def test_samples_of_the_images_that_are_there(root):
    touch(root, f"CACD2000/{IMAGES[0][0]}", "CACD2000/20_Nobody_0001.jpg")
    assert list(cacd.DATASET.scan(root)) == [
        Rejected("CACD2000/20_Nobody_0001.jpg", f"{cacd.META} has no row for it"),
        Sample(
            root / "CACD2000" / IMAGES[0][0],
            f"CACD2000/{IMAGES[0][0]}",
            identity="Person_1_of_1951",
            age=53,
            year=2004,
        ),
    ]


def test_images_beside_the_metadata_serve_too(root):
    touch(root, IMAGES[1][0])
    (sample,) = cacd.DATASET.scan(root)
    assert (sample.identity, sample.age, sample.year) == ("Person_3_of_1952", 61, 2013)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accented_names_in_either_unicode_form(root, form):
    touch(root, f"CACD2000/{unicodedata.normalize(form, ACCENTED)}")
    (sample,) = cacd.DATASET.scan(root)
    assert sample.identity == "Person_2_of_1951"


def test_an_age_that_name_and_metadata_disagree_about_is_refused(tmp_path):
    name = "35_Person_1_of_1951_0001.jpg"
    write_cacd(tmp_path / cacd.META, PEOPLE, [(name, 1, 53, 2004)])
    touch(tmp_path, name)
    assert list(cacd.DATASET.scan(tmp_path)) == [Rejected(name, f"the name says age 35, {cacd.META} says 53")]


def test_rows_that_disagree_are_refused(tmp_path):
    name = IMAGES[0][0]
    write_cacd(tmp_path / cacd.META, PEOPLE, [IMAGES[0], (name, 2, 53, 2004), IMAGES[1], IMAGES[1]])
    touch(tmp_path, name, IMAGES[1][0])
    refused, sample = cacd.DATASET.scan(tmp_path)
    assert refused == Rejected(name, f"{cacd.META} has rows for it that disagree")
    assert sample.age == 61


def test_metadata_alone(root):
    rows = cacd.metadata(root)
    assert list(rows.columns) == ["name", "celebrity", "identity", "age", "year", "birth", "rank"]
    assert list(rows["name"]) == [image[0] for image in IMAGES]
    assert rows.iloc[1].to_dict() == {
        "name": "61_Person_3_of_1952_0001.jpg",
        "celebrity": "Person_3_of_1952",
        "identity": 9,
        "age": 61,
        "year": 2013,
        "birth": 1952,
        "rank": 3,
    }
    assert list(cacd.DATASET.scan(root)) == []


def test_test_celebrities_are_ranks_3_to_5_of_each_birth_year(tmp_path):
    images = [(f"40_{name}_0001.jpg", i, 40, 2010) for i, (name, _, _) in enumerate(PEOPLE, 1)]
    write_cacd(tmp_path / cacd.META, PEOPLE, images)
    expected = {f"Person_{rank}_of_{birth}" for rank in (3, 4, 5) for birth in (1951, 1952)}
    assert cacd.test_celebrities(tmp_path) == expected


def test_missing_metadata(tmp_path):
    touch(tmp_path, f"CACD2000/{IMAGES[0][0]}")
    with pytest.raises(
        UserError, match=rf"no {cacd.META} in .*: download \"the dataset metadata only\" from http"
    ):
        list(cacd.DATASET.scan(tmp_path))


NO_NAME = np.empty((1, 1), dtype=object)
NO_NAME[0, 0] = np.array([])
DAMAGED = {
    "unknown celebrity": (
        PEOPLE,
        [("1_x_0001.jpg", 1, 1, 2000)],
        ("identity", 99.0),
        "names an unknown celebrity",
    ),
    "half an age": (
        PEOPLE,
        [("1_x_0001.jpg", 1, 1, 2000)],
        ("age", 1.5),
        "'age' holds something that is not a whole",
    ),
    "no name": (PEOPLE, [("1_x_0001.jpg", 1, 1, 2000)], ("name", NO_NAME), "a row lacks its file name"),
    "listed twice": ([PEOPLE[0]] * 2, [("1_x_0001.jpg", 1, 1, 2000)], None, "a celebrity is listed twice"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_metadata(tmp_path, case):
    people, images, change, sentence = DAMAGED[case]
    path = tmp_path / cacd.META
    write_cacd(path, people, images)
    if change:
        content = scipy.io.loadmat(path)
        content["celebrityImageData"][change[0]][0, 0] = change[1]
        scipy.io.savemat(path, {key: value for key, value in content.items() if not key.startswith("_")})
    with pytest.raises(UserError, match=sentence):
        cacd.metadata(tmp_path)
