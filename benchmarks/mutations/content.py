"""Broken copies of good bytes, for fuzzing."""

from __future__ import annotations

import random


def mutate(content: bytes, generator: random.Random) -> bytes:
    """Return `content` with a few bytes changed, overwritten, cut out or repeated, or its end missing."""
    broken = bytearray(content)
    for _ in range(generator.choice([1, 1, 2, 5, 20])):
        at = generator.randrange(len(broken))
        length = generator.choice([1, 1, 2, 4, 16, 64])
        match generator.randrange(6):
            case 0:
                broken[at] ^= 1 << generator.randrange(8)
            case 1:
                broken[at : at + length] = generator.randbytes(length)
            case 2:
                broken[at : at + length] = generator.choice([b"\0", b"\xff", b"7"]) * length
            case 3:
                del broken[at : at + length]
            case 4:
                start = generator.randrange(len(content))
                broken[at:at] = content[start : start + length]
            case 5 if generator.random() < 0.2:
                del broken[at:]
        if not broken:
            break
    return bytes(broken)
