"""Preparing a set: what is written, what is made again, and what is refused."""

import csv
import json
import shutil

import numpy as np
import pytest

from common.errors import UserError
from common.evidence import sealed
from common.files import sha256_file, write_json
from data_prep.preparation import prepare as module
from data_prep.preparation.prepare import prepare, report
from data_prep.prepared.index import COLUMNS
from tests.support.image_files import encoded, jpeg, picture, write_set
from tests.support.preparing import contents, run


def table(prepared, name):
    with open(prepared.folder / name, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_everything_is_accounted_for(tmp_path):
    folder = write_set(tmp_path / "data", 23)
    (folder / "misnamed.jpg").write_bytes(jpeg(90))
    (folder / "zz_1_empty.jpg").touch()
    (folder / "zz_1_cut.jpg").write_bytes(jpeg(91)[:300])
    (folder / "00_0_copy.jpg").write_bytes(jpeg(0))
    (folder / "xx_5_quarrel.jpg").write_bytes(jpeg(92))
    (folder / "xx_6_quarrel.jpg").write_bytes(jpeg(92))
    prepared = run(tmp_path, workers=2)

    index = prepared.index
    assert len(index) == 23
    assert prepared.coverage == "29 of 100 files"
    assert index["name"].is_monotonic_increasing
    assert index["shard"].tolist() == [0] * 10 + [1] * 10 + [2] * 3
    assert index["position"].tolist() == [*range(10), *range(10), *range(3)]
    row = index[index["name"] == "03_3_003.jpg"].iloc[0]
    assert (row.identity, row.age, row.landmark_source) == ("03", 3, "published")
    assert (row.width, row.height) == (48, 48)
    assert row.sha256 == sha256_file(folder / "03_3_003.jpg")
    assert index["year"].isna().all()
    assert index["score"].isna().all()

    quarrel = "byte-identical copies disagree: age 5 or 6"
    assert table(prepared, "rejected.csv") == [
        ["misnamed.jpg", "name has 1 fields, not identity_age_anything"],
        ["xx_5_quarrel.jpg", quarrel],
        ["xx_6_quarrel.jpg", quarrel],
        ["zz_1_cut.jpg", "the image is truncated or damaged within its header"],
        ["zz_1_empty.jpg", "the file is empty (zero bytes)"],
    ]
    assert table(prepared, "duplicates.csv") == [
        ["00_0_copy.jpg", "00_0_000.jpg", "byte-identical to 00_0_000.jpg, with the same labels"],
        ["xx_5_quarrel.jpg", "", quarrel],
        ["xx_6_quarrel.jpg", "", quarrel],
    ]
    counts = prepared.manifest["counts"]
    assert counts["prepared"] + counts["rejected"] + counts["duplicates"] == 29
    assert counts["reasons"]["byte-identical copies disagree: age N or N"] == 2
    assert report(prepared).startswith(
        "Folder: 29 of 100 files; 23 prepared, 5 rejected, 1 byte-identical to one prepared\n"
        "landmarks: 23 published\n"
    )


def test_what_stands_is_not_made_again(tmp_path, in_process, monkeypatch):
    write_set(tmp_path / "data", 12)
    first = run(tmp_path)
    before = contents(first.folder)
    monkeypatch.setattr(module, "hash_contents", None)
    second = run(tmp_path)
    assert (second.fingerprint, contents(second.folder)) == (first.fingerprint, before)


def test_only_shards_whose_files_changed_are_made_again(tmp_path, in_process):
    folder = write_set(tmp_path / "data", 30)
    first = run(tmp_path)
    name = first.index["name"][15]
    (folder / name).write_bytes(jpeg(777))
    second = run(tmp_path)
    assert second.manifest["speed"]["images"] == 10
    assert second.fingerprint != first.fingerprint
    hashes = [[shard["sha256"] for shard in prepared.manifest["shards"]] for prepared in (first, second)]
    assert [a == b for a, b in zip(*hashes, strict=True)] == [True, False, True]


def test_touched_files_are_read_but_not_aligned_again(tmp_path, in_process):
    folder = write_set(tmp_path / "data", 12)
    first = run(tmp_path)
    for path in folder.iterdir():
        path.touch()
    second = run(tmp_path)
    assert second.manifest["speed"]["images"] == 0
    assert second.fingerprint == first.fingerprint


def test_other_labels_and_settings_have_another_fingerprint(tmp_path, in_process):
    folder = write_set(tmp_path / "data", 12)
    prints = [run(tmp_path, **options).fingerprint for options in ({}, {"size": 48}, {"margin": 0.1})]
    (folder / "00_0_000.jpg").rename(folder / "00_1_000.jpg")
    prints.append(run(tmp_path).fingerprint)
    assert len(set(prints)) == 4


def test_fewer_files_leave_no_old_shard_behind(tmp_path, in_process):
    folder = write_set(tmp_path / "data", 25)
    run(tmp_path)
    for path in sorted(folder.iterdir())[8:]:
        path.unlink()
    prepared = run(tmp_path)
    assert [path.name for path in prepared.folder.glob("shard-*")] == ["shard-00000.tfrecord"]
    assert len(prepared.index) == 8


def test_place_and_order_of_files_do_not_matter(tmp_path, in_process):
    write_set(tmp_path / "data", 12)
    other = tmp_path / "elsewhere" / "data" / "Folder"
    other.mkdir(parents=True)
    for path in sorted((tmp_path / "data" / "Folder").iterdir(), reverse=True):
        shutil.copyfile(path, other / path.name)
    first, second = run(tmp_path), run(tmp_path / "elsewhere")
    assert first.fingerprint == second.fingerprint
    assert contents(first.folder) == contents(second.folder)


@pytest.mark.parametrize("damage", ["shorten", "remove", "forget"])
def test_a_damaged_shard_is_made_again(tmp_path, in_process, damage):
    write_set(tmp_path / "data", 12)
    prepared = run(tmp_path)
    before = contents(prepared.folder)
    path = prepared.shard_path(1)
    if damage == "shorten":
        path.write_bytes(path.read_bytes()[:-9])
    elif damage == "remove":
        path.unlink()
    else:
        (prepared.folder / "manifest.json").unlink()
        (prepared.folder / "parts" / "00001.json").write_text("[")
    assert contents(run(tmp_path).folder) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("index.csv", ",3,", ",4,"),
        ("rejected.csv", "reason", "why"),
        ("duplicates.csv", "reason", "why"),
        ("manifest.json", '"Folder"', '"A folder"'),
    ],
)
def test_what_was_changed_by_hand_is_refused_and_written_anew_once_it_is_deleted(
    tmp_path, in_process, name, old, new
):
    write_set(tmp_path / "data", 12)
    prepared = run(tmp_path)
    before = contents(prepared.folder)
    path = prepared.folder / name
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=rf"{name} was changed after the set was prepared: delete that file"):
        run(tmp_path)
    path.unlink()
    again = run(tmp_path)
    assert contents(again.folder) == before
    assert again.fingerprint == prepared.fingerprint
    assert again.manifest["speed"]["images"] == 0


