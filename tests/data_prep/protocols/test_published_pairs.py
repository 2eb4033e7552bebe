"""AgeDB-30, CALFW and SCAF in every form they are held in, from files to pairs in ten folds."""

import pickle

import pytest

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.samples import Rejected, Sample
from data_prep.obtaining.obtain import obtain
from data_prep.preparation.prepare import prepare
from data_prep.protocols import published_pairs as pair_lists
from data_prep.protocols.published_pairs import published_pairs
from tests.support.image_files import jpeg
from tests.support.label_files import touch
from tests.support.prepared_sets import write_prepared

FLAGS = [number % 2 == 0 for number in range(20)]


def prepared_of(name, root, tmp_path):
    return prepare(name, root, tmp_path / "prepared", size=16, template="arcface", workers=1)


def test_insightfaces_file_is_unpacked_and_its_pairs_are_in_ten_blocks(tmp_path):
    images = [jpeg(number, 24, 24) for number in range(40)]
    images[21] = images[0]  # the same picture in two pairs, as in the public file
    folder = tmp_path / "AgeDB-30"
    folder.mkdir()
    (folder / "agedb_30.bin").write_bytes(pickle.dumps((images, FLAGS), 2))
    with pytest.raises(UserError, match="still packed: run make data-agedb-30"):
        list(get("agedb-30").scan(folder))
    said = []
    obtain("agedb-30", tmp_path, quiet=True, say=said.append)
    assert said[-1].endswith("holds 40 of 12,000 files.")
    prepared = prepared_of("agedb-30", tmp_path, tmp_path)
    pairs = published_pairs(prepared, tmp_path)
    assert pairs.same.tolist() == FLAGS
    assert pairs.folds.tolist() == [number // 2 for number in range(20)]
    names = prepared.index["name"].to_numpy(object)
    assert len(names) == 39
    assert names[pairs.first[10]] == "unpacked/00021.jpg"
    assert names[pairs.second[10]] == "unpacked/00001.jpg"
    assert prepared.manifest["counts"]["landmark_sources"] == {"published": 39}


def test_the_same_unpacked_by_others_gives_the_same_pairs(tmp_path):
    folder = tmp_path / "CALFW"
    (folder / "calfw").mkdir(parents=True)
    for number in range(1, 41):
        (folder / "calfw" / f"{number:05d}.jpg").write_bytes(jpeg(number, 24, 24))
    (folder / "calfw" / "readme.jpg").write_bytes(b"")
    (folder / "calfw" / "00004.jpg").unlink()
    lines = [f"{2 * n + 1:05d}.jpg {2 * n + 2:05d}.jpg {1 if FLAGS[n] else -1}\n" for n in range(20)]
    (folder / "calfw.txt").write_text("".join(lines))
    prepared = prepared_of("calfw", tmp_path, tmp_path)
    pairs = published_pairs(prepared, tmp_path)
    assert pairs.same.tolist() == FLAGS[2:]
    assert pairs.folds.tolist() == [number // 2 for number in range(2, 20)]
    assert pairs.description == "20 pairs of calfw.txt, 2 left out whose images or whose fold are not there"


def write_calfw(root, tmp_path, lines):
    folder = root / "CALFW"
    (folder / "aligned images").mkdir(parents=True, exist_ok=True)
    (folder / "pairs_CALFW.txt").write_text("".join(f"{line}\n" for line in lines))
    return folder


def test_calfws_own_copy_has_its_own_list(tmp_path):
    people = [f"Person_{chr(65 + number)}" for number in range(20)]
    lines = []
    for fold in range(1, 11):
        lines += [f"{people[fold]}_0001.jpg {fold}", f"{people[fold]}_0002.jpg {fold}"]
    for fold in range(10):
        lines += [f"{people[fold]}_0001.jpg 0", f"{people[fold + 1]}_0001.jpg 0"]
    folder = write_calfw(tmp_path, tmp_path, lines)
    names = sorted({line.split()[0] for line in lines})
    touch(folder, *(f"aligned images/{name}" for name in [*names, "notes_of_mine.jpg"]))
    found = list(get("calfw").scan(folder))
    assert (
        Rejected("aligned images/notes_of_mine.jpg", "name is not of the form Name_Surname_0001.jpg") in found
    )
    samples = [one for one in found if isinstance(one, Sample)]
    assert [one.name for one in samples] == [f"aligned images/{name}" for name in names]
    assert samples[0].identity == "Person_A"
    listed = pair_lists._calfw(folder / "pairs_CALFW.txt")
    assert [same for _, _, same, _ in listed] == [True] * 10 + [False] * 10
    assert [fold for *_, fold in listed] == [*range(10), *range(10)]
    assert listed[10][:2] == ("Person_A_0001.jpg", "Person_B_0001.jpg")


@pytest.mark.parametrize(
    "lines",
    [["A_0001.jpg 1"], ["A_0001.jpg 1", "A_0002.jpg 2"], ["A_0001.jpg 11", "A_0002.jpg 11"], ["x"] * 2],
)
def test_a_damaged_list_is_named(tmp_path, lines):
    folder = write_calfw(tmp_path, tmp_path, lines)
    with pytest.raises(UserError, match=r"pairs_CALFW.txt is damaged: .* is no pair"):
        pair_lists._calfw(folder / "pairs_CALFW.txt")
    with pytest.raises(UserError, match=r"pairs_CALFW.txt is damaged: .* is no pair"):
        pair_lists._numbered(folder / "pairs_CALFW.txt")


def test_agedbs_own_pictures_say_who_and_how_old(tmp_path):
    touch(tmp_path, "0_MariaCallas_35_f.jpg", "16488_AlBano_5_m.jpg", "1_Nobody_0_m.jpg", "x.jpg")
    found = list(get("agedb-30").scan(tmp_path))
    assert found == [
        Sample(tmp_path / found[0].name, "0_MariaCallas_35_f.jpg", "MariaCallas", 35, "female"),
        Sample(tmp_path / found[1].name, "16488_AlBano_5_m.jpg", "AlBano", 5, "male"),
        Rejected("1_Nobody_0_m.jpg", "age 0 is impossible"),
        Rejected("x.jpg", "name is not of the form 0_MariaCallas_35_f.jpg"),
    ]
    assert get("agedb-30").coverage(16000) == "16,000 of 16,488 files"


def test_a_list_in_scafs_form_is_read(tmp_path):
    lines = [
        "7 ms1m/7/a b.jpg 31.5 1",
        "",
        "8 ms1m/8/c.jpg 64 0",
        "8 ../c.jpg 64 0",
        "8 /etc/c.jpg 64 0",
        "8 c.txt 64 0",
        "9 d.jpg -3 0",
        "9 e.jpg nan 0",
        "9 f.jpg 30 2",
        "9 g.jpg",
        "9 h\x00.jpg 30 1",
    ]
    (tmp_path / "notes.txt").write_text("These are notes.\n")
    (tmp_path / "scaf.txt").write_text("\n".join(lines))
    found = list(get("scaf").scan(tmp_path))
    form = "the line is not of the form: id filename age gender"
    outside = "the file name is none of an image below the list's folder"
    path = tmp_path / "ms1m"
    assert found == [
        Sample(path / "7/a b.jpg", "ms1m/7/a b.jpg", "7", 32, "male", aligned="arcface"),
        Sample(path / "8/c.jpg", "ms1m/8/c.jpg", "8", 64, "female", aligned="arcface"),
        Rejected("scaf.txt line 4", outside),
        Rejected("scaf.txt line 5", outside),
        Rejected("scaf.txt line 6", outside),
        Rejected("d.jpg", "age -3 is impossible"),
        Rejected("e.jpg", "age nan is impossible"),
        Rejected("scaf.txt line 9", form),
        Rejected("scaf.txt line 10", form),
        Rejected("scaf.txt line 11", "the line holds a character that no name has"),
    ]


def test_pairs_of_a_set_without_any_are_a_mistake_of_the_program(tmp_path):
    prepared = write_prepared(tmp_path / "set", images=2)
    prepared.manifest["settings"]["dataset"] = "lfw"
    with pytest.raises(ValueError, match="LFW has no published pairs"):
        published_pairs(prepared, tmp_path)
