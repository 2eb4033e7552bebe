"""Set-up where Python has no ensurepip: pip comes from an index, and every failure is a sentence."""

from __future__ import annotations

import hashlib
import http.server
import sys
import threading
import time
from pathlib import Path

import pytest

from scripts import environment


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index on the loopback interface that serves the files of a folder, which is returned."""
    folder = tmp_path / "index"
    (folder / "simple" / "pip").mkdir(parents=True)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield folder
    server.shutdown()
    server.server_close()


def offer(index: Path, content: bytes) -> None:
    (index / "files").mkdir()
    (index / "files" / environment.PIP).write_bytes(content)
    link = f'<a href="../../files/{environment.PIP}#sha256=0">{environment.PIP}</a>'
    (index / "simple" / "pip" / "index.html").write_text(
        f'<a href="../../files/pip-9-none.whl">pip</a>{link}'
    )


def test_pip_is_fetched_from_the_index_the_user_names(index, tmp_path, monkeypatch):
    offer(index, b"a wheel")
    monkeypatch.setattr(environment, "PIP_SHA256", hashlib.sha256(b"a wheel").hexdigest())
    assert environment.fetch_pip(tmp_path).read_bytes() == b"a wheel"


def test_pip_of_another_checksum_is_refused(index, tmp_path):
    offer(index, b"something else")
    with pytest.raises(
        environment.SetupError, match="has another checksum: install the package python3-venv"
    ):
        environment.fetch_pip(tmp_path)
    assert not (tmp_path / environment.PIP).exists()


def test_index_without_this_pip_is_named(index, tmp_path):
    (index / "simple" / "pip" / "index.html").write_text("<html></html>")
    with pytest.raises(
        environment.SetupError, match=r"/simple/pip/ does not offer pip-.*apt install python3-venv"
    ):
        environment.fetch_pip(tmp_path)


def test_no_network_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(
        environment.SetupError, match=r"pip could not be fetched .*refused.*apt install python3-venv"
    ):
        environment.fetch_pip(tmp_path)


def test_half_made_environment_is_made_anew(tmp_path, monkeypatch):
    """A kill between the making of the folder and the arrival of pip leaves a Python without pip."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.symlink_to(sys.executable)
    (folder / "leftover").touch()
    (folder / environment.READY).touch()
    installed = []
    monkeypatch.setattr(environment, "works", lambda python: False)
    monkeypatch.setattr(environment, "pip", lambda python, *arguments, **program: installed.append(arguments))
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment, "fetch_pip", lambda folder: folder / environment.PIP)
    environment.main(folder)
    assert not (folder / "leftover").exists()
    assert (folder / environment.READY).exists()
    assert [arguments[0].partition("=")[0] for arguments in installed] == [
        "--no-index",
        "--requirement",
        "--no-deps",
    ]


def test_failed_installation_leaves_no_mark_of_readiness(tmp_path, monkeypatch):
    (tmp_path / environment.READY).touch()
    monkeypatch.setattr(environment, "works", lambda python: True)
    monkeypatch.setattr(
        environment.subprocess, "run", lambda *arguments, **options: type("", (), {"returncode": 1})
    )
    with pytest.raises(environment.SetupError, match="run the same command again; it goes on from there"):
        environment.main(tmp_path)
    assert not (tmp_path / environment.READY).exists()


def test_environment_works_only_with_pip(tmp_path):
    assert environment.works(Path(sys.executable))
    assert not environment.works(tmp_path / "bin" / "python")


def test_two_at_once_make_one_environment(tmp_path, monkeypatch, capsys):
    """The second waits for the first, and finds what it made."""
    made, second = [], []

    def make(folder):
        made.append(folder)
        if not second:
            second.append(threading.Thread(target=environment.main, args=(folder,)))
            second[0].start()
            while "Waiting for another make" not in capsys.readouterr().out:
                time.sleep(0.01)
        folder.mkdir()
        (folder / environment.READY).touch()

    monkeypatch.setattr(environment, "make", make)
    environment.main(tmp_path / "venv")
    second[0].join(timeout=30)
    assert made == [tmp_path / "venv"]
    assert capsys.readouterr().out.count("is ready") >= 1


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        environment.SetupError, match=r"file/venv cannot be made .*: give another folder, VENV="
    ):
        environment.main(tmp_path / "file" / "venv")


def test_the_one_that_waited_makes_what_the_first_could_not(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(environment, "make", made.append)
    environment.main(tmp_path / "venv")
    environment.main(tmp_path / "venv")
    assert made == [tmp_path / "venv"] * 2
