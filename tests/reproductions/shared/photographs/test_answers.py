"""Photographs of generated people: found, answered left to right, and told as text, CSV, JSON and picture."""

import csv
import io
import json

import cv2
import numpy as np
import pytest

from common.errors import UserError
from reproductions.shared.command_line.cli import main
from reproductions.shared.networks import ages
from reproductions.shared.networks.example import example_picture
from reproductions.shared.photographs import answers, finding
from reproductions.shared.photographs.command import COLUMNS, age_of
from tests.support.image_files import picture
from tests.support.published_network import Brightness, write_folder


@pytest.fixture
def network(tmp_path, monkeypatch):
    """A folder of published networks whose network says how bright a face is."""
    folder = tmp_path / "networks"
    write_folder(folder)
    monkeypatch.setattr(ages, "load", Brightness)
    answers.networks.cache_clear()
    yield folder
    answers.networks.cache_clear()


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))


@pytest.fixture(scope="module")
def couple():
    """A dark face on the left, a bright one on the right."""
    left, right = example_picture(), example_picture(seed=11, age=50, gender="male")
    return np.concatenate([(left * 0.4).astype(np.uint8), right], axis=1)


@pytest.fixture
def folder(tmp_path, couple):
    folder = tmp_path / "photos"
    write(folder / "a" / "couple.png", couple)
    write(folder / "wall.png", picture(0, 120, 90))
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    return folder


def test_faces_are_found_left_to_right_in_pixels_of_the_photograph(couple):
    small = finding.find(couple)
    assert [face.box[0] < 192 for face in small] == [True, False]
    wide = cv2.resize(couple, None, fx=5, fy=5, interpolation=cv2.INTER_LINEAR)  # 1,920 px: shrunk to look
    for face, larger in zip(small, finding.find(wide), strict=True):
        np.testing.assert_allclose(larger.landmarks, (face.landmarks + 0.5) * 5 - 0.5, atol=20)
    cut = finding.aligned(couple, small, 32, "utkface")
    assert cut.shape == (2, 32, 32, 3)
    assert cut[0].mean() < cut[1].mean()


def test_a_small_face_in_a_large_picture_is_found():
    wall = np.full((600, 900, 3), 128, np.uint8)
    for x in (100, 500):
        wall[200:264, x : x + 64] = cv2.resize(example_picture(), (64, 64), interpolation=cv2.INTER_AREA)
    assert len(finding.find(wall)) == 2


def test_every_face_has_its_age_interval_and_warning(network, couple):
    dark, bright = answers.ages_of(couple, network)
    assert (dark.number, bright.number) == (1, 2)
    faces = finding.aligned(couple, finding.find(couple), 96, "utkface")
    np.testing.assert_allclose([dark.age.years, bright.age.years], faces.mean(axis=(1, 2, 3)) / 4, atol=0.5)
    assert dark.age.warning is None
    assert dark.age.low < dark.age.years < dark.age.high
    assert bright.age.warning == "where the network says 30 to 99 years it errs by 12 in the mean"


def test_text_csv_and_json_say_the_same(network, folder, tmp_path, capsys):
    age_of(folder, network=network, out=tmp_path / "out", annotate=True)
    text = capsys.readouterr().out
    assert "a/couple.png: 2 faces, left to right" in text
    assert "wall.png: no face is found" in text
    assert "torn.jpg: passed over, " in text
    assert f"  {tmp_path / 'out' / 'a' / 'couple.png-ages.png'}" in text.splitlines()
    rows = list(csv.DictReader((tmp_path / "out" / "ages.csv").open()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["face"] for row in rows if row["photo"] == "a/couple.png"] == ["1", "2"]
    assert [row["face"] for row in rows if row["photo"] != "a/couple.png"] == ["", ""]
    photos = {photo["photo"]: photo for photo in json.loads((tmp_path / "out" / "ages.json").read_text())}
    couple = [row for row in rows if row["photo"] == "a/couple.png"]
    for row, face in zip(couple, photos["a/couple.png"]["faces"], strict=True):
        assert float(row["age"]) == face["age"]
        assert [float(row[side]) for side in ("x1", "y1", "x2", "y2")] == face["box"]
        assert row["remark"] == (face["remark"] or "")
    assert photos["wall.png"] == {"photo": "wall.png", "faces": [], "problem": "no face is found"}
    assert photos["torn.jpg"]["problem"]
    copies = sorted(path.name for path in (tmp_path / "out").rglob("*.png"))
    assert copies == ["couple.png-ages.png"]
    assert cv2.imread(str(tmp_path / "out" / "a" / copies[0])).shape == (192, 384, 3)


def test_copies_written_into_the_folder_are_no_photographs_the_next_time(network, folder, capsys):
    for _ in range(2):
        age_of(folder, network=network, out=folder / "ages", annotate=True)
    rows = list(csv.DictReader((folder / "ages" / "ages.csv").open()))
    assert {row["photo"] for row in rows} == {"a/couple.png", "wall.png", "torn.jpg"}


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_is_printed_is_what_would_be_written(network, folder, tmp_path, capsys, form):
    age_of(folder, network=network, out=tmp_path / "out", form=form)
    assert capsys.readouterr().out == (tmp_path / "out" / f"ages.{form}").read_text()


def test_mistakes_are_told(network, folder, tmp_path):
    with pytest.raises(UserError, match="there is no photograph or folder"):
        age_of(tmp_path / "absent.jpg", network=network)
    with pytest.raises(UserError, match=r"torn\.jpg cannot be used: "):
        age_of(folder / "torn.jpg", network=network)
    with pytest.raises(UserError, match="unknown format 'jsn': did you mean 'json'"):
        age_of(folder, network=network, form="jsn")
    with pytest.raises(UserError, match="annotated copies need a folder"):
        age_of(folder, network=network, annotate=True)
    with pytest.raises(UserError, match="unknown detector"):
        age_of(folder, network=network, detector="mtcn")
    (folder / "a" / "couple.png").unlink()
    (folder / "wall.png").unlink()
    with pytest.raises(UserError, match=r"no photograph below .* can be used: beside the name of each"):
        age_of(folder, network=network, out=tmp_path / "out")
    assert "torn.jpg" in (tmp_path / "out" / "ages.csv").read_text()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no photograph lies in"):
        age_of(tmp_path / "empty", network=network)
    with pytest.raises(UserError, match="an array"):
        answers.ages_of(np.zeros((5, 5), np.uint8), network)


def test_the_command_takes_a_photograph_and_its_options(network, folder, capsys):
    command = ["age-of", str(folder / "a" / "couple.png"), "--network", str(network), "--format", "csv"]
    assert main(command) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 3
