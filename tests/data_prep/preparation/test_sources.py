"""Listing and hashing a set, and what becomes of byte-identical copies."""

import hashlib
import os
import tracemalloc
from dataclasses import replace

import pytest

from data_prep.datasets.samples import Rejected, Sample
from data_prep.preparation.sources import Duplicate, hash_contents, list_sources, separate_duplicates


def sample(tmp_path, name, content, **labels):
    (tmp_path / name).write_bytes(content)
    return Sample(tmp_path / name, name, **labels)


def judged(*samples):
    kept, duplicates = separate_duplicates(hash_contents(list_sources(samples).sources))
    return [source.name for source in kept], duplicates


def test_files_are_sorted_and_what_is_not_there_is_refused(tmp_path):
    present = [sample(tmp_path, name, b"x") for name in ("b.jpg", "a.jpg")]
    absent = Sample(tmp_path / "c.jpg", "c.jpg")
    listing = list_sources([*present, absent, Rejected("d.jpg", "misnamed"), present[0]])
    assert [source.name for source in listing.sources] == ["a.jpg", "b.jpg"]
    assert listing.rejected == [
        Rejected("b.jpg", "the set lists this file more than once; its first entry is used"),
        Rejected("c.jpg", "the file cannot be read: No such file or directory"),
        Rejected("d.jpg", "misnamed"),
    ]
    assert listing.files == 5


def test_contents_are_hashed_and_an_unreadable_file_keeps_none(tmp_path):
    samples = [sample(tmp_path, f"{n}.jpg", bytes([n])) for n in range(3)]
    listing = list_sources(samples)
    (tmp_path / "1.jpg").unlink()
    done = []
    hashed = hash_contents(listing.sources, lambda: done.append(1))
    expected = [hashlib.sha256(bytes([n])).hexdigest() for n in range(3)]
    expected[1] = ""
    assert [source.sha256 for source in hashed] == expected
    assert len(done) == 3


def test_of_equal_copies_the_first_name_is_kept(tmp_path):
    samples = [sample(tmp_path, name, b"same", age=4, identity="1") for name in ("c.jpg", "a.jpg", "b.jpg")]
    reason = "byte-identical to a.jpg, with the same labels"
    assert judged(*samples, sample(tmp_path, "d.jpg", b"other", age=4)) == (
        ["a.jpg", "d.jpg"],
        [Duplicate("b.jpg", "a.jpg", reason), Duplicate("c.jpg", "a.jpg", reason)],
    )


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ({"age": 4}, {"age": 5}, "age 4 or 5"),
        ({"gender": "male"}, {"gender": "female"}, "gender female or male"),
        ({"identity": "7"}, {"identity": "8"}, "identity 7 or 8"),
        ({"age": 30, "gender": "male"}, {"age": 9, "gender": "female"}, "age 9 or 30, gender female or male"),
    ],
)
def test_of_copies_that_disagree_none_is_kept(tmp_path, first, second, conflict):
    samples = [sample(tmp_path, "a.jpg", b"same", **first), sample(tmp_path, "b.jpg", b"same", **second)]
    reason = f"byte-identical copies disagree: {conflict}"
    assert judged(*samples) == ([], [Duplicate("a.jpg", None, reason), Duplicate("b.jpg", None, reason)])


def test_where_files_are_asked_for_by_name_one_is_kept_without_the_labels_that_disagree(tmp_path):
    labels = ({"age": 4, "identity": "7"}, {"age": 4, "identity": "8"}, {"identity": None})
    samples = [sample(tmp_path, f"{n}.jpg", b"same", **values) for n, values in enumerate(labels)]
    samples.append(sample(tmp_path, "3.jpg", b"other", identity="7"))
    kept, duplicates = separate_duplicates(hash_contents(list_sources(samples).sources), keep_disputed=True)
    assert [(source.name, source.identity, source.age) for source in kept] == [
        ("0.jpg", None, 4),
        ("3.jpg", "7", None),
    ]
    reason = "byte-identical to 0.jpg, taken as unknown: identity 7 or 8"
    assert duplicates == [Duplicate("1.jpg", "0.jpg", reason), Duplicate("2.jpg", "0.jpg", reason)]
    listing = list_sources(samples)
    assert listing.stamp() != listing.stamp(keep_disputed=True)


def test_a_file_that_is_listed_with_other_labels_is_not_used(tmp_path):
    first = sample(tmp_path, "a.jpg", b"x", age=4, identity="7")
    again = replace(first, age=5)
    listing = list_sources([first, sample(tmp_path, "b.jpg", b"y"), again])
    assert [source.name for source in listing.sources] == ["b.jpg"]
    reason = "the set lists this file more than once: age 4 or 5"
    assert listing.rejected == [Rejected("a.jpg", reason)]


def test_an_unknown_label_and_another_year_disagree_with_nothing(tmp_path):
    labels = ({"age": 4, "year": 1990}, {"age": None, "year": 1991}, {"age": 4})
    samples = [sample(tmp_path, f"{n}.jpg", b"same", **values) for n, values in enumerate(labels)]
    kept, duplicates = judged(*samples)
    assert kept == ["0.jpg"]
    assert [duplicate.kept for duplicate in duplicates] == ["0.jpg", "0.jpg"]


def test_empty_files_are_no_copies_of_each_other(tmp_path):
    samples = [sample(tmp_path, f"{n}.jpg", b"", age=n) for n in range(2)]
    assert judged(*samples) == (["0.jpg", "1.jpg"], [])


def test_the_stamp_changes_with_names_labels_sizes_and_times(tmp_path):
    def stamp(**labels):
        return list_sources([Sample(tmp_path / "a.jpg", "a.jpg", **labels)]).stamp()

    sample(tmp_path, "a.jpg", b"1")
    os.utime(tmp_path / "a.jpg", ns=(0, 1_000))
    stamps = [stamp(), stamp(age=3), stamp(age=4)]
    os.utime(tmp_path / "a.jpg", ns=(0, 2_000))
    stamps.append(stamp())
    (tmp_path / "a.jpg").write_bytes(b"22")
    os.utime(tmp_path / "a.jpg", ns=(0, 2_000))
    stamps.append(stamp())
    assert len(set(stamps)) == 5
    os.utime(tmp_path / "a.jpg", ns=(0, 2_000))
    assert stamp() == stamps[-1]


def test_a_listed_file_costs_less_than_a_kilobyte(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    path = tmp_path / "a.jpg"
    tracemalloc.start()
    listing = list_sources(Sample(path, f"folder/name-{n}.jpg", identity=str(n), age=n) for n in range(1000))
    hashed = hash_contents(listing.sources)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(hashed) == 1000
    assert size / 1000 < 1000
