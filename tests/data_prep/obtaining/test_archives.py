import gzip
import os
import shutil
import stat
import struct
import tarfile
import zipfile

import pytest

from common.errors import UserError
from data_prep.obtaining.archives import Limits, unpack
from tests.support.archive_files import GOOD, TAR_MODES, files_below, make_tar, make_zip, tar_entry

UNWRAPPED = {name.removeprefix("top/"): content for name, content in GOOD.items()}


@pytest.fixture
def arena(tmp_path):
    """A folder with a bystander in it; only `target` may change."""
    (tmp_path / "bystander.txt").write_text("untouched")
    return tmp_path


def refuse(arena, content, limits=None):
    """Unpack hostile bytes, check that nothing changed, and return the sentence."""
    archive = arena / "archive"
    archive.write_bytes(content)
    before = files_below(arena)
    with pytest.raises(UserError) as caught:
        unpack(archive, arena / "target", limits, quiet=True)
    assert files_below(arena) == before
    assert sorted(os.listdir(arena)) == ["archive", "bystander.txt"]
    assert str(archive) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["zip", *TAR_MODES])
def test_every_format(arena, kind):
    archive = arena / "whatever.name"
    archive.write_bytes(make_zip(GOOD) if kind == "zip" else make_tar(GOOD, kind))
    assert unpack(archive, arena / "deep" / "target", quiet=True) == 3
    assert files_below(arena / "deep") == {f"target/{name}": content for name, content in UNWRAPPED.items()}


def test_several_folders_stay_and_litter_goes(arena):
    (arena / "a.zip").write_bytes(
        make_zip({"one/a": b"1", "two/b": b"2", "__MACOSX/one/._a": b"", "one/.DS_Store": b"", "one/": b""})
    )
    assert unpack(arena / "a.zip", arena / "target", quiet=True) == 2
    assert files_below(arena / "target") == {"one/a": b"1", "two/b": b"2"}


def test_an_empty_target_is_filled_and_a_full_one_left_alone(arena):
    (arena / "a.zip").write_bytes(make_zip(GOOD))
    (arena / "target").mkdir()
    unpack(arena / "a.zip", arena / "target", quiet=True)
    before = files_below(arena)
    with pytest.raises(UserError, match=r"target exists already: move it away to unpack a\.zip anew"):
        unpack(arena / "a.zip", arena / "target", quiet=True)
    assert files_below(arena) == before


@pytest.mark.parametrize("kind", ["file", "link"])
def test_target_that_is_no_folder(arena, kind):
    (arena / "a.zip").write_bytes(make_zip(GOOD))
    if kind == "file":
        (arena / "target").touch()
    else:
        (arena / "target").symlink_to(arena / "elsewhere")
    with pytest.raises(UserError, match="exists already"):
        unpack(arena / "a.zip", arena / "target", quiet=True)
    assert not (arena / "elsewhere").exists()


def test_what_a_killed_run_left_is_cleared(arena):
    (arena / "a.zip").write_bytes(make_zip(GOOD))
    (arena / ".target.unpacking").mkdir()
    (arena / ".target.unpacking" / "half").write_text("x")
    unpack(arena / "a.zip", arena / "target", quiet=True)
    assert files_below(arena / "target") == UNWRAPPED


OUTSIDE = [
    "../evil",
    "a/../../evil",
    "/evil",
    "//evil",
    "..\\evil",
    "a\\..\\..\\evil",
    "\\evil",
    "C:\\evil",
    "c:evil",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_names_that_lead_outside(arena, make, name):
    sentence = refuse(arena, make({"top/a.jpg": b"1", name: b"2"}))
    assert sentence.endswith("which lies outside the target folder: refused.")


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\nb", "with a control character in its name 'a\\nb'"),
        ("\x1b[2J", "with a control character in its name '\\x1b[2J'"),
        ("x" * 256, f"whose name '{'x' * 77}...' is too long"),
        ("é" * 128, "is too long"),
        ("/".join(["folder"] * 200)[1:], "is too long"),
    ],
)
def test_names_that_cannot_be_written(arena, make, name, told):
    assert told in refuse(arena, make({"top/a.jpg": b"1", name: b"2"}))


def test_nul_in_a_name(arena):
    assert "control character in its name 'a.jpg\\x00.exe'" in refuse(arena, make_zip({"a.jpg\0.exe": b"1"}))


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("again", ["a.jpg", "./a.jpg", "a.jpg/b", ".\\a.jpg"])
def test_a_name_given_twice(arena, make, again):
    members = {"a.jpg": b"1", "b.jpg": b"2", again + ("" if again != "a.jpg" else "/."): b"3"}
    sentence = refuse(arena, make(members))
    assert "twice: refused" in sentence or "below a file of the same name: refused" in sentence


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a device"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
    ],
)
def test_tar_members_that_are_no_files(arena, kind, told):
    through = make_tar({"link/evil": b"2"}, extra=(tar_entry("link", kind, ".."),))
    assert f"holds 'link', {told}: only files are unpacked" in refuse(arena, through)


@pytest.mark.parametrize(
    ("mode", "told"), [(stat.S_IFLNK, "a link"), (stat.S_IFCHR, "a device"), (stat.S_IFIFO, "a device")]
)
def test_zip_members_that_are_no_files(arena, mode, told):
    content = make_zip({"link": b"..", "link/evil": b"2"}, modes={"link": mode | 0o777})
    assert f"holds 'link', {told}: only files are unpacked" in refuse(arena, content)


