import pytest

from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.utkface import DATASET, groups_of
from tests.support.label_files import touch

DATE = "20170116174525125"

ACCEPTED = {
    f"25_0_1_{DATE}.jpg.chip.jpg": (25, "male", "utkface"),
    f"116_1_4_{DATE}.jpg.chip.jpg": (116, "female", "utkface"),
    f"0_1_0_{DATE}.jpg.chip.jpg": (0, "female", "utkface"),
    "55_0_0_20170116232725357jpg.chip.jpg": (55, "male", "utkface"),
    "24_0_1_20170116220224657 .jpg.chip.jpg": (24, "male", "utkface"),
    f"25_0_1_{DATE}.jpg": (25, "male", None),
}
REFUSED = {
    f"39_1_{DATE}.jpg.chip.jpg": "name has 3 fields, not age_gender_race_date",
    f"39_1_2_3_{DATE}.jpg.chip.jpg": "name has 5 fields, not age_gender_race_date",
    "photo.jpg": "name has 1 fields, not age_gender_race_date",
    f"_1_2_{DATE}.jpg.chip.jpg": "age '' is not a whole number",
    f"-3_1_2_{DATE}.jpg.chip.jpg": "age '-3' is not a whole number",
    f"2.5_1_2_{DATE}.jpg.chip.jpg": "age '2.5' is not a whole number",
    f"٣_1_2_{DATE}.jpg.chip.jpg": "age '٣' is not a whole number",
    f"117_1_2_{DATE}.jpg.chip.jpg": "age 117 is outside 0 to 116",
    f"0000000000000117_1_2_{DATE}.jpg.chip.jpg": "age 0000000000000117 is outside 0 to 116",
    f"53__0_{DATE}.jpg.chip.jpg": "gender '' is neither 0 (male) nor 1 (female)",
    f"44_3_0_{DATE}.jpg.chip.jpg": "gender '3' is neither 0 (male) nor 1 (female)",
    f"44_1_5_{DATE}.jpg.chip.jpg": "race '5' is not one of 0 to 4",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_labels_in_the_name(tmp_path, name):
    touch(tmp_path, name)
    age, gender, aligned = ACCEPTED[name]
    assert list(DATASET.scan(tmp_path)) == [
        Sample(tmp_path / name, name, age=age, gender=gender, aligned=aligned)
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_misnamed(tmp_path, name):
    good = next(iter(ACCEPTED))
    touch(tmp_path, name, good)
    refused = [item for item in DATASET.scan(tmp_path) if item.name != good]
    assert refused == [Rejected(name, REFUSED[name])]


def test_order_and_unknown_identity(tmp_path):
    touch(tmp_path, *ACCEPTED, *REFUSED, "pages.txt")
    found = list(DATASET.scan(tmp_path))
    assert [item.name for item in found] == sorted((*ACCEPTED, *REFUSED), key=str.encode)
    assert all(item.identity is None for item in found if isinstance(item, Sample))


def test_groups_are_read_out_of_the_name():
    assert groups_of("part1/25_0_1_20170116174525125.jpg.chip.jpg") == ("male", "Black")
    assert groups_of("25_1_4_20170116174525125.jpg") == ("female", "other")
