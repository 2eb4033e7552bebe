"""A column of hexadecimal hashes kept as bytes: half a million of SHA-256 take 15 MiB, as strings 64."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, take
from pandas.api.indexers import check_array_indexer


class HexadecimalDtype(ExtensionDtype):
    """The type of a column whose values are hexadecimal strings of one length, none of them missing."""

    name = "hexadecimal"
    type = str
    na_value = pd.NA

    @classmethod
    def construct_array_type(cls) -> type[HexadecimalArray]:
        return HexadecimalArray


class HexadecimalArray(ExtensionArray):
    """Hexadecimal strings of one length, two digits a byte; read as strings, whatever reads them.

    Args:
        packed: (N, bytes) uint8.
    """

    def __init__(self, packed: np.ndarray) -> None:
        self._packed = packed

    @classmethod
    def of(cls, values: Iterable[Any]) -> HexadecimalArray:
        """Return strings packed.

        Raises:
            ValueError: they are not hexadecimal in small letters, of one even length.
        """
        strings = list(values)
        if not all(isinstance(one, str) for one in strings) or len({len(one) for one in strings}) > 1:
            raise ValueError("these are not strings of one length")
        whole = "".join(strings)
        # `fromhex` overlooks spaces and capitals.
        packed = bytes.fromhex(whole)
        if packed.hex() != whole or (strings and len(strings[0]) % 2):
            raise ValueError("these are not hexadecimal digits in pairs")
        return cls(np.frombuffer(packed, np.uint8).reshape(len(strings), -1 if packed else 0))

    @classmethod
    def _from_sequence(cls, scalars: Iterable[Any], *, dtype: Any = None, copy: bool = False):
        return scalars if isinstance(scalars, cls) else cls.of(scalars)

    @classmethod
    def _from_factorized(cls, values: np.ndarray, original: HexadecimalArray) -> HexadecimalArray:
        return cls.of(values) if len(values) else original[:0]

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[HexadecimalArray]) -> HexadecimalArray:
        return cls(np.concatenate([one._packed for one in to_concat]))

    @property
    def dtype(self) -> HexadecimalDtype:
        return HexadecimalDtype()

    @property
    def nbytes(self) -> int:
        return self._packed.nbytes

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, item: Any) -> Any:
        item = check_array_indexer(self, item)
        found = self._packed[item]
        return found.tobytes().hex() if found.ndim == 1 else type(self)(found)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("hashes are not changed in place")

    def __iter__(self) -> Any:
        return iter(np.asarray(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        whole, digits = self._packed.tobytes().hex(), 2 * self._packed.shape[1]
        strings = [whole[i * digits : (i + 1) * digits] for i in range(len(self))]
        values = np.empty(len(self), object)
        values[:] = strings
        return values if dtype is None else values.astype(dtype)

    def __eq__(self, other: Any) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        return np.asarray(self) == (other if isinstance(other, str) else np.asarray(other, object))

    def isna(self) -> np.ndarray:
        return np.zeros(len(self), bool)

    def take(self, indices: Sequence[int], *, allow_fill: bool = False, fill_value: Any = None):
        indices = np.asarray(indices, np.intp)
        if allow_fill and (indices < 0).any():
            # What is missing has no place among bytes.
            return pd.array(np.asarray(self), "string").take(indices, allow_fill=True, fill_value=fill_value)
        return type(self)(take(self._packed, indices))

    def copy(self) -> HexadecimalArray:
        return type(self)(self._packed.copy())
