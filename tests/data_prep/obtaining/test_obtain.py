import hashlib
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from common.errors import UserError
from common.locking import take_lock
from data_prep.datasets import get
from data_prep.datasets.base import Download
from data_prep.obtaining import obtain as module
from data_prep.obtaining.obtain import obtain
from tests.support.label_files import touch, write_cacd
from tests.support.web_server import Site, serve


def archive(**options):
    """Return a zip in the form of the published FGNET.zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in ("FGNET/images/001A02.JPG", "FGNET/images/001A05.JPG", "__MACOSX/FGNET/._images"):
            file.writestr(name, b"x")
        for name, text in options.items():
            file.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def fgnet(monkeypatch):
    """FG-NET as if it were published on this machine; yields the site."""
    with serve(Site(archive())) as site:
        checksum = f"sha256:{hashlib.sha256(site.content).hexdigest()}"
        dataset = replace(get("fgnet"), downloads=(Download(site.url, "FGNET.zip", checksum),))
        monkeypatch.setattr(module, "get", lambda _: dataset)
        yield site


def run(name, root):
    said = []
    folder = obtain(name, root, quiet=True, say=said.append)
    return folder, said


def test_download_unpack_and_report(fgnet, tmp_path):
    folder, said = run("fgnet", tmp_path / "data")
    assert folder == tmp_path / "data" / "FG-NET"
    assert sorted(path.name for path in (folder / "images").iterdir()) == ["001A02.JPG", "001A05.JPG"]
    assert said == [
        f"FG-NET: {get('fgnet').licence}.",
        f"{folder} holds 2 of 1,002 files.",
    ]
    assert (tmp_path / "data" / "downloads" / "FGNET.zip").is_file()


def test_a_second_run_fetches_nothing(fgnet, tmp_path):
    first = run("fgnet", tmp_path)
    assert run("fgnet", tmp_path) == first
    assert len(fgnet.requests) == 1


def test_a_copy_that_is_there_needs_neither_network_nor_write_access(fgnet, tmp_path):
    touch(tmp_path, "fgnet/images/001A02.JPG")
    folder, said = run("fgnet", tmp_path)
    assert folder == tmp_path / "fgnet"
    assert said[-1] == f"{folder} holds 1 of 1,002 files."
    assert not fgnet.requests
    assert not (tmp_path / "downloads").exists()


def test_only_the_missing_part_is_fetched(monkeypatch, tmp_path):
    root = tmp_path / "FG-NET"
    touch(root, "images/001A02.JPG")
    with serve(Site(archive())) as site:
        parts = (
            Download("http://host.invalid/", "a.zip", into="images"),
            Download(site.url, "b.zip", into="more"),
        )
        dataset = replace(get("fgnet"), downloads=parts)
        monkeypatch.setattr(module, "get", lambda _: dataset)
        run("fgnet", tmp_path)
    assert (root / "more" / "images" / "001A05.JPG").is_file()


def test_a_second_run_at_the_same_time_waits_and_takes_what_the_first_fetched(fgnet, tmp_path, capsys):
    with ThreadPoolExecutor(1) as pool:
        with take_lock(tmp_path / "downloads" / ".fgnet.lock", "fetching"):
            second = pool.submit(run, "fgnet", tmp_path)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            said = capsys.readouterr().err
            assert said.startswith("another process is fetching FG-NET to ") and said.endswith("for it\n")
            touch(tmp_path / "FG-NET", "images/001A02.JPG")
        second.result(timeout=60)
    assert not fgnet.requests, "nothing is fetched twice"


def test_data_root_that_cannot_be_written(fgnet, tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UserError, match=r"cannot write to .*data/downloads"):
        run("fgnet", tmp_path / "data")


def test_hostile_archive_leaves_nothing(fgnet, tmp_path, monkeypatch):
    fgnet.content = archive(**{"../outside.txt": "x"})
    dataset = replace(get("fgnet"), downloads=(Download(fgnet.url, "FGNET.zip"),))
    monkeypatch.setattr(module, "get", lambda _: dataset)
    with pytest.raises(UserError, match="outside the target folder"):
        run("fgnet", tmp_path / "data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["downloads"]


def test_an_archive_is_held_against_what_the_set_is_before_it_gets_there(fgnet, tmp_path, monkeypatch):
    seen = []

    def check(folder):
        seen.append(sorted(path.name for path in (folder / "images").iterdir()))
        if len(seen) == 1:
            raise UserError("it is another set.")
        return ["It is the set."]

    dataset = replace(get("fgnet"), downloads=(Download(fgnet.url, "FGNET.zip", check=check),))
    monkeypatch.setattr(module, "get", lambda _: dataset)
    (tmp_path / ".FG-NET.checking").mkdir()  # a killed run left it
    with pytest.raises(
        UserError, match=r"FGNET\.zip from http://.* was refused and deleted: it is another set\."
    ):
        run("fgnet", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["downloads"]
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == [".fgnet.lock"]
    fgnet.content = archive(**{"FGNET/other": "x"})
    folder, said = run("fgnet", tmp_path)
    assert said[1:] == ["It is the set.", f"{folder} holds 2 of 1,002 files."]
    assert seen[0] == seen[1] == ["001A02.JPG", "001A05.JPG"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["FG-NET", "downloads"]
    run("fgnet", tmp_path)
    assert len(seen) == 2


@pytest.mark.parametrize("name", ["utkface", "morph", "cacd"])
def test_sets_to_be_asked_for(tmp_path, name):
    dataset = get(name)
    folder, said = run(name, tmp_path)
    assert said == [
        f"{dataset.title}: {dataset.licence}.",
        f"It is not fetched for you: {dataset.how_to_obtain}.",
        f"The copy belongs in {folder}, with {dataset.layout}.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_copy_one_level_off_is_pointed_out(tmp_path):
    touch(tmp_path, "deeper/UTKFace/25_0_1_20170116174525125.jpg.chip.jpg")
    _, said = run("utkface", tmp_path)
    assert said[1].endswith(f"set DATA_ROOT={tmp_path / 'deeper'}.")


def test_metadata_alone_is_reported(tmp_path):
    write_cacd(
        tmp_path / "CACD" / "celebrity2000_meta.mat", [("A", 1951, 1)], [("53_A_0001.jpg", 1, 53, 2004)]
    )
    assert run("cacd", tmp_path)[1][-1] == f"{tmp_path / 'CACD'} holds 0 of 163,446 files."


def test_unknown_set(tmp_path):
    with pytest.raises(UserError, match="unknown data set 'fg-net': did you mean 'fgnet'"):
        run("fg-net", tmp_path)


def test_addresses_are_those_of_the_publishers():
    hosts = {
        name: {download.url.split("/")[2] for download in get(name).downloads}
        for name in ("fgnet", "imdb-wiki", "lfw", "utkface", "morph", "cacd")
    }
    assert hosts == {
        "fgnet": {"yanweifu.github.io"},
        "imdb-wiki": {"data.vision.ee.ethz.ch"},
        "lfw": {"ndownloader.figshare.com"},
        "utkface": set(),
        "morph": set(),
        "cacd": set(),
    }
