"""Every name under which a picture was published leads to it."""

import hashlib
import pickle
import unicodedata

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from data_prep.datasets import get
from data_prep.obtaining.obtain import obtain
from data_prep.preparation.prepare import prepare
from data_prep.prepared.names import Names, names_of
from data_prep.protocols.published_pairs import published_pairs
from data_prep.protocols.recognition_tests import lfw_verification
from data_prep.protocols.splits import PROTOCOLS
from data_prep.protocols.verification import numbered_pairs
from tests.support.image_files import jpeg
from tests.support.prepared_sets import make_index, write_prepared

INDEX = make_index([{"name": name} for name in ("a/B_0001.jpg", "a/C_0001.JPG", "x/1.jpg", "y/1.jpg")])


def test_a_name_leads_to_its_picture():
    names = Names(INDEX, {"b/D_0001.jpg": "a/B_0001.jpg", "lost.jpg": "not prepared.jpg"})
    found = {
        "a/B_0001.jpg": 0,
        "b/D_0001.jpg": 0,
        "B_0001.jpg": 0,
        "D_0001.png": 0,
        "a/c_0001.jpeg": 1,
        "C_0001": 1,
        "x/1.jpg": 2,
        "1.jpg": None,
        "lost.jpg": None,
        "z/1.jpg": None,
        "0001.jpg": None,
    }
    assert {name: names.row(name) for name in found} == found


def test_an_accented_name_in_either_unicode_form():
    forms = [unicodedata.normalize(form, "Skarsgård_0001.jpg") for form in ("NFC", "NFD")]
    for held in forms:
        names = Names(make_index([{"name": f"people/{held}"}]))
        assert [names.row(form) for form in forms] == [0, 0]


def test_of_two_names_of_one_spelling_the_exact_one_is_meant():
    names = Names(make_index([{"name": "A.jpg"}, {"name": "a.jpg"}, {"name": "old/a.jpg"}]))
    assert [names.row(name) for name in ("A.jpg", "a.jpg", "old/A.JPG", "a.png")] == [0, 1, 2, None]


def test_without_its_list_of_copies_a_set_is_not_asked(tmp_path):
    prepared = write_prepared(tmp_path / "set", images=2)
    (prepared.folder / "duplicates.csv").unlink()
    with pytest.raises(UserError, match=r"duplicates.csv.*cannot be read.*run make prepare-<set> again"):
        names_of(prepared)


def prepared_of(monkeypatch, name, root):
    """Prepare a set whose faces need no detector: their crop is the picture."""
    scan = type(get(name)).scan

    def aligned(card, folder):
        for item in scan(card, folder):
            if hasattr(item, "aligned"):
                object.__setattr__(item, "aligned", "arcface")
            yield item

    monkeypatch.setattr(type(get(name)), "scan", aligned)
    return prepare(name, root, root / "prepared", size=16, template="arcface", workers=1)


