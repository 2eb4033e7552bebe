"""Over 2,600 broken names and label files: each gives samples, refused names or one sentence."""

import contextlib
import os
import random

import pytest
import scipy.io

from benchmarks.mutations import sets
from benchmarks.mutations.content import mutate
from benchmarks.mutations.sets import checked
from common.errors import UserError
from data_prep.datasets import cacd, get
from data_prep.datasets.fgnet_points import five_points
from data_prep.datasets.samples import Sample
from tests.support.label_files import IMDB_WIKI_ROW, touch, write_cacd, write_imdb_wiki

ALPHABET = "0123456789_._-AaMmFfé٣²½ \t'\"%\udcff"
GOOD_NAMES = {
    "fgnet": "001A02.JPG",
    "utkface": "25_0_1_20170116174525125.jpg.chip.jpg",
    "morph": "012345_02F31.JPG",
    "lfw": "Al_Gore_0001.jpg",
}


def broken_name(good, generator):
    name = list(good)
    for _ in range(generator.choice([1, 1, 2, 3, 8])):
        at = generator.randrange(len(name) + 1)
        match generator.randrange(3):
            case 0:
                name.insert(at, generator.choice(ALPHABET))
            case 1 if at < len(name):
                name[at] = generator.choice(ALPHABET)
            case _:
                del name[at : at + generator.choice([1, 1, 4])]
    return "".join(name)[:80].strip("./") + generator.choice(["", "", ".jpg", ".JPG"])


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names(tmp_path, name):
    generator = random.Random(f"names of {name}")
    good = GOOD_NAMES[name]
    folder = {"fgnet": "images", "lfw": "Al_Gore"}.get(name, "")
    touch(tmp_path, f"{folder}/{good}".lstrip("/"))
    made = {good}
    while len(made) < 250:
        broken = broken_name(good, generator)
        if broken not in ("", ".", ".."):
            (tmp_path / folder / broken).touch()
            made.add(broken)
    found = list(get(name).scan(tmp_path))
    checked(found)
    assert 1 <= sum(isinstance(item, Sample) for item in found) < len(found)
    images = {name for name in made if name.lower().endswith(".jpg") and not name.startswith(".")}
    assert len(found) >= len(images)


def test_points(tmp_path):
    generator = random.Random("points")
    good = "version: 1\r\nn_points: 68\r\n{\r\n" + "".join(f"{i}.5 {i}\r\n" for i in range(68)) + "}\r\n"
    path = tmp_path / "x.pts"
    path.write_text(good)
    assert len(five_points(path)) == 5
    refused = 0
    for _ in range(400):
        path.write_bytes(mutate(good.encode(), generator))
        try:
            points = five_points(path)
        except ValueError:
            refused += 1
        else:
            assert len(points) == 5 and points[0][0] <= points[1][0] and points[3][0] <= points[4][0]
    assert refused > 50


def test_csv(tmp_path):
    generator = random.Random("csv")
    touch(tmp_path, *(f"{i:06}_0M24.JPG" for i in range(5)))
    header = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo\n"
    good = header + "".join(
        f"{i},0,3/2/1980,10/11/2004,W,M,,24,0,n,Album2/{i:06}_0M24.JPG\n" for i in range(5)
    )
    for _ in range(300):
        (tmp_path / "morph.csv").write_bytes(mutate(good.encode(), generator))
        with contextlib.suppress(UserError):
            checked(get("morph").scan(tmp_path))


def save_again(path, compressed):
    """Save a .mat file with or without compression: without it, one changed byte reaches any field."""
    content = {key: value for key, value in scipy.io.loadmat(path).items() if not key.startswith("_")}
    scipy.io.savemat(path, content, do_compression=compressed)


def scan_mutants(dataset, root, path, count, generator):
    """Scan the set with `count` broken copies of its label file and return how many were refused."""
    good = path.read_bytes()
    refused = 0
    for _ in range(count):
        path.write_bytes(mutate(good, generator))
        try:
            checked(dataset.scan(root))
        except UserError:
            refused += 1
    return refused


@pytest.mark.parametrize("compressed", [True, False])
def test_imdb_wiki_labels(tmp_path, compressed):
    generator = random.Random(f"wiki.mat {compressed}")
    path = tmp_path / "wiki_crop" / "wiki.mat"
    write_imdb_wiki(path, "wiki", [{}, {"full_path": "00/b.jpg"}])
    touch(tmp_path / "wiki_crop", IMDB_WIKI_ROW["full_path"], "00/b.jpg")
    save_again(path, compressed)
    checked(get("imdb-wiki").scan(tmp_path))
    assert scan_mutants(get("imdb-wiki"), tmp_path, path, 300, generator) > 30


@pytest.mark.parametrize("compressed", [True, False])
def test_cacd_metadata(tmp_path, compressed):
    generator = random.Random(f"cacd {compressed}")
    path = tmp_path / cacd.META
    write_cacd(path, [("A_B", 1951, 1), ("C_D", 1951, 2)], [("53_A_B_0001.jpg", 1, 53, 2004)])
    touch(tmp_path, "CACD2000/53_A_B_0001.jpg")
    save_again(path, compressed)
    checked(cacd.DATASET.scan(tmp_path))
    assert scan_mutants(cacd.DATASET, tmp_path, path, 200, generator) > 30


@pytest.mark.parametrize("case", sets.CASES, ids=lambda case: case.name)
def test_broken_files_of_every_reader(tmp_path, case):
    """A few of those of benchmarks/mutated_data_sets.py, which bounds memory and time too."""
    case.prepare(tmp_path)
    for number in range(12):
        case.mutate(tmp_path, random.Random(f"test of {case.name} {number}"))
        with contextlib.suppress(UserError):
            case.read(tmp_path)


def test_nothing_but_the_label_files_is_opened(tmp_path):
    """A row that names a file elsewhere is never followed: samples come from what lies in the folder."""
    secret = tmp_path / "secret.jpg"
    secret.touch()
    root = tmp_path / "IMDB-WIKI"
    rows = [{"full_path": "../../secret.jpg"}, {"full_path": os.fspath(secret)}]
    write_imdb_wiki(root / "wiki_crop" / "wiki.mat", "wiki", rows)
    assert list(get("imdb-wiki").scan(root)) == []


def test_a_list_that_names_a_file_with_a_name_too_long(tmp_path):
    touch(tmp_path, "001/a.jpg")
    (tmp_path / "list.txt").write_text(f"1 001/a.jpg 20 1\n2 001/{'b' * 300}.jpg 20 0\n")
    right, wrong = get("scaf").scan(tmp_path)
    assert right.age == 20
    assert (wrong.name, wrong.reason) == (
        "list.txt line 2",
        "the file name is none of an image below the list's folder",
    )
