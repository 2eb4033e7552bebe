import pytest

from common.errors import UserError
from data_prep.datasets.morph import DATASET
from data_prep.datasets.samples import Rejected, Sample
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


CLEAN = "1,0,3/2/1980,10/11/2004,W,M,,24,0,n,Album2/000001_0M24.JPG"
OTHER_AGE = "2,0,3/2/1980,10/11/2005,W,F,,61,0,n,Album2/000002_0F31.JPG"
OTHER_GENDER = "3,0,3/2/1980,10/11/2006,W,M,,40,0,n,Album2/000003_0F40.JPG"
ROWS = (CLEAN, OTHER_AGE, OTHER_GENDER)
TOLD = [
    Rejected("000002_0F31.JPG", "the name says age 31, the CSV says 61"),
    Rejected("000003_0F40.JPG", "the name says female, the CSV says male"),
]


def spelt(text, header):
    return text.replace(HEADER, header)


FORMS = {
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "Excel's Unicode text": lambda text: text.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "quotes": lambda text: "".join(
        ",".join(f'"{field}"' for field in line.split(",")) + "\n" for line in text.splitlines()
    ).encode(),
    "an old Mac's line ends": lambda text: text.replace("\n", "\r").encode(),
    "a line that names the separator": lambda text: b"sep=;\r\n" + text.replace(",", ";").encode(),
    "blanks and blank lines": lambda text: f"\n{text.replace(',', ' , ')}\n,,,\n\n".encode(),
    "a name that is no UTF-8": lambda text: text.replace(",W,", ",José,").encode("latin-1"),
    "other names of columns": lambda text: spelt(
        text, "ID_Num,Picture Num,DOB,DOA,Race,SEX,Facial Hair,Age,Diff,Glasses,File Name\n"
    ).encode(),
    "words and decimals": lambda text: text.replace(",M,", ",Male,").replace(",24,", ",24.0,").encode(),
    "no ending": lambda text: text.replace(".JPG", "").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_csv_is_held_against_the_names_in_whatever_form_it_comes(tmp_path, form):
    touch(tmp_path, "000001_0M24.JPG", "000002_0F31.JPG", "000003_0F40.JPG")
    text = HEADER + "".join(f"{row}\n" for row in ROWS)
    (tmp_path / "morph.csv").write_bytes(FORMS[form](text))
    first, *others = DATASET.scan(tmp_path)
    assert (first.age, first.gender, first.year) == (24, "male", 2004)
    assert others == TOLD


def test_tables_that_contradict_each_other_are_both_held_against_the_name(tmp_path):
    touch(tmp_path, "000001_0M24.JPG")
    write_csv(tmp_path, CLEAN)
    write_csv(tmp_path, CLEAN.replace(",24,", ",42,"), name="morph_part2.csv")
    assert list(DATASET.scan(tmp_path)) == [
        Rejected("000001_0M24.JPG", "the name says age 24, the CSV says 42")
    ]


def test_rows_that_cannot_be_understood_are_named(tmp_path):
    touch(tmp_path, "000001_0M24.JPG")
    broken = [CLEAN.replace("24,0", "?,0"), CLEAN.replace(",M,", ",X,"), f"{CLEAN},Smith", "2,0"]
    write_csv(tmp_path, *broken, CLEAN)
    *told, sample = DATASET.scan(tmp_path)
    assert [(one.name.removeprefix("morph_2008_nonCommercial.csv "), one.reason) for one in told] == [
        ("line 2", "age '?' is no whole number"),
        ("line 3", "gender 'X' is neither M nor F"),
        ("line 4", "it has 12 fields, not 11 as the first line"),
    ]
    assert sample.year == 2004


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", "000001_0M24.JPG,24,M\n"),
        ("list.csv", "a;b\n1;Album2/000001_0M24\n"),
        ("list.tsv", "age\tgender\n24\tM\n"),
        ("MORPH_2008.csv", "x,y\n1,2\n"),
        ("morph.csv", ""),
    ],
)
def test_labels_that_cannot_be_understood_are_never_passed_over(tmp_path, name, content):
    touch(tmp_path, "000001_0M24.JPG")
    (tmp_path / name).write_text(content)
    with pytest.raises(
        UserError, match=rf"{name} seems to hold labels of MORPH .* columns photo, age and gender"
    ):
        list(DATASET.scan(tmp_path))


def test_labels_of_other_pictures_are_never_passed_over(tmp_path):
    touch(tmp_path, "000009_0M24.JPG")
    write_csv(tmp_path, CLEAN)
    with pytest.raises(UserError, match="names none of the 1 pictures there"):
        list(DATASET.scan(tmp_path))


def test_labels_above_the_pictures_are_held_against_them_and_other_sets_left_alone(tmp_path):
    touch(tmp_path, "MORPH/Album2/000001_0M24.JPG", "MORPH/Album2/000002_0F31.JPG")
    (tmp_path / "imdb.csv").write_text("file,age\n17/1_1981-05-05_2009.jpg,28\n")
    write_csv(tmp_path / "MORPH", *ROWS)
    first, *others = DATASET.scan(tmp_path / "MORPH" / "Album2")
    assert (first.year, others) == (2004, TOLD[:1])
    (tmp_path / "MORPH" / "morph_2008_nonCommercial.csv").rename(tmp_path / "list.csv")
    assert list(DATASET.scan(tmp_path / "MORPH" / "Album2")) == [first, *others]


def test_a_workbook_is_named(tmp_path):
    touch(tmp_path, "000001_0M24.JPG", "morph_2008.xlsx")
    assert next(DATASET.scan(tmp_path)) == Rejected(
        "morph_2008.xlsx", "a workbook is not read: save its table as CSV", files=0
    )


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
