"""Files appear whole or not at all, those of libraries that open them themselves too."""

from __future__ import annotations

import pytest

from common.files import atomic_path


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
