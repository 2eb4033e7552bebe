import dataclasses
import datetime
import math
import random

import pytest
import scipy.io

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.imdb_wiki import DATASET, age_in_mid_year
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import IMDB_WIKI_ROW, matlab_day, touch, write_imdb_wiki

PATH = IMDB_WIKI_ROW["full_path"]


def scan_one(tmp_path, dataset=DATASET, **row):
    """Scan a set of one image whose row differs from a good one in `row`."""
    write_imdb_wiki(tmp_path / "wiki_crop" / "wiki.mat", "wiki", [row])
    touch(tmp_path / "wiki_crop", PATH)
    (item,) = dataset.scan(tmp_path)
    return item


def test_good_row(tmp_path):
    assert scan_one(tmp_path) == Sample(
        tmp_path / "wiki_crop" / PATH,
        f"wiki_crop/{PATH}",
        identity="Sami Jauhojarvi",
        age=28,
        gender="male",
        year=2009,
    )


def test_both_parts_share_identities_and_come_in_order(tmp_path):
    touch(tmp_path, "wiki_crop/00/b.jpg", "wiki_crop/00/a.jpg", "imdb_crop/99/c.jpg", "imdb_crop/99/d.jpg")
    write_imdb_wiki(
        tmp_path / "wiki_crop" / "wiki.mat",
        "wiki",
        [{"full_path": "00/b.jpg"}, {"full_path": "00/a.jpg"}, {"full_path": "00/not-copied.jpg"}],
    )
    write_imdb_wiki(tmp_path / "imdb_crop" / "imdb.mat", "imdb", [{"full_path": "99/c.jpg", "gender": 0.0}])
    found = list(DATASET.scan(tmp_path))
    assert [item.name for item in found] == [
        "imdb_crop/99/c.jpg",
        "imdb_crop/99/d.jpg",
        "wiki_crop/00/a.jpg",
        "wiki_crop/00/b.jpg",
    ]
    assert found[0].identity == found[2].identity
    assert found[0].gender == "female"
    assert found[1] == Rejected("imdb_crop/99/d.jpg", "imdb.mat has no row for it")


REFUSED = {
    "born after": ({"photo_taken": 1950}, "age -31 is impossible: outside 0 to 100"),
    "year 0": ({"dob": 367, "photo_taken": 2015}, "age 2014 is impossible: outside 0 to 100"),
    "no birth date": ({"dob": math.nan}, "date of birth or year of the photograph is unknown"),
    "date before the calendar": ({"dob": 5}, "date of birth or year of the photograph is unknown"),
    "date beyond it": ({"dob": 1e15}, "date of birth or year of the photograph is unknown"),
    "no photo year": ({"photo_taken": math.inf}, "date of birth or year of the photograph is unknown"),
    "no face": ({"face_score": -math.inf}, "the set's own detector found no face"),
    "unknown score": ({"face_score": math.nan}, "the set's own detector found no face"),
    "low score": ({"face_score": 0.73}, "face score 0.73 is below 1"),
    "second face": ({"second_face_score": 1.25}, "a second face has score 1.25"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_rows(tmp_path, case):
    row, reason = REFUSED[case]
    assert scan_one(tmp_path, **row) == Rejected(f"wiki_crop/{PATH}", reason)


@pytest.mark.parametrize(
    "other", [{"dob": 700_000}, {"gender": 0.0}, {"name": "Somebody"}, {"photo_taken": 2001}]
)
def test_rows_that_disagree_are_refused(tmp_path, other):
    path = tmp_path / "wiki_crop" / "wiki.mat"
    touch(tmp_path / "wiki_crop", PATH)
    write_imdb_wiki(path, "wiki", [{}, other])
    assert list(DATASET.scan(tmp_path)) == [
        Rejected(f"wiki_crop/{PATH}", "wiki.mat has rows for it that disagree")
    ]
    write_imdb_wiki(path, "wiki", [{}, {"face_score": 1.5, "gender": math.nan}])
    (sample,) = DATASET.scan(tmp_path)
    assert (sample.age, sample.gender) == (28, "male")


def test_filters_can_be_changed(tmp_path):
    lenient = dataclasses.replace(DATASET, min_face_score=0.5, max_second_face_score=2.0, max_age=110)
    row = {"face_score": 0.73, "second_face_score": 1.25, "photo_taken": 2089}
    assert scan_one(tmp_path, lenient, **row).age == 108
    assert scan_one(tmp_path, lenient, **row, dob=600_000).reason.startswith("age 446 is impossible")
    assert isinstance(scan_one(tmp_path, lenient, second_face_score=2.5), Rejected)


@pytest.mark.parametrize("unknown", [math.nan, 2.0])
def test_unknown_labels_are_none(tmp_path, unknown):
    sample = scan_one(tmp_path, gender=unknown, name="")
    assert sample.gender is None
    assert sample.identity is None


def test_age_counts_birthdays_up_to_mid_year():
    generator = random.Random(1)
    for _ in range(2000):
        born = datetime.date.fromordinal(generator.randrange(datetime.date(1880, 1, 1).toordinal(), 735000))
        taken = generator.randrange(born.year, born.year + 100)
        middle = datetime.date(taken, 7, 1)
        birthdays = 0  # a 29 February is kept on 1 March in other years
        while birthday(born, birthdays + 1) <= middle:
            birthdays += 1
        expected = birthdays if born <= middle else -1
        assert age_in_mid_year(matlab_day(born.year, born.month, born.day), taken) == expected


def birthday(born, years):
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return datetime.date(born.year + years, 3, 1)


@pytest.mark.parametrize(
    ("date", "age"), [((1980, 6, 30), 20), ((1980, 7, 1), 20), ((1980, 7, 2), 19), ((1980, 12, 31), 19)]
)
def test_age_around_mid_year(date, age):
    assert age_in_mid_year(matlab_day(*date), 2000) == age


def test_folders_of_whole_images_serve_too(tmp_path):
    write_imdb_wiki(tmp_path / "wiki" / "wiki.mat", "wiki", [{}])
    touch(tmp_path / "wiki", PATH)
    (sample,) = DATASET.scan(tmp_path)
    assert sample.name == f"wiki/{PATH}"


def test_label_file_missing(tmp_path):
    touch(tmp_path / "imdb_crop", "01/a.jpg")
    with pytest.raises(UserError, match=r"no imdb.mat in .*imdb_crop: unpack imdb_crop.tar"):
        list(DATASET.scan(tmp_path))


def test_label_file_with_the_wrong_content(tmp_path):
    path = tmp_path / "wiki_crop" / "wiki.mat"
    write_imdb_wiki(path, "imdb", [{}])
    with pytest.raises(
        UserError, match=r"wiki.mat is not the expected label file: it holds no struct 'wiki'"
    ):
        list(DATASET.scan(tmp_path))
    scipy.io.savemat(path, {"wiki": {"dob": [1.0, 2.0], "gender": [1.0]}})
    with pytest.raises(UserError, match=r"'wiki' lacks photo_taken, full_path, name, face_score"):
        list(DATASET.scan(tmp_path))
    scipy.io.savemat(path, {"wiki": 3.0})
    with pytest.raises(UserError, match="it holds no struct 'wiki'"):
        list(DATASET.scan(tmp_path))
    scipy.io.savemat(path, {"wiki": IMDB_WIKI_ROW | {"gender": [1.0, 0.0]}})
    with pytest.raises(UserError, match=r"the columns of 'wiki' differ in length"):
        list(DATASET.scan(tmp_path))
    scipy.io.savemat(path, {"wiki": IMDB_WIKI_ROW | {"dob": "yesterday"}})
    with pytest.raises(UserError, match=r"'dob' holds something that is not a number"):
        list(DATASET.scan(tmp_path))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"MATLAB 5.0 MAT-file" + bytes(200), bytes(range(256)) * 40]
)
def test_label_file_damaged(tmp_path, content):
    touch(tmp_path, f"wiki_crop/{PATH}")
    (tmp_path / "wiki_crop" / "wiki.mat").write_bytes(content)
    with pytest.raises(UserError, match=r"wiki.mat is (damaged|not the expected)"):
        list(DATASET.scan(tmp_path))


