"""Files appear whole or not at all, those of libraries that open them themselves too."""

from __future__ import annotations

import pytest

from common.errors import UserError
from common.files import atomic_path, expanded, require_writable_file, require_writable_folder


def test_file_appears_under_its_name_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "clip.mp4"
    with atomic_path(path) as beside:
        assert beside.name == "clip.mp4"
        beside.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_block_that_raises_leaves_what_was_there(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with atomic_path(path) as beside:
            beside.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_block_that_wrote_nothing_is_told(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "clip.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["new/deep", "there", "a `b` $c"])
def test_folder_that_can_be_written_into_is_made_and_left_empty(tmp_path, name):
    (tmp_path / "there").mkdir()
    require_writable_folder(tmp_path / name, "another")
    assert list((tmp_path / name).iterdir()) == []


@pytest.mark.parametrize(
    ("require", "name", "sentence"),
    [
        (require_writable_folder, "file", r"cannot write into .*file \(File exists\): give another\."),
        (require_writable_folder, "file/below", r"cannot write into .*file/below \(Not a directory\): give"),
        (require_writable_folder, "/proc", r"cannot write into /proc \(.*\): give another\."),
        (require_writable_file, "file/me.png", r"cannot write into .*file \(File exists\): give another\."),
        (require_writable_file, "folder", r"folder is a folder: give another\."),
        (require_writable_file, "x" * 250, r"cannot write .*x \(File name too long\): give another\."),
    ],
)
def test_what_cannot_be_written_is_told_beforehand(tmp_path, require, name, sentence):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=sentence):
        require(tmp_path / name, "another")
    assert sorted(tmp_path.rglob("*")) == before


def test_home_of_nobody_is_a_name_like_any(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("~/a.png") == tmp_path / "a.png"
    assert str(expanded("~no-such-user/a.png")) == "~no-such-user/a.png"
