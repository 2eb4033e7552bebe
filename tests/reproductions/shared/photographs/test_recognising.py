"""Faces of generated people as vectors, compared, embedded from a folder and looked for again."""

import csv

import cv2
import numpy as np
import pytest

from common.errors import UserError
from reproductions import photos
from reproductions.shared.command_line.cli import main
from reproductions.shared.networks import recognition
from reproductions.shared.networks.example import example_picture
from reproductions.shared.photographs import recognising
from reproductions.shared.photographs.embeddings import Embeddings, read, write
from reproductions.shared.photographs.recognition_commands import compare, embed, search
from tests.support.image_files import picture
from tests.support.published_network import Colours, write_recognition


@pytest.fixture(scope="module", autouse=True)
def network(tmp_path_factory):
    """A folder of published networks whose recogniser goes by the colour of a face."""
    folder = tmp_path_factory.mktemp("networks")
    write_recognition(folder)
    patch = pytest.MonkeyPatch()
    patch.setattr(recognition, "load", Colours)
    recognising.network_of.cache_clear()
    yield folder
    patch.undo()
    recognising.network_of.cache_clear()


@pytest.fixture(scope="module")
def couple():
    """A reddish face on the left, a bluish one on the right."""
    left, right = example_picture(), example_picture(seed=11, age=50, gender="male")
    tinted = [(one * tint).astype(np.uint8) for one, tint in ((left, (1, 0.3, 0.2)), (right, (0.2, 0.3, 1)))]
    return np.concatenate(tinted, axis=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, couple):
    folder = tmp_path_factory.mktemp("photos")
    (folder / "trip").mkdir()
    shown = {
        "trip/couple": couple,
        "red": couple[:, :192],
        "blue": couple[:, 192:],
        "wall": picture(0, 120, 90),
    }
    for name, pixels in shown.items():
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (folder / "notes.txt").write_text("of the journey")
    return folder


@pytest.fixture(scope="module")
def array(tmp_path_factory, folder, network):
    out = tmp_path_factory.mktemp("out") / "faces.npz"
    embed(folder, out=out, network=network)
    return out


def test_faces_are_vectors_of_length_one_from_left_to_right(network, couple, folder):
    left, right = photos.embed(couple, network=network)
    assert (left.number, right.number) == (1, 2) and left.box[0] < right.box[0]
    assert left.vector[0] > 0.5 > right.vector[0] and right.vector[2] > 0.5
    np.testing.assert_allclose(np.linalg.norm([left.vector, right.vector], axis=1), 1, atol=1e-6)
    one, other = photos.embed([folder / "red.png", str(folder / "wall.png")], network=network)
    assert len(one) == 1 and other == []


def test_each_face_is_compared_with_each(network, couple, folder):
    first, second = photos.compare(folder / "red.png", couple, network=network)
    assert (first.first, first.second, second.second) == (1, 1, 2)
    assert first.likeness.same and not second.likeness.same
    vectors = [one.vector for one in photos.embed(couple, network=network)]
    cosine = photos.embed(folder / "red.png", network=network)[0].vector @ vectors[1]
    assert second.likeness.cosine == pytest.approx(cosine, abs=1e-6)
    assert (first.likeness.threshold, first.likeness.false_match_rate) == (0.6, 0.01)


def test_a_folder_becomes_an_array_whose_rows_have_their_faces(array, network, folder):
    made = read(array)
    assert made.names.tolist() == ["blue.png", "red.png", "trip/couple.png", "trip/couple.png"]
    assert made.faces.tolist() == [1, 1, 1, 2]
    couple = photos.embed(folder / "trip" / "couple.png", network=network)
    np.testing.assert_array_equal(made.vectors[2:], [one.vector for one in couple])
    index = list(csv.DictReader(array.with_name("faces.index.csv").open()))
    assert [f"{row['name']} {row['face']}" for row in index][2:] == ["trip/couple.png 1", "trip/couple.png 2"]
    rejected = csv.DictReader(array.with_name("faces.rejected.csv").open())
    left = {row["name"]: row["reason"] for row in rejected}
    assert set(left) == {"wall.png", "torn.jpg", "notes.txt"} and left["wall.png"] == "no face is found"
    assert made.about["network"] == "recognition" and made.about["mirrored"]


