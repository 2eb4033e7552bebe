import os

import pytest

from common.errors import UserError
from data_prep.datasets import DATASETS, get
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected
from tests.support.image_files import encoded, jpeg, picture
from tests.support.label_files import touch

READERS = (
    "fgnet",
    "utkface",
    "imdb-wiki",
    "morph",
    "cacd",
    "cacd-vs",
    "casia-webface",
    "imfdb",
    "lfw",
    "agedb-30",
    "calfw",
    "scaf",
)


@pytest.mark.parametrize("name", READERS)
def test_card_is_complete(name):
    dataset = get(name)
    assert dataset.name == name
    assert (dataset.whole > 0) == (name != "scaf")
    assert dataset.licence and dataset.how_to_obtain and dataset.layout and dataset.page
    for sentence in (dataset.licence, dataset.how_to_obtain):
        assert not sentence.endswith(".") and "\n" not in sentence


def test_registry_lists_the_sets_without_importing_them():
    assert set(DATASETS) == {*READERS, "synthetic"}
    assert len(DATASETS) == 13


def test_unknown_name_gets_the_nearest():
    with pytest.raises(UserError, match="unknown data set 'utkfaces': did you mean 'utkface'"):
        get("utkfaces")


def test_coverage():
    assert get("utkface").coverage(15692) == "15,692 of 23,708 files"


def test_image_files_are_sorted_with_files_before_subfolders(tmp_path):
    touch(tmp_path, "b/2.JPG", "b/1.png", "a/z/1.jpeg", "c.jpg", "notes.txt", "._c.jpg", ".hidden/x.jpg")
    names = [name for name, _ in image_files(tmp_path)]
    assert names == ["c.jpg", "a/z/1.jpeg", "b/1.png", "b/2.JPG"]
    assert [name for name, _ in image_files(tmp_path, "b")] == ["b/1.png", "b/2.JPG"]
    assert [name for name, _ in image_files(tmp_path, recursive=False)] == ["c.jpg"]


def test_what_is_no_image_file_is_refused(tmp_path):
    touch(tmp_path, "folder/x.txt")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "lost.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "folder")
    (tmp_path / "line\nbreak.jpg").touch()
    open(os.fsencode(tmp_path) + b"/\xff\xfe.jpg", "w").close()
    assert list(image_files(tmp_path)) == [
        Rejected("line\nbreak.jpg", "file name holds a control character"),
        Rejected("lost.jpg", "not a regular file, or a link that leads nowhere"),
        Rejected("pipe.jpg", "not a regular file, or a link that leads nowhere"),
        Rejected("\\xff\\xfe.jpg", "file name is not valid UTF-8"),
        Rejected("link.jpg", "a link to folder, which is read already", files=0),
    ]


def test_an_image_is_told_by_its_name_or_its_content(tmp_path):
    touch(tmp_path, "a.jfif", "b.HEIC", "c.avif", "d.gif", "e.jp2", "readme", "notes.txt", "points.pts")
    (tmp_path / "without ending").write_bytes(jpeg(1))
    (tmp_path / "photo.old").write_bytes(encoded(picture(1), "PNG"))
    names = [name for name, _ in image_files(tmp_path)]
    assert names == ["a.jfif", "b.HEIC", "c.avif", "d.gif", "e.jp2", "photo.old", "without ending"]


def test_of_every_file_there_is_a_row(tmp_path):
    touch(tmp_path, "empty", "._me.jpg", ".hidden/me.jpg", "a/x.bin")
    (tmp_path / "notes.txt").write_text("With Ann in Rome.")
    (tmp_path / "film").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0")
    (tmp_path / "me").write_bytes(jpeg(1))
    os.mkfifo(tmp_path / "pipe")
    unknown = (
        "the file is not an image of a known format (JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000)"
    )
    found = list(image_files(tmp_path, every=True))
    assert found == [
        Rejected("._me.jpg", "a hidden file is not read: rename it if it is a photograph"),
        Rejected(".hidden", "a hidden folder is not looked into: rename it", files=0),
        Rejected("empty", "the file is empty (zero bytes)"),
        Rejected("film", "the file is a film, not a photograph: save one of its pictures as JPEG"),
        ("me", tmp_path / "me"),
        Rejected("notes.txt", unknown),
        Rejected("pipe", "not a regular file, or a link that leads nowhere"),
        Rejected("a/x.bin", "the file is empty (zero bytes)"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_folder_without_permission(tmp_path):
    touch(tmp_path, "a/1.jpg")
    (tmp_path / "a").chmod(0)
    with pytest.raises(UserError, match=r"cannot read the folder .*: Permission denied"):
        list(image_files(tmp_path))
    (tmp_path / "a").chmod(0o700)
