"""Columns of a struct in a MATLAB v5 file: the form of IMDB-WIKI's and CACD's label files.

SciPy's reader is made for files one trusts: a few changed bytes make `scipy.io.loadmat` end the whole process
with a segmentation fault. This one reads the little that the label files use, little-endian as they are, and
meets damage with a sentence.

Reference: "MAT-File Format", The MathWorks, chapter 1 (level 5).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.errors import UserError

_HEADER = 128
_HDF5 = (512, b"\x89HDF")  # MATLAB 7.3 puts a header of its own before an HDF5 file
_LARGEST = 1 << 30  # bytes of one variable, unpacked; imdb.mat's is a fifth of that
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR, _FIRST_NUMERIC, _LAST_NUMERIC = 1, 2, 4, 6, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_ENCODINGS = {1: "latin-1", 2: "latin-1", 4: "utf-16-le", 16: "utf-8", 17: "utf-16-le", 18: "utf-32-le"}

Column = np.ndarray | list[str | None]


class _Damaged(Exception):
    """The bytes are not those of a MATLAB v5 file."""


def read_columns(path: Path, variable: str, columns: Sequence[str]) -> dict[str, Column]:
    """Read fields of the 1 x 1 struct `variable` as columns of equal length.

    Returns:
        For each of `columns` a one-dimensional numeric array, or for a cell array a list of its texts, None
        where a cell is empty or holds no text.

    Raises:
        UserError: the file is missing, damaged, of version 7.3, or lacks the variable or part of a column.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}.") from error
    if content.startswith(_HDF5[1], _HDF5[0]):
        raise UserError(f"{path} is a MATLAB 7.3 file: the version 5 file, as published, is needed.")
    try:
        fields = _find_struct(content, variable)
        if fields is None:
            raise UserError(f"{path} is not the expected label file: it holds no struct {variable!r}.")
        missing = [column for column in columns if column not in fields]
        if missing:
            raise UserError(
                f"{path} is not the expected label file: {variable!r} lacks {', '.join(missing)}."
            )
        table = {column: fields[column].column() for column in columns}
    except (_Damaged, struct.error, zlib.error, ValueError, OverflowError, MemoryError) as error:
        raise UserError(f"{path} is damaged or not a MATLAB v5 file: fetch it again.") from error
    lengths = {column: len(values) for column, values in table.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(f"{path} is damaged: the columns of {variable!r} differ in length ({lengths}).")
    return table


def numbers(path: Path, column: str, values: Column) -> np.ndarray:
    """Return a column as float64, where an unknown value is NaN.

    Raises:
        UserError: the column holds something else.
    """
    if isinstance(values, list):
        raise UserError(f"{path} is damaged: {column!r} holds something that is not a number.")
    return values.astype(np.float64)


def texts(path: Path, column: str, values: Column) -> list[str | None]:
    """Return a column of texts.

    Raises:
        UserError: the column holds numbers.
    """
    if not isinstance(values, list):
        raise UserError(f"{path} is damaged: {column!r} holds something that is not a text.")
    return values


class _Elements:
    """Reads the tagged elements that follow one another in `data` from `at` on."""

    def __init__(self, data: memoryview, at: int = 0):
        self.data, self.at = data, at

    def next(self) -> tuple[int, memoryview]:
        """Return the type and content of the next element."""
        kind, size = struct.unpack_from("<II", self.data, self.at)
        if kind >> 16:  # a small element: size and type share a word, the next one is the content
            kind, size = kind & 0xFFFF, kind >> 16
            start, self.at = self.at + 4, self.at + 8
            end = self.at
        else:
            start = self.at + 8
            # Elements fill multiples of eight bytes, except compressed ones.
            self.at = start + size + (0 if kind == _COMPRESSED else -size % 8)
            end = len(self.data)
        if start + size > end:
            raise _Damaged
        return kind, self.data[start : start + size]

    def take(self, kind: int) -> memoryview:
        """Return the content of the next element, which must be of type `kind`."""
        found, content = self.next()
        if found != kind:
            raise _Damaged
        return content

    def integers(self) -> tuple[int, ...]:
        """Return the next element's 32-bit integers."""
        content = self.take(5)
        return struct.unpack(f"<{len(content) // 4}i", content)


class _Matrix:
    """One array: its class, size and name, and the elements that hold its content."""

    def __init__(self, content: memoryview):
        self.rest = _Elements(content)
        self.kind, self.size, self.name = 0, 0, ""
        if len(content):  # an empty cell may have no header at all
            self.kind = struct.unpack_from("<I", self.rest.take(6))[0] & 0xFF
            shape = self.rest.integers()
            if len(shape) < 2 or min(shape) < 0:
                raise _Damaged
            self.size = math.prod(shape)
            self.name = bytes(self.rest.take(1)).decode("latin-1")

    def fields(self) -> dict[str, _Matrix] | None:
        """Return the fields of a 1 x 1 struct, None where this is something else."""
        if self.kind != _STRUCT or self.size != 1:
            return None
        (width,) = self.rest.integers()
        names = bytes(self.rest.take(1))
        if width < 1 or len(names) % width:
            raise _Damaged
        labels = [names[i : i + width].split(b"\0")[0].decode("latin-1") for i in range(0, len(names), width)]
        return {label: _Matrix(self.rest.take(_MATRIX)) for label in labels}

    def column(self) -> Column:
        if self.kind == _CELL:
            return [_Matrix(self.rest.take(_MATRIX)).text() for _ in range(self.size)]
        if self.kind == _CHAR:
            return [self.text()]
        if self.size == 0:
            return np.empty(0)
        if not _FIRST_NUMERIC <= self.kind <= _LAST_NUMERIC:
            raise _Damaged
        kind, content = self.rest.next()
        if kind not in _NUMBERS:
            raise _Damaged
        values = np.frombuffer(content, f"<{_NUMBERS[kind]}")
        if len(values) != self.size:
            raise _Damaged
        return values

    def text(self) -> str | None:
        if self.kind != _CHAR or self.size == 0:
            return None
        kind, content = self.rest.next()
        if kind not in _ENCODINGS:
            raise _Damaged
        return bytes(content).decode(_ENCODINGS[kind], "replace") or None


def _find_struct(content: bytes, variable: str) -> dict[str, _Matrix] | None:
    """Return the fields of the struct of that name, None where the file holds none."""
    if content[_HEADER - 2 : _HEADER] != b"IM":
        raise _Damaged
    elements = _Elements(memoryview(content), _HEADER)
    while elements.at < len(content):
        matrix = _variable(*elements.next(), variable)
        if matrix is not None:
            return matrix.fields()
    return None


def _variable(kind: int, content: memoryview, name: str) -> _Matrix | None:
    """Return the variable in an element of the file if it has that name, and None otherwise."""
    if kind == _COMPRESSED:
        unpacker = zlib.decompressobj()
        head = unpacker.decompress(content, 1024)
        if name.encode() not in head:
            return None  # without unpacking the rest
        unpacked = head + unpacker.decompress(unpacker.unconsumed_tail, _LARGEST)
        if not unpacker.eof:
            raise _Damaged
        kind, content = _Elements(memoryview(unpacked)).next()
    matrix = _Matrix(content) if kind == _MATRIX else None
    return matrix if matrix is not None and matrix.name == name else None
