"""Photographs of a set whose ages are known, read as a user's are."""

import cv2
import numpy as np

from common.faces.alignment import TEMPLATES
from reproductions.shared.networks import measuring
from reproductions.shared.networks.example import example_picture
from reproductions.shared.networks.published import Calibration, Input, RangeError
from tests.support.image_files import picture
from tests.support.published_network import Brightness

GIVEN = Input(32, "utkface", TEMPLATES["utkface"].points, True, (1.0,))
CALIBRATION = Calibration("a", "s", 9, 0.8, ((0, 0), (90, 90)), 1.0, 1.0, (RangeError(0, 99, 9, 5.0),))


def test_who_is_not_found_is_counted_and_people_are_known_by_their_numbers(tmp_path):
    images = tmp_path / "FG-NET" / "images"
    images.mkdir(parents=True)
    pixels = {
        "001A02.JPG": example_picture(),
        "002A30.JPG": picture(0, 96, 96),
        "004A40.JPG": example_picture(),
    }
    for name, image in pixels.items():
        cv2.imwrite(str(images / name), image[..., ::-1])
    read = measuring.read_photographs("fgnet", tmp_path, "mtcnn", GIVEN)
    assert read.ages.tolist() == [2, 30, 40]
    assert read.found.tolist() == [True, False, True]
    assert read.odd.tolist() == [True, False, False]
    assert read.faces.shape == (2, 32, 32, 3)
    above = read.answers(Brightness())
    rows = measuring.frame("fgnet", read.names, read.subjects, read.ages, above, CALIBRATION)
    assert tuple(rows.columns) == measuring.COLUMNS
    assert rows["years"].notna().tolist() == [True, False, True]
    np.testing.assert_allclose(rows["years"][0], read.faces[0].mean() / 4, atol=0.05)
    one = measuring.read_photographs("fgnet", tmp_path, "mtcnn", GIVEN, {"images/004A40.JPG"})
    assert one.ages.tolist() == [40]
