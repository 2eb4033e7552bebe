"""A face of a photograph at other ages: what changes, what stays, and what is refused by name."""

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.faces.alignment import TEMPLATES
from reproductions import photos
from reproductions.shared.command_line.cli import main
from reproductions.shared.networks import card, synthesis
from reproductions.shared.networks.example import example_picture
from reproductions.shared.networks.manifest import published
from reproductions.shared.networks.published import PublishedSynthesis
from reproductions.shared.photographs import ageing
from reproductions.shared.photographs.ageing_command import TILE
from tests.support.image_files import picture
from tests.support.published_network import Brightened, write_synthesis


@pytest.fixture(scope="module", autouse=True)
def network(tmp_path_factory):
    """A folder of published networks whose synthesis makes a face brighter with its age."""
    folder = tmp_path_factory.mktemp("networks")
    write_synthesis(folder)
    patch = pytest.MonkeyPatch()
    patch.setattr(synthesis, "load", Brightened)
    ageing.network_of.cache_clear()
    yield folder
    patch.undo()
    ageing.network_of.cache_clear()


@pytest.fixture(scope="module")
def portrait():
    return (example_picture() * 0.7).astype(np.uint8)


@pytest.fixture
def photo(tmp_path, portrait):
    path = tmp_path / "me.png"
    cv2.imwrite(str(path), portrait[..., ::-1])
    return path


def read(path):
    return cv2.imread(str(path))[..., ::-1].astype(int)


def test_the_face_changes_by_what_the_network_changes_and_nothing_around_it(portrait, network):
    older = photos.age_to(portrait, "61+", network=network)
    assert (older.number, older.group) == (1, "61+")
    change = older.picture.astype(int) - portrait
    x1, y1, x2, y2 = (round(value) for value in older.box)
    middle = change[(y1 + y2) // 2 - 5 : (y1 + y2) // 2 + 5, (x1 + x2) // 2 - 5 : (x1 + x2) // 2 + 5]
    assert np.abs(middle - 60).max() <= 2
    assert not change[:4].any()
    assert not change[-4:].any()


def test_without_a_group_all_are_made_the_youngest_first(portrait, network):
    made = photos.age_to(portrait, network=network)
    assert [one.group for one in made] == list(published(network, PublishedSynthesis).groups)
    np.testing.assert_array_equal(made[0].picture, portrait)
    means = [one.picture.mean() for one in made]
    assert means == sorted(means)


def test_of_several_faces_one_is_asked_for(portrait, network):
    both = np.concatenate([portrait, example_picture(seed=11, age=50, gender="male")], axis=1)
    with pytest.raises(UserError, match=r"2 faces are found in the picture.*say which with --face"):
        photos.age_to(both, "61+", network=network)
    with pytest.raises(UserError, match=r"2 faces are found .* not 3"):
        photos.age_to(both, "61+", face=3, network=network)
    right = photos.age_to(both, "61+", face=2, network=network)
    change = np.abs(right.picture.astype(int) - both).max(axis=(0, 2))
    assert right.number == 2
    assert not change[:180].any()
    assert change[250:300].min() > 10


def test_the_command_writes_beside_the_photograph(photo, network, capsys):
    assert main(["age-to", "--to=61+", f"--network={network}", str(photo)]) == 0
    written = photo.with_name("me-61-and-over.png")
    assert capsys.readouterr().out.strip() == str(written)
    assert (read(written) - read(photo)).max() == 60


def test_without_a_group_the_command_writes_a_row(photo, network, capsys):
    assert main(["age-to", f"--network={network}", str(photo)]) == 0
    shown = read(capsys.readouterr().out.strip())
    assert shown.shape[1] >= 8 * TILE
    assert shown.shape[0] < 2 * TILE


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--to=60"], "unknown age group '60'"),
        (["--to=61+", "--out=me.png"], "me.png is the photograph itself"),
        (["--to=61+", "--out=older.txt"], "has no ending of a picture"),
        (["--to=61+", "--face=0"], "one face is found"),
    ],
)
def test_mistakes_are_told(photo, network, capsys, monkeypatch, given, sentence):
    monkeypatch.chdir(photo.parent)
    assert main(["age-to", *given, f"--network={network}", photo.name]) == 2
    assert sentence in capsys.readouterr().err
    assert [path.name for path in photo.parent.iterdir()] == ["me.png"]


def test_a_picture_without_a_face_and_one_too_small_are_refused(network, portrait):
    with pytest.raises(UserError, match="no face is found in the picture"):
        photos.age_to(picture(0, 120, 90), "61+", network=network)
    small = np.zeros((200, 200, 3), np.uint8)
    small[80:120, 80:120] = cv2.resize(portrait, (40, 40), interpolation=cv2.INTER_AREA)
    with pytest.raises(UserError, match=r"no face is found|pixels wide, 32 are the least"):
        photos.age_to(small, "61+", network=network)


def test_the_card_says_what_judges_say(network):
    one = published(network, PublishedSynthesis)
    text = card.render("synthesis", one, card.read_answers(network, "synthesis", one))
    assert "| 61+" in text
    assert "| all" in text
    assert " 66.7 " in text
    assert "must not be used" in text
    assert one.input.template in TEMPLATES