def test_what_was_written_into_the_folder_is_no_photograph_the_next_time(network, folder, tmp_path):
    for name in ("red.png", "wall.png"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    for _ in range(2):
        embed(tmp_path, out=tmp_path / "faces.npz", network=network)
    rows = list(csv.DictReader((tmp_path / "faces.rejected.csv").open()))
    assert [row["name"] for row in rows] == ["wall.png"]


def test_a_search_shows_the_most_similar_first_for_each_face_or_the_one_that_is_asked(
    array, network, folder, tmp_path, capsys
):
    made = read(array)
    search(folder / "trip" / "couple.png", into=array, network=network, count=2)
    text = capsys.readouterr().out
    first, second = text.split("face 2 of 2")
    assert "face 1 of 2, box" in first
    for part, best in ((first, "red.png"), (second, "blue.png")):
        shown = [line for line in part.splitlines() if "person" in line and ".png" in line]
        assert any(best in line for line in shown) and len(shown) == 2
    assert "of pairs of two people 1% pass too" in text and "Among" not in text
    many = Embeddings(*(np.repeat(part, 100, axis=0) for part in (made.vectors, made.names)), made.about)
    write(tmp_path / "many.npz", many)
    search(folder / "red.png", into=tmp_path / "many.npz", network=network)
    assert "Among 400 faces of strangers some 4 do." in capsys.readouterr().out
    search(folder / "trip" / "couple.png", into=array, network=network, face=2)
    assert "face 1 of 2" not in capsys.readouterr().out
    with pytest.raises(UserError, match=r"2 faces are found in .* choose one with --face .*, not 3"):
        search(folder / "trip" / "couple.png", into=array, network=network, face=3)


def test_two_photographs_are_compared_in_words(network, folder, capsys):
    compare(folder / "red.png", folder / "trip" / "couple.png", network=network)
    text = capsys.readouterr().out
    assert text.count("one person |") == 1 and text.count("two people |") == 1
    assert "One person from a cosine of 0.6000 on: of pairs of two people 1% pass too" in text


def test_mistakes_are_told(array, network, folder, tmp_path):
    with pytest.raises(UserError, match=r"no face is found in .*wall\.png: choose one"):
        compare(folder / "red.png", folder / "wall.png", network=network)
    with pytest.raises(UserError, match=r"torn\.jpg cannot be used: "):
        compare(folder / "torn.jpg", folder / "red.png", network=network)
    with pytest.raises(UserError, match="no face is found in the picture"):
        photos.compare(picture(0, 120, 90), folder / "red.png", network=network)
    with pytest.raises(UserError, match=r"make it with make embed FOLDER=\.\.\. OUT="):
        search(folder / "red.png", into=tmp_path / "none.npz", network=network)
    with pytest.raises(
        UserError,
        match=r"red\.png holds no embeddings \(it is no \.npz file\): .* OUT=FILE\.npz\.$",
    ):
        search(folder / "red.png", into=folder / "red.png", network=network)
    (tmp_path / "walls").mkdir()
    cv2.imwrite(str(tmp_path / "walls" / "wall.png"), picture(0, 120, 90))
    with pytest.raises(UserError, match=r"no face is found below .*; .*faces\.rejected\.csv says why"):
        embed(tmp_path / "walls", out=tmp_path / "faces.npz", network=network)
    assert not (tmp_path / "faces.npz").exists()
    made = read(array)
    about = np.array('{"network": "mine"}')
    np.savez(tmp_path / "others.npz", embeddings=made.vectors, names=made.names, about=about)
    with pytest.raises(UserError, match="were made by mine and not by recognition"):
        search(folder / "red.png", into=tmp_path / "others.npz", network=network)


def test_the_commands_take_their_options(array, network, folder, capsys):
    given = ["--network", str(network)]
    assert main(["compare", str(folder / "red.png"), str(folder / "blue.png"), *given]) == 0
    assert main(["search", str(folder / "red.png"), "--in", str(array), "--count", "1", *given]) == 0
    assert "red.png" in capsys.readouterr().out
