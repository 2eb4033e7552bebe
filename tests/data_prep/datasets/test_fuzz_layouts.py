"""Copies moved about at random: no traceback, and each picture is read or named, alone or with its folder."""

import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.cacd import META
from data_prep.datasets.held import holds
from data_prep.datasets.image_files import is_image_name
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import touch, write_cacd, write_imdb_wiki, write_imfdb

PICTURES = {
    "fgnet": [f"images/00{n}A02.JPG" for n in range(6)],
    "utkface": [f"{20 + n}_0_1_2017011617452512{n}.jpg" for n in range(6)],
    "imdb-wiki": [f"{part}_crop/0{n}/{part}{n}.jpg" for part in ("imdb", "wiki") for n in range(3)],
    "morph": [f"Album2/00000{n}_0M24.JPG" for n in range(6)],
    "cacd": [f"CACD2000/53_A_000{n}.jpg" for n in range(6)],
    "cacd-vs": [f"000{n // 2}_{n % 2}.jpg" for n in range(6)],
    "casia-webface": [f"000000{n // 2}/00{n % 2}.jpg" for n in range(6)],
    "imfdb": [f"A{n // 2}/Film/images/A_{n}.jpg" for n in range(6)],
    "lfw": [f"A_{n // 2}/A_{n // 2}_000{n % 2}.jpg" for n in range(6)],
    "agedb-30": [f"agedb_30/0000{n}.jpg" for n in range(6)],
    "calfw": [f"aligned images/A_000{n}.jpg" for n in range(6)],
}


def write_copy(name, root):
    touch(root, *PICTURES[name])
    if name == "fgnet":
        touch(root, *(f"points/00{n}a02.pts" for n in range(6)))
    if name == "imdb-wiki":
        for part in ("imdb", "wiki"):
            rows = [{"full_path": f"0{n}/{part}{n}.jpg"} for n in range(3)]
            write_imdb_wiki(root / f"{part}_crop" / f"{part}.mat", part, rows)
    if name == "morph":
        (root / "morph.csv").write_text("photo,doa,gender,age\n000001_0M24.JPG,10/11/2004,M,24\n")
    if name == "imfdb":
        for n, picture in enumerate(PICTURES[name]):
            write_imfdb(root / picture.split("/")[0] / "Film" / f"{n}.txt", [{"picture": f"A_{n}.jpg"}])
    if name == "cacd":
        images = [(Path(picture).name, 1, 53, 2004) for picture in PICTURES[name]]
        write_cacd(root / META, [("A", 1951, 1)], images)
    for of, label in (("lfw", "pairs.txt"), ("agedb-30", "agedb_30.txt"), ("calfw", "pairs_CALFW.txt")):
        if name == of:
            (root / label).write_text("10\t300\n")


def wrap(rng, folder, folders):
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.mkdir()
    aside.rename(folder / rng.choice([folder.name, "inner", "download"]))


def link(rng, folder, folders):
    away = folders[0].parents[1] / f"away{rng.random()}"
    folder.rename(away)
    folder.symlink_to(away)


def loop(rng, folder, folders):
    (folder / f"loop{rng.random()}").symlink_to(
        rng.choice([*folders, folder / "nowhere", folders[0].parents[1]])
    )


def split(rng, folder, folders):
    for number, inner in enumerate(sorted(folder.iterdir())):
        (folder / f"part{number % 2}").mkdir(exist_ok=True)
        inner.rename(folder / f"part{number % 2}" / inner.name)


def copy(rng, folder, folders):
    if folder != folders[0]:
        shutil.copytree(folder, folder.with_name(f"{folder.name}_copy"), symlinks=True, dirs_exist_ok=True)


def rename(rng, folder, folders):
    folder.rename(folder.with_name(f"{folder.name}_x"))


def move_labels(rng, folder, folders):
    for file in [inner for inner in folder.iterdir() if inner.is_file() and not is_image_name(inner.name)]:
        file.rename(rng.choice([folder.parent, *folders]) / file.name)


MUTATIONS = (wrap, link, loop, split, copy, rename, move_labels)


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_is_lost_without_a_word(tmp_path, name):
    rng = random.Random(name)
    read = 0
    for trial in range(25):
        data_root = tmp_path / str(trial) / "data"
        root = data_root / get(name).folder
        write_copy(name, root)
        for _ in range(rng.randrange(1, 4)):
            folders = [Path(folder) for folder, _, _ in os.walk(root)] or [root]
            # A second change may meet what the first has left there.
            with suppress(OSError):
                rng.choice(MUTATIONS)(rng, rng.choice(folders), folders)
        try:
            found = list(get(name).scan(root))
            assert isinstance(holds(data_root, name), bool)
        except UserError:
            continue
        top = get(name).find(root)
        told = {(top / item.name).resolve() for item in found if isinstance(item, Rejected)}
        told |= {item.path.resolve() for item in found if isinstance(item, Sample)}
        held = [Path(folder, file).resolve() for folder, _, files in os.walk(data_root) for file in files]
        lost = [file for file in held if is_image_name(file.name) and not {file, *file.parents} & told]
        assert not lost, (trial, found)
        read += any(isinstance(item, Sample) for item in found)
    assert read > 15