def test_a_set_of_an_earlier_version_keeps_its_shards_and_fingerprint(tmp_path, in_process):
    write_set(tmp_path / "data", 12)
    prepared = run(tmp_path)
    before = contents(prepared.folder)
    for path in [prepared.folder / "manifest.json", *(prepared.folder / "parts").iterdir()]:
        content = sealed.parse(path.read_text()).content
        content.pop("tables", None)
        write_json(path, content)
    again = run(tmp_path)
    assert again.fingerprint == prepared.fingerprint
    assert again.manifest["speed"]["images"] == 0
    assert again.manifest["tables"] == prepared.manifest["tables"]
    unlike = {name for name, digest in contents(again.folder).items() if before[name] != digest}
    assert unlike == {"parts/00000.json", "parts/00001.json"}


@pytest.mark.parametrize("has_hash", [True, False])
def test_a_part_that_was_changed_by_hand_is_made_again(tmp_path, in_process, capsys, has_hash):
    write_set(tmp_path / "data", 12)
    prepared = run(tmp_path)
    before = contents(prepared.folder)
    path = prepared.folder / "parts" / "00001.json"
    found = sealed.parse(path.read_text())
    found.content["rows"][1][COLUMNS.index("age")] += 1
    write_json(path, found.content | ({sealed.SEAL: found.seal} if has_hash else {}))
    (prepared.folder / "manifest.json").unlink()
    again = run(tmp_path)
    assert "00001.json was changed after it was written: its shard is made again" in capsys.readouterr().err
    assert contents(again.folder) == before
    assert again.manifest["speed"]["images"] == 2


def test_a_set_without_a_single_face_says_so(tmp_path, in_process):
    folder = write_set(tmp_path / "data", 0)
    for number in range(3):
        (folder / f"1_2_{number}.png").write_bytes(encoded(picture(number, 30, 20), "PNG"))
    with pytest.raises(UserError) as caught:
        run(tmp_path)
    rejected = tmp_path / "prepared" / "folder-utkface-32-auto" / "rejected.csv"
    assert str(caught.value) == (
        "no image of Folder could be prepared; most often: "
        "the image is N x N px, not the square of a published crop. "
        f"{rejected} says why for each file."
    )
    assert len(rejected.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"template": "utkfase"}, "unknown template 'utkfase': did you mean 'utkface'?"),
        ({"detector": "mtcn"}, "unknown detector 'mtcn': did you mean 'mtcnn'?"),
        ({"size": 8}, "size is 8 px: choose one from 16 to 1024."),
        ({"margin": 1.5}, "margin is 1.5: choose a fraction from 0 to 1."),
        ({"workers": 0}, "workers is 0: choose at least 1."),
        ({"shard_images": 0}, "shard_images is 0: choose at least 1."),
        ({"card": "utkfaces"}, "unknown data set 'utkfaces': did you mean 'utkface'?"),
    ],
)
def test_options_are_checked(tmp_path, options, sentence):
    with pytest.raises(UserError) as caught:
        run(tmp_path, **options)
    assert str(caught.value).startswith(sentence)


def test_folders_are_named_by_their_settings(tmp_path, in_process):
    write_set(tmp_path / "data", 1)
    assert run(tmp_path, margin=0.05, size=64).folder.name == "folder-utkface-64-m05-auto"


def test_the_manifest_holds_settings_libraries_and_speed(tmp_path, in_process):
    write_set(tmp_path / "data", 2)
    manifest = json.loads((run(tmp_path).folder / "manifest.json").read_text())
    assert manifest["settings"]["template"] == "utkface"
    assert {"numpy", "opencv", "pillow", "python", "tensorflow"} == set(manifest["libraries"])
    assert manifest["speed"]["images"] == 2
    assert np.isfinite(manifest["speed"]["images_per_second"])


@pytest.mark.real_data
def test_utkface_as_published(tmp_path, data_root):
    prepared = prepare("utkface", data_root, tmp_path, size=32, template="utkface")
    counts = prepared.manifest["counts"]
    files = counts["prepared"] + counts["rejected"] + counts["duplicates"]
    assert prepared.coverage == f"{files:,} of 23,708 files"
    assert counts["landmark_sources"] == {"published": counts["prepared"]}
    assert any(reason.startswith("byte-identical copies disagree") for reason in counts["reasons"])
