"""The index as it is written and read, and its summary."""

import pandas as pd
import pytest

from common.errors import UserError
from data_prep.index import (
    COLUMN_TYPES,
    COLUMNS,
    fingerprint,
    load,
    read_index,
    summary,
    summary_markdown,
    write_table,
)
from tests.support.prepared_sets import make_index, write_prepared


def test_an_index_survives_the_disk(tmp_path):
    odd = 'with "quotes", commas\tand Ümläute.jpg'
    index = make_index(
        [{"name": odd, "identity": "NA", "age": 0, "gender": "female", "x1": -1.25}, {"identity": "007"}, {}]
    )
    rows = index.astype(object).where(index.notna(), None).to_numpy()
    write_table(tmp_path / "index.csv", COLUMNS, rows)
    read = read_index(tmp_path / "index.csv")
    pd.testing.assert_frame_equal(read, index)
    assert read.dtypes.astype(str).to_dict() == COLUMN_TYPES
    assert read["age"].isna().tolist() == [False, True, True]
    assert read["identity"].tolist()[:2] == ["NA", "007"]


def test_load_says_what_is_missing_or_damaged(tmp_path):
    folder = tmp_path / "set"
    with pytest.raises(
        UserError, match=r"holds no finished prepared set \(manifest.json is missing\): run make"
    ):
        load(folder)
    write_prepared(folder, images=3)
    assert len(load(folder).index) == 3
    for name, content in {"index.csv": "a,b\n1,2\n", "manifest.json": "{"}.items():
        kept = (folder / name).read_text()
        (folder / name).write_text(content)
        with pytest.raises(UserError, match=r"is damaged .* delete that folder and run make prepare"):
            load(folder)
        (folder / name).write_text(kept)
    (folder / "index.csv").write_text(
        "".join(kept for kept in (folder / "index.csv").open().readlines()[:-1])
    )
    with pytest.raises(UserError, match="another number of rows"):
        load(folder)


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
