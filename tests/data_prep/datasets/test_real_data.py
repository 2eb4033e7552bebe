"""The readers on the sets themselves: every figure below is a published or counted property of the files."""

from collections import Counter

import numpy as np
import pytest

from data_prep.datasets import cacd, get, imfdb
from data_prep.datasets.samples import Rejected, Sample
from data_prep.preparation.sources import hash_contents, list_sources, separate_duplicates
from data_prep.prepared.names import Names
from data_prep.protocols import identification
from data_prep.protocols.verification import numbered_pairs
from tests.support.prepared_sets import make_index

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


def test_cacd_vs(data_root):
    """Every published pair is asked, though its pictures are used in up to six."""
    samples, rejected = scan(data_root, "cacd-vs")
    assert (len(samples), rejected) == (8000, [])
    hashed = hash_contents(list_sources(samples).sources)
    kept, duplicates = separate_duplicates(hashed, keep_disputed=True)
    assert (len(kept), len(duplicates)) == (3998, 4002)
    index = make_index([{"name": source.name, "sha256": source.sha256} for source in kept])
    pairs = numbered_pairs(Names(index, {one.name: one.kept for one in duplicates}))
    assert (pairs.count, pairs.description) == ("4,000", "4,000 numbered pairs in 10 blocks of 400")
    contents = {source.name: source.sha256 for source in hashed}
    asked = index["sha256"].to_numpy(object)[np.stack([pairs.first, pairs.second], 1)]
    named = [[contents[f"{number:04d}_{side}.jpg"] for side in (0, 1)] for number in range(4000)]
    np.testing.assert_array_equal(asked, named)
    np.testing.assert_array_equal(pairs.same, np.arange(4000) % 400 < 200)
    np.testing.assert_array_equal(pairs.folds, np.arange(4000) // 400)


def test_imfdb(data_root):
    samples, rejected = scan(data_root, "imfdb")
    assert (len(samples), len({sample.identity for sample in samples})) == (10291, 81)
    assert len({sample.name.rsplit("/", 2)[0] for sample in samples}) == 289
    assert sum(item.files for item in rejected) == 0
    assert Counter(item.reason.partition(":")[0] for item in rejected) == {
        "there is no picture of its name or number": 13644,
        "a further line of a picture; what they disagree about is unknown": 528,
        "the line names no picture": 144,
        "the line has no labels": 134,
        "the line holds a character that no name has": 1,
        "its date is not used": 66,
    }
    years = [sample.year for sample in samples if sample.year is not None]
    assert (len(years), min(years), max(years)) == (7945, 1955, 2013)
    bands = imfdb.bands(data_root / "IMFDB")
    assert Counter(bands.values()) == {"MIDDLE": 4962, "YOUNG": 3780, "OLD": 1469, "CHILD": 75}
    assert set(bands) <= {sample.name for sample in samples}
    kept, duplicates = separate_duplicates(hash_contents(list_sources(samples).sources))
    assert (len(kept), len(duplicates)) == (10159, 132)
    index = make_index([{"name": one.name, "identity": one.identity, "year": one.year} for one in kept])
    split = identification.imfdb_people(index)
    assert [index["identity"].iloc[rows].nunique() for rows in (split.train, split.test)] == [54, 27]
    asked = [
        index["identity"].iloc[scheme.probes].nunique()
        for scheme in identification.year_gaps(index, split.test).values()
    ]
    assert asked == [9, 8, 9, 5]
