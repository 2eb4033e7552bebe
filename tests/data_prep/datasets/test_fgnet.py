import numpy as np
import pytest

from data_prep.datasets.fgnet import DATASET
from data_prep.datasets.fgnet_points import five_points
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import touch

POINTS = np.arange(136, dtype=float).reshape(68, 2)


def write_points(path, points=POINTS, head="version: 1\r\nn_points: 68\r\n{\r\n", tail="}\r\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((head + "".join(f"{x:g} {y:g}\r\n" for x, y in points) + tail).encode())


def test_subject_age_and_points(tmp_path):
    touch(tmp_path, "images/001A02.JPG", "images/001A43a.JPG", "images/082a69B.jpg", "images/readme.txt")
    write_points(tmp_path / "points" / "001a43A.PTS")
    samples = list(DATASET.scan(tmp_path))
    assert [(s.name, s.identity, s.age) for s in samples] == [
        ("images/001A02.JPG", "001", 2),
        ("images/001A43a.JPG", "001", 43),
        ("images/082a69B.jpg", "082", 69),
    ]
    assert samples[0].landmarks is None
    assert samples[1].landmarks == tuple(map(tuple, POINTS[[31, 36, 67, 48, 54]]))
    assert samples[0].path == tmp_path / "images" / "001A02.JPG"
    assert samples[0].gender is samples[0].year is samples[0].aligned is None


def test_flat_folder_and_upper_case_folders(tmp_path):
    touch(tmp_path / "flat", "001A02.JPG")
    write_points(tmp_path / "flat" / "001a02.pts")
    touch(tmp_path / "upper", "Images/001A02.JPG")
    write_points(tmp_path / "upper" / "Points" / "001a02.pts")
    for folder, name in (("flat", "001A02.JPG"), ("upper", "Images/001A02.JPG")):
        (sample,) = DATASET.scan(tmp_path / folder)
        assert sample.name == name
        assert sample.landmarks == tuple(map(tuple, POINTS[[31, 36, 67, 48, 54]]))


@pytest.mark.parametrize(
    "name", ["1A02.JPG", "001B02.JPG", "001A2.JPG", "001A02ab.JPG", "001A02.png", "001A02٣.JPG"]
)
def test_misnamed(tmp_path, name):
    touch(tmp_path, "images/001A02.JPG", f"images/{name}")
    assert Rejected(f"images/{name}", "name is not of the form 001A02.JPG (subject 001 at age 2)") in list(
        DATASET.scan(tmp_path)
    )


def test_left_is_as_seen_in_the_image(tmp_path):
    mirrored = POINTS * (-1, 1) + (200, 0)
    write_points(tmp_path / "x.pts", mirrored)
    left_eye, right_eye, nose, left_mouth, right_mouth = five_points(tmp_path / "x.pts")
    assert left_eye == tuple(mirrored[36]) and right_eye == tuple(mirrored[31])
    assert left_mouth == tuple(mirrored[54]) and right_mouth == tuple(mirrored[48])
    assert nose == tuple(mirrored[67])


BROKEN = {
    "67 points": ({"points": POINTS[:67]}, "134 coordinates, not 136"),
    "no braces": ({"head": "", "tail": ""}, "no points between braces"),
    "a word": ({"tail": "nose }"}, "a coordinate is not a number"),
    "infinite": ({"points": np.where(POINTS == 7, np.inf, POINTS)}, "a coordinate is not finite"),
    "not a number": ({"points": np.where(POINTS == 7, np.nan, POINTS)}, "a coordinate is not finite"),
    "bytes": ({"head": "\x00é{"}, "the file cannot be read as text"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_points_are_told_and_the_image_stays(tmp_path, case):
    options, reason = BROKEN[case]
    touch(tmp_path, "images/001A02.JPG")
    write_points(tmp_path / "points" / "001a02.pts", **options)
    assert list(DATASET.scan(tmp_path)) == [
        Rejected("points/001a02.pts", f"points not used: {reason}", files=0),
        Sample(tmp_path / "images" / "001A02.JPG", "images/001A02.JPG", identity="001", age=2),
    ]


def test_points_that_are_a_folder(tmp_path):
    touch(tmp_path, "images/001A02.JPG", "points/001a02.pts/x")
    rejected, sample = DATASET.scan(tmp_path)
    assert rejected == Rejected(
        "points/001a02.pts", "points not used: the file cannot be read as text", files=0
    )
    assert sample.landmarks is None