def test_zip_member_marked_as_a_file_or_a_folder(arena):
    modes = {"top/a.jpg": stat.S_IFREG | 0o4777, "top/folder/": stat.S_IFDIR | 0o000}
    (arena / "a.zip").write_bytes(make_zip({"top/a.jpg": b"1", "top/folder/": b""}, modes=modes))
    assert unpack(arena / "a.zip", arena / "target", quiet=True) == 1
    assert stat.S_IMODE((arena / "target" / "a.jpg").stat().st_mode) & 0o7111 == 0
    assert (arena / "target" / "folder").is_dir()


@pytest.mark.parametrize("kind", ["zip", *TAR_MODES])
def test_bomb_by_declared_size(arena, kind):
    members = {"zeros": bytes(3_000_000)}
    content = make_zip(members) if kind == "zip" else make_tar(members, kind)
    sentence = refuse(arena, content, Limits(floor=2_000_000, ratio=0.5))
    assert (
        "declares more than 2,000,000 bytes unpacked, beyond 0.5 times its size: refused as a bomb"
        in sentence
    )


def test_bomb_by_ratio_with_the_default_limits(arena):
    zeros = bytes(70 << 20)
    assert "beyond 100 times its size: refused as a bomb" in refuse(
        arena, make_tar({"zeros": zeros}, "tar.gz")
    )


def declare(content: bytes, real: int, declared: int) -> bytes:
    """Change the unpacked size in both headers of a zip's only member."""
    assert content.count(struct.pack("<I", real)) == 2
    return content.replace(struct.pack("<I", real), struct.pack("<I", declared))


def test_bomb_by_actual_size(arena, monkeypatch):
    """A zip that declares one byte and holds three million: more than declared is never written."""
    content = declare(make_zip({"zeros": bytes(3_000_000)}), 3_000_000, 1)
    assert "damaged or no archive (Bad CRC-32 for file 'zeros')" in refuse(arena, content)
    monkeypatch.setattr(zipfile.ZipExtFile, "_update_crc", lambda *_: None)
    archive = arena / "archive"
    archive.write_bytes(content)
    assert unpack(archive, arena / "target", quiet=True) == 1
    assert (arena / "target" / "zeros").stat().st_size == 1


def test_bomb_by_actual_size_of_a_reader_that_trusts(arena, monkeypatch):
    """The count of written bytes holds even where the format's reader returns more than was declared."""
    content = declare(make_zip({"zeros": bytes(3_000_000)}), 3_000_000, 1)
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda self, size: bytes(size) if self._left else read(self, 1)
    )
    sentence = refuse(arena, content, Limits(floor=2_500_000, ratio=0))
    assert "unpacks to more than it may: refused as a bomb at 'zeros'" in sentence


def test_bomb_by_number_of_members(arena):
    many = {f"{i}": b"" for i in range(30)}
    for content in (make_zip(many), make_tar(many, "tar.gz")):
        assert "holds more than 20 members: refused as a bomb" in refuse(arena, content, Limits(members=20))


def test_bomb_in_the_description_of_a_member(arena):
    content = bytearray(make_tar({"x": b"1"}, extra=(tar_entry("pax", tarfile.XHDTYPE),)))
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 1 << 40
    content[:512] = header.tobuf(tarfile.GNU_FORMAT)
    assert "the description of a member is absurdly long" in refuse(arena, bytes(content))


def test_more_than_the_disk_holds(arena, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 10**6, 1000))
    assert "needs more than the 1,000 bytes left: make room" in refuse(arena, make_zip(GOOD))


def test_a_disk_that_fills_up(arena, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data_prep.obtaining.archives._write_file", full)
    assert "the disk is full while unpacking" in refuse(arena, make_zip(GOOD))


def test_an_interrupt_leaves_nothing(arena, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("data_prep.obtaining.archives._write_file", interrupt)
    (arena / "a.zip").write_bytes(make_zip(GOOD))
    with pytest.raises(KeyboardInterrupt):
        unpack(arena / "a.zip", arena / "target", quiet=True)
    assert sorted(os.listdir(arena)) == ["a.zip", "bystander.txt"]


def test_encrypted_zip(arena):
    content = bytearray(make_zip({"a.jpg": b"1"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted at 'a.jpg': unpack it by hand" in refuse(arena, bytes(content))


@pytest.mark.parametrize("kind", TAR_MODES)
def test_tar_cut_short_anywhere(arena, kind):
    whole = make_tar(GOOD, kind)
    end = len(whole) if kind != "tar" else 7 * 512 + 1  # a plain tar ends with padding nobody needs
    for length in range(0, end, max(1, end // 40)):
        assert "damaged or no archive" in refuse(arena, whole[:length])


def test_bomb_behind_the_end_of_a_tar(arena):
    assert "much data follows its end" in refuse(arena, gzip.compress(make_tar(GOOD) + bytes(20 << 20)))


def test_zip_cut_short_anywhere(arena):
    whole = make_zip(GOOD)
    for length in range(0, len(whole), len(whole) // 40):
        assert "damaged or no archive" in refuse(arena, whole[:length])


@pytest.mark.parametrize(
    "content", [b"", b"<html>log in</html>" * 100, b"PK\x03\x04", bytes(10240), b"\x1f\x8b"]
)
def test_no_archive(arena, content):
    assert "delete it and fetch it again" in refuse(arena, content)


def test_missing_archive(arena):
    with pytest.raises(UserError, match=r"cannot unpack .*nothing\.zip to .*: No such file or directory"):
        unpack(arena / "nothing.zip", arena / "target", quiet=True)


def test_names_in_another_encoding_are_kept(arena):
    """A tar with Latin-1 names unpacks; the reader of the set then says which names it cannot use."""
    with tarfile.open(arena / "a.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        archive.addfile(tarfile.TarInfo("Skarsg\xe5rd.jpg"))
    assert unpack(arena / "a.tar", arena / "target", quiet=True) == 1
    assert os.listdir(os.fsencode(arena / "target")) == [b"Skarsg\xe5rd.jpg"]
