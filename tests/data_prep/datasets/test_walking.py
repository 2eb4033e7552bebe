"""Folders that are links: followed by every reader, read once, and named where they lead nowhere."""

import os
import pickle
import random

import pytest

from data_prep.datasets import get
from data_prep.datasets.cacd import META
from data_prep.datasets.held import holds
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import near
from data_prep.obtaining.obtain import obtain
from tests.support.image_files import jpeg
from tests.support.label_files import touch, write_cacd, write_imdb_wiki, write_imfdb

CHIP = "25_0_1_20170116174525125.jpg.chip.jpg"
LINKED = {
    # set: (a folder of it that is a link, a picture below it)
    "fgnet": ("images", "001A02.JPG"),
    "utkface": ("part1", CHIP),
    "imdb-wiki": ("wiki_crop/17", "10000217_1981-05-05_2009.jpg"),
    "morph": ("Album2", "012345_02F31.JPG"),
    "cacd": ("CACD2000", "53_A_0001.jpg"),
    "cacd-vs": ("pairs", "0001_0.jpg"),
    "casia-webface": ("0000045", "001.jpg"),
    "imfdb": ("Actor/Film/images", "Actor_1.jpg"),
    "lfw": ("Some_Name", "Some_Name_0001.jpg"),
    "agedb-30": ("agedb_30", "00001.jpg"),
    "calfw": ("aligned images", "Some_Name_0001.jpg"),
    "scaf": ("pictures", "1.jpg"),
}
LABELS = {"agedb-30": "agedb_30.txt", "calfw": "pairs_CALFW.txt"}


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("whole", [False, True])
def test_every_reader_follows_a_link_to_a_folder(tmp_path, name, whole):
    """The link is to one folder of the set, or to all of it."""
    card = get(name)
    folder, picture = LINKED[name]
    root = tmp_path / "data" / card.folder
    held = tmp_path / "elsewhere" if whole else root
    held.mkdir(parents=True)
    place = held / folder if whole else tmp_path / "far" / "away"
    touch(place, picture)
    if whole:
        root.parent.mkdir()
        root.symlink_to(held)
    else:
        (root / folder).parent.mkdir(parents=True, exist_ok=True)
        (root / folder).symlink_to(place)
    if name == "imdb-wiki":
        write_imdb_wiki(root / "wiki_crop" / "wiki.mat", "wiki", [{}])
    if name == "imfdb":
        write_imfdb(root / "Actor" / "Film" / "Film.txt", [{}])
    if name == "cacd":
        write_cacd(root / META, [("A", 1951, 1)], [("53_A_0001.jpg", 1, 53, 2004)])
    if name == "scaf":
        (root / "list.txt").write_text("7 pictures/1.jpg 30 1\n")
    if name in LABELS:
        (root / LABELS[name]).write_text("\n")
    (found,) = card.scan(root)
    assert isinstance(found, Sample)
    assert found.name.endswith(picture)
    assert found.path.is_file()
    assert holds(tmp_path / "data", name)


