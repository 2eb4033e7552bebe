"""The recogniser from outside: where it wants the face, what it is asked, and what is said without it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from common.errors import UserError
from data_prep.datasets.samples import Sample
from data_prep.prepared.index import LANDMARK_COLUMNS, Prepared
from data_prep.protocols import recognition_tests as searches
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition import outside
from reproductions.shared.recognition.rows import IdentificationSet
from tests.support.prepared_sets import make_index

POINTS = np.array([(60, 80), (100, 80), (80, 104), (64, 122), (96, 122)], float)


def test_the_face_comes_to_lie_as_on_dlibs_mean_face():
    """Its eyes are 0.53 of the unit square apart, which is two thirds of the crop's side."""
    image = np.zeros((200, 200, 3), np.uint8)
    for x, y in POINTS[:2]:
        image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = 255
    found = outside.chip(image, POINTS)
    assert found.shape == (150, 150, 3)
    columns = np.flatnonzero(found[..., 0].max(axis=0) > 128)
    left, right = columns[columns < 75].mean(), columns[columns > 75].mean()
    assert right - left == pytest.approx(0.5293 / 1.5 * 150, abs=2)
    assert (left + right) / 2 == pytest.approx(74, abs=2)


class Network:
    """Says of a face its mean colour."""

    def compute_face_descriptor(self, chips):
        return [np.resize(one.reshape(-1, 3).mean(axis=0) + 1, 128) for one in chips]


@pytest.fixture
def faces(tmp_path, monkeypatch):
    """Three people of a colour each, at two ages."""
    colours = ((200, 10, 10), (10, 200, 10), (10, 10, 200))
    rows, samples = [], []
    for who, colour in enumerate(colours):
        for age in (20, 50):
            name = f"{who}A{age}.png"
            cv2.imwrite(str(tmp_path / name), np.full((200, 200, 3), colour, np.uint8)[..., ::-1])
            rows.append({"name": name, "identity": str(who), "age": age})
            samples.append(Sample(tmp_path / name, name, str(who)))
    index = make_index(rows)
    index[list(LANDMARK_COLUMNS)] = POINTS.ravel()
    manifest = {"settings": {"dataset": "fgnet"}, "title": "FG-NET", "fingerprint": "f", "coverage": "all"}

    class Card:
        folder = "FG-NET"

        def find(self, root):
            return root

        def scan(self, root):
            return iter(samples)

    monkeypatch.setattr(outside, "get", lambda name: Card())
    monkeypatch.setattr(outside, "_network", Network)
    return Prepared(tmp_path, index, manifest)


def asked(faces):
    sets = [IdentificationSet(faces, searches.people_tests(faces, "fgnet"))]
    return outside.measure(sets, (), Options(profile="cpu", data_root=faces.folder))


def test_it_reads_the_pictures_themselves(faces):
    found = {item.column: item.value for item in asked(faces).measurements}
    assert found == {"fgnet-oldest": 100, "fgnet-adults": 100, "fgnet-one-out": 100}


def test_aligned_faces_are_cut_by_the_landmarks_of_all(monkeypatch):
    """Only what lies about the landmarks is seen, in batches and in the order of the faces."""
    monkeypatch.setattr(outside, "_network", Network)
    levels = np.arange(70, dtype=np.uint8)
    images = np.broadcast_to(levels[:, None, None, None], (70, 200, 200, 3)).copy()
    images[:, -10:] = 255
    found = outside.aligned_features(POINTS)(images)
    assert found.shape == (70, 128)
    np.testing.assert_allclose(found, np.broadcast_to(levels[:, None] + 1, (70, 128)), atol=1e-4)


def test_a_picture_that_is_gone_or_broken_is_named(faces, monkeypatch):
    (faces.folder / "1A20.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"1A20\.png is not used any more \(the file is empty"):
        asked(faces)
    gone = replace(faces, index=faces.index.assign(name=[f"x{name}" for name in faces.index["name"]]))
    with pytest.raises(UserError, match=r"the picture x0A20\.png is gone from the data folder"):
        asked(gone)


def test_it_says_what_it_lacks(tmp_path, monkeypatch):
    assert outside.lacking(Options(profile="cpu")).startswith("real faces")
    assert outside.lacking(Options(data_root=tmp_path)).startswith("real faces")
    monkeypatch.setattr(outside, "find_spec", lambda name: None)
    told = outside.lacking(Options(profile="cpu", data_root=tmp_path))
    assert told == "the packages of requirements-judges.txt: make setup JUDGES=yes installs them"
    monkeypatch.setattr(outside, "find_spec", lambda name: object())
    assert outside.lacking(Options(profile="cpu", data_root=tmp_path)) is None
