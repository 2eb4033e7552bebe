import hashlib
import random
import shutil
import socket

import pytest

from common.errors import UserError
from data_prep.obtaining import download
from data_prep.obtaining.download import fetch
from tests.support.web_server import Site, serve

CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site():
    with serve(Site(CONTENT)) as site:
        yield site


@pytest.fixture
def path(tmp_path):
    return tmp_path / "downloads" / "file.tar"


def get(site, path, checksum=None, sleep=lambda seconds: None):
    return fetch(site.url, path, checksum, quiet=True, sleep=sleep)


def fail(site, path, checksum=None):
    """Fetch from a line that breaks every time and return the sentence."""
    with pytest.raises(UserError) as caught:
        get(site, path, checksum)
    return str(caught.value)


def names(path):
    return sorted(item.name for item in path.parent.iterdir())


@pytest.mark.parametrize(
    "checksum",
    [None, f"sha256:{SHA256}", f"md5:{hashlib.md5(CONTENT).hexdigest()}"],
    ids=["none", "sha256", "md5"],
)
def test_whole_file(site, path, checksum):
    assert get(site, path, checksum) == path
    assert path.read_bytes() == CONTENT
    assert names(path) == (["file.tar"] if checksum else ["file.tar", "file.tar.sha256"])


def test_a_line_that_breaks_is_taken_up_at_once(site, path):
    site.cuts = [100_000, 0, 50_000]
    pauses = []
    get(site, path, f"sha256:{SHA256}", sleep=pauses.append)
    assert path.read_bytes() == CONTENT
    assert [request.get("Range") for request in site.requests] == [
        None,
        "bytes=100000-",
        "bytes=100000-",
        "bytes=150000-",
    ]
    assert {request.get("If-Range") for request in site.requests[1:]} == {'"one"'}
    assert pauses == [1.0, 1.0, 1.0]


def test_a_run_that_gave_up_is_taken_up_by_the_next(site, path):
    site.cuts = [120_000, 0, 0, 0, 0]
    sentence = fail(site, path)
    assert (
        "check the network and run it again, it will go on after the 120,000 bytes already here" in sentence
    )
    assert names(path) == ["file.tar.part", "file.tar.part.json"]
    get(site, path)
    assert path.read_bytes() == CONTENT
    assert site.requests[-1]["Range"] == "bytes=120000-"


@pytest.mark.parametrize("if_range", [True, False])
def test_a_file_that_changed_meanwhile_is_fetched_anew(site, path, if_range):
    site.cuts = [120_000, 0, 0, 0, 0]
    fail(site, path)
    site.content, site.etag, site.if_range = OTHER, '"two"', if_range
    get(site, path)
    assert path.read_bytes() == OTHER


def test_a_file_that_shrank_meanwhile_is_fetched_anew(site, path):
    site.cuts = [120_000, 0, 0, 0, 0]
    fail(site, path)
    site.content, site.if_range = CONTENT[:1000], False
    get(site, path)
    assert path.read_bytes() == CONTENT[:1000]


def test_last_modified_serves_where_the_etag_is_weak(site, path):
    site.etag, site.modified = 'W/"one"', "Tue, 10 Feb 2015 10:29:15 GMT"
    site.cuts = [100_000]
    get(site, path)
    assert site.requests[1]["If-Range"] == site.modified
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("change", [{"ranges": False}, {"etag": None}, {"etag": 'W/"one"'}])
def test_a_server_that_cannot_resume_sends_all_again(site, path, change):
    vars(site).update(change)
    site.cuts = [100_000]
    get(site, path)
    assert path.read_bytes() == CONTENT
    assert len(site.requests) == 2


def test_a_server_that_does_not_tell_the_size(site, path):
    site.length = False
    get(site, path)
    assert path.read_bytes() == CONTENT


