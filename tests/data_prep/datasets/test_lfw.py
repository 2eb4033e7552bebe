import unicodedata

from data_prep.datasets.lfw import DATASET
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import touch


def test_the_person_is_the_folder(tmp_path):
    touch(
        tmp_path,
        "Aaron_Peirsol/Aaron_Peirsol_0002.jpg",
        "Aaron_Peirsol/Aaron_Peirsol_0001.jpg",
        "Kim_Jong-Il/Kim_Jong-Il_0003.jpg",
        "Kim_Jong-Il/Kim_Jong_0003.jpg",
        "Kim_Jong-Il/Kim_Jong-Il_3.jpg",
        "logo.jpg",
    )
    form = "name is not of the form Name_Surname/Name_Surname_0001.jpg"
    found = list(DATASET.scan(tmp_path))
    assert found == [
        Rejected("logo.jpg", form),
        *(
            Sample(tmp_path / name, name, identity="Aaron_Peirsol")
            for name in ("Aaron_Peirsol/Aaron_Peirsol_0001.jpg", "Aaron_Peirsol/Aaron_Peirsol_0002.jpg")
        ),
        Sample(
            tmp_path / "Kim_Jong-Il/Kim_Jong-Il_0003.jpg", "Kim_Jong-Il/Kim_Jong-Il_0003.jpg", "Kim_Jong-Il"
        ),
        Rejected("Kim_Jong-Il/Kim_Jong-Il_3.jpg", form),
        Rejected("Kim_Jong-Il/Kim_Jong_0003.jpg", form),
    ]


def test_folder_and_file_may_differ_in_unicode_form(tmp_path):
    folder, file = unicodedata.normalize("NFD", "Zoë_B"), unicodedata.normalize("NFC", "Zoë_B_0001.jpg")
    touch(tmp_path, f"{folder}/{file}", "A_B/A_B_0001.jpg")
    assert [one.identity for one in DATASET.scan(tmp_path)] == ["A_B", unicodedata.normalize("NFC", "Zoë_B")]
