"""Broken copies of a file: of its bytes, of a value in its JSON, or of what stands at its path."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutations.content import mutate
from common.evidence.sealed import SEAL
from common.files import sha256_json

_DEEP = "a place for what is nested deeply"
_VALUES = (
    None, True, False, 0, -1, 1, 2**31, 2**64, 10**400, 0.5, -1e-300, 1e308, float("nan"), float("inf"),
    "", "x", "\ud800", "a\x00b", "../../x", "9" * 5000, [], {}, [[]], [None], {"": 0}, _DEEP,
)  # fmt: skip


def spoilt_bytes(path: Path, valid: bytes, generator: random.Random) -> None:
    """Write a copy with other bytes, none, or half of them; or put a folder, or nothing, in its place."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    match generator.randrange(12):
        case 0:
            path.mkdir()
        case 1:
            pass
        case 2:
            path.write_bytes(b"")
        case 3:
            path.write_bytes(valid[: generator.randrange(len(valid))])
        case _:
            path.write_bytes(mutate(valid, generator))


def spoilt_json(valid: dict[str, Any], generator: random.Random, sealed: bool) -> str:
    """Return the text of JSON with one to three values exchanged, taken out, added or given twice.

    Args:
        valid: the content, with its seal where it has one.
        generator: of the choices.
        sealed: write the hash anew, where there can be one of such content.
    """
    content = copy.deepcopy(valid)
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        places = list(_places(content))
        if not places:
            break
        holder, key = generator.choice(places)
        match generator.randrange(8):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder["more"] = generator.choice(_VALUES)
            case 2:
                other, place = generator.choice(places)
                holder[key] = copy.deepcopy(other[place])
            case _:
                holder[key] = generator.choice(_VALUES)
    if sealed and SEAL in content:
        del content[SEAL]
        try:
            content[SEAL] = sha256_json(content)
        except ValueError:
            content[SEAL] = valid[SEAL]
    text = json.dumps(content)
    if generator.random() < 0.02:
        text = text.replace("{", '{"schema": 1, "schema": 1, ', 1)
    return text.replace(json.dumps(_DEEP), "[" * 3000 + "]" * 3000)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in nested JSON as (holder, key)."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
