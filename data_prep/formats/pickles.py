"""Reading pickles nobody has vouched for: a machine for the few instructions that plain data needs.

A pickle is a program; the standard library's unpickler imports and calls what the program names, and even one
that is told which names are allowed runs the constructors behind them, sets attributes of what they return
and asks for as much memory as a number in the file says. This machine calls nothing and imports nothing. It
knows numbers, text, bytes, tuples and lists, and the handful of names under which Python 2, Python 3 and
NumPy store bytes, arrays and flags; those it reads by their meaning (`data_prep.formats.pickled_values`).
Whatever else a pickle asks for is refused, and nothing happens.
"""

from __future__ import annotations

import codecs
import pickle
import struct
import warnings
from collections.abc import Callable
from typing import Any

from data_prep.formats.pickled_values import (
    CALLS,
    INERT,
    MOST_NUMBERS,
    Array,
    BadPickle,
    Name,
    Spend,
    Type,
    set_state,
)

MOST_STEPS = 1_000_000
"""Instructions of a pickle; a verification file of 14,000 images has some 60,000."""

_LONGEST_NUMBER = 20  # characters
_MARK = object()

Loaded = None | bool | int | bytes | str | tuple | list


def load_plain(data: bytes) -> Loaded:
    """Return what a pickle of plain data holds.

    Python 2's `str` comes as bytes. A one-dimensional NumPy array becomes bytes where it is of uint8, and a
    list where it is of objects, flags or little-endian integers, wherever it stands; any other array is
    refused.

    Args:
        data: the pickle, protocol 0 to 5; what follows its end is not read.

    Raises:
        BadPickle: it is damaged, asks for anything but plain data, or takes more than `MOST_STEPS`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of escapes in a text that mean nothing
        return _Machine(data).run()


class _Machine:
    """The stack, the memo and the place in a program."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        # Bytes made out of others; a memo would let a short program make the same long ones again and again.
        self.left = 2 * len(data)
        self.numbers = MOST_NUMBERS

    def run(self) -> Loaded:
        for _ in range(MOST_STEPS):
            code = self.take(1)
            if code == pickle.STOP:
                return _plain(self.pop(), self.spend_numbers)
            step = _STEPS.get(code)
            if step is None:
                raise BadPickle(f"it has the instruction {ascii(code)[1:]}, which plain data does not need")
            step(self)
        raise BadPickle(f"it has more than {MOST_STEPS:,} instructions")

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise BadPickle("it is cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise BadPickle("it is cut short")
        start, self.at = self.at, end + 1
        return self.data[start:end]

    def unsigned(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise BadPickle("it takes from an empty stack")
        return self.stack.pop()

    def pop_to_mark(self) -> list[Any]:
        found = []
        while self.stack:
            value = self.stack.pop()
            if value is _MARK:
                return found[::-1]
            found.append(value)
        raise BadPickle("it looks for a mark that is not there")

    def pop_some(self, count: int) -> tuple:
        return tuple(reversed([self.pop() for _ in range(count)]))

    def top(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise BadPickle("it looks at an empty stack")
        return self.stack[-1]

    def recall(self, place: int) -> None:
        if place not in self.memo:
            raise BadPickle("it recalls what it never stored")
        self.push(self.memo[place])

    def extend(self, values: list[Any]) -> None:
        target = self.top()
        if not isinstance(target, list):
            raise BadPickle("it appends to what is no list")
        target.extend(values)

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise BadPickle("it makes more bytes than it holds")

    def spend_numbers(self, count: int) -> None:
        self.numbers -= count
        if self.numbers < 0:
            raise BadPickle("its arrays are absurdly long")


def _number(text: bytes) -> int:
    """Read a decimal whole number of reasonable length."""
    try:
        if len(text) > _LONGEST_NUMBER:
            raise ValueError
        return int(text)
    except ValueError:
        raise BadPickle("a number in it is damaged") from None


def _int(machine: _Machine) -> None:
    text = machine.line()
    machine.push(text == b"01" if text in (b"00", b"01") else _number(text))


def _long(size: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        length = machine.unsigned(size)
        if length > 8:
            raise BadPickle("a number in it is absurdly long")
        machine.push(int.from_bytes(machine.take(length), "little", signed=True))

    return step


def _sized(size: int, make: Callable[[bytes], Any]) -> Callable[[_Machine], None]:
    return lambda machine: machine.push(make(machine.take(machine.unsigned(size))))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise BadPickle("a text in it is damaged") from None


def _quoted(machine: _Machine) -> None:
    line = machine.line().rstrip(b"\r")
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in b"'\"":
        raise BadPickle("a text in it has no quotes")
    try:
        machine.push(codecs.escape_decode(line[1:-1])[0])
    except ValueError:
        raise BadPickle("a text in it is damaged") from None


def _raw_unicode(machine: _Machine) -> None:
    try:
        machine.push(machine.line().decode("raw-unicode-escape"))
    except UnicodeDecodeError:
        raise BadPickle("a text in it is damaged") from None


def _global(machine: _Machine) -> None:
    module, name = machine.line(), machine.line()
    machine.push(_admitted(module.decode("latin-1"), name.decode("latin-1")))


def _stack_global(machine: _Machine) -> None:
    module, name = machine.pop_some(2)
    if not isinstance(module, str) or not isinstance(name, str):
        raise BadPickle("it names something by what is no text")
    machine.push(_admitted(module, name))


def _admitted(module: str, name: str) -> Name:
    found = Name(module, name)
    if found not in CALLS and found not in INERT:
        raise BadPickle(f"it asks for {found}, which no plain data needs")
    return found


def _reduce(machine: _Machine) -> None:
    name, arguments = machine.pop_some(2)
    if not isinstance(name, Name) or name not in CALLS or not isinstance(arguments, tuple):
        raise BadPickle("it calls what is no function")
    if len(arguments) > 4:
        raise BadPickle("it calls a function with too much")
    machine.push(CALLS[name](machine.spend, *arguments, *(None,) * (4 - len(arguments))))


def _build(machine: _Machine) -> None:
    state = machine.pop()
    set_state(machine.spend, machine.top(), state)


def _plain(value: Any, spend: Spend) -> Any:
    """Return `value` without the machine's own objects, each list and tuple read once."""
    known: dict[int, Any] = {}

    def leaf(item: Any) -> Any:
        if isinstance(item, Array):
            return item.plain(spend)
        if isinstance(item, Name | Type):
            raise BadPickle("it holds a name where data belong")
        return item

    def opened(item: Any) -> Any:
        item = leaf(item)
        if isinstance(item, list | tuple):
            if id(item) not in known:
                # Two levels are all that a verification file has; what lies deeper stays closed and is
                # nothing to it.
                known[id(item)] = type(item)([leaf(one) for one in item])
            return known[id(item)]
        return item

    value = leaf(value)
    return type(value)(opened(item) for item in value) if isinstance(value, list | tuple) else value


def _place(size: int) -> Callable[[_Machine], int]:
    return lambda machine: machine.unsigned(size)


def _put(place: Callable[[_Machine], int]) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        machine.memo[place(machine)] = machine.top()

    return step


def _get(place: Callable[[_Machine], int]) -> Callable[[_Machine], None]:
    return lambda machine: machine.recall(place(machine))


def _constant(value: Any) -> Callable[[_Machine], None]:
    return lambda machine: machine.push(value)


def _unpacked(form: str) -> Callable[[_Machine], None]:
    size = struct.calcsize(form)
    return lambda machine: machine.push(struct.unpack(form, machine.take(size))[0])


def _protocol(machine: _Machine) -> None:
    if machine.unsigned(1) > 5:
        raise BadPickle("its protocol is not known")


_STEPS: dict[bytes, Callable[[_Machine], None]] = {
    pickle.PROTO: _protocol,
    pickle.FRAME: lambda machine: machine.unsigned(8),
    pickle.MARK: _constant(_MARK),
    pickle.POP: lambda machine: machine.pop(),
    pickle.POP_MARK: lambda machine: machine.pop_to_mark(),
    pickle.DUP: lambda machine: machine.push(machine.top()),
    pickle.NONE: _constant(None),
    pickle.NEWTRUE: _constant(True),
    pickle.NEWFALSE: _constant(False),
    pickle.INT: _int,
    pickle.BININT: _unpacked("<i"),
    pickle.BININT1: _unpacked("<B"),
    pickle.BININT2: _unpacked("<H"),
    pickle.LONG: lambda machine: machine.push(_number(machine.line().rstrip(b"L"))),
    pickle.LONG1: _long(1),
    pickle.LONG4: _long(4),
    pickle.STRING: _quoted,
    pickle.BINSTRING: _sized(4, bytes),
    pickle.SHORT_BINSTRING: _sized(1, bytes),
    pickle.BINBYTES: _sized(4, bytes),
    pickle.SHORT_BINBYTES: _sized(1, bytes),
    pickle.BINBYTES8: _sized(8, bytes),
    pickle.BYTEARRAY8: _sized(8, bytes),
    pickle.READONLY_BUFFER: lambda machine: machine.top(),
    pickle.UNICODE: _raw_unicode,
    pickle.BINUNICODE: _sized(4, _text),
    pickle.SHORT_BINUNICODE: _sized(1, _text),
    pickle.BINUNICODE8: _sized(8, _text),
    pickle.EMPTY_LIST: lambda machine: machine.push([]),
    pickle.LIST: lambda machine: machine.push(machine.pop_to_mark()),
    pickle.APPEND: lambda machine: machine.extend([machine.pop()]),
    pickle.APPENDS: lambda machine: machine.extend(machine.pop_to_mark()),
    pickle.EMPTY_TUPLE: _constant(()),
    pickle.TUPLE: lambda machine: machine.push(tuple(machine.pop_to_mark())),
    pickle.TUPLE1: lambda machine: machine.push(machine.pop_some(1)),
    pickle.TUPLE2: lambda machine: machine.push(machine.pop_some(2)),
    pickle.TUPLE3: lambda machine: machine.push(machine.pop_some(3)),
    pickle.GLOBAL: _global,
    pickle.STACK_GLOBAL: _stack_global,
    pickle.REDUCE: _reduce,
    pickle.BUILD: _build,
    pickle.PUT: _put(lambda machine: _number(machine.line())),
    pickle.BINPUT: _put(_place(1)),
    pickle.LONG_BINPUT: _put(_place(4)),
    pickle.MEMOIZE: _put(lambda machine: len(machine.memo)),
    pickle.GET: _get(lambda machine: _number(machine.line())),
    pickle.BINGET: _get(_place(1)),
    pickle.LONG_BINGET: _get(_place(4)),
}