def test_links_are_followed_once_and_loops_are_named(tmp_path):
    root = tmp_path / "set"
    touch(root, "a/1.jpg", "b/2.jpg")
    touch(tmp_path / "elsewhere", "3.jpg", "deeper/4.jpg")
    links = {
        "a/self": root / "a",
        "a/up": root,
        "b/above": tmp_path,
        "b/beside": root / "a",
        "c": tmp_path / "elsewhere",
        "d": tmp_path / "elsewhere",
        "gone": tmp_path / "nowhere",
        "notes.txt": tmp_path / "nowhere",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    (root / "itself").symlink_to("itself")
    (tmp_path / "elsewhere" / "back").symlink_to(root)
    found = list(image_files(root))
    assert [item[0] for item in found if not isinstance(item, Rejected)] == [
        "a/1.jpg",
        "b/2.jpg",
        "c/3.jpg",
        "c/deeper/4.jpg",
    ]
    refused = {item.name: item.reason for item in found if isinstance(item, Rejected)}
    assert refused == {
        "a/self": "a link to a, which is read already",
        "a/up": "a link to ., which is read already",
        "b/above": "a link to a folder that it lies in",
        "b/beside": "a link to a, which is read already",
        "c/back": "a link to ., which is read already",
        "d": "a link to c, which is read already",
        "gone": "a link that leads nowhere",
        "notes.txt": "a link that leads nowhere",
        "itself": "a link that leads nowhere",
    }
    assert len(found) == 4 + len(refused), "each is named once"
    assert not any(item.files for item in found if isinstance(item, Rejected))


def test_a_chain_of_links_that_grows_ends(tmp_path):
    """Each folder links to the two others: without a memory there are as many paths as one has patience."""
    for one in "abc":
        touch(tmp_path / "set" / one, f"{one}.jpg")
        for other in "abc":
            (tmp_path / "set" / one / f"to_{other}").symlink_to(tmp_path / "set" / other)
    found = list(image_files(tmp_path / "set"))
    assert sum(not isinstance(item, Rejected) for item in found) == 3
    assert sum(isinstance(item, Rejected) for item in found) == 9


def test_in_any_tangle_of_links_each_folder_is_read_once(tmp_path):
    """Against the folders that can be reached at all, found by their resolved paths."""
    rng = random.Random(5)
    for trial in range(60):
        tangle = tmp_path / str(trial)
        folders = [tangle / "set", tangle / "far"]
        for number in range(8):
            folders.append(rng.choice(folders) / f"d{number}")
        for number, folder in enumerate(folders):
            touch(folder, f"{number}.jpg")
        links = [rng.choice(folders) / f"l{number}" for number in range(rng.randrange(9))]
        for link in links:
            link.symlink_to(rng.choice([*folders, *links]), target_is_directory=True)
        reached, pending = set(), [tangle / "set"]
        while pending:
            folder = pending.pop().resolve()
            if folder not in reached:
                reached.add(folder)
                pending += [inner for inner in folder.iterdir() if is_there(inner)]
        found = list(image_files(tangle / "set"))
        read = [item[1].resolve().parent for item in found if not isinstance(item, Rejected)]
        assert len(read) == len(set(read))
        assert set(read) == reached


def is_there(folder):
    try:
        return folder.is_dir()
    except OSError:
        return False


def test_a_link_to_the_copy_is_no_second_copy(tmp_path):
    touch(tmp_path / "UTKFace" / "first", CHIP)
    (tmp_path / "UTKFace" / "again").symlink_to(tmp_path / "UTKFace" / "first")
    (sample,) = get("utkface").scan(tmp_path / "UTKFace")
    assert sample.name == CHIP


def test_a_linked_bin_file_is_unpacked(tmp_path):
    images = [jpeg(number, 16, 16) for number in range(4)]
    (tmp_path / "far.bin").write_bytes(pickle.dumps((images, [True, False]), 2))
    folder = tmp_path / "data" / "CALFW"
    folder.mkdir(parents=True)
    (folder / "calfw.bin").symlink_to(tmp_path / "far.bin")
    obtain("calfw", tmp_path / "data", quiet=True, say=lambda line: None)
    assert len(list(get("calfw").scan(folder))) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_link_into_a_closed_folder_is_named(tmp_path):
    touch(tmp_path / "closed" / "inside", "1.jpg")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "link").symlink_to(tmp_path / "closed" / "inside")
    (tmp_path / "closed").chmod(0)
    assert list(image_files(tmp_path / "set")) == [Rejected("link", "a link that leads nowhere", files=0)]
    (tmp_path / "closed").chmod(0o700)


def test_labels_are_looked_for_in_the_folder_below_it_and_above(tmp_path):
    root = tmp_path / "data" / "the-set"
    touch(root, "b/x", "a/x/y/z", ".hidden/x")
    touch(tmp_path, "data/other/x")
    assert list(near(root, "The Set")) == [root, root / "a", root / "b", tmp_path / "data"]
    a = root / "a"
    assert list(near(a, "The Set")) == [a, a / "x", root, a, root / "b", tmp_path / "data"]
    assert list(near(a, "Another")) == [a, a / "x", root]
