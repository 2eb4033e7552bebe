"""Broken copies of packed files and lists: absurd numbers, splices, repeats, other codings, hostile words."""

from __future__ import annotations

import random

from benchmarks.mutations.content import mutate

_NUMBERS = (0, 1, -1, 127, 255, 2**15 - 1, 2**16 - 1, 2**24, 2**29 - 1, 2**31 - 1, -(2**31), 2**62)
_WORDS = (
    "", "-1", "0", "²", "٣", "NaN", "inf", "-1e999", "1_0", "0x10", "9" * 19, "9" * 5000, "x" * 70_000,
    "../../etc/passwd", "/etc/passwd", "\ufeff", "\0", "\x1b[2J", "\u2028", "\x85", "é", "e\u0301",
    '"', ";", ",", "\t", "\r", "\n\n", "[" * 5000, "{", "}",
)  # fmt: skip
_CODINGS = ("utf-16", "utf-32", "utf-8-sig", "utf-7", "cp500")


def spoilt_numbers(valid: bytes, generator: random.Random) -> bytes:
    """Return a broken copy of a file of numbers, lengths and bytes."""
    broken = bytearray(valid)
    at = generator.randrange(len(broken))
    match generator.randrange(6):
        case 0 | 1:
            return mutate(valid, generator)
        case 2 | 3:
            for _ in range(generator.choice((1, 1, 3))):
                size = generator.choice((1, 2, 4, 4, 4, 8))
                place = generator.randrange(0, len(broken), generator.choice((1, 2, 4)))
                number = generator.choice(_NUMBERS) % (1 << 8 * size)
                broken[place : place + size] = number.to_bytes(size, generator.choice(("little", "big")))
        case 4:  # its start on an end of it
            broken[at:] = broken[generator.randrange(len(broken)) :]
        case _:  # one piece again and again
            piece = broken[at : at + generator.choice((1, 2, 8, 40))]
            broken[at:at] = piece * generator.choice((10, 1000, 20_000))
    return bytes(broken)


def spoilt_words(valid: bytes, generator: random.Random) -> bytes:
    """Return a broken copy of a text of lines."""
    text = valid.decode("utf-8")
    match generator.randrange(6):
        case 0 | 1:
            return mutate(valid, generator)
        case 2:
            return text.encode(generator.choice(_CODINGS), "replace")
        case 3:  # lines in another order, left out, or again and again
            lines = text.splitlines(keepends=True)
            return "".join(generator.choices(lines, k=generator.choice((1, len(lines), 2000)))).encode()
    for _ in range(generator.choice((1, 1, 2, 5))):
        at = generator.randrange(len(text) + 1)
        end = at + generator.choice((0, 1, 4, 9))
        text = text[:at] + generator.choice(_WORDS) + text[end:]
    return text.encode("utf-8")
