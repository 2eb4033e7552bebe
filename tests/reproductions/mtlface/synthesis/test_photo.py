"""A photograph's way through detection, alignment and back, and each mistake's sentence."""

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.faces.alignment import TEMPLATES
from common.faces.face import Face
from reproductions.mtlface import PAPER
from reproductions.mtlface.synthesis.photo import age_photo, parse_group
from reproductions.shared.pseudo_labels.balanced import group_names
from tests.support.image_files import picture

LANDMARKS = (TEMPLATES["arcface"].at(112) * 0.8 + (60, 40)).astype(np.float32)
FACE = Face((70.0, 50.0, 140.0, 150.0), LANDMARKS, 0.99)
SMALL = Face((10.0, 10.0, 40.0, 60.0), LANDMARKS, 0.99)
DOUBTED = Face((10.0, 10.0, 90.0, 90.0), LANDMARKS, 0.5)


class Finds:
    """A detector that finds what it is told to."""

    name = "told"

    def __init__(self, *faces):
        self.faces = list(faces)

    def detect(self, image):
        return self.faces


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "me.png"
    cv2.imwrite(str(path), picture(3, 240, 200)[..., ::-1])
    return path


def brighter(faces, groups):
    return np.minimum(faces.astype(int) + 20 + groups[:, None, None, None], 255).astype(np.uint8)


def read(path):
    return cv2.imread(str(path))[..., ::-1].astype(int)


@pytest.mark.parametrize("name", [None, "older.png"])
def test_the_face_changes_and_nothing_around_it(photo, tmp_path, name):
    out = age_photo(photo, 6, brighter, 64, name and tmp_path / name, Finds(FACE, DOUBTED))
    assert out.name == (name or "me-61-and-over.png")
    change = read(out) - read(photo)
    assert change.shape == (200, 240, 3)
    corners = (TEMPLATES["arcface"].at(112), LANDMARKS)
    assert np.allclose(corners[1], corners[0] * 0.8 + (60, 40))
    centre = change[85:90, 100:110]
    below = read(photo)[85:90, 100:110] < 229
    assert np.abs(centre[below] - 26).max() <= 1
    outside = np.ones(change.shape[:2], bool)
    outside[40:131, 60:151] = False
    assert not change[outside].any()


def test_photographs_that_differ_in_their_ending_keep_their_own_results(photo):
    other = photo.with_suffix(".bmp")
    cv2.imwrite(str(other), picture(4, 240, 200))
    results = [age_photo(one, 6, brighter, 64, None, Finds(FACE)) for one in (photo, other)]
    assert [out.name for out in results] == ["me.png-61-and-over.png", "me.bmp-61-and-over.png"]
    for one, out in zip((photo, other), results, strict=True):
        np.testing.assert_array_equal(read(out)[:30], read(one)[:30])


def test_a_face_that_does_not_change_leaves_the_photograph_as_it_was(photo):
    out = age_photo(photo, 0, lambda faces, groups: faces, 32, None, Finds(FACE))
    np.testing.assert_array_equal(read(out), read(photo))


@pytest.mark.parametrize(
    ("faces", "sentence"),
    [
        ((), "no face is found in .*me.png: give a photograph that shows one"),
        ((DOUBTED,), "no face is found"),
        ((FACE, SMALL), "shows 2 faces: cut out the one to be aged"),
        ((SMALL,), "is 30 pixels wide, 40 are the least: give a larger picture"),
    ],
)
def test_a_photograph_that_cannot_be_used_is_told_in_a_sentence(photo, faces, sentence):
    with pytest.raises(UserError, match=sentence):
        age_photo(photo, 6, brighter, 64, None, Finds(*faces))


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("me.png", "is the photograph itself"),
        ("older.text", "has no ending of a picture"),
        ("older", "ending"),
    ],
)
def test_a_file_that_cannot_be_written_is_told(photo, out, sentence):
    before = photo.read_bytes()
    with pytest.raises(UserError, match=sentence):
        age_photo(photo, 6, brighter, 64, photo.parent / out, Finds(FACE))
    assert photo.read_bytes() == before
    assert [path.name for path in photo.parent.iterdir()] == ["me.png"]


def test_a_file_that_is_no_picture_is_told(tmp_path):
    (tmp_path / "me.jpg").write_bytes(b"nothing")
    for name in ("me.jpg", "absent.jpg"):
        with pytest.raises(UserError, match="cannot be used"):
            age_photo(tmp_path / name, 6, brighter, 64, None, Finds(FACE))


def test_groups_are_read_by_their_names():
    assert [parse_group(name) for name in group_names()] == list(range(7))
    with pytest.raises(UserError, match="unknown age group '61': did you mean '61\\+'"):
        parse_group("61")


def test_the_command_names_every_group():
    help = PAPER.targets["age"].flags["to"].help
    assert all(name in help for name in group_names())
