"""Building the demonstration and handing it out, without a browser."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest

from common.errors import UserError
from common.files import sha256_file
from reproductions.shared.demo import build as building
from reproductions.shared.demo.build import KINDS, PAGE, RUNTIME, build, described, installed
from reproductions.shared.demo.serve import serving
from reproductions.shared.networks.manifest import NETWORKS


@pytest.fixture
def packages(tmp_path):
    """What npm would have installed, with nothing in it."""
    folder = tmp_path / "packages"
    runtime = folder / "node_modules" / "onnxruntime-web" / "dist"
    runtime.mkdir(parents=True)
    for name in RUNTIME:
        (runtime / name).write_text("// nothing")
    (folder / "installed").write_text(sha256_file(PAGE / "package-lock.json"))
    return folder


@pytest.fixture
def folder(tmp_path, packages):
    return build(tmp_path / "page", NETWORKS, packages).parent


def test_all_that_the_page_loads_lies_in_the_folder(folder):
    known = json.loads((folder / "networks.json").read_text())
    names = ["index.html", "card.html", known["detector"]["file"], *(f"ort/{name}" for name in RUNTIME)]
    names += [one["file"] for one in known["networks"].values()]
    assert all((folder / name).stat().st_size for name in names)
    assert set(known["networks"]) <= set(KINDS)


def test_addresses_are_relative_and_of_no_other_host(folder):
    for path in folder.glob("*.*"):
        if path.suffix in (".html", ".js", ".css"):
            text = path.read_text("utf-8")
            assert not any(f'{name}="/' in text for name in ("src", "href"))
            if path.name != "card.html":
                assert "https:" not in text and "http:" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_card_is_there_without_links_that_lead_nowhere(folder):
    text = (folder / "card.html").read_text("utf-8")
    assert "how old a face looks" in text and "Not for" in text
    assert "results/" not in text.replace("<code>", "").partition("Where it comes from")[0]
    assert 'href="../' not in text


def test_what_is_handed_out_bears_the_policy_and_allows_threads(folder):
    with serving(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with urllib.request.urlopen(f"{address}/ort/{RUNTIME[1]}") as answer:
            assert answer.headers["Content-Type"] == "text/javascript"
            assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}/../networks.py")
        with pytest.raises(UserError, match=r"give another with --port \(PORT=\.\.\.\)"):
            serving(folder, server.server_port).__enter__()
        server.shutdown()


def test_without_npm_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(building.shutil, "which", lambda _: None)
    with pytest.raises(UserError, match="apt install npm"):
        installed(tmp_path)


def test_where_npm_fails_its_words_are_passed_on(tmp_path, monkeypatch):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no such host >&2; exit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(building.shutil, "which", lambda _: str(npm))
    with pytest.raises(UserError, match="no such host"):
        installed(tmp_path / "packages")


def test_a_network_that_was_changed_is_refused(tmp_path):
    for path in (NETWORKS / "manifest.json", *NETWORKS.glob("*.onnx")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert "age" in described(tmp_path)["networks"]
    (tmp_path / "age.onnx").write_bytes(b"another")
    with pytest.raises(UserError, match="is not the network that was published"):
        described(tmp_path)
