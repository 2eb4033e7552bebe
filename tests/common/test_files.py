"""Files appear whole or not at all, those of libraries that open them themselves too."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from common import files
from common.errors import UserError
from common.files import (
    atomic_path,
    atomic_write,
    expanded,
    require_writable_file,
    require_writable_folder,
    sha256_file,
    standing_sha256,
)
from common.unfinished import is_unfinished, sweep

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("write", [atomic_write, atomic_path])
def test_a_full_disk_is_told_with_the_name_of_the_file_that_was_to_appear(tmp_path, write):
    path = tmp_path / "table.md"
    with pytest.raises(OSError, match="No space left on device") as caught, write(path):
        raise OSError(errno.ENOSPC, "No space left on device")  # as `file.write` does
    assert caught.value.filename == str(path)
    with pytest.raises(OSError, match="No space left") as caught, write(path), write(tmp_path / "inner"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "inner")


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


KILLED = """
import os, signal
from common.files import atomic_path, atomic_write
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with {writer}({path!r}) as out:
    {write}
"""
WRITERS = {
    "atomic_write": "out.write('half')",
    "atomic_path": "out.write_text('half')",
}


def killed_at_the_rename(writer: str, path: Path) -> None:
    code = KILLED.format(writer=writer, path=str(path), write=WRITERS[writer])
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("writer", WRITERS)
def test_what_a_kill_leaves_is_swept_and_nothing_else(tmp_path, writer):
    own = [".notes.part", "film.part", ".table1.md.abcdefgh.partial", ".table1.md.ABCDEFGH.part", ".DS_Store"]
    for name in own:
        (tmp_path / name).touch()
    (tmp_path / "elsewhere").touch()
    (tmp_path / ".link.abcdefgh.part").symlink_to(tmp_path / "elsewhere")
    killed_at_the_rename(writer, tmp_path / "table1.md")
    (left,) = set(os.listdir(tmp_path)) - {*own, "elsewhere", ".link.abcdefgh.part"}
    assert is_unfinished(left)
    sweep(tmp_path)
    assert set(os.listdir(tmp_path)) == {*own, "elsewhere", ".link.abcdefgh.part"}
    sweep(tmp_path / "nowhere")


@pytest.mark.parametrize("writer", WRITERS)
def test_the_same_file_written_again_takes_its_leftovers_away(tmp_path, writer):
    killed_at_the_rename(writer, tmp_path / "mine.csv")
    other = tmp_path / ".other.csv.abcdefgh.part"
    other.touch()
    with atomic_write(tmp_path / "mine.csv") as file:
        file.write("whole")
    assert sorted(tmp_path.iterdir()) == [other, tmp_path / "mine.csv"]


@pytest.mark.parametrize("writer", [atomic_write, atomic_path])
def test_what_another_process_writes_is_left_alone(tmp_path, writer):
    code = f"from common.unfinished import sweep; sweep({str(tmp_path)!r})"
    with writer(tmp_path / "mine.csv") as out:
        (beside,) = tmp_path.iterdir()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=True)
        assert beside.exists()
        (out.write if writer is atomic_write else out.write_text)("whole")
    assert (tmp_path / "mine.csv").read_text() == "whole"
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.csv"]


def test_one_that_is_swept_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    mkstemp, made = tempfile.mkstemp, []

    def swept(**options):
        handle, path = mkstemp(**options)
        made.append(path)
        if len(made) == 1:
            os.unlink(path)
        return handle, path

    monkeypatch.setattr(tempfile, "mkstemp", swept)
    with atomic_write(tmp_path / "mine.csv") as file:
        file.write("whole")
    assert len(made) == 2 and list(tmp_path.iterdir()) == [tmp_path / "mine.csv"]


def test_a_hash_that_was_computed_is_that_of_the_file_as_it_stands(tmp_path, monkeypatch):
    path, read = tmp_path / "shard", []
    monkeypatch.setattr(files, "sha256_file", lambda path: read.append(path) or sha256_file(path))
    path.write_bytes(b"one")
    # Changed this moment: times of change may not tell it from what comes next.
    assert standing_sha256(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    assert standing_sha256(path) == hashlib.sha256(b"two").hexdigest()
    monkeypatch.setattr(files, "_RACY", -(10**12))
    assert [standing_sha256(path) for _ in range(3)] == [hashlib.sha256(b"two").hexdigest()] * 3
    assert len(read) == 3
    status = path.stat()
    path.write_bytes(b"six")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert standing_sha256(path) == hashlib.sha256(b"six").hexdigest()
