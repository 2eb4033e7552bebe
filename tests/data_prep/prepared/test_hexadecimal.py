"""Hashes kept as bytes are the strings they were, whatever pandas does with them."""

from __future__ import annotations

import hashlib
import pickle

import numpy as np
import pandas as pd
import pytest

from data_prep.prepared.hexadecimal import HexadecimalArray

STRINGS = [hashlib.sha256(str(number % 7).encode()).hexdigest() for number in range(10)]


@pytest.fixture
def strings():
    return pd.Series(STRINGS, dtype="string")


@pytest.fixture
def packed():
    return pd.Series(HexadecimalArray.of(STRINGS))


@pytest.mark.parametrize(
    "ask",
    [
        lambda column: column.tolist(),
        lambda column: list(column),
        lambda column: column[3],
        lambda column: column.iloc[[5, 2, 5]].tolist(),
        lambda column: column.iloc[-3:].tolist(),
        lambda column: column[np.arange(10) % 2 == 0].tolist(),
        lambda column: column.dropna().unique().tolist(),
        lambda column: column.duplicated().tolist(),
        lambda column: (column == STRINGS[1]).tolist(),
        lambda column: (column == pd.Series(STRINGS[::-1])).tolist(),
        lambda column: column.isin(STRINGS[:2]).tolist(),
        lambda column: column.notna().tolist(),
        lambda column: column.to_numpy().tolist(),
        lambda column: column.to_numpy(object).tolist(),
        lambda column: column.sort_values(kind="stable").index.tolist(),
        lambda column: column.value_counts(sort=False).to_dict(),
        lambda column: column.groupby(column).size().to_dict(),
        lambda column: pd.concat([column, column]).tolist(),
        lambda column: column.reindex([1, 99]).astype(object).where(lambda one: one.notna(), None).tolist(),
        lambda column: column.iloc[:0].tolist(),
        lambda column: pd.Series(["known", pd.NA] * 5, dtype="string").fillna(column).tolist(),
        lambda column: pd.DataFrame({"a": column}).astype(object).to_dict("records"),
        lambda column: next(pd.DataFrame({"a": column}).itertuples(index=False, name=None)),
        lambda column: pickle.loads(pickle.dumps(column)).tolist(),
        lambda column: column.copy().astype("string").tolist(),
    ],
)
def test_what_is_asked_of_packed_hashes_is_answered_as_of_strings(strings, packed, ask):
    assert ask(packed) == ask(strings)


def test_packed_hashes_take_half_a_byte_a_digit(packed):
    assert packed.array.nbytes == 32 * len(packed)


@pytest.mark.parametrize(
    "values", [["ab", "abcd"], ["abc", "def"], ["AB"], ["a b "], ["xy"], [None], ["ab", pd.NA], [3]]
)
def test_other_values_are_refused(values):
    with pytest.raises(ValueError, match=r"not (strings of one length|hexadecimal)|non-hexadecimal"):
        HexadecimalArray.of(values)


def test_hashes_are_not_changed_in_place(packed):
    with pytest.raises(TypeError, match="hashes are not changed in place"):
        packed[2] = "00"