def test_killed_between_the_last_byte_and_the_rename(site, path, monkeypatch):
    monkeypatch.setattr(download, "_verify", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        get(site, path)
    monkeypatch.undo()
    get(site, path)
    assert path.read_bytes() == CONTENT
    assert len(site.requests) == 1


@pytest.mark.parametrize("notes", ["", "[]", "{}", '{"url": 1, "mark": 2, "total": 3}', "\x00"])
def test_notes_that_cannot_be_read_start_anew(site, path, notes):
    path.parent.mkdir()
    path.with_name("file.tar.part").write_bytes(OTHER)
    path.with_name("file.tar.part.json").write_text(notes)
    get(site, path)
    assert path.read_bytes() == CONTENT


def test_busy_server_is_asked_again(site, path):
    site.statuses = [503, 429, 500]
    pauses = []
    get(site, path, sleep=pauses.append)
    assert path.read_bytes() == CONTENT
    assert pauses == [1.0, 4.0, 15.0]


@pytest.mark.parametrize(("status", "told"), [(404, "404 (Not Found)"), (403, "403 (Forbidden)")])
def test_refusal(site, path, status, told):
    site.statuses = [status]
    sentence = fail(site, path)
    assert sentence.startswith(f"cannot fetch {site.url}: the server answers {told}; the file may have moved")
    assert len(site.requests) == 1
    assert names(path) == []


def test_web_page_instead_of_the_file(site, path):
    site.content_type = "text/html; charset=utf-8"
    assert "the server sends a web page instead of the file" in fail(site, path)
    assert names(path) == []


def test_wrong_checksum(site, path):
    zeros = "0" * 64
    server = site.url.split("/")[2]
    assert fail(site, path, f"sha256:{zeros}") == (
        f"file.tar from {server} has sha256 {SHA256}, not {zeros}: "
        f"the file there was changed, or damaged on its way."
    )
    assert names(path) == []


def test_file_that_is_there_is_checked_and_not_fetched(site, path):
    get(site, path, f"sha256:{SHA256}")
    get(site, path, f"sha256:{SHA256}")
    assert len(site.requests) == 1
    path.write_bytes(OTHER)
    assert f"delete {path} and run it again" in fail(site, path, f"sha256:{SHA256}")
    assert path.read_bytes() == OTHER


def test_first_copy_is_trusted_and_later_ones_held_against_it(site, path):
    get(site, path)
    record = path.with_name("file.tar.sha256")
    assert record.read_text() == f"{SHA256}  file.tar\n"
    path.unlink()
    site.content, site.etag = OTHER, '"two"'
    assert f"it is not the copy fetched first; delete {record} if you trust this one" in fail(site, path)
    assert names(path) == ["file.tar.sha256"]
    record.unlink()
    get(site, path)
    assert path.read_bytes() == OTHER


def test_disk_too_small_for_the_file(site, path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 10**6, 1000))
    assert f"needs 300,000 bytes but {path.parent} has 1,000 left: make room" in fail(site, path)


def test_disk_that_fills_up(site, path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "_append", full)
    assert "the disk is full while fetching" in fail(site, path)


def test_folder_that_cannot_be_written(site, tmp_path):
    (tmp_path / "downloads").write_text("a file")
    assert "cannot write" in fail(site, tmp_path / "downloads" / "file.tar")


def test_no_server(path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UserError, match=r"cannot fetch .*: .*refused.*; check the network and run it again"):
        fetch(f"http://127.0.0.1:{port}/x", path, quiet=True, sleep=lambda seconds: None)


def test_no_such_host(path):
    with pytest.raises(UserError, match=r"cannot fetch http://host\.invalid/x: "):
        fetch("http://host.invalid/x", path, quiet=True, sleep=lambda seconds: None)


def test_server_that_stops_sending(path, monkeypatch):
    monkeypatch.setattr("data_prep.obtaining.connections.TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(UserError, match=r"cannot fetch .*timed out; check the network"):
            fetch(address, path, quiet=True, sleep=lambda seconds: None)


def test_progress_bar_tells_rate_and_time_left(site, path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    fetch(site.url, path)
    shown = capsys.readouterr().err
    assert "file.tar" in shown and "300k/300k" in shown and "B/s" in shown
