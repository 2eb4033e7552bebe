import cv2

from data_prep.synthetic.sheets import nuisance_sheet, save_png, sheet


def test_a_sheet_has_a_row_a_person_and_a_column_an_age(tmp_path):
    picture = sheet(identities=2, ages=(5, 30, 70), size=32)
    assert picture.shape == (18 + 2 * 32, 3 * 32, 3)
    save_png(tmp_path / "new" / "sheet.png", picture)
    assert (cv2.imread(str(tmp_path / "new" / "sheet.png"))[..., ::-1] == picture).all()


def test_a_sheet_of_circumstances_has_a_row_a_factor():
    assert nuisance_sheet(size=32).shape == (5 * 32, 5 * 32, 3)
