import pytest

from common.errors import UserError
from data_prep.datasets.morph import DATASET
from data_prep.samples import Rejected, Sample
from tests.support.label_files import touch

HEADER = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo\n"


def write_csv(root, *rows, header=HEADER, name="morph_2008_nonCommercial.csv"):
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(header + "".join(f"{row}\n" for row in rows))


def test_labels_in_the_name(tmp_path):
    touch(tmp_path, "Album2/012345_02F31.JPG", "Album2/00013_1M24.jpg", "Album2/012345_0F30.JPG")
    assert [(s.name, s.identity, s.age, s.gender, s.year) for s in DATASET.scan(tmp_path)] == [
        ("Album2/00013_1M24.jpg", "000013", 24, "male", None),
        ("Album2/012345_02F31.JPG", "012345", 31, "female", None),
        ("Album2/012345_0F30.JPG", "012345", 30, "female", None),
    ]


@pytest.mark.parametrize("folder", ["", "Album2/", "012345/"])
def test_layouts(tmp_path, folder):
    touch(tmp_path, f"{folder}012345_02F31.JPG")
    (sample,) = DATASET.scan(tmp_path)
    assert (sample.name, sample.identity) == (f"{folder}012345_02F31.JPG", "012345")


def test_csv_adds_the_year_and_shows_contradictions(tmp_path):
    names = ["000001_0M24.JPG", "000002_0F31.JPG", "000003_0M40.JPG", "000004_0M41.JPG", "000005_0M50.JPG"]
    touch(tmp_path, *(f"Album2/{name}" for name in names))
    write_csv(
        tmp_path,
        "1,0,3/2/1980,10/11/2004,W,M,,24,0,n,Album2/000001_0M24.JPG",
        "2,0,3/2/1972,2005-01-30,B,M,,31,0,n,Album2/000002_0F31.JPG",
        "3,0,3/2/1960,10/11/2004,B,M,,44,0,n,Album2\\000003_0m40.jpg",
        "4,0,3/2/1963,,B,M,,40,0,n,Album2/000004_0M41.JPG",
    )
    found = {item.name[len("Album2/") :]: item for item in DATASET.scan(tmp_path)}
    assert found[names[0]].year == 2004
    assert found[names[1]] == Rejected(f"Album2/{names[1]}", "the name says female, the CSV says male")
    assert found[names[2]] == Rejected(f"Album2/{names[2]}", "the name says age 40, the CSV says 44")
    assert (found[names[3]].age, found[names[3]].year) == (41, None)
    assert isinstance(found[names[4]], Sample)


def test_a_csv_of_something_else_is_left_alone(tmp_path):
    touch(tmp_path, "000001_0M24.JPG")
    write_csv(tmp_path, "1,2", header="a,b\n", name="a.csv")
    (sample,) = DATASET.scan(tmp_path)
    assert sample.year is None


def test_unreadable_csv(tmp_path):
    touch(tmp_path, "000001_0M24.JPG")
    write_csv(tmp_path, '"' + "x" * 200_000)
    with pytest.raises(UserError, match=r"cannot read .*morph_2008_nonCommercial.csv: field larger than"):
        list(DATASET.scan(tmp_path))


@pytest.mark.parametrize("name", ["1M24.JPG", "000001_M24.JPG", "000001_0X24.JPG", "000001_0M.JPG"])
def test_misnamed(tmp_path, name):
    touch(tmp_path, "000001_0M24.JPG", name)
    form = "name is not of the form 012345_02F31.JPG (subject_picture, gender, age)"
    assert Rejected(name, form) in list(DATASET.scan(tmp_path))


@pytest.mark.parametrize("age", ["0", "123", "999"])
def test_impossible_age(tmp_path, age):
    touch(tmp_path, f"000001_0M{age}.JPG")
    assert list(DATASET.scan(tmp_path)) == [Rejected(f"000001_0M{age}.JPG", f"age {age} is impossible")]
