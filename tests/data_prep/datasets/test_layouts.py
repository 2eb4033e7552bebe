"""Copies as people keep them: in parts, wrapped twice, with the labels one folder off."""

import pytest

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.cacd import META, metadata
from data_prep.datasets.held import holds
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.walking import file_near
from data_prep.obtaining.obtain import obtain
from data_prep.protocols import recognition_tests as searches
from tests.support.label_files import IMDB_WIKI_ROW, touch, write_cacd, write_imdb_wiki

PATH = IMDB_WIKI_ROW["full_path"]
WILD = [f"{20 + n}_0_1_2017011617452512{n}.jpg" for n in range(6)]


def names(found):
    return sorted(item.name for item in found if isinstance(item, Sample))


PARTS = {
    # set: files as published in parts, names of their samples
    "utkface": ([f"part{1 + n % 3}/{name}" for n, name in enumerate(WILD)], WILD),
    "lfw": (["lfw_a/A_B/A_B_0001.jpg", "lfw_b/C_D/C_D_0001.jpg"], ["A_B/A_B_0001.jpg", "C_D/C_D_0001.jpg"]),
    "cacd-vs": (["1/0000_0.jpg", "1/0000_1.jpg", "2/2000_0.jpg"], ["0000_0.jpg", "0000_1.jpg", "2000_0.jpg"]),
    "casia-webface": (["a/0000045/001.jpg", "b/0000099/001.jpg"], ["0000045/001.jpg", "0000099/001.jpg"]),
    "morph": (
        ["a/000001/000001_0M24.JPG", "b/000002/000002_0F31.JPG"],
        ["000001/000001_0M24.JPG", "000002/000002_0F31.JPG"],
    ),
    "fgnet": (["a/images/001A02.JPG", "b/images/002A03.JPG"], ["images/001A02.JPG", "images/002A03.JPG"]),
    "agedb-30": (
        ["a/all/0_MariaCallas_35_f.jpg", "b/all/1_AlBano_5_m.jpg"],
        ["all/0_MariaCallas_35_f.jpg", "all/1_AlBano_5_m.jpg"],
    ),
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("deeper", ["", "download/"])
def test_a_set_in_parts_reads_as_one(tmp_path, name, deeper):
    files, expected = PARTS[name]
    root = tmp_path / get(name).folder
    touch(root, *(deeper + file for file in files))
    found = list(get(name).scan(root))
    assert names(found) == sorted(expected)
    assert len(found) == len(files)
    said = []
    obtain(name, tmp_path, quiet=True, say=said.append)
    assert f"holds {len(files):,} of" in said[-1]
    assert get(name).find(root).is_relative_to(root)


def test_parts_at_different_depths_and_beside_loose_pictures(tmp_path):
    touch(tmp_path / "a" / "UTKFace", f"part1/{WILD[0]}", f"x/part2/{WILD[1]}")
    assert names(get("utkface").scan(tmp_path / "a" / "UTKFace")) == WILD[:2]
    touch(tmp_path / "b" / "UTKFace", WILD[0], f"part2/{WILD[1]}")
    assert names(get("utkface").scan(tmp_path / "b" / "UTKFace")) == [WILD[0], f"part2/{WILD[1]}"]


def test_parts_that_share_a_picture_are_copies(tmp_path):
    root = tmp_path / "UTKFace"
    touch(root, f"part1/{WILD[0]}", f"part2/{WILD[1]}", f"part3/{WILD[1]}.chip.jpg")
    with pytest.raises(UserError) as told:
        get("utkface").scan(root)
    found = f"{root / 'part2'} and {root / 'part3'}, both with {WILD[1][:-4]}"
    assert str(told.value) == f"{root} holds more than one copy of UTKFace ({found}): keep one of them."


def test_packed_copies_in_two_folders_are_no_parts(tmp_path):
    touch(tmp_path / "AgeDB-30", "a/agedb_30.bin", "b/agedb_30.bin")
    with pytest.raises(UserError, match="more than one copy of AgeDB-30"):
        get("agedb-30").scan(tmp_path / "AgeDB-30")


def test_a_copy_beside_the_one_of_the_sets_name_is_named(tmp_path):
    """The web photographs and the faces cut out of them: each picture is read once."""
    touch(
        tmp_path / "UTKFace", *(f"UTKFace/{name}.chip.jpg" for name in WILD), f"crop_part1/{WILD[0]}.chip.jpg"
    )
    found = list(get("utkface").scan(tmp_path / "UTKFace"))
    assert found[0] == Rejected("../crop_part1", "another copy of the set, which is not read", files=0)
    assert names(found) == [f"{name}.chip.jpg" for name in WILD]


def test_parts_beside_the_folder_of_the_set_are_named_all(tmp_path):
    touch(tmp_path, *(f"part{1 + n % 3}/{name}" for n, name in enumerate(WILD)))
    with pytest.raises(UserError) as told:
        get("utkface").scan(tmp_path / "UTKFace")
    root = tmp_path / "UTKFace"
    said = f"no UTKFace at {root}, but {tmp_path} holds parts of it (part1, part2, part3)"
    assert str(told.value) == f"{said}: move them into {root}."


def test_no_other_sets_pictures_look_like_utkface(tmp_path):
    touch(tmp_path, "CACD-VS/0000_0.jpg", "holiday/beach.jpg")
    with pytest.raises(UserError, match=r"no UTKFace at .*UTKFace: open https"):
        get("utkface").scan(tmp_path / "UTKFace")


REPEATED = {
    "utkface": (f"{WILD[0]}.chip.jpg", f"UTKFace/{WILD[0]}"),
    "lfw": ("A_B/A_B_0001.jpg", "lfw-deepfunneled/A_B/A_B_0001.jpg"),
    "casia-webface": ("0000045/001.jpg", "again/0000045/001.jpg"),
    "cacd-vs": ("0000_0.jpg", "old/0000_0.jpg"),
    "morph": ("Album2/000001_0M24.JPG", "Album2_cropped/000001_0m24.jpg"),
    "fgnet": ("images/001A02.JPG", "images/old/001A02.JPG"),
    "agedb-30": ("AgeDB/0_MariaCallas_35_f.jpg", "cut out/0_MariaCallas_35_f.jpg"),
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_picture_in_a_second_folder_is_refused_by_name(tmp_path, name):
    first, second = REPEATED[name]
    touch(tmp_path, first, second)
    kept, refused = get(name).scan(tmp_path)
    assert kept.name == first
    assert refused == Rejected(second, f"a second file of the picture {first}, which is read")


WIKI = ["wiki_crop", "wiki_crop/wiki_crop", "data/wiki_crop", "data/wiki_crop/wiki_crop"]


@pytest.mark.parametrize("images", WIKI)
@pytest.mark.parametrize("labels", ["", "..", "../meta"])
def test_imdb_wiki_wrapped_in_folders(tmp_path, images, labels):
    root = tmp_path / "data" / "IMDB-WIKI"
    touch(root / images, PATH, "17/unknown.jpg")
    write_imdb_wiki((root / images / labels).resolve() / "wiki.mat", "wiki", [{}])
    sample, refused = get("imdb-wiki").scan(root)
    assert sample.name == f"wiki_crop/{PATH}"
    assert sample.path == root / images / PATH
    assert refused.reason == "wiki.mat has no row for it"
    assert holds(tmp_path / "data", "imdb-wiki")
    assert holds(tmp_path / "data", "wiki-text")


def test_imdb_and_wiki_in_shapes_of_their_own(tmp_path):
    tmp_path /= "IMDB-WIKI"
    write_imdb_wiki(tmp_path / "imdb_crop" / "imdb_crop" / "imdb.mat", "imdb", [{"full_path": "01/a.jpg"}])
    write_imdb_wiki(tmp_path / "wiki.mat", "wiki", [{"full_path": "02/b.jpg"}])
    touch(tmp_path, "imdb_crop/imdb_crop/01/a.jpg", "unpacked/wiki_crop/02/b.jpg")
    assert names(get("imdb-wiki").scan(tmp_path)) == ["imdb_crop/01/a.jpg", "unpacked/wiki_crop/02/b.jpg"]


def test_the_two_parts_in_folders_of_their_own(tmp_path):
    for part in ("imdb", "wiki"):
        folder = tmp_path / "IMDB-WIKI" / f"the {part} part" / f"{part}_crop"
        write_imdb_wiki(folder / f"{part}.mat", part, [{"full_path": f"01/{part}.jpg"}])
        touch(folder, f"01/{part}.jpg")
    found = get("imdb-wiki").scan(tmp_path / "IMDB-WIKI")
    assert names(found) == ["imdb_crop/01/imdb.jpg", "wiki_crop/01/wiki.jpg"]


def test_the_ten_archives_of_imdb_read_as_one(tmp_path):
    paths = [f"{n:02d}/a{n}.jpg" for n in range(10)]
    write_imdb_wiki(
        tmp_path / "imdb_meta" / "imdb" / "imdb.mat", "imdb", [{"full_path": one} for one in paths]
    )
    touch(tmp_path, *(f"imdb_{n}/imdb/{one}" for n, one in enumerate(paths)))
    assert names(get("imdb-wiki").scan(tmp_path)) == [f"imdb_{n}/{one}" for n, one in enumerate(paths)]


def test_crops_and_whole_photographs_are_read_once(tmp_path):
    write_imdb_wiki(tmp_path / "wiki_crop" / "wiki.mat", "wiki", [{}])
    touch(tmp_path, f"wiki/{PATH}", f"wiki_crop/{PATH}")
    found = list(get("imdb-wiki").scan(tmp_path))
    assert names(found) == [f"wiki_crop/{PATH}"]
    (refused,) = (item for item in found if isinstance(item, Rejected))
    assert (refused.name, refused.files) == ("wiki", 0)
    assert refused.reason == "whole photographs or labels of the crops in wiki_crop, which are read"


def test_the_contents_of_wiki_crop_without_their_folder(tmp_path):
    write_imdb_wiki(tmp_path / "wiki.mat", "wiki", [{}])
    touch(tmp_path, PATH)
    assert names(get("imdb-wiki").scan(tmp_path)) == [PATH]


@pytest.mark.parametrize(
    ("held", "lacking"),
    [
        ("imdb_crop/imdb_crop/01/a.jpg wiki_crop/02/b.jpg", []),
        ("unpacked/wiki/02/b.jpg", ["imdb_crop.tar"]),
        ("wiki.mat 02/b.jpg", ["imdb_crop.tar"]),
        ("readme.txt", ["wiki_crop.tar", "imdb_crop.tar"]),
    ],
)
def test_what_is_there_in_other_folders_is_not_fetched_again(tmp_path, held, lacking):
    touch(tmp_path, *held.split())
    assert [one.file for one in get("imdb-wiki").lacking(tmp_path)] == lacking


MORPH_ROW = "photo,doa,gender,age\n000001_0M24.JPG,10/11/2004,M,24\n"


@pytest.mark.parametrize("images", ["Album2", "Album2/0/000001", "Album2/images/00"])
@pytest.mark.parametrize("labels", [".", "labels", "Album2"])
def test_morphs_table_near_the_pictures(tmp_path, images, labels):
    root = tmp_path / "MORPH"
    touch(root / images, "000001_0M24.JPG")
    (root / labels).mkdir(exist_ok=True)
    (root / labels / "list.csv").write_text(MORPH_ROW)
    (sample,) = get("morph").scan(root)
    assert sample.year == 2004


@pytest.mark.parametrize("images", ["CACD2000", "CACD2000/CACD2000", "part_1", "a/b", "."])
@pytest.mark.parametrize("labels", [".", "..", "meta", "CACD2000"])
def test_cacds_metadata_near_the_pictures(tmp_path, images, labels):
    root = tmp_path / "CACD"
    touch(root / images, "53_A_0001.jpg")
    write_cacd((root / labels).resolve() / META, [("A", 1951, 1)], [("53_A_0001.jpg", 1, 53, 2004)])
    (sample,) = get("cacd").scan(root)
    assert (sample.identity, sample.year) == ("A", 2004)
    assert len(metadata(get("cacd").find(root))) == 1


def test_cacd_in_parts(tmp_path):
    files = ["53_A_0001.jpg", "54_A_0001.jpg"]
    write_cacd(tmp_path / META, [("A", 1951, 1)], [(name, 1, int(name[:2]), 2004) for name in files])
    touch(tmp_path, f"CACD2000/{files[0]}", f"CACD2000_2/{files[1]}", f"small/{files[0]}")
    found = list(get("cacd").scan(tmp_path))
    assert names(found) == [f"CACD2000/{files[0]}", f"CACD2000_2/{files[1]}"]
    assert found[-1].reason == f"a second file of the picture CACD2000/{files[0]}, which is read"


POINTS = "version: 1\nn_points: 68\n{\n" + "\n".join(f"{n} {n + 1}" for n in range(68)) + "\n}\n"


@pytest.mark.parametrize("images", ["images", ".", "pictures", "FGNET/images"])
@pytest.mark.parametrize("points", ["points", "points/points", "pictures", "Points", "..", "../points"])
def test_fgnets_points_near_the_pictures(tmp_path, images, points):
    root = tmp_path / "FG-NET"
    touch(root / images, "001A02.JPG")
    (root / points).resolve().mkdir(parents=True, exist_ok=True)
    (root / points / "001a02.pts").write_text(POINTS)
    (sample,) = get("fgnet").scan(root)
    assert sample.landmarks[2] == (67, 68)


@pytest.mark.parametrize("place", [".", "lists", ".."])
def test_lfws_pairs_near_the_people(tmp_path, place):
    root = tmp_path / "LFW"
    touch(root, "lfw/A_B/A_B_0001.jpg")
    (root / "lfw" / place).mkdir(exist_ok=True)
    (root / "lfw" / place / "pairs.txt").write_text("10\t300\n")
    assert searches.lfw_list(get("lfw").find(root)).samefile(root / "lfw" / place / "pairs.txt")


def test_another_sets_pairs_above_are_not_lfws(tmp_path):
    touch(tmp_path / "LFW", "A_B/A_B_0001.jpg")
    (tmp_path / "pairs.txt").write_text("00001.jpg 00002.jpg 1\n")
    assert searches.lfw_list(tmp_path / "LFW") is None
    assert file_near(tmp_path / "LFW", "LFW", "pairs.txt") == tmp_path / "pairs.txt"


@pytest.mark.parametrize("pictures", ["agedb_30", "imgs", "."])
@pytest.mark.parametrize("place", [".", "..", "lists"])
def test_agedbs_list_near_the_numbered_pictures(tmp_path, pictures, place):
    root = tmp_path / "data" / "AgeDB-30"
    touch(root / pictures, "00001.jpg", "00002.jpg")
    (root / place).mkdir(exist_ok=True)
    (root / place / "agedb_30.txt").write_text("00001.jpg 00002.jpg 1\n")
    card = get("agedb-30")
    assert len(names(card.scan(root))) == 2
    assert card.pair_list(card.find(root)).samefile(root / place / "agedb_30.txt")


@pytest.mark.parametrize("images", ["aligned images", "calfw/aligned images", "Aligned_Images"])
@pytest.mark.parametrize("place", [".", "calfw"])
def test_calfws_list_near_the_pictures(tmp_path, images, place):
    root = tmp_path / "CALFW"
    touch(root, f"{images}/A_B_0001.jpg", f"{place}/pairs_CALFW.txt")
    card = get("calfw")
    assert len(names(card.scan(root))) == 1
    assert card.own_list(card.find(root)).samefile(root / place / "pairs_CALFW.txt")


@pytest.mark.parametrize("pictures", [".", "images", "..", "../images"])
def test_scafs_pictures_near_the_list(tmp_path, pictures):
    root = tmp_path / "data" / "SCAF" / "lists"
    root.mkdir(parents=True)
    touch(root / pictures, "7/1.jpg", "7/2.jpg")
    (root / "scaf.txt").write_text("7 7/1.jpg 30 1\n7 7/2.jpg 31 1\n7 7/3.jpg 32 1\n")
    (root / "second.txt").write_text("7 7/1.jpg 30 1\n")
    other, *samples = get("scaf").scan(tmp_path / "data" / "SCAF")
    assert other == Rejected("second.txt", "another list; scaf.txt is read", files=0)
    assert [sample.name for sample in samples] == ["7/1.jpg", "7/2.jpg", "7/3.jpg"]
    assert [sample.path.is_file() for sample in samples] == [True, True, False]


@pytest.mark.parametrize(("name", "packed"), [("agedb-30", "agedb_30.bin"), ("casia-webface", "train.rec")])
def test_a_packed_copy_in_a_folder_deeper_names_the_data_root(tmp_path, name, packed):
    touch(tmp_path / get(name).folder / "faces_webface_112x112", packed)
    with pytest.raises(UserError, match=rf"still packed: run make data-{name} DATA_ROOT={tmp_path}\.$"):
        list(get(name).scan(tmp_path / get(name).folder))
