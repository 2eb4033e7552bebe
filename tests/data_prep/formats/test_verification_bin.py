"""insightface's .bin files become folders of images with their pairs, and bad ones one sentence."""

import json
import os
import pickle
import random

import numpy as np
import pytest

from benchmarks.mutations.content import mutate
from common.errors import UserError
from data_prep.formats import unpacked, verification_bin
from data_prep.formats.verification_bin import PAIRS, REJECTED, read_bin, unpack
from tests.support.image_files import encoded, jpeg, picture

IMAGES = [jpeg(number, 24, 24) for number in range(20)]
FLAGS = [number % 2 == 0 for number in range(10)]

UNKNOWN = "the file is not an image of a known format (JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000)"


def write_bin(path, images=IMAGES, flags=FLAGS, protocol=2):
    path.write_bytes(pickle.dumps((images, flags), protocol))
    return path


def test_images_and_pairs_are_written(tmp_path):
    png = encoded(picture(3, 24, 24), "PNG")
    path = write_bin(tmp_path / "agedb_30.bin", [np.frombuffer(IMAGES[0], np.uint8), png, *IMAGES[2:]])
    assert unpack(path, tmp_path / "out") == 20
    assert (tmp_path / "out" / "00001.jpg").read_bytes() == IMAGES[0]
    assert (tmp_path / "out" / "00002.png").read_bytes() == png
    lines = (tmp_path / "out" / PAIRS).read_text().splitlines()
    assert lines[:2] == ["00001.jpg 00002.png 1", "00003.jpg 00004.jpg -1"]
    assert len(lines) == 10
    assert (tmp_path / "out" / REJECTED).read_text() == "name,reason\n"


def test_bad_images_are_refused_one_by_one(tmp_path):
    images = list(IMAGES)
    images[2], images[5], images[7], images[8] = b"", IMAGES[5][:-40], b"not an image", None
    path = write_bin(tmp_path / "calfw.bin", images)
    assert unpack(path, tmp_path / "out") == 16
    assert (tmp_path / "out" / REJECTED).read_text().splitlines() == [
        "name,reason",
        "00003,it is empty",
        "00006.jpg,the image is truncated",
        f'00008.jpg,"{UNKNOWN}"',
        "00009,it is no encoded image but of type NoneType",
    ]
    assert (tmp_path / "out" / PAIRS).read_text().splitlines()[1:3] == ["- 00004.jpg -1", "00005.jpg - 1"]


def test_an_interrupted_run_goes_on_and_a_finished_one_is_not_repeated(tmp_path, monkeypatch):
    path, out = write_bin(tmp_path / "a.bin"), tmp_path / "out"
    write = verification_bin._write_image

    def stop(image, place):
        if place.name == "00007.jpg":
            raise KeyboardInterrupt
        return write(image, place)

    monkeypatch.setattr(verification_bin, "_write_image", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(path, out)
    assert not unpacked.is_complete(out)
    monkeypatch.setattr(verification_bin, "_write_image", write)
    stamp = (out / "00001.jpg").stat().st_mtime_ns
    assert unpack(path, out) == 20
    assert (out / "00001.jpg").stat().st_mtime_ns == stamp
    monkeypatch.setattr(verification_bin, "_write_image", stop)
    assert unpack(path, out) == 20


def test_another_file_of_that_name_is_unpacked_anew(tmp_path, monkeypatch):
    path, out = write_bin(tmp_path / "a.bin"), tmp_path / "out"
    unpack(path, out)
    write_bin(path, IMAGES[::-1])

    def stop(*what):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(verification_bin, "_write_pairs", stop)
        with pytest.raises(KeyboardInterrupt):
            unpack(path, out)
    assert not unpacked.is_complete(out)
    unpack(path, out)
    assert (out / "00001.jpg").read_bytes() == IMAGES[-1]
    assert json.loads((out / "unpacked.json").read_text())["images"] == 20


class _Touch:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (IMAGES, "it is no pair of images and flags"),
        ((IMAGES, True), "images and flags are no lists"),
        ((IMAGES, FLAGS[:9]), "20 images do not make 9 pairs"),
        (([], []), "0 images do not make 0 pairs"),
        ((IMAGES, [*FLAGS[:9], "yes"]), "a flag is neither true nor false"),
        ((IMAGES, [*FLAGS[:9], 2]), "a flag is neither true nor false"),
        (([b"nothing"] * 20, FLAGS), "not one of its images can be read: the file is not an image"),
        ({"images": IMAGES}, "it has the instruction '}'"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, content, reason):
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps(content, 2))
    with pytest.raises(UserError, match="is no verification file of insightface") as raised:
        unpack(path, tmp_path / "out")
    assert reason in str(raised.value)
    assert not unpacked.is_complete(tmp_path / "out")


def test_a_hostile_file_is_refused_and_does_nothing(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps(([*IMAGES[:19], _Touch(tmp_path / "made")], FLAGS), 2))
    with pytest.raises(UserError, match=r"it asks for posix.mkdir, which no plain data needs"):
        unpack(path, tmp_path / "out")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.bin"]


def test_an_absurdly_large_file_is_not_opened(tmp_path):
    with open(tmp_path / "a.bin", "wb") as file:
        file.truncate(verification_bin.MOST_BYTES + 1)
    with pytest.raises(UserError, match="more than any verification file"):
        read_bin(tmp_path / "a.bin")
    with pytest.raises(UserError, match=r"cannot read .*No such file"):
        read_bin(tmp_path / "b.bin")


def test_two_thousand_broken_files_give_pairs_or_one_sentence(tmp_path):
    generator = random.Random("verification files")
    images = [jpeg(number, 16, 16)[:200] for number in range(6)]
    originals = [pickle.dumps((images, [True, False, True]), protocol) for protocol in (0, 2, 4)]
    path, refused = tmp_path / "a.bin", 0
    for number in range(2000):
        path.write_bytes(mutate(originals[number % 3], generator))
        try:
            found = read_bin(path)
        except UserError as error:
            refused += 1
            told = str(error)
        else:
            told = "read"
            assert len(found.images) == 2 * len(found.same)
        assert told and "\n" not in told
    assert 300 < refused < 2000
