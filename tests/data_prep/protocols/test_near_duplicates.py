"""Look-alikes are those within so many bits, against Python's own counting."""

import numpy as np

from data_prep.protocols import near_duplicates as lookalikes
from data_prep.protocols.near_duplicates import has_lookalike, near_pairs


def test_against_counting_bits_one_by_one(monkeypatch):
    monkeypatch.setattr(lookalikes, "_BLOCK", 64)
    random = np.random.default_rng(0)
    base = [int.from_bytes(random.bytes(32)) for _ in range(40)]
    flipped = [number ^ sum(1 << int(bit) for bit in random.choice(256, n)) for n, number in enumerate(base)]
    left, right = ([f"{number:064x}" for number in numbers] for numbers in (base, flipped))
    for near in (0, 5, 27):
        expected = [any((a ^ b).bit_count() <= near for b in flipped) for a in base]
        assert has_lookalike(left, right, near).tolist() == expected
        assert any(expected)
        assert not all(expected)


def test_nothing_looks_like_nothing():
    assert has_lookalike(["0" * 64], []).tolist() == [False]
    assert has_lookalike([], ["0" * 64]).tolist() == []


def test_pairs_are_those_of_counting_bits_one_by_one(monkeypatch):
    monkeypatch.setattr(lookalikes, "_BLOCK", 64)
    random = np.random.default_rng(1)
    base = [int.from_bytes(random.bytes(32)) for _ in range(15)]
    every = base + [number ^ (2**n - 1) for n, number in enumerate(base, 15)]
    expected = [
        [one, other]
        for one in range(30)
        for other in range(one + 1, 30)
        if (every[one] ^ every[other]).bit_count() <= 20
    ]
    assert near_pairs([f"{number:064x}" for number in every], 20).tolist() == expected
    assert len(expected) == 6
    assert near_pairs([]).shape == (0, 2)