def test_label_file_of_version_7_3(tmp_path):
    touch(tmp_path, f"wiki_crop/{PATH}")
    head = b"MATLAB 7.3 MAT-file".ljust(512, b" ")
    (tmp_path / "wiki_crop" / "wiki.mat").write_bytes(head + b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(UserError, match=r"wiki.mat is a MATLAB 7.3 file: the version 5 file"):
        list(DATASET.scan(tmp_path))


CLEANED = {
    # row: reason under the text's cleaning, under the code's; None is kept
    "good": ({}, None, None),
    "no face": ({"face_score": -math.inf}, "found no face", "found no face"),
    "low score": ({"face_score": 0.1}, None, None),
    "second face": ({"second_face_score": 1.25}, None, "a second face has score 1.25"),
    "unknown gender": ({"gender": math.nan}, "the gender is unknown", "the gender is unknown"),
    "age -31": ({"photo_taken": 1950}, "age -31 is impossible", "age -31 is impossible"),
    "age 2014": ({"dob": 367, "photo_taken": 2015}, "age 2014 is impossible", None),
}


@pytest.mark.parametrize("case", CLEANED)
@pytest.mark.parametrize("cleaning", ["wiki-text", "wiki-code"])
def test_the_two_cleanings_of_kang_jiang_and_li(tmp_path, case, cleaning):
    row, *reasons = CLEANED[case]
    reason = reasons[cleaning == "wiki-code"]
    found = scan_one(tmp_path, get(cleaning), **row)
    if reason is None:
        assert isinstance(found, Sample)
    else:
        assert reason in found.reason


def test_the_cleanings_read_wiki_alone_and_the_code_its_first_rows(tmp_path):
    touch(tmp_path, "wiki_crop/a.jpg", "wiki_crop/b.jpg", "imdb_crop/c.jpg")
    write_imdb_wiki(
        tmp_path / "wiki_crop" / "wiki.mat", "wiki", [{"full_path": "b.jpg"}, {"full_path": "a.jpg"}]
    )
    names = [item.name for item in get("wiki-text").scan(tmp_path)]
    assert names == ["wiki_crop/a.jpg", "wiki_crop/b.jpg"]
    assert get("wiki-code").first_rows == 40_000
    first, second = dataclasses.replace(get("wiki-code"), first_rows=1).scan(tmp_path)
    assert first == Rejected("wiki_crop/a.jpg", "row 2 is not among the first 1")
    assert isinstance(second, Sample)
