"""RecordIO files as MXNet writes them, whole, continued, truncated and hostile."""

import json
import struct

import numpy as np
import pytest

from common.errors import UserError
from data_prep.datasets.casia_webface import DATASET
from data_prep.datasets.samples import Sample
from data_prep.formats import unpacked
from data_prep.formats.recordio import read_faces, unpack
from data_prep.obtaining.obtain import obtain

MAGIC = struct.pack("<I", 0xCED7230A)
JPEG = b"\xff\xd8\xff" + bytes(range(50))


def part(payload: bytes, flag: int = 0) -> bytes:
    return MAGIC + struct.pack("<I", flag << 29 | len(payload)) + payload + b"\0" * (-len(payload) % 4)


def face(label: float, image: bytes = JPEG, extra: tuple[float, ...] = ()) -> bytes:
    header = struct.pack("<IfQQ", len(extra), label, 1, 0)
    return header + struct.pack(f"<{len(extra)}f", *extra) + image


def write(path, *records: bytes):
    path.write_bytes(b"".join(records))
    return path


def insightface(path):
    """Two people of two images, after the record that says where the people's own records lie."""
    images = [part(face(label, JPEG + bytes([label]))) for label in (0, 0, 7, 7)]
    people = [part(face(0, b"", (1.0, 3.0))), part(face(0, b"", (3.0, 5.0)))]
    return write(path, part(face(0, b"", (5.0, 7.0))), *images, *people)


def test_images_come_with_their_people_and_other_records_do_not(tmp_path):
    faces = list(read_faces(insightface(tmp_path / "train.rec")))
    assert [(one.number, one.identity) for one in faces] == [(1, 0), (2, 0), (3, 7), (4, 7)]
    assert faces[2].image == JPEG + bytes([7])


def test_a_label_among_several_is_the_first(tmp_path):
    (only,) = read_faces(write(tmp_path / "a.rec", part(face(0, JPEG, (12.0, 3.5)))))
    assert (only.identity, only.image) == (12, JPEG)


def test_a_record_that_was_cut_at_the_magic_number_is_joined(tmp_path):
    image = JPEG + MAGIC + b"rest" + MAGIC + b"end"
    payload = face(3, image)
    first, middle, last = payload.split(MAGIC)
    path = write(tmp_path / "a.rec", part(first, 1), part(middle, 2), part(last, 3), part(face(4)))
    assert [(one.identity, one.image) for one in read_faces(path)] == [(3, image), (4, JPEG)]


def test_unpacking_fills_a_folder_a_person_and_is_not_done_twice(tmp_path):
    path, folder = insightface(tmp_path / "train.rec"), tmp_path / "unpacked"
    assert unpack(path, folder) == 4
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*.jpg")) == [
        "000000/00000001.jpg",
        "000000/00000002.jpg",
        "000007/00000003.jpg",
        "000007/00000004.jpg",
    ]
    kept = folder / "000000/00000001.jpg"
    before = kept.stat().st_mtime_ns
    (folder / "000007/00000004.jpg").unlink()
    (folder / unpacked.DONE).unlink()
    assert unpack(path, folder) == 4
    assert (folder / "000007/00000004.jpg").read_bytes() == JPEG + bytes([7])
    assert kept.stat().st_mtime_ns == before


def test_images_of_two_files_are_never_mixed(tmp_path):
    path, folder = insightface(tmp_path / "train.rec"), tmp_path / "unpacked"
    unpack(path, folder)
    before = {file: file.read_bytes() for file in folder.rglob("*.jpg")}
    other = b"".join(part(face(label, JPEG + bytes([9 - label]))) for label in (0, 0, 7, 7))
    path.write_bytes(part(face(0, b"", (5.0, 7.0))) + other)
    with pytest.raises(UserError, match=r"holds the images of another .*: move it away"):
        unpack(path, folder)
    # Not even where the first was interrupted.
    done = json.loads((folder / unpacked.DONE).read_text())
    (folder / unpacked.DONE).write_text(json.dumps({"sha256": done["sha256"]}))
    assert not unpacked.is_complete(folder)
    with pytest.raises(UserError, match="holds the images of another"):
        unpack(path, folder)
    assert {file: file.read_bytes() for file in folder.rglob("*.jpg")} == before
    insightface(path)
    assert unpack(path, folder) == 4 and unpacked.is_complete(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (part(face(1))[:-9], "at byte 0 (it ends inside a record)"),
        (part(face(1)) + MAGIC[:2], "at byte 88 (it ends inside a record)"),
        (part(face(1)) + b"\0" * 8, "at byte 88 (this is no record)"),
        (part(b"short"), "at byte 0 (a record without a header)"),
        (part(face(1), 1), "at byte 88 (its last record has no end)"),
        (part(face(1), 3), "at byte 0 (this is no record)"),
        (part(face(-1)), "at byte 0 (-1.0 is no number of a person)"),
        (part(face(float("nan"))), "at byte 0 (nan is no number of a person)"),
        (part(face(1.5)), "at byte 0 (1.5 is no number of a person)"),
        (MAGIC + struct.pack("<I", (1 << 29) - 1), "at byte 0 (this is no record)"),
    ],
)
def test_a_damaged_file_is_named_with_the_place(tmp_path, content, message):
    path = write(tmp_path / "train.rec", content)
    with pytest.raises(UserError) as error:
        list(read_faces(path))
    assert message in str(error.value)
    with pytest.raises(UserError):
        unpack(path, tmp_path / "unpacked")
    assert not unpacked.is_complete(tmp_path / "unpacked")


def test_broken_files_never_crash_and_write_nothing_outside(tmp_path):
    whole = insightface(tmp_path / "whole.rec").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "broken.rec"
    for number in range(500):
        broken = bytearray(whole[: rng.integers(1, len(whole) + 1)])
        for place in rng.integers(0, len(broken), rng.integers(0, 6)):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(broken)
        try:
            unpack(path, tmp_path / "out" / str(number))
        except UserError:
            continue
    assert {entry.name for entry in tmp_path.iterdir()} == {"whole.rec", "broken.rec", "out"}


def test_casia_webface_is_read_packed_and_in_folders(tmp_path):
    packed = tmp_path / "packed" / "CASIA-WebFace"
    packed.mkdir(parents=True)
    insightface(packed / "train.rec")
    with pytest.raises(UserError, match="still packed: run make data-casia-webface"):
        list(DATASET.scan(packed))
    said = []
    obtain("casia-webface", packed.parent, say=said.append)
    found = list(DATASET.scan(packed))
    assert [sample.identity for sample in found] == ["000000", "000000", "000007", "000007"]
    assert found[0].aligned == "arcface"
    assert "4 of 494,414 files" in said[-1]

    folders = tmp_path / "folders"
    for name in ("0000045/001.jpg", "0000045/cover.jpg", "notes/001.jpg"):
        (folders / name).parent.mkdir(parents=True, exist_ok=True)
        (folders / name).touch()
    samples = [one for one in DATASET.scan(folders) if isinstance(one, Sample)]
    assert [(one.name, one.identity, one.aligned) for one in samples] == [
        ("0000045/001.jpg", "0000045", None)
    ]


@pytest.mark.parametrize("text", ['{"sha256": "a", "images": "x"}', "[" * 5000, '{"images": [1]}', "null"])
def test_a_damaged_statement_counts_as_none(tmp_path, text):
    path, folder = insightface(tmp_path / "train.rec"), tmp_path / "unpacked"
    unpack(path, folder)
    (folder / unpacked.DONE).write_text(text)
    assert not unpacked.is_complete(folder)
    assert unpack(path, folder) == 4 and unpacked.is_complete(folder)
