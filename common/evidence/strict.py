"""JSON into dataclasses and typed dictionaries: nothing missing, nothing unknown, nothing of the wrong type.

Only a field with a default factory may be missing: files written before it was added are read too.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from typing import Any

DEEPEST = 100


def parse(text: str) -> Any:
    """Parse JSON, refusing what the standard refuses: NaN, infinities, and a name that is given twice.

    Nor may it hold a number beyond the range of 64 bits, or half of a surrogate pair, which no file can hold,
    or be nested deeper than `DEEPEST`.

    Raises:
        ValueError: with a clause that says what is wrong.
    """

    def constant(name: str) -> None:
        raise ValueError(f"{name} is not a number")

    def number(text: str) -> float:
        found = float(text)
        if not math.isfinite(found):
            raise ValueError(f"{text[:40]} is larger than a number can be")
        return found

    def whole(text: str) -> int:
        if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
            raise ValueError(f"{text[:40]} is larger than a number can be")
        return int(text)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            raise ValueError("a name is given twice")
        return found

    try:
        value = json.loads(
            text, parse_constant=constant, parse_float=number, parse_int=whole, object_pairs_hook=pairs
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _is_deep(value):
        raise ValueError("it is nested too deeply")
    if "\\ud" in text.lower():
        refuse_surrogates(value)
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def refuse_surrogates(value: Any) -> None:
    """Raise ValueError where a text in JSON holds half of a surrogate pair, which no terminal can show."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair, which is no character") from None


def build(kind: Any, value: Any, where: str) -> Any:
    """Build a value of the annotated type `kind` from parsed JSON.

    Args:
        kind: a dataclass, a TypedDict, str, int, float, bool, `X | None`, `tuple[X, ...]`, `list[X]`,
            `dict[str, X]`, Any, or several dataclasses, of which each has a constant `KIND` and the value
            says its `kind`.
        value: parsed JSON.
        where: the value's place in the file, for the error.

    Raises:
        ValueError: with a clause that names the place and what is wrong there.
    """
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(kind) if option is not type(None)]
        if value is None and len(options) < len(typing.get_args(kind)):
            return None
        return build(options[0] if len(options) == 1 else _of_its_kind(options, value, where), value, where)
    if origin in (tuple, list):
        items = _expect(value, list, where)
        inner = typing.get_args(kind)[0]
        return origin(build(inner, item, f"{where}[{index}]") for index, item in enumerate(items))
    if origin is dict:
        inner = typing.get_args(kind)[1]
        return {
            key: build(inner, item, f"{where}.{key}") for key, item in _expect(value, dict, where).items()
        }
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, _expect(value, dict, where), where)
    if typing.is_typeddict(kind):
        return _typed_dict(kind, _expect(value, dict, where), where)
    if kind is float and type(value) is int:
        return float(value)
    return _expect(value, kind, where)


def _of_its_kind(options: list[Any], value: Any, where: str) -> Any:
    """Return the dataclass whose `KIND` is the `kind` that the value says."""
    said = _expect(value, dict, where).get("kind")
    for option in options:
        if said == option.KIND:
            return option
    kinds = ", ".join(option.KIND for option in options)
    raise ValueError(f"{where}.kind must be one of {kinds}, not {json.dumps(said)[:40]}")


def _dataclass(kind: Any, value: dict[str, Any], where: str) -> Any:
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    names = [field.name for field in fields]
    optional = {field.name for field in fields if field.default_factory is not dataclasses.MISSING}
    _expect_names(set(value), set(names), optional, where)
    given = [name for name in names if name in value]
    return kind(**{name: build(hints[name], value[name], f"{where}.{name}") for name in given})


def _typed_dict(kind: Any, value: dict[str, Any], where: str) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    _expect_names(set(value), set(hints), set(kind.__optional_keys__), where)
    return {name: build(hints[name], item, f"{where}.{name}") for name, item in value.items()}


def _expect_names(found: set[str], known: set[str], optional: set[str], where: str) -> None:
    missing, surplus = sorted(known - found - optional), sorted(found - known)
    if missing or surplus:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing)
        parts += [f"has the unknown {', '.join(surplus)}"] * bool(surplus)
        raise ValueError(f"{where} {' and '.join(parts)}")


def _expect(value: Any, kind: type, where: str) -> Any:
    # type(), not isinstance(): true is not the number 1.
    if type(value) is not kind:
        raise ValueError(f"{where} must be {_NAMES[kind]}, not {json.dumps(value)[:40]}")
    return value


_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
