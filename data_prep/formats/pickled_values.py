"""What the names in a pickle of plain data mean: bytes, arrays and flags, read as values, never as code."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_NUMBERS = 400_000
"""Entries of all arrays of a pickle other than of bytes; the flags of the largest public file are 7,000."""

_WIDTHS = {"u1": 1, "b1": 1, "i4": 4, "i8": 8}
_SAME = {"O8": "O", "O4": "O", "|O": "O", "|u1": "u1", "|b1": "b1", "<i4": "i4", "<i8": "i8", "bool": "b1"}


Spend = Callable[[int], None]
"""Called with the number of bytes or numbers before they are made of others; raises where it is enough."""


class BadPickle(ValueError):
    """A pickle that is damaged or asks for more than plain data; the message is one clause that says why."""


@dataclass(frozen=True)
class Name:
    """A name that a pickle refers to. It is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return ascii(f"{self.module}.{self.name}"[:80])[1:-1]


@dataclass(eq=False)
class Type:
    """A NumPy type by its code, "u1" or "b1"."""

    code: str


@dataclass(eq=False)
class Array:
    """A NumPy array: its shape, its type, and its raw bytes, or the list of its objects."""

    shape: Any = None
    type: Any = None
    content: Any = None
    _plain: bytes | list | None = None

    def plain(self, spend: Spend) -> bytes | list:
        """Return bytes for uint8, else a list, of a one-dimensional array; the same object every time.

        Args:
            spend: is told how many numbers are made.

        Raises:
            BadPickle: it is of another shape or type, or its content is not as long as it says.
        """
        if self._plain is None:
            self._plain = self._read(spend)
        return self._plain

    def _read(self, spend: Spend) -> bytes | list:
        if not isinstance(self.type, Type) or not isinstance(self.shape, tuple):
            raise BadPickle("it holds an array without content")
        if len(self.shape) != 1 or type(self.shape[0]) is not int:
            raise BadPickle("it holds an array that is no row")
        length, code, content = self.shape[0], self.type.code, self.content
        if code != "O" and code not in _WIDTHS:
            raise BadPickle(f"it holds an array of type {code[:8]!a}")
        if not isinstance(content, list if code == "O" else bytes):
            raise BadPickle("it holds an array without content")
        if len(content) != length * _WIDTHS.get(code, 1):
            raise BadPickle("it holds an array whose length is not its content's")
        if code == "u1" or code == "O":
            return content
        spend(length)
        if code == "b1":
            return [byte != 0 for byte in content]
        return [number for (number,) in struct.iter_unpack("<i" if code == "i4" else "<q", content)]


def encoded(spend: Spend, text: Any, codec: Any, *_: Any) -> bytes:
    """Return the bytes that Python 3 stores as Latin-1 text for Python 2's sake."""
    if not isinstance(text, str) or codec not in ("latin1", "latin-1"):
        raise BadPickle("it encodes what is no text")
    spend(len(text))
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise BadPickle("a text in it is damaged") from None


def set_state(spend: Spend, target: Any, state: Any) -> None:
    """Give an array its content, or a type its byte order, which must be the usual one."""
    if isinstance(target, Type) and isinstance(state, tuple):
        # (version, byte order, ...)
        if len(state) < 2 or state[1] not in ("|", "<", b"|", b"<"):
            raise BadPickle("it holds numbers in a foreign byte order")
    elif isinstance(target, Array) and target.type is None and isinstance(state, tuple) and len(state) == 5:
        _, target.shape, target.type, _, content = state
        target.content = encoded(spend, content, "latin1") if isinstance(content, str) else content
    else:
        raise BadPickle("it sets the state of what has none")


def _bytes(spend: Spend, content: Any, codec: Any, *_: Any) -> bytes:
    if content is None:
        return b""
    return content if isinstance(content, bytes) else encoded(spend, content, codec)


def _type(_: Spend, code: Any, *__: Any) -> Type:
    if isinstance(code, bytes):
        code = code[:8].decode("latin-1")
    if not isinstance(code, str):
        raise BadPickle("it holds an array of no type")
    return Type(_SAME.get(code[:8], code[:8]))


def _empty_array(*_: Any) -> Array:
    return Array()


def _array_of_buffer(_: Spend, content: Any, type_: Any, shape: Any, order: Any) -> Array:
    return Array(shape, type_, content)


def _scalar(spend: Spend, type_: Any, content: Any, *_: Any) -> bool | int:
    if isinstance(content, str):
        content = encoded(spend, content, "latin1")
    return Array((1,), type_, content).plain(spend)[0]


CALLS: dict[Name, Callable[..., Any]] = {
    Name("_codecs", "encode"): encoded,
    **{
        Name(module, name): _bytes
        for module in ("__builtin__", "builtins")
        for name in ("bytes", "bytearray")
    },
    Name("numpy", "dtype"): _type,
    **{Name(f"{numpy}.multiarray", "scalar"): _scalar for numpy in ("numpy.core", "numpy._core")},
    **{Name(f"{numpy}.multiarray", "_reconstruct"): _empty_array for numpy in ("numpy.core", "numpy._core")},
    **{Name(f"{numpy}.numeric", "_frombuffer"): _array_of_buffer for numpy in ("numpy.core", "numpy._core")},
}
"""What a call of each admitted name gives: takes `Spend` and four arguments, None for those not given."""

INERT = frozenset({Name("numpy", "ndarray")})
"""Names that are only handed on: the first argument of `_reconstruct`."""
