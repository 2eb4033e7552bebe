"""The readers on the sets themselves: every figure below is a published or counted property of the files."""

from collections import Counter

import numpy as np
import pytest

from data_prep.datasets import cacd, get
from data_prep.samples import Rejected, Sample

pytestmark = pytest.mark.real_data


def scan(data_root, name):
    dataset = get(name)
    root = data_root / dataset.folder
    if not root.is_dir():
        pytest.skip(f"no {dataset.title} at {root}")
    found = list(dataset.scan(root))
    assert len({item.name for item in found}) == len(found)
    return (
        [item for item in found if isinstance(item, Sample)],
        [item for item in found if isinstance(item, Rejected)],
    )


def test_fgnet(data_root):
    samples, rejected = scan(data_root, "fgnet")
    assert (len(samples), rejected) == (1002, [])
    assert len({sample.identity for sample in samples}) == 82
    assert {min(sample.age for sample in samples), max(sample.age for sample in samples)} == {0, 69}
    points = np.array([sample.landmarks for sample in samples])
    left_eye, right_eye, nose, left_mouth, right_mouth = points.transpose(1, 0, 2)
    assert (left_eye[:, 0] < right_eye[:, 0]).all()
    assert (left_mouth[:, 0] < right_mouth[:, 0]).all()
    assert ((left_eye + right_eye)[:, 1] / 2 < nose[:, 1]).all()
    # Two heads are bowed or turned on their side: 067A23 and 077A16.
    assert (nose[:, 1] >= (left_mouth + right_mouth)[:, 1] / 2).sum() == 2


def test_utkface(data_root):
    samples, rejected = scan(data_root, "utkface")
    assert {item.name for item in rejected} == {
        "39_1_20170116174525125.jpg.chip.jpg",
        "61_1_20170109150557335.jpg.chip.jpg",
    }
    assert {item.reason for item in rejected} == {"name has 3 fields, not age_gender_race_date"}
    assert len(samples) == 15690
    assert get("utkface").coverage(len(samples) + len(rejected)) == "15,692 of 23,708 files"
    assert (min(s.age for s in samples), max(s.age for s in samples)) == (1, 116)
    assert {s.aligned for s in samples} == {"utkface"}


def test_lfw(data_root):
    samples, rejected = scan(data_root, "lfw")
    assert (len(samples), rejected) == (4259, [])
    pictures = Counter(sample.identity for sample in samples)
    assert len(pictures) == 610
    assert (min(pictures.values()), max(pictures.values())) == (4, 12)


def test_cacd(data_root):
    root = data_root / "CACD"
    if not (root / cacd.META).is_file():
        pytest.skip(f"no {cacd.META} in {root}")
    rows = cacd.metadata(root)
    assert len(rows) == get("cacd").whole == 163446
    assert rows["celebrity"].nunique() == rows["identity"].nunique() == 2000
    assert (rows["year"] - rows["birth"] == rows["age"]).all()
    assert rows["name"].is_unique
    test = cacd.test_celebrities(root)
    assert len(test) == 120
    assert rows.loc[~rows["celebrity"].isin(test), "celebrity"].nunique() == 1880
