"""What is pinned of FG-NET: each kind of difference has its sentence."""

import os
import shutil
from pathlib import Path

import pytest

from common.errors import UserError
from data_prep.datasets import fgnet_content as content
from data_prep.datasets import get
from tests.support.image_files import jpeg

PTS = "version: 1\r\n{\r\n" + "".join(f"{n}.123 {n}.5\r\n" for n in range(68)) + "}\r\n"
NAMES = ("001A02.JPG", "001A43a.JPG", "082A10.jpg")


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of three images that are pinned as FG-NET's are."""
    for folder in ("images", "points"):
        (tmp_path / folder).mkdir()
    for number, name in enumerate(NAMES):
        (tmp_path / "images" / name).write_bytes(jpeg(number, 40 + number, 50))
        (tmp_path / "points" / f"{Path(name).stem.lower()}.pts").write_text(PTS)
    images = {path.name.lower(): path for path in sorted((tmp_path / "images").iterdir())}
    points = {path.name: path for path in sorted((tmp_path / "points").iterdir())}
    monkeypatch.setattr(content, "NAMES", content.names_hash(images))
    monkeypatch.setattr(content, "SIZES", content.sizes_hash(images))
    monkeypatch.setattr(content, "POINTS", content.points_hash(points))
    monkeypatch.setattr(content, "BYTES", content.bytes_hash([*images.values(), *points.values()]))
    return tmp_path


def test_the_pinned_copy_is_told_by_every_byte_whatever_lies_beside_it(copy):
    (copy / "images" / "Thumbs.db").touch()
    (copy / "readme.txt").touch()
    (copy / "images" / NAMES[0]).rename(copy / "images" / "001a02.jpg")
    assert content.check(copy) == []


def test_other_bytes_of_the_same_pictures_are_told_and_accepted(copy):
    (copy / "images" / NAMES[0]).write_bytes(jpeg(9, 40, 50))
    (copy / "points" / "001a02.pts").write_text(PTS.replace("\r", ""))
    (sentence,) = content.check(copy)
    assert sentence.startswith("Names, sizes and points are FG-NET's; the bytes")


def _without_one(copy):
    (copy / "images" / NAMES[2]).unlink()


def _of_another_age(copy):
    (copy / "images" / NAMES[0]).rename(copy / "images" / "001A03.JPG")


def _of_another_size(copy):
    (copy / "images" / NAMES[0]).write_bytes(jpeg(0, 41, 50))


def _no_image(copy):
    (copy / "images" / NAMES[0]).write_bytes(b"<html>")


def _another_point(copy):
    (copy / "points" / "001a02.pts").write_text(PTS.replace("7.123", "7.124"))


def _no_points(copy):
    shutil.rmtree(copy / "points")


DIFFERENT = {
    _without_one: "holds 2 images of 1 people, not 1,002 of 82",
    _of_another_age: "holds 3 images of 2 people, not 1,002 of 82, or others",
    _of_another_size: "the pixels of its images have other sizes",
    _no_image: "the pixels of its images have other sizes",
    _another_point: "the points of its faces are others",
    _no_points: "the points of its faces are others",
}


@pytest.mark.parametrize("change", DIFFERENT, ids=lambda change: change.__name__)
def test_another_set_is_refused(copy, change):
    change(copy)
    with pytest.raises(UserError, match=f"it is not FG-NET as published, for .*{DIFFERENT[change]}"):
        content.check(copy)


def test_what_is_fetched_is_held_against_it(copy):
    (download,) = get("fgnet").downloads
    assert download.checksum is None and download.check(copy) == []


@pytest.mark.skipif(not os.environ.get("DATA_ROOT"), reason="needs real data: set DATA_ROOT")
def test_a_whole_copy_is_the_pinned_one():
    folder = Path(os.environ["DATA_ROOT"]) / "FG-NET"
    if not folder.is_dir():
        pytest.skip("needs FG-NET")
    assert content.check(folder) == []
