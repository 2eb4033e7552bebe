"""The index as it is written and read, and its summary."""

import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import sealed
from common.files import write_json, write_table
from data_prep.prepared import index as index_module
from data_prep.prepared.index import (
    COLUMN_TYPES,
    COLUMNS,
    HASHES,
    fingerprint,
    load,
    read_index,
    summary,
    summary_markdown,
)
from data_prep.prepared.manifest import Altered
from tests.support.prepared_sets import make_index, write_prepared


def test_an_index_survives_the_disk(tmp_path):
    odd = 'with "quotes", commas\tand Ümläute.jpg'
    index = make_index(
        [{"name": odd, "identity": "NA", "age": 0, "gender": "female", "x1": -1.25}, {"identity": "007"}, {}]
    )
    rows = index.astype(object).where(index.notna(), None).to_numpy()
    write_table(tmp_path / "index.csv", COLUMNS, rows)
    read = read_index(tmp_path / "index.csv")
    pd.testing.assert_frame_equal(read.astype(COLUMN_TYPES), index)
    assert read.dtypes.astype(str).to_dict() == COLUMN_TYPES | dict.fromkeys(HASHES, "hexadecimal")
    assert read["age"].isna().tolist() == [False, True, True]
    assert read["identity"].tolist()[:2] == ["NA", "007"]


@pytest.mark.parametrize("last", ["f" * 64, "not digits at all", "ab"])
def test_an_index_is_the_same_read_in_parts(tmp_path, monkeypatch, last):
    """Whatever the hashes of a later part look like."""
    monkeypatch.setattr(index_module, "_READ_TOGETHER", 2)
    index = make_index([{"name": f"a\n{n}", "age": n, "x1": n / 4} for n in range(4)] + [{"dhash256": last}])
    rows = index.astype(object).where(index.notna(), None).to_numpy()
    write_table(tmp_path / "index.csv", COLUMNS, rows)
    read = read_index(tmp_path / "index.csv")
    pd.testing.assert_frame_equal(read.astype(COLUMN_TYPES), index)
    assert str(read["dhash256"].dtype) == ("hexadecimal" if last == "f" * 64 else "string")


def test_an_index_without_rows_has_its_columns(tmp_path):
    write_table(tmp_path / "index.csv", COLUMNS, ())
    assert read_index(tmp_path / "index.csv").shape == (0, len(COLUMNS))


def test_load_says_what_is_missing_or_damaged(tmp_path):
    folder = tmp_path / "set"
    with pytest.raises(
        UserError, match=r"holds no finished prepared set \(manifest.json is missing\): run make"
    ):
        load(folder)
    write_prepared(folder, images=3)
    assert len(load(folder).index) == 3
    for name, content in {"manifest.json": "{"}.items():
        kept = (folder / name).read_text()
        (folder / name).write_text(content)
        with pytest.raises(UserError, match=r"is damaged .* delete that folder and run make prepare"):
            load(folder)
        (folder / name).write_text(kept)
    (folder / "rejected.csv").unlink()
    with pytest.raises(UserError, match=r"no finished prepared set \(rejected.csv is missing\)"):
        load(folder)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("index.csv", ",2,,,manual", ",3,,,manual"),
        ("index.csv", "00001.jpg", "00001.JPG"),
        ("rejected.csv", "reason", "Reason"),
        ("duplicates.csv", "reason\n", "reason\na.jpg,b.jpg,alike\n"),
        ("manifest.json", "Made up", "Made UP"),
        ("manifest.json", '"prepared": 12', '"prepared": 11'),
    ],
)
def test_what_was_changed_by_hand_is_named(tmp_path, name, old, new):
    write_prepared(tmp_path, images=12)
    edit(tmp_path / name, old, new)
    with pytest.raises(Altered, match=rf"{name} was changed after .*: delete that file and run the command"):
        load(tmp_path)


def before_tables_were_hashed(folder):
    """Write the manifest as earlier versions did, with the fingerprint of the index."""
    content = sealed.parse((folder / "manifest.json").read_text()).content
    del content["tables"]
    known = read_index(folder / "index.csv")[["name", "sha256", "age"]].astype(object)
    rows = [{**row, "identity": None, "gender": None, "year": None} for row in known.to_dict("records")]
    write_json(folder / "manifest.json", content | {"fingerprint": fingerprint(rows, content["settings"])})


def test_a_set_of_an_earlier_version_is_held_against_its_fingerprint(tmp_path):
    write_prepared(tmp_path, images=12)
    before_tables_were_hashed(tmp_path)
    assert len(load(tmp_path).index) == 12
    edit(tmp_path / "index.csv", ",2,,,manual", ",3,,,manual")
    with pytest.raises(Altered, match=r"index.csv was changed"):
        load(tmp_path)


def test_rows_in_another_order_than_the_shards_are_refused(tmp_path):
    write_prepared(tmp_path, images=12)
    before_tables_were_hashed(tmp_path)
    lines = (tmp_path / "index.csv").read_text().splitlines(keepends=True)
    lines[1:3] = lines[2:0:-1]
    (tmp_path / "index.csv").write_text("".join(lines))
    with pytest.raises(UserError, match=r"its index is not in the order of the shards"):
        load(tmp_path)
    (tmp_path / "index.csv").write_text("".join(lines[:-1]))
    with pytest.raises(UserError, match=r"another number of rows"):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        {"tables": {"index.csv": "0"}},
        {"settings": {}},
        {"settings": {"dataset": "lfw", "template": "arcface", "size": 10**9}},
        {"shards": [{"images": 2**62, "bytes": 1, "sha256": ""}]},
        {"counts": None},
    ],
)
def test_a_manifest_of_other_values_is_no_manifest_whatever_its_hash(tmp_path, content):
    write_prepared(tmp_path, images=3)
    whole = sealed.parse((tmp_path / "manifest.json").read_text()).content
    sealed.write_sealed(tmp_path / "manifest.json", whole | content)
    with pytest.raises(UserError, match=r"is damaged"):
        load(tmp_path)


def test_the_fingerprint_covers_contents_labels_and_settings():
    row = {"name": "a", "sha256": "1", "identity": None, "age": 3, "gender": None, "year": None}
    first = fingerprint([row], {"size": 64})
    assert first == fingerprint([{**row, "dhash": "elsewhere"}], {"size": 64})
    changed = [{**row, "sha256": "2"}, {**row, "age": None}, {**row, "name": "b"}, {**row, "gender": "male"}]
    prints = {
        first,
        fingerprint([row], {"size": 65}),
        *(fingerprint([other], {"size": 64}) for other in changed),
    }
    assert len(prints) == 6


def test_the_summary_counts_by_decade():
    rows = [
        {"age": 0, "identity": "1", "gender": "male"},
        {"age": 9, "identity": "1", "gender": "female"},
        {"age": 10, "identity": "2"},
        {"age": 109},
        {},
    ]
    index = make_index(rows)
    assert summary(index).to_numpy().tolist() == [
        ["0-9", 2, 1, 1, 1],
        ["10-19", 1, 1, 0, 0],
        ["100-109", 1, 0, 0, 0],
        ["unknown", 1, 0, 0, 0],
        ["all", 5, 2, 1, 1],
    ]
    assert summary_markdown(index).splitlines()[:3] == [
        "| ages | images | people | male | female |",
        "|---|---:|---:|---:|---:|",
        "| 0-9 | 2 | 1 | 1 | 1 |",
    ]