def shown(prepared, pairs):
    """Return the contents of both pictures of each pair."""
    contents = prepared.index["sha256"].to_numpy(object)
    return list(zip(contents[pairs.first], contents[pairs.second], strict=True))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_cacd_vs_asks_every_pair_of_its_list(tmp_path, monkeypatch, in_process):
    """As in the published set, a picture is used in two pairs; one pair shows one picture twice."""
    folder = tmp_path / "CACD-VS"
    folder.mkdir()
    numbers = [0, 1, 200, 201, 400, 401, 600, 601]
    seeds = {(n, k): 10 * i + k for i, n in enumerate(numbers) for k in (0, 1)}
    for n, k, of in ((200, 0, (0, 0)), (201, 1, (1, 1)), (601, 0, (400, 1)), (600, 1, (600, 0))):
        seeds[n, k] = seeds[of]
    contents = {key: jpeg(seed, 24, 24) for key, seed in seeds.items()}
    contents[401, 1] = b"no picture"
    for (n, k), content in contents.items():
        (folder / f"{n:04d}_{k}.jpg").write_bytes(content)
    prepared = prepared_of(monkeypatch, "cacd-vs", tmp_path)
    assert prepared.manifest["counts"]["duplicates"] == 4
    pairs = numbered_pairs(names_of(prepared))
    asked = [n for n in numbers if n != 401]
    assert shown(prepared, pairs) == [tuple(sha256(contents[n, k]) for k in (0, 1)) for n in asked]
    assert pairs.same.tolist() == [n % 400 < 200 for n in asked]
    assert pairs.folds.tolist() == [n // 400 for n in asked]
    assert pairs.count == "7 of 4,000"
    assert pairs.description == (
        "4,000 numbered pairs in 10 blocks of 400, 3,993 left out whose images or whose fold are not there, "
        "1 of one picture under two names"
    )


def test_lfws_pairs_find_a_picture_of_two_people(tmp_path, monkeypatch, in_process):
    """Nobody knows whom it shows: it is in no training, and the list's pairs of it are asked."""
    contents = {
        f"{who}/{who}_{n:04d}.jpg": jpeg(i * 10 + n, 24, 24)
        for i, who in enumerate(("A_B", "C_D", "E_F", "G_H"))
        for n in (1, 2)
    }
    contents["E_F/E_F_0002.jpg"] = contents["A_B/A_B_0001.jpg"]
    contents["C_D/C_D_0002.jpg"] = contents["C_D/C_D_0001.jpg"]
    for name, content in contents.items():
        (tmp_path / "LFW" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "LFW" / name).write_bytes(content)
    listed = [("A_B", 1, "A_B", 2), ("A_B", 2, "E_F", 2), ("C_D", 1, "C_D", 2), ("A_B", 1, "E_F", 2)]
    lines = [f"{a}\t{i}\t{j}" if a == b else f"{a}\t{i}\t{b}\t{j}" for a, i, b, j in listed]
    (tmp_path / "LFW" / "pairs.txt").write_text("\n".join(["2\t1", *lines]) + "\n")
    prepared = prepared_of(monkeypatch, "lfw", tmp_path)
    table = pd.read_csv(prepared.folder / "duplicates.csv", index_col="name")
    assert table.loc["E_F/E_F_0002.jpg"].tolist() == [
        "A_B/A_B_0001.jpg",
        "byte-identical to A_B/A_B_0001.jpg, taken as unknown: identity A_B or E_F",
    ]
    found = lfw_verification("lfw-pairs", prepared, tmp_path / "LFW", 3)
    names = [(f"{a}/{a}_{i:04d}.jpg", f"{b}/{b}_{j:04d}.jpg") for a, i, b, j in listed]
    expected = [(sha256(contents[one]), sha256(contents[other])) for one, other in names]
    assert shown(prepared, found.pairs) == expected
    assert found.pairs.same.tolist() == [True, False, True, False]
    assert found.data.protocol == "4 pairs of pairs.txt"
    assert found.pairs.description.endswith(", 2 of one picture under two names")
    unknown = prepared.index["identity"].isna()
    assert prepared.index["name"][unknown].tolist() == ["A_B/A_B_0001.jpg"]
    for rule in PROTOCOLS["lfw"].values():
        (split,) = rule(prepared.index)
        used = np.concatenate(list(split.parts().values()))
        assert set(used) == set(np.flatnonzero(~unknown))


def test_calfws_pairs_find_every_name(tmp_path, monkeypatch, in_process):
    people = [f"P_{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
    contents = {f"{who}_000{n}.jpg": jpeg(10 * i + n, 24, 24) for i, who in enumerate(people) for n in (1, 2)}
    contents["P_B_0002.jpg"] = contents["P_A_0001.jpg"]
    contents["P_D_0002.jpg"] = contents["P_D_0001.jpg"]
    folder = tmp_path / "CALFW" / "aligned images"
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    listed = [(f"{who}_0001.jpg", f"{who}_0002.jpg", 1 + n % 10) for n, who in enumerate(people)]
    listed += [(f"{who}_0001.jpg", f"{people[n - 1]}_0002.jpg", 0) for n, who in enumerate(people)]
    lines = [f"{name} {fold}\n" for one, other, fold in listed for name in (one, other)]
    (folder.parent / "pairs_CALFW.txt").write_text("".join(lines))
    prepared = prepared_of(monkeypatch, "calfw", tmp_path)
    pairs = published_pairs(prepared, tmp_path)
    assert shown(prepared, pairs) == [(sha256(contents[a]), sha256(contents[b])) for a, b, _ in listed]
    assert pairs.same.tolist() == [True] * 20 + [False] * 20
    assert pairs.count == "40"
    assert pairs.description == "40 pairs of pairs_CALFW.txt, 1 of one picture under two names"


@pytest.mark.parametrize("name", ["agedb-30", "calfw"])
def test_the_pairs_of_a_bin_file_find_every_number(tmp_path, name, in_process):
    images = [jpeg(number, 24, 24) for number in range(80)]
    for n in range(40, 80, 3):
        images[n] = images[n - 40]
    images[61] = images[60]
    flags = [number % 2 == 0 for number in range(40)]
    folder = tmp_path / get(name).folder
    folder.mkdir()
    (folder / f"{get(name).stem}.bin").write_bytes(pickle.dumps((images, flags), 2))
    obtain(name, tmp_path, quiet=True, say=lambda line: None)
    prepared = prepare(name, tmp_path, tmp_path / "prepared", size=16, template="arcface", workers=1)
    pairs = published_pairs(prepared, tmp_path)
    contents = [sha256(image) for image in images]
    assert shown(prepared, pairs) == list(zip(contents[::2], contents[1::2], strict=True))
    assert (pairs.same.tolist(), pairs.count) == (flags, "40")
    assert pairs.description == "40 pairs of pairs.txt, 1 of one picture under two names"
