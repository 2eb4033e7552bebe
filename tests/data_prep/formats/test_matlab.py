"""The reader of MATLAB files beside SciPy's."""

import math
import struct
import zlib

import numpy as np
import pytest
import scipy.io

from common.errors import UserError
from data_prep.formats.matlab import numbers, read_columns, texts

NAMES = ["Zoë", "", "Stellan Skarsgård", "x" * 300, "宮崎 駿", "a"]
KINDS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


def cells(values):
    column = np.empty((1, len(values)), dtype=object)
    column[0] = [np.array([]) if value is None else value for value in values]
    return column


@pytest.fixture(params=[True, False], ids=["compressed", "plain"])
def path(tmp_path, request):
    """A file with a struct of every kind of column, between other variables."""
    people = {kind: np.arange(6, dtype=kind).reshape(1, 6) for kind in KINDS}
    people |= {"name": cells(NAMES), "mixed": cells(["a", 1.5, None, cells(["b"]), np.ones((2, 2)), "c"])}
    people |= {"unknown": np.array([[0, 1, math.nan, math.inf, -math.inf, 2.5]])}
    content = {
        "before": np.ones((3, 3)),
        "people": people,
        "after": "text",
        "single": {"age": 7, "name": "Ann"},
    }
    scipy.io.savemat(tmp_path / "x.mat", content, do_compression=request.param)
    return tmp_path / "x.mat"


@pytest.mark.parametrize("kind", [*KINDS, "unknown"])
def test_numbers_like_scipy(path, kind):
    expected = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)["people"]
    found = numbers(path, kind, read_columns(path, "people", [kind])[kind])
    np.testing.assert_array_equal(found, getattr(expected, kind))
    assert found.dtype == np.float64


def test_texts_like_scipy(path):
    expected = scipy.io.loadmat(path, struct_as_record=False)["people"].item().name.ravel()
    found = texts(path, "name", read_columns(path, "people", ["name"])["name"])
    assert found == [str(cell.item()) if cell.size else None for cell in expected]
    assert found == [name or None for name in NAMES]


def test_cells_without_text_are_unknown(path):
    assert read_columns(path, "people", ["mixed"]) == {"mixed": ["a", None, None, None, None, "c"]}


def test_struct_of_one_row(path):
    columns = read_columns(path, "single", ["age", "name"])
    assert list(columns["age"]) == [7]
    assert columns["name"] == ["Ann"]


@pytest.mark.parametrize(
    ("variable", "columns", "told"),
    [
        ("nobody", ["name"], "it holds no struct 'nobody'"),
        ("before", ["name"], "it holds no struct 'before'"),
        ("after", ["name"], "it holds no struct 'after'"),
        ("people", ["name", "height", "weight"], "'people' lacks height, weight"),
    ],
)
def test_what_is_not_there(path, variable, columns, told):
    with pytest.raises(UserError, match=f"x.mat is not the expected label file: {told}"):
        read_columns(path, variable, columns)


def test_columns_of_another_kind(path):
    columns = read_columns(path, "people", ["name", "u1"])
    with pytest.raises(UserError, match="'name' holds something that is not a number"):
        numbers(path, "name", columns["name"])
    with pytest.raises(UserError, match="'u1' holds something that is not a text"):
        texts(path, "u1", columns["u1"])


def test_columns_of_unequal_length(path):
    scipy.io.savemat(path, {"people": {"age": [1, 2], "name": cells(["a", "b", "c"])}})
    with pytest.raises(UserError, match=r"the columns of 'people' differ in length \({'age': 2, "):
        read_columns(path, "people", ["age", "name"])


def test_missing_file(path):
    with pytest.raises(UserError, match=r"cannot read .*y.mat: No such file or directory"):
        read_columns(path.with_name("y.mat"), "people", ["age"])


@pytest.mark.parametrize("compressed", [True, False])
def test_cut_short_anywhere(tmp_path, compressed):
    path = tmp_path / "x.mat"
    people = {"age": np.arange(6), "name": cells(NAMES)}
    scipy.io.savemat(path, {"people": people}, do_compression=compressed)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"x.mat is (damaged|not the expected label file)"):
            read_columns(path, "people", ["age", "name"])


def test_declared_sizes_ask_for_no_memory(path):
    """A cell array that declares two thousand million elements is refused at its first missing one."""
    dims = struct.pack("<II2i", 5, 8, 2**31 - 1, 1)
    header = struct.pack("<IIII", 6, 8, 1, 0) + dims + struct.pack("<II", 1, 0)
    cell = struct.pack("<II", 14, len(header)) + header
    names = struct.pack("<II", 4 << 16 | 5, 8) + struct.pack("<II", 1, 8) + b"name".ljust(8, b"\0")
    fields = struct.pack("<IIII", 6, 8, 2, 0) + struct.pack("<II2i", 5, 8, 1, 1)
    body = fields + struct.pack("<II", 1, 6) + b"people\0\0" + names + cell
    matrix = struct.pack("<II", 14, len(body)) + body
    for element in (matrix, struct.pack("<II", 15, len(zlib.compress(matrix))) + zlib.compress(matrix)):
        path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + element)
        with pytest.raises(UserError, match="is damaged or not a MATLAB v5 file"):
            read_columns(path, "people", ["name"])
